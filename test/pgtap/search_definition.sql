-- The language of an entity's texts and its search index: settings that are drafted, published, taken back, carried in
-- bundles, repaired and adopted like all others; and what callers are told of them.
\ir setup.psql
SELECT plan(87);

SELECT pgwright.create_tenant('acme', 'Acme'), pgwright.create_tenant('beta', 'Beta') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner'), add_actor('vic', 'acme', 'viewer'), add_actor('bob', 'beta', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "note", "fields": [
    {"name": "title", "field_type": "string", "is_required": true},
    {"name": "body", "field_type": "text"},
    {"name": "page", "field_type": "rich_text"},
    {"name": "stage", "field_type": "enum", "allowed_values": ["open", "shut"]},
    {"name": "mail", "field_type": "email"},
    {"name": "tags", "field_type": "array", "item_type": "string"},
    {"name": "size", "field_type": "integer"},
    {"name": "boss", "field_type": "lookup", "reference_entity": "note"},
    {"name": "loud", "field_type": "text", "is_calculated": true, "calculation_formula": "upper(title)"},
    {"name": "today", "field_type": "text", "is_calculated": true, "calculation_formula": "concat(title, today())"}]}') \g /dev/null
SELECT pgwright.publish_entity('note') \g /dev/null
SELECT pgwright.create_record('note', '{"title": "first", "body": "some words", "page": "<p>and <b>more</b></p>"}') \g /dev/null

CREATE FUNCTION searched() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(d ->> 'search_language', 'none') || ': ' || coalesce(nullif(array_to_string(ARRAY(SELECT json_array_elements_text(d -> 'search_fields')), ' '), ''), 'nothing')
      FROM pgwright.describe_entity('note') d
$$;
CREATE FUNCTION index_sql() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(substring(indexdef FROM 'USING .*'), '; ') FROM pg_indexes WHERE schemaname = 't_acme' AND indexdef LIKE '%USING gin%'
$$;
CREATE FUNCTION publish() RETURNS text LANGUAGE sql AS $$
    SELECT (m ->> 'status') || ' ' || coalesce(nullif((SELECT string_agg(line, ' ') FROM regexp_split_to_table(m ->> 'up_script', E'\n') line
              WHERE line LIKE 'DROP INDEX%' OR line LIKE 'CREATE INDEX%'), ''), 'no index')
      FROM pgwright.publish_entity('note', allow_destructive => true) m
$$;
CREATE FUNCTION drift() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((d ->> 'kind') || ' ' || (d ->> 'object'), '; ' ORDER BY d ->> 'kind', d ->> 'object')
      FROM json_array_elements(pgwright.analyze_schema('note') -> 'entities') e, json_array_elements(e -> 'differences') d
$$;

-- The language ------------------------------------------------------------------------------------------------------

SELECT is(pgwright.get_entity('note') ->> 'search_language', NULL, 'an entity has no language');
SELECT is(searched(), 'none: nothing', 'and nothing that is searched');
SELECT is(pgwright.update_entity('note', '{"search_language": "german"}') ->> 'search_language', 'german', 'it gets one');
SELECT is(pgwright.get_entity('note') ->> 'search_language', NULL, 'in its draft');
SELECT is(searched(), 'none: nothing', 'which nobody is served');
SELECT is(publish(), 'completed no index', 'that is published');
SELECT is(pgwright.get_entity('note') ->> 'search_language', 'german', 'and then it is there');
SELECT is(searched(), 'german: nothing', 'at once');
SELECT is(pgwright.get_entity_metadata('note')::jsonb #> '{table_config,search}', '{"fields": [], "language": "german"}', 'clients are told');
SELECT is(pgwright.update_entity('note', '{"label": "Memo"}') ->> 'search_language', 'german', 'a change of something else leaves it');
SELECT is(pgwright.update_entity('note', '{"search_language": null}') ->> 'search_language', NULL, 'null takes it away, in the draft already');
SELECT is(pgwright.get_entity('note', 'published') ->> 'search_language', 'german', 'and not in what is published');
SELECT pgwright.discard_draft('note') \g /dev/null
SELECT matches(faults_of(format('SELECT pgwright.update_entity(%L, %L)', 'note', json_build_object('search_language', language))),
    '^PW400 search_language: must be one of: arabic, .*, english, .*turkish', 'no language: ' || language)
  FROM (VALUES ('"klingon"'::json), ('"German"'), ('""'), ('7'), ('["german"]'), ('"porter"'), ('"german''; --"')) l (language);
SELECT matches(faults_of($$SELECT pgwright.create_entity('{"name": "other", "search_language": "xx"}')$$), '^PW400 search_language: must be one of', 'nor for a new entity');
SELECT is(pgwright.create_entity('{"name": "other", "search_language": "danish"}') ->> 'search_language', 'danish', 'which may bring one');
SELECT is(state_of($$UPDATE pgwright.entity_definitions SET search_language = 'Not one' WHERE name = 'note'$$), '23514', 'nor in the catalog''s table');

-- The index ---------------------------------------------------------------------------------------------------------

SELECT is(pgwright.create_index('note', '{"name": "words", "index_type": "search", "field_names": ["title", "page", "stage"]}')::jsonb - '{id,created_at,created_by,updated_at,updated_by,entity_id,tenant_id}'::text[],
    '{"name": "words", "index_type": "search", "field_names": ["title", "page", "stage"], "is_unique": false, "is_partial": false, "condition": null, "where_clause": null, "is_deleted": false}', 'an index is drafted');
SELECT is(searched(), 'german: nothing', 'and not there yet');
SELECT is(pgwright.preview_migration('note')::jsonb #>> '{changes,0,operation}', 'add_index', 'the preview tells of it');
SELECT is(publish(), 'completed CREATE INDEX "note_words_ix" ON "t_acme"."note" USING gin ("title" "pgwright"."search_ops", "page" "pgwright"."search_markup_ops", "stage" "pgwright"."search_ops");', 'it is made');
SELECT is(index_sql(), 'USING gin (title pgwright.search_ops, page pgwright.search_markup_ops, stage pgwright.search_ops)', 'of words, and of words between tags');
SELECT is(searched(), 'german: title page stage', 'its fields are searched, in its order');
SELECT is(drift(), NULL, 'the table is as its definition');
SELECT is(pgwright.get_entity_metadata('note')::jsonb #> '{table_config,search,fields}', '["title", "page", "stage"]', 'clients are told');
SELECT is((SELECT index_type FROM pgwright.index_definitions WHERE name = 'words'), 'search', 'the catalog knows it');
SELECT is((pgwright.create_record('note', '{"title": "second", "page": "<p>x</p>"}') -> 'data') ->> 'title', 'second', 'records are written under it');

SELECT is(faults_of(format('SELECT pgwright.create_index(%L, %L)', 'note', d)), f, d) FROM (VALUES
    ('{"name": "more", "index_type": "search", "field_names": ["body"]}', 'PW400 index_type: is a second search index; an entity has one'),
    ('{"name": "words", "index_type": "search", "field_names": ["body"]}', 'PW400 name: is the name of another index too; index_type: is a second search index; an entity has one')) x (d, f);
SELECT is(faults_of(format('SELECT pgwright.update_index(%L, %L, %L)', 'note', 'words', d)), f, d) FROM (VALUES
    ('{"field_names": ["tags", "size", "boss", "title", "title", "gone"]}',
     'PW400 field_names[0]: is of type array; a search index is for texts; field_names[1]: is of type integer; a search index is for texts; field_names[2]: is of type lookup; a search index is for texts; '
     'field_names[4]: is named twice; field_names[5]: is not a field of the entity'),
    ('{"field_names": []}', 'PW400 field_names: must name at least one field'),
    ('{"field_names": [{"field": "title", "order": "desc"}]}', 'PW400 field_names[0]: has no order in a search index'),
    ('{"is_unique": true}', 'PW400 is_unique: is for btree indexes only'),
    ('{"condition": {"field": "size", "operator": "gt", "value": 5}}', 'PW400 condition: is not for a search index, which is over every record'),
    ('{"index_type": "words", "field_names": ["title"]}', 'PW400 index_type: must be one of: btree, hash, gin, gist, search')) x (d, f);
SELECT is(state_of($$INSERT INTO pgwright.index_definitions (entity_id, name, index_type, field_names) SELECT entity_id, 'again', 'search', '["body"]' FROM pgwright.index_definitions WHERE name = 'words'$$),
    '23505', 'the catalog holds no second one either');

SELECT pgwright.update_index('note', 'words', '{"field_names": ["today"]}') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.publish_entity('note')$$), 'PW400 indexes[0].field_names[0]: is not a field with a column', 'what is computed when it is read has no words to keep');
SELECT pgwright.discard_draft('note') \g /dev/null

-- The server finds by it what its class is for.
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text; lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP lines := lines || line || E'\n'; END LOOP;
    RETURN lines;
END $$;
SET enable_seqscan = off;
SELECT alike(plan_of($$SELECT FROM t_acme.note WHERE title OPERATOR(pgwright.@@@) 'german: first'$$), '%Bitmap Index Scan on note_words_ix%', 'a text is found through the index');
SELECT alike(plan_of($$SELECT FROM t_acme.note WHERE page OPERATOR(pgwright.<@@@>) ': more'$$), '%Bitmap Index Scan on note_words_ix%', 'and a rich text');
RESET enable_seqscan;

-- Changes -----------------------------------------------------------------------------------------------------------

SELECT pgwright.update_index('note', 'words', '{"field_names": ["title", "loud", "body"]}') \g /dev/null
SELECT is(publish(), 'completed DROP INDEX "t_acme"."note_words_ix"; CREATE INDEX "note_words_ix" ON "t_acme"."note" USING gin ("title" "pgwright"."search_ops", "loud" "pgwright"."search_ops", "body" "pgwright"."search_ops");',
    'other fields make it anew; a calculated one that is stored may be among them');
SELECT is(searched(), 'german: title loud body', 'and are searched');
SELECT is(faults_of($$SELECT pgwright.delete_field('note', 'body')$$), 'PW409 words: is an index over the field', 'a searched field stays');
SELECT is(faults_of($$SELECT pgwright.update_field('note', 'body', '{"field_type": "json"}')$$), 'PW400 indexes[0].field_names[2]: is of type json; a search index is for texts', 'and a text');
SELECT pgwright.update_field('note', 'body', '{"name": "content"}') \g /dev/null
SELECT is(publish(), 'completed no index', 'under a new name it is searched by the index there is');
SELECT is(searched(), 'german: title loud content', 'as the new name');
SELECT pgwright.update_field('note', 'content', '{"field_type": "rich_text"}') \g /dev/null
SELECT is(publish(), 'completed DROP INDEX "t_acme"."note_words_ix"; CREATE INDEX "note_words_ix" ON "t_acme"."note" USING gin ("title" "pgwright"."search_ops", "loud" "pgwright"."search_ops", "content" "pgwright"."search_markup_ops");',
    'a rich text is searched otherwise');
SELECT is((SELECT pgwright.rollback_migration(pgwright.list_migrations('note') -> 0 ->> 'id') ->> 'status'), 'rolled_back', 'that is taken back');
SELECT is(index_sql(), 'USING gin (title pgwright.search_ops, loud pgwright.search_ops, content pgwright.search_ops)', 'with the index');
SELECT pgwright.discard_draft('note') \g /dev/null
SELECT pgwright.update_entity('note', '{"search_language": "english"}') \g /dev/null
SELECT pgwright.delete_index('note', 'words') \g /dev/null
SELECT is(publish(), 'completed DROP INDEX "t_acme"."note_words_ix";', 'the index goes');
SELECT is(searched(), 'english: nothing', 'and nothing is searched any more');
SELECT is((SELECT pgwright.rollback_migration(pgwright.list_migrations('note') -> 0 ->> 'id') ->> 'status'), 'rolled_back', 'that is taken back');
SELECT is(searched(), 'german: title loud content', 'with the language');
SELECT pgwright.discard_draft('note') \g /dev/null
SELECT is(drift(), NULL, 'and all is in step');

-- Another's hand on the catalog is known in the next statement, and one that is rolled back is not.
BEGIN;
UPDATE pgwright.entity_definitions SET search_language = 'dutch' WHERE name = 'note';
UPDATE pgwright.index_definitions SET field_names = '["title"]' WHERE name = 'words';
SELECT is(searched(), 'dutch: title', 'a change in the catalog is seen');
ROLLBACK;
SELECT is(searched(), 'german: title loud content', 'and its end');
BEGIN;
UPDATE pgwright.entity_definitions SET search_language = 'elvish' WHERE name = 'note';
SELECT is(searched(), 'none: title loud content', 'a language that this server has no stemmer for is none');
ROLLBACK;

-- What callers see --------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('field_rules', json_build_object('role_id', (SELECT id FROM pgwright.roles WHERE name = 'viewer'), 'entity_id', f.entity_id, 'field_id', f.id, 'mode', r.mode, 'mask', r.mask))
  FROM pgwright.field_definitions f JOIN (VALUES ('content', 'masked', 'last4'), ('page', 'hidden', NULL)) r (name, mode, mask) USING (name)
  JOIN pgwright.entity_definitions e ON e.id = f.entity_id AND e.name = 'note' WHERE NOT f.is_deleted \g /dev/null
SELECT become('vic') \g /dev/null
SELECT is(searched(), 'german: title loud', 'a masked field is not searched by those it is masked for');
SELECT become('ann') \g /dev/null
SELECT is(searched(), 'german: title loud content', 'but by others');
SELECT pgwright.create_record('field_rules', json_build_object('role_id', (SELECT id FROM pgwright.roles WHERE name = 'viewer'), 'entity_id', f.entity_id, 'field_id', f.id, 'mode', 'hidden'))
  FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id AND e.name = 'note' WHERE f.name = 'title' AND NOT f.is_deleted \g /dev/null
SELECT become('vic') \g /dev/null
SELECT is(searched(), 'german: nothing', 'nor a hidden one, nor what is made of it');
SELECT become('ann') \g /dev/null

-- Drift -------------------------------------------------------------------------------------------------------------

DROP INDEX t_acme.note_words_ix;
SELECT is(drift(), 'missing_index note_words_ix', 'an index that is gone is missed');
SELECT pgwright.sync_schema('database', 'note') \g /dev/null
SELECT is(index_sql(), 'USING gin (title pgwright.search_ops, loud pgwright.search_ops, content pgwright.search_ops)', 'and made again');
DROP INDEX t_acme.note_words_ix;
CREATE INDEX note_words_ix ON t_acme.note USING gin (title pgwright.search_ops);
SELECT is(drift(), 'changed_index note_words_ix', 'another under its name is told');
SELECT pgwright.sync_schema('database', 'note') \g /dev/null
SELECT is(index_sql(), 'USING gin (title pgwright.search_ops, loud pgwright.search_ops, content pgwright.search_ops)', 'and made as it should be');
CREATE INDEX extra ON t_acme.note USING gin (page pgwright.search_markup_ops);
SELECT is((SELECT l ->> 'reason' FROM json_array_elements(pgwright.sync_schema('definition', 'note') -> 'entities') e, json_array_elements(e -> 'left') l),
    'no index definition can be like it; index_type is a second search index; an entity has one', 'a second one is no definition''s');
DROP INDEX t_acme.extra, t_acme.note_words_ix;
SELECT pgwright.sync_schema('definition', 'note') \g /dev/null
SELECT is(searched(), 'german: nothing', 'a definition follows an index that is gone');
CREATE INDEX found ON t_acme.note USING gin (page pgwright.search_markup_ops, mail pgwright.search_ops);
SELECT is(drift(), 'added_index found', 'one that came is told');
SELECT pgwright.sync_schema('definition', 'note') \g /dev/null
SELECT is(searched(), 'german: page mail', 'and becomes the search index');
SELECT is((SELECT name || ' ' || index_type || ' ' || field_names FROM pgwright.index_definitions WHERE NOT is_deleted), 'found search ["page", "mail"]', 'with a definition');
SELECT is(drift(), NULL, 'which all agrees with');

-- Faces and bundles -------------------------------------------------------------------------------------------------

SELECT is((pgwright.create_collection('acme', '{"name": "letter", "search_language": "french"}')).status, 201, 'a collection has a language');
SELECT is(pgwright.get_entity('letter') ->> 'search_language', 'french', 'like any entity');
SELECT is((pgwright.create_collection_field('acme', 'letter', '{"name": "text", "type": "text"}')).status, 201, 'and fields');
SELECT is((pgwright.create_collection_index('acme', 'letter', '{"name": "words", "index_type": "search", "fields": ["text"]}')).body ->> 'index_type', 'search', 'and an index');
CREATE TABLE bundle AS SELECT pgwright.export_schema() AS doc;
SELECT become('bob') \g /dev/null
SELECT is(pgwright.import_schema((SELECT doc FROM bundle)) ->> 'created', '["letter","note","other"]', 'a bundle takes them elsewhere');
SELECT is(searched(), 'german: page mail', 'with language and index');
SELECT is((SELECT count(*) FROM pg_indexes WHERE schemaname = 't_beta' AND indexdef LIKE '%search_ops%'), 2::bigint, 'in the database too');
UPDATE bundle SET doc = replace(doc::text, '"german"', '"elvish"')::json;
SELECT matches(faults_of($$SELECT pgwright.import_schema((SELECT doc FROM bundle))$$), '^PW400 entities\[1\]\.entity\.search_language: must be one of', 'a bundle''s languages are checked');

-- Imported relations ------------------------------------------------------------------------------------------------

RESET pgwright.token;
CREATE SCHEMA old;
CREATE TABLE old.letter (id integer PRIMARY KEY, body text);
SELECT pgwright.attach_schema('old', 'acme') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT matches(faults_of($$SELECT pgwright.import_entity('old.letter', '{"name": "scroll", "search_language": "elvish"}')$$), '^PW400 search_language: must be one of: arabic, ', 'an import names a language that there is');
SELECT is(pgwright.import_entity('old.letter', '{"name": "scroll", "search_language": "swedish"}') ->> 'search_language', 'swedish', 'and keeps it');
SELECT pgwright.update_entity('scroll', '{"search_language": "finnish"}') \g /dev/null
SELECT pgwright.publish_entity('scroll') \g /dev/null
SELECT is(pgwright.describe_entity('scroll') ->> 'search_language', 'finnish', 'which changes like any setting');
SELECT matches(faults_of($$SELECT pgwright.update_entity('scroll', '{"search_language": "elvish"}')$$), '^PW400 search_language: must be one of', 'to one that there is');
SELECT is(state_of($$SELECT pgwright.create_index('scroll', '{"name": "words", "index_type": "search", "field_names": ["body"]}')$$), 'PW409', 'its indexes are not ours');

SELECT * FROM finish();
