-- Changes of published entities over a table with rows: each kind through the functions that draft it,
-- published and taken back. Going back brings back the structure and every value, also those that
-- people have written meanwhile.
\ir setup.psql
SELECT plan(347);
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null

CREATE FUNCTION status_of(migration json) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(migration ->> 'error_message', migration ->> 'status') $$;
CREATE FUNCTION publish(entity text, consent boolean DEFAULT false, backfill json DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT tests.status_of(pgwright.publish_entity(entity, allow_destructive => consent, backfill => backfill)) $$;
CREATE FUNCTION last(entity text) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.list_migrations(entity) -> 0 ->> 'id' $$;
CREATE FUNCTION back(entity text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := (SELECT m ->> 'id' FROM json_array_elements(pgwright.list_migrations(entity)) WITH ORDINALITY x (m, n) WHERE m ->> 'status' = 'completed' ORDER BY n LIMIT 1);
    fault jsonb := tests.error_of(format('SELECT pgwright.rollback_migration(%L)', id));
BEGIN
    IF fault IS NOT NULL THEN
        RETURN concat_ws(' ', fault ->> 'sqlstate', fault ->> 'message', (SELECT string_agg(concat(f ->> 'field', ': ', f ->> 'message'), '; ') FROM jsonb_array_elements(fault -> 'faults') f));
    END IF;
    RETURN pgwright.get_migration(id) ->> 'status';
END $$;
CREATE FUNCTION operations(entity text, backfill json DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(':', c ->> 'operation', c ->> 'field'), ' ' ORDER BY n) FROM json_array_elements(pgwright.preview_migration(entity, backfill) -> 'changes') WITH ORDINALITY x (c, n) $$;
CREATE FUNCTION blockers(entity text, backfill json DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat(b ->> 'field', ': ', b ->> 'message'), '; ') FROM json_array_elements(pgwright.preview_migration(entity, backfill) -> 'blockers') b $$;
-- The values of a field as the engine serves them, by title, and as the table has them.
CREATE FUNCTION served(entity text, field text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(i ->> field, '-'), ' ' ORDER BY i ->> 'title') FROM json_array_elements(pgwright.list_records(entity) -> 'items') i $$;
-- What the catalogs say of a table, without what is retired.
CREATE FUNCTION structure(relation text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(line, E'\n' ORDER BY line) FROM (
        SELECT concat_ws(' ', 'column', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, pg_get_expr(d.adbin, d.adrelid), a.attgenerated, col_description(a.attrelid, a.attnum))
          FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = relation::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT LIKE '\_retired\_%'
         UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid), convalidated) FROM pg_constraint WHERE conrelid = relation::regclass
         UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = relation::regclass
         UNION ALL SELECT concat(pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE tgrelid = relation::regclass AND NOT tgisinternal
         UNION ALL SELECT concat_ws(' ', polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy WHERE polrelid = relation::regclass
         UNION ALL SELECT concat_ws(' ', 'table', relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner), obj_description(oid)) FROM pg_class WHERE oid = relation::regclass
         UNION ALL SELECT concat_ws(' ', 'may', a.attname, r, p) FROM pg_attribute a, unnest('{pgwright_runtime,pgwright_user}'::text[]) r, unnest('{SELECT,INSERT,UPDATE}'::text[]) p
                    WHERE a.attrelid = relation::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT LIKE '\_retired\_%' AND has_column_privilege(r, a.attrelid, a.attnum, p)) AS x (line) $$;
CREATE FUNCTION readable_retired(relation text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_attribute a, unnest('{pgwright_runtime,pgwright_user}'::text[]) r
     WHERE a.attrelid = relation::regclass AND a.attname LIKE '\_retired\_%' AND NOT attisdropped AND has_column_privilege(r, a.attrelid, a.attnum, 'SELECT') $$;

SELECT pgwright.create_entity('{"name": "item", "fields": [
    {"name": "title", "field_type": "string", "is_required": true}, {"name": "code", "field_type": "string", "max_length": 20, "is_unique": true},
    {"name": "stock", "field_type": "integer", "min_value": 0}, {"name": "price", "field_type": "decimal", "decimal_places": 2},
    {"name": "size", "field_type": "text"}, {"name": "made_at", "field_type": "datetime"}, {"name": "good", "field_type": "boolean"},
    {"name": "first", "field_type": "string"}, {"name": "last", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.publish_entity('item') \g /dev/null
SELECT pgwright.bulk_create_records('item', '[
    {"title": "a", "code": "A1", "stock": 3, "price": 1.5, "size": "12", "made_at": "2024-02-29T00:00:00Z", "good": true, "first": "Ada", "last": "Lovelace"},
    {"title": "b", "code": "B1", "stock": 0, "price": 2, "size": "big", "made_at": "2024-02-29T10:30:00Z", "good": false, "first": "Bob"},
    {"title": "c", "price": 1.5, "size": "7"}]') \g /dev/null
SELECT structure('t_acme.item') AS origin \gset
SELECT md5(string_agg(i::text, '' ORDER BY i ->> 'title')) AS rows FROM json_array_elements(pgwright.list_records('item') -> 'items') i \gset
CREATE FUNCTION rows() RETURNS text LANGUAGE sql AS $$ SELECT md5(string_agg(i::text, '' ORDER BY i ->> 'title')) FROM json_array_elements(pgwright.list_records('item') -> 'items') i $$;

-- Drafts of changes, each published and taken back; the rows are then what they were.
CREATE TABLE change (n serial, label text, drafts text[], operations text, consent boolean DEFAULT false, backfill json);
INSERT INTO change (label, drafts, operations, consent, backfill) VALUES
    ('a rename', '{"update_field(''item'', ''stock'', ''{\"name\": \"amount\"}'')"}', 'rename_column:amount rename_constraint', false, NULL),
    ('a swap of two names', '{"update_field(''item'', ''first'', ''{\"name\": \"tmp\"}'')","update_field(''item'', ''last'', ''{\"name\": \"first\"}'')","update_field(''item'', ''tmp'', ''{\"name\": \"last\"}'')"}', NULL, false, NULL),
    ('labels alone', '{"update_field(''item'', ''stock'', ''{\"label\": \"Pieces\"}'')","update_entity(''item'', ''{\"label\": \"Thing\"}'')"}', 'comment', false, NULL),
    ('a wider number', '{"update_field(''item'', ''stock'', ''{\"field_type\": \"biginteger\"}'')"}', NULL, false, NULL),
    ('a number with a fraction', '{"update_field(''item'', ''stock'', ''{\"field_type\": \"decimal\", \"decimal_places\": 2}'')"}', NULL, false, NULL),
    ('a number as text', '{"update_field(''item'', ''price'', ''{\"field_type\": \"text\"}'')"}', NULL, false, NULL),
    ('a moment as text', '{"update_field(''item'', ''made_at'', ''{\"field_type\": \"text\"}'')"}', NULL, false, NULL),
    ('a boolean as a number', '{"update_field(''item'', ''good'', ''{\"field_type\": \"integer\"}'')"}', NULL, false, NULL),
    ('a moment as its day', '{"update_field(''item'', ''made_at'', ''{\"field_type\": \"date\"}'')"}', NULL, true, NULL),
    ('one text as many', '{"update_field(''item'', ''size'', ''{\"field_type\": \"array\", \"item_type\": \"text\"}'')"}', NULL, false, NULL),
    ('a text as an e-mail address would', '{"update_field(''item'', ''first'', ''{\"max_length\": 10}'')"}', NULL, false, NULL),
    ('a field taken out', '{"delete_field(''item'', ''code'')"}', 'grant drop_index:code drop_check:code retire_column:code grant', true, NULL),
    ('a field more', '{"create_field(''item'', ''{\"name\": \"note\", \"field_type\": \"text\"}'')"}', 'grant add_column:note grant comment', false, NULL),
    ('a required field more, by its default', '{"create_field(''item'', ''{\"name\": \"note\", \"field_type\": \"text\", \"is_required\": true, \"default_value\": \"none\"}'')"}', 'grant add_column:note set_not_null:note grant comment', false, NULL),
    ('a required field more, back-filled', '{"create_field(''item'', ''{\"name\": \"note\", \"field_type\": \"text\", \"is_required\": true}'')"}', 'grant add_column:note backfill:note set_not_null:note grant comment', false, '{"note": "none"}'),
    ('a field that becomes required, back-filled', '{"update_field(''item'', ''code'', ''{\"is_required\": true}'')"}', 'grant backfill:code set_not_null:code grant', false, '{"code": "C0"}'),
    ('a field no longer required', '{"update_field(''item'', ''title'', ''{\"is_required\": false}'')"}', 'drop_not_null:title', false, NULL),
    ('another default', '{"update_field(''item'', ''stock'', ''{\"default_value\": 5}'')"}', 'set_default:stock', false, NULL),
    ('a check', '{"update_field(''item'', ''stock'', ''{\"max_value\": 100}'')"}', 'drop_check:stock add_check:stock', false, NULL),
    ('allowed values', '{"update_field(''item'', ''first'', ''{\"allowed_values\": [\"Ada\", \"Bob\"]}'')"}', 'add_check:first', false, NULL),
    ('a field that becomes unique', '{"update_field(''item'', ''first'', ''{\"is_unique\": true}'')"}', 'add_index:first', false, NULL),
    ('a field unique no longer', '{"update_field(''item'', ''code'', ''{\"is_unique\": false}'')"}', 'drop_index:code', false, NULL),
    ('an index', '{"create_index(''item'', ''{\"name\": \"names\", \"field_names\": [\"first\", \"last\"]}'')"}', 'add_index', false, NULL),
    ('no soft delete', '{"update_entity(''item'', ''{\"supports_soft_delete\": false}'')"}', NULL, true, NULL),
    ('a calculated field', '{"create_field(''item'', ''{\"name\": \"worth\", \"field_type\": \"decimal\", \"is_calculated\": true, \"calculation_formula\": \"price * stock\"}'')"}', NULL, false, NULL);

CREATE FUNCTION try(c change) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    before text := structure('t_acme.item'); kept text := tests.rows(); draft text; planned text;
BEGIN
    FOREACH draft IN ARRAY c.drafts LOOP EXECUTE 'SELECT pgwright.' || draft; END LOOP;
    RETURN NEXT is(structure('t_acme.item'), before, c.label || ': a draft changes nothing');
    planned := operations('item', c.backfill);
    IF c.operations IS NOT NULL THEN RETURN NEXT is(planned, c.operations, c.label || ': the plan'); END IF;
    IF c.consent THEN RETURN NEXT is(state_of(format('SELECT pgwright.publish_entity(%L, backfill => %L)', 'item', c.backfill)), 'PW409', c.label || ': needs consent'); END IF;
    RETURN NEXT is(publish('item', c.consent, c.backfill), 'completed', c.label || ': is published');
    RETURN NEXT is((pgwright.preview_migration('item') ->> 'in_step')::boolean, true, c.label || ': is in step');
    RETURN NEXT isnt(structure('t_acme.item'), before, c.label || ': has changed the table');
    RETURN NEXT is(readable_retired('t_acme.item'), 0::bigint, c.label || ': what is retired is nobody''s to read');
    RETURN NEXT is(back('item'), 'rolled_back', c.label || ': is taken back');
    RETURN NEXT is(structure('t_acme.item'), before, c.label || ': the structure is what it was');
    RETURN NEXT is(tests.rows(), kept, c.label || ': so is every value');
    PERFORM pgwright.discard_draft('item');
    RETURN NEXT is((pgwright.preview_migration('item') ->> 'in_step')::boolean, true, c.label || ': and in step again');
END $$;
SELECT try(c) FROM change c ORDER BY n;
SELECT is(structure('t_acme.item'), :'origin', 'after all of it the table is what it was');
SELECT is(rows(), :'rows', 'and so is every row');

-- What the rows do not allow ----------------------------------------------------------------------------------

CREATE FUNCTION draft_of(field text, changes text) RETURNS void LANGUAGE sql AS $$ SELECT pgwright.update_field('item', field, changes::json) $$;
CREATE FUNCTION finding(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', f ->> 'kind', f ->> 'count', json_array_length(f -> 'sample_ids')), '; ' ORDER BY f ->> 'kind')
      FROM json_array_elements(pgwright.preview_migration(entity) -> 'changes') c, json_array_elements(c -> 'findings') f WHERE f ->> 'kind' <> 'affects' $$;
-- Blocked: the kind, count and samples; publishing is refused with consent too and changes nothing.
CREATE FUNCTION blocked(label text, wanted text, field text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE before text := structure('t_acme.item'); fault jsonb; migrations int := json_array_length(pgwright.list_migrations('item'));
BEGIN
    RETURN NEXT is(finding('item'), wanted, label || ': the preview tells how many, and some of them');
    fault := error_of($q$SELECT pgwright.publish_entity('item', allow_destructive => true)$q$);
    RETURN NEXT is((fault ->> 'sqlstate') || ' ' || (fault -> 'faults' -> 0 ->> 'field'), 'PW400 ' || field, label || ': is refused');
    RETURN NEXT is(structure('t_acme.item'), before, label || ': nothing has changed');
    RETURN NEXT is(json_array_length(pgwright.list_migrations('item')), migrations, label || ': nor is anything recorded');
    PERFORM pgwright.discard_draft('item');
END $$;
SELECT draft_of('size', '{"field_type": "integer"}') \g /dev/null
SELECT blocked('a text that is no number', 'not_convertible 1 1', 'size');
SELECT draft_of('price', '{"field_type": "integer"}') \g /dev/null
SELECT blocked('a number with a fraction', 'not_convertible 2 2', 'price');
SELECT draft_of('code', '{"is_required": true}') \g /dev/null
SELECT blocked('a required field without values', 'without_value 1 1', 'code');
SELECT pgwright.create_field('item', '{"name": "note", "field_type": "text", "is_required": true}') \g /dev/null
SELECT blocked('a new required field', 'without_value 3 3', 'note');
SELECT draft_of('price', '{"is_unique": true}') \g /dev/null
SELECT blocked('unique where values occur twice', 'duplicates 2 2', 'price');
SELECT draft_of('stock', '{"max_value": 2}') \g /dev/null
SELECT blocked('a range that values break', 'violates 1 1', 'stock');
SELECT draft_of('first', '{"allowed_values": ["Ada"]}') \g /dev/null
SELECT blocked('values that are not allowed', 'violates 1 1', 'first');
SELECT draft_of('first', '{"max_length": 2}') \g /dev/null
SELECT blocked('values that are too long', 'violates 2 2', 'first');
SELECT draft_of('made_at', '{"field_type": "date"}') \g /dev/null
SELECT is(finding('item'), 'loses_precision 1 1', 'a moment that is not midnight loses its time');
SELECT is(state_of($$SELECT pgwright.publish_entity('item')$$), 'PW409', 'which needs consent');
SELECT pgwright.discard_draft('item') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.preview_migration('item')$$), NULL, 'nothing is left over');
SELECT pgwright.update_field('item', 'good', '{"field_type": "date"}') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.preview_migration('item')$$), 'PW400 good: cannot become date from boolean; remove the field and add another', 'what has no conversion is refused');
SELECT pgwright.discard_draft('item') \g /dev/null
SELECT pgwright.create_record('item', '{"title": "d"}') ->> 'id' AS d \gset
SELECT pgwright.delete_record('item', :'d') \g /dev/null
SELECT pgwright.update_entity('item', '{"supports_soft_delete": false}') \g /dev/null
SELECT is(pgwright.preview_migration('item') -> 'blockers' -> 0 ->> 'message' ~ 'purge or restore', true, 'soft delete stays while records are deleted');
SELECT pgwright.discard_draft('item') \g /dev/null
DELETE FROM t_acme.item WHERE id = :'d';
SELECT is(faults_of(format('SELECT pgwright.publish_entity(%L, backfill => %L)', 'item', '{"nowhere": 1, "stock": "many"}')), 'PW409 ', 'without a draft there is nothing to fill');
SELECT draft_of('stock', '{"is_required": true}') \g /dev/null
SELECT is(faults_of(format('SELECT pgwright.publish_entity(%L, backfill => %L)', 'item', '{"nowhere": 1, "stock": -1, "size": null}')),
    'PW400 backfill.nowhere: is not a field that can be filled; backfill.stock: must be at least 0; backfill.size: must not be null', 'a back-fill is checked like a record');
SELECT pgwright.discard_draft('item') \g /dev/null

-- Calculated fields follow what they are made of ----------------------------------------------------------------

SELECT pgwright.create_field('item', '{"name": "worth", "field_type": "decimal", "is_calculated": true, "calculation_formula": "price * stock"}') \g /dev/null
SELECT is(publish('item'), 'completed', 'a calculated field is published');
SELECT is(served('item', 'worth'), '4.5 0 -', 'and calculated');
SELECT structure('t_acme.item') AS calculated \gset
SELECT pgwright.update_field('item', 'stock', '{"name": "amount"}') \g /dev/null
SELECT is(pgwright.get_field('item', 'worth', 'draft') ->> 'calculation_formula', 'price * amount', 'a formula follows a rename');
SELECT is(publish('item'), 'completed', 'which is published');
SELECT is(served('item', 'worth'), '4.5 0 -', 'and changes no value');
SELECT is(back('item'), 'rolled_back', 'and taken back');
SELECT is(structure('t_acme.item'), :'calculated', 'whole');
SELECT pgwright.discard_draft('item') \g /dev/null
SELECT pgwright.update_field('item', 'stock', '{"field_type": "decimal", "decimal_places": 1}') \g /dev/null
SELECT is(publish('item'), 'completed', 'what a formula uses may get another type');
SELECT is(served('item', 'worth'), '4.5 0 -', 'of which it is made anew');
SELECT is(back('item'), 'rolled_back', 'and taken back');
SELECT is(structure('t_acme.item'), :'calculated', 'whole');
SELECT pgwright.discard_draft('item') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.delete_field('item', 'price')$$), 'PW409 worth: uses the field in its formula', 'what a formula uses is not taken out');
SELECT is(faults_of($$SELECT pgwright.update_field('item', 'price', '{"field_type": "text"}')$$) ~ 'worth|formula', true, 'nor given a type that the formula cannot use');
SELECT pgwright.delete_field('item', 'worth') \g /dev/null
SELECT is(publish('item', true), 'completed', 'a calculated field goes');
SELECT is(back('item'), 'rolled_back', 'comes back');
SELECT is(served('item', 'worth'), '4.5 0 -', 'and is calculated again');
SELECT is(back('item'), 'rolled_back', 'and its making is taken back');
SELECT pgwright.discard_draft('item') \g /dev/null
SELECT is(structure('t_acme.item'), :'origin', 'all is as it was');

-- Stale previews ------------------------------------------------------------------------------------------------

SELECT pgwright.update_field('item', 'first', '{"max_length": 50}') \g /dev/null
SELECT pgwright.preview_migration('item') ->> 'fingerprint' AS seen \gset
ALTER TABLE t_acme.item ADD COLUMN stray integer;
SELECT is(faults_of(format('SELECT pgwright.publish_entity(%L, fingerprint => %L)', 'item', :'seen')), 'PW409 fingerprint: belongs to an earlier preview', 'a table changed underneath makes a preview stale');
ALTER TABLE t_acme.item DROP COLUMN stray;
SELECT is(pgwright.preview_migration('item') ->> 'fingerprint', :'seen', 'the same state has the same fingerprint');
SELECT pgwright.update_field('item', 'first', '{"label": "Given name"}') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.publish_entity(%L, fingerprint => %L)', 'item', :'seen')), 'PW409', 'so does another draft');
SELECT pgwright.preview_migration('item') ->> 'fingerprint' AS seen \gset
SELECT is(status_of(pgwright.publish_entity('item', fingerprint => :'seen')), 'completed', 'a fresh one is published');
SELECT is(state_of(format('SELECT pgwright.publish_entity(%L, fingerprint => %L)', 'item', :'seen')), 'PW409', 'once');
SELECT is(back('item'), 'rolled_back', 'and taken back');
SELECT is(pgwright.preview_migration('item') ->> 'fingerprint' = :'seen', false, 'what follows is another migration');

-- A failure in the middle -----------------------------------------------------------------------------------------

SELECT pgwright.create_field('item', '{"name": "late", "field_type": "integer", "is_indexed": true}') \g /dev/null
SELECT structure('t_acme.item') AS before \gset
CREATE FUNCTION fail() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF tg_tag = 'CREATE INDEX' THEN RAISE 'no indexes today'; END IF; END $$;
CREATE EVENT TRIGGER no_indexes ON ddl_command_end EXECUTE FUNCTION fail();
SELECT is(publish('item'), 'no indexes today', 'a publication that fails answers why');
DROP EVENT TRIGGER no_indexes;
SELECT is(structure('t_acme.item'), :'before', 'and leaves the table alone');
SELECT is(pgwright.list_migrations('item') -> 0 ->> 'status', 'failed', 'but the record');
SELECT is(pgwright.get_entity('item') ->> 'draft_version' IS NOT NULL, true, 'the draft is still open');
SELECT is(state_of(format('SELECT pgwright.rollback_migration(%L)', last('item'))), 'PW409', 'a failed migration is not taken back');
SELECT pgwright.discard_draft('item') \g /dev/null

-- What people write between a publication and its way back ---------------------------------------------------------

SELECT pgwright.delete_field('item', 'code') \g /dev/null
SELECT pgwright.update_field('item', 'made_at', '{"field_type": "date"}') \g /dev/null
SELECT pgwright.update_field('item', 'stock', '{"name": "amount", "field_type": "biginteger"}') \g /dev/null
SELECT pgwright.create_field('item', '{"name": "note", "field_type": "text"}') \g /dev/null
SELECT is(publish('item', true), 'completed', 'many changes at once');
SELECT i ->> 'id' AS b FROM json_array_elements(pgwright.list_records('item') -> 'items') i WHERE i ->> 'title' = 'b' \gset
SELECT pgwright.update_record('item', :'b', '{"amount": 5000000000, "made_at": "2030-01-01", "note": "new"}') \g /dev/null
SELECT is(back('item') ~ '^PW409 .*amount: ', true, 'a value that has no way back holds it up, and is named');
SELECT is(served('item', 'amount'), '3 5000000000 -', 'nothing has changed');
SELECT pgwright.update_record('item', :'b', '{"amount": 55}') \g /dev/null
SELECT pgwright.create_record('item', '{"title": "e", "amount": 9, "made_at": "2031-05-05"}') ->> 'id' AS e \gset
SELECT is(back('item'), 'rolled_back', 'corrected, it is taken back');
SELECT is(structure('t_acme.item'), :'origin', 'the structure');
SELECT is(served('item', 'stock'), '3 55 - 9', 'values written since');
SELECT is(served('item', 'made_at'), '2024-02-29T00:00:00Z 2030-01-01T00:00:00Z - 2031-05-05T00:00:00Z', 'those converted back');
SELECT is(served('item', 'code'), 'A1 B1 - -', 'and those out of service meanwhile');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', r ->> 'kind', r ->> 'name', r ->> 'status'), ', ') FROM json_array_elements(pgwright.list_retired()) r WHERE r ->> 'column_name' ~ 'note'), 'column note retired', 'a field that was added is retired, not lost');
SELECT pgwright.discard_draft('item') \g /dev/null

-- The order of the way back -----------------------------------------------------------------------------------------

SELECT pgwright.update_field('item', 'stock', '{"name": "amount"}') \g /dev/null
SELECT publish('item') \g /dev/null
SELECT last('item') AS one \gset
SELECT pgwright.update_field('item', 'amount', '{"name": "pieces"}') \g /dev/null
SELECT publish('item') \g /dev/null
SELECT last('item') AS two \gset
SELECT is(faults_of(format('SELECT pgwright.rollback_migration(%L)', :'one')) ~ '^PW409 item_v\d+: was published later and must be rolled back first$', true, 'a later migration goes back first');
SELECT is(status_of(pgwright.rollback_migration(:'two')), 'rolled_back', 'so');
SELECT is(state_of(format('SELECT pgwright.rollback_migration(%L)', :'two')), 'PW409', 'and once only');
SELECT is(status_of(pgwright.rollback_migration(:'one')), 'rolled_back', 'then the one before');
SELECT is(pgwright.get_field('item', 'pieces', 'draft') ->> 'name', 'pieces', 'the draft is the first that was taken back');
SELECT pgwright.discard_draft('item') \g /dev/null
SELECT is(state_of('SELECT pgwright.rollback_migration(''nonsense'')'), 'PW404', 'a migration that is not there');

-- Creation, deletion ------------------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "brief", "fields": [{"name": "title", "field_type": "string", "is_unique": true}, {"name": "item_id", "field_type": "lookup", "reference_entity": "item"}]}') \g /dev/null
SELECT publish('brief') \g /dev/null
SELECT pgwright.create_record('brief', json_build_object('title', 'x', 'item_id', :'b')) \g /dev/null
SELECT structure('t_acme.brief') AS brief \gset
SELECT is((SELECT faults_of(format('SELECT pgwright.rollback_migration(%L)', m ->> 'id')) FROM json_array_elements(pgwright.list_migrations('item')) m WHERE m ->> 'migration_type' = 'create'), 'PW409 brief.item_id: refers to the entity', 'a creation that others stand on stays');
SELECT pgwright.archive_entity('brief') \g /dev/null
SELECT pgwright.delete_entity('brief', true) \g /dev/null
SELECT hasnt_table('t_acme', 'brief', 'a deleted entity''s table is out of the way');
SELECT id AS deletion FROM pgwright.entity_migrations WHERE migration_type = 'drop' \gset
SELECT is(status_of(pgwright.rollback_migration(:'deletion')), 'rolled_back', 'a deletion is taken back');
SELECT is(pgwright.get_entity('brief') ->> 'status', 'archived', 'to the archive');
SELECT pgwright.unarchive_entity('brief') \g /dev/null
SELECT is(structure('t_acme.brief'), :'brief', 'with the table whole');
SELECT is(served('brief', 'title'), 'x', 'and its rows');
SELECT is(pgwright.preview_migration('brief') ->> 'in_step', 'true', 'in step');
SELECT is(back('brief'), 'rolled_back', 'a creation is taken back');
SELECT hasnt_table('t_acme', 'brief', 'its table is out of service');
SELECT is(pgwright.get_entity('brief') ->> 'status', 'draft', 'and it is a draft');
SELECT is(publish('brief'), 'completed', 'which may be published again');
SELECT is(served('brief', 'title'), NULL, 'as a new table');

-- The end -------------------------------------------------------------------------------------------------------------

SELECT pgwright.delete_field('item', 'code') \g /dev/null
SELECT publish('item', true) \g /dev/null
SELECT is(json_array_length(pgwright.purge_retired()), 0, 'what was retired today is not purged');
SELECT is(bool_and((p ->> 'purged')::boolean), true, 'but what is old enough') FROM json_array_elements(pgwright.purge_retired('0')) p;
SELECT is((SELECT count(*) FROM json_array_elements(pgwright.list_retired()) r WHERE r ->> 'status' = 'retired'), 0::bigint, 'nothing is retired any more');
SELECT is((SELECT count(*) FROM pg_attribute WHERE attrelid = 't_acme.item'::regclass AND attname LIKE '\_retired%' AND NOT attisdropped), 0::bigint, 'no column');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'pgwright_retired'::regnamespace AND relkind = 'r'), 0::bigint, 'no table');
SELECT is(back('item'), 'PW409 what the migration took out of service has been purged; it cannot be brought back', 'and nothing can be brought back');
SELECT is(pgwright.preview_migration('item') ->> 'in_step', 'true', 'the table is in step all the same');
SELECT * FROM finish();
