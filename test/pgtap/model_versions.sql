-- Versions of an entity: a change of what is published opens a draft and changes nothing that is served
-- until it is published; drafts are discarded, entities archived, deleted and renamed; indexes,
-- relationships, names.
\ir setup.psql
SELECT plan(191);
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null

CREATE FUNCTION names(list json) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(i ->> 'name', ' ' ORDER BY n) FROM json_array_elements(list) WITH ORDINALITY AS x (i, n) $$;
CREATE FUNCTION status_of(migration json) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(migration ->> 'error_message', migration ->> 'status') $$;
CREATE FUNCTION versions(entity text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(concat(v ->> 'version', ' ', v ->> 'status'), ', ' ORDER BY n) FROM json_array_elements(pgwright.list_versions(entity)) WITH ORDINALITY AS x (v, n) $$;
CREATE FUNCTION titles(entity text, field text DEFAULT 'title') RETURNS text LANGUAGE sql AS $$ SELECT string_agg(i ->> field, ' ' ORDER BY i ->> field) FROM json_array_elements(pgwright.list_records(entity) -> 'items') i $$;

-- A draft of what is published ------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "book", "label": "Book", "fields": [{"name": "title", "field_type": "string", "is_required": true}, {"name": "pages", "field_type": "integer"}]}') \g /dev/null
SELECT is(versions('book'), NULL, 'an entity that was never published has no versions yet');
SELECT pgwright.publish_entity('book', 'first') \g /dev/null
SELECT pgwright.create_record('book', '{"title": "Emma", "pages": 474}') ->> 'id' AS emma \gset
SELECT is(pgwright.get_entity('book') ->> 'draft_version', NULL, 'what was just published has no draft');
SELECT is(versions('book'), '1 published', 'and one version');

SELECT is(pgwright.update_field('book', 'title', '{"name": "name", "label": "Name"}')::jsonb - '{id,entity_id,tenant_id}'::text[] @> '{"name": "name", "label": "Name", "field_type": "string", "is_required": true}', true, 'a change is answered with the field as drafted');
SELECT pgwright.create_field('book', '{"name": "isbn", "field_type": "string", "is_unique": true}') \g /dev/null
SELECT is(pgwright.get_entity('book') ->> 'draft_version', '2', 'the first change opens draft 2');
SELECT is(versions('book'), '2 draft, 1 published', 'which is listed');
SELECT is(names(pgwright.list_fields('book')), 'title pages', 'what is published keeps its fields');
SELECT is(names(pgwright.list_fields('book', 'published')), 'title pages', 'said or not');
SELECT is(names(pgwright.list_fields('book', 'draft')), 'name pages isbn', 'the draft has those it is to have');
SELECT is(names(pgwright.list_fields('book', '2')), 'name pages isbn', 'by its number too');
SELECT is(pgwright.get_field('book', 'name', 'draft') ->> 'id', pgwright.get_field('book', 'title') ->> 'id', 'a renamed field is the same field');
SELECT is(state_of($$SELECT pgwright.get_field('book', 'name')$$), 'PW404', 'under its new name not published yet');
SELECT is((pgwright.get_record('book', :'emma') -> 'data')::jsonb @> '{"title": "Emma", "pages": 474}', true, 'records are served as before');
SELECT is(pgwright.update_record('book', :'emma', '{"title": "Emma!"}') ->> 'id', :'emma', 'and written as before');
SELECT is(state_of($$SELECT pgwright.create_record('book', '{"name": "Persuasion"}')$$), 'PW400', 'not by the names of the draft');
SELECT columns_are('t_acme', 'book', '{id,title,pages,created_at,updated_at,created_by,updated_by,deleted_at,deleted_by}'::name[], 'the table is as it was');
SELECT is(pgwright.get_entity('book', 'draft')::jsonb @> '{"version": 2, "status": "draft", "draft_version": 2}', true, 'the draft can be looked at whole');
SELECT is(pgwright.get_entity('book', '1')::jsonb @> '{"version": 1, "status": "published"}', true, 'and the published version by its number');
SELECT is(state_of($$SELECT pgwright.get_entity('book', '9')$$), 'PW404', 'a version that is not there');
SELECT is(faults_of($$SELECT pgwright.get_entity('book', 'newest')$$), 'PW400 version: must be draft, published or a number', 'and what is no version');

SELECT is(pgwright.update_entity('book', '{"label": "Novel", "description": "Long prose"}')::jsonb @> '{"label": "Novel", "status": "draft", "version": 2}', true, 'the entity itself is drafted too');
SELECT is(pgwright.get_entity('book') ->> 'label', 'Book', 'and not published by that');
SELECT is(faults_of($$SELECT pgwright.update_entity('book', '{"name": "novel", "table_name": "novels", "colour": "red", "label": 7}')$$),
    'PW400 colour: is not a property of an entity; label: must be a string, not number; name: cannot be changed once the entity is published; use rename_entity(); table_name: cannot be changed once the entity is published',
    'what was published keeps its name and its table; faults are told together');

SELECT is(status_of(pgwright.publish_entity('book', 'second')), 'completed', 'the draft is published');
SELECT is(versions('book'), '2 published, 1 superseded', 'and supersedes the version before');
SELECT is(names(pgwright.list_fields('book')), 'name pages isbn', 'now it is what is published');
SELECT is((pgwright.get_record('book', :'emma') -> 'data')::jsonb @> '{"name": "Emma!", "isbn": null}', true, 'and served');
SELECT is(names(pgwright.list_fields('book', '1')), 'title pages', 'the version before can still be read');
SELECT is(pgwright.get_entity('book', '1')::jsonb @> '{"label": "Book", "status": "superseded", "version": 1}', true, 'with everything it had');
SELECT is((SELECT string_agg(concat_ws(' ', m ->> 'from_version', m ->> 'to_version', m ->> 'migration_type', m ->> 'commit_message'), '; ' ORDER BY n) FROM json_array_elements(pgwright.list_migrations('book')) WITH ORDINALITY x (m, n)),
    '1 2 alter second; 1 create first', 'both migrations are listed');
SELECT is(state_of($$SELECT pgwright.publish_entity('book')$$), 'PW409', 'without a draft there is nothing to publish');

-- Discarding ------------------------------------------------------------------------------------------------

SELECT is(state_of($$SELECT pgwright.discard_draft('book')$$), 'PW409', 'nor to discard');
SELECT pgwright.delete_field('book', 'pages') \g /dev/null
SELECT is(pgwright.get_entity('book') ->> 'draft_version', '3', 'versions go on counting');
SELECT is(pgwright.discard_draft('book')::jsonb @> '{"status": "published", "version": 2, "draft_version": null}', true, 'discarding answers what is published');
SELECT is(names(pgwright.list_fields('book')), 'name pages isbn', 'and leaves it as it is');
SELECT is(versions('book'), '2 published, 1 superseded', 'the draft is gone');
SELECT is(pgwright.preview_migration('book') ->> 'in_step', 'true', 'table and definition are in step');
SELECT is(state_of($$SELECT pgwright.get_entity('book', 'draft')$$), 'PW404', 'there is no draft to look at');

-- Who may ---------------------------------------------------------------------------------------------------

SELECT become('vic') \g /dev/null
SELECT is(state_of(s), 'PW403', s || ' needs a permission') FROM unnest(ARRAY[
    $$SELECT pgwright.update_entity('book', '{"label": "X"}')$$, $$SELECT pgwright.create_field('book', '{"name": "x", "field_type": "text"}')$$,
    $$SELECT pgwright.update_field('book', 'pages', '{"label": "X"}')$$, $$SELECT pgwright.delete_field('book', 'pages')$$,
    $$SELECT pgwright.create_index('book', '{"name": "x", "field_names": ["pages"]}')$$, $$SELECT pgwright.publish_entity('book')$$,
    $$SELECT pgwright.archive_entity('book')$$, $$SELECT pgwright.delete_entity('book')$$, $$SELECT pgwright.rename_entity('book', 'x')$$,
    $$SELECT pgwright.discard_draft('book')$$, $$SELECT pgwright.purge_retired()$$]) s;
SELECT become('rob') \g /dev/null
SELECT is(state_of(s), 'PW404', s || ' finds nothing of another tenant') FROM unnest(ARRAY[
    $$SELECT pgwright.update_entity('book', '{"label": "X"}')$$, $$SELECT pgwright.create_field('book', '{"name": "x", "field_type": "text"}')$$,
    $$SELECT pgwright.list_versions('book')$$, $$SELECT pgwright.archive_entity('book')$$, $$SELECT pgwright.delete_entity('book')$$,
    $$SELECT pgwright.rename_entity('book', 'x')$$, $$SELECT pgwright.list_indexes('book')$$, $$SELECT pgwright.list_relationships('book')$$]) s;
SELECT is(pgwright.list_retired()::text, '[]', 'and nothing retired');
SELECT become('ann') \g /dev/null
SELECT is((SELECT count(*) FROM pgwright.entity_versions WHERE status = 'draft'), 0::bigint, 'none of that opened a draft');

-- Archiving and deleting --------------------------------------------------------------------------------------

SELECT is(state_of($$SELECT pgwright.unarchive_entity('book')$$), 'PW409', 'what is published is not unarchived');
SELECT is(state_of($$SELECT pgwright.delete_entity('book', true)$$), 'PW409', 'what is published is archived before it is deleted');
SELECT pgwright.create_entity('{"name": "loan", "fields": [{"name": "book_id", "field_type": "lookup", "reference_entity": "book"}, {"name": "parent_id", "field_type": "lookup", "reference_entity": "loan"}]}') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.archive_entity('book')$$), 'PW409 loan.book_id: refers to the entity', 'what a draft refers to is not archived');
SELECT pgwright.publish_entity('loan') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.archive_entity('book')$$), 'PW409 loan.book_id: refers to the entity', 'nor what others refer to');
SELECT is(pgwright.archive_entity('loan')::jsonb @> '{"status": "archived", "version": 1}', true, 'an entity that only refers to itself is archived');
SELECT is(state_of($$SELECT pgwright.list_records('loan')$$), 'PW404', 'and not served');
SELECT has_table('t_acme', 'loan', 'its table stays');
SELECT is(state_of($$SELECT pgwright.create_field('loan', '{"name": "x", "field_type": "text"}')$$), 'PW409', 'it is not changed');
SELECT is(state_of($$SELECT pgwright.publish_entity('loan')$$), 'PW409', 'nor published');
SELECT is(pgwright.unarchive_entity('loan') ->> 'status', 'published', 'until it is unarchived');
SELECT is(pgwright.create_record('loan', json_build_object('book_id', :'emma')) -> 'data' ->> 'book_id', :'emma', 'then it is served again');
SELECT pgwright.archive_entity('loan') \g /dev/null
SELECT is(state_of($$SELECT pgwright.delete_entity('loan')$$), 'PW409', 'deleting takes a table out of service and needs consent');
SELECT is(state_of($$SELECT pgwright.delete_entity('loan', true)$$), 'ok', 'with it');
SELECT is(state_of($$SELECT pgwright.get_entity('loan')$$), 'PW404', 'the entity is gone');
SELECT hasnt_table('t_acme', 'loan', 'so is its table');
SELECT is((SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'pgwright_retired' AND relkind = 'r'), 1::bigint, 'which is kept');
SELECT is((SELECT (r ->> 'kind') || ' ' || (r ->> 'name') || ' ' || (to_regclass(format('%I.%I', r ->> 'schema_name', r ->> 'table_name')) IS NOT NULL) FROM json_array_elements(pgwright.list_retired()) r), 'table loan true', 'and listed under the name it has now');
SELECT is(pgwright.archive_entity('book') ->> 'status', 'archived', 'nothing refers to the book any more');
SELECT pgwright.unarchive_entity('book') \g /dev/null
SELECT pgwright.create_entity('{"name": "passing"}') \g /dev/null
SELECT is(state_of($$SELECT pgwright.delete_entity('passing')$$), 'ok', 'a draft is simply deleted');
SELECT is(pgwright.create_entity('{"name": "passing"}') ->> 'status', 'draft', 'and its name is free again');

-- Another name --------------------------------------------------------------------------------------------------

INSERT INTO pgwright.roles (tenant_id, name, label) SELECT id, 'remover', 'Remover' FROM pgwright.tenants WHERE slug = 'acme';
INSERT INTO pgwright.role_permissions (role_id, resource, action) SELECT id, 'book', unnest('{read,delete}'::text[]) FROM pgwright.roles WHERE name = 'remover';
SELECT add_actor('mia', 'acme', 'remover') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT is(faults_of(format('SELECT pgwright.rename_entity(%L, %L)', 'book', n)), f, format('an entity is not called %L', n)) FROM (VALUES
    ('select', 'PW400 name: is a reserved word of SQL'), ('Volume', 'PW400 name: must begin with a letter a-z and hold only a-z, 0-9 and _'), ('passing', 'PW409 name: is taken')) x (n, f);
SELECT is(pgwright.rename_entity('book', 'volume')::jsonb @> '{"version": 3}', true, 'another name is drafted');
SELECT is(titles('book', 'name'), 'Emma!', 'it is served under the old one');
SELECT become('vic') \g /dev/null
SELECT is(titles('book', 'name'), 'Emma!', 'for everybody');
SELECT become('ann') \g /dev/null
SELECT is(status_of(pgwright.publish_entity('book')), 'completed', 'until it is published');
SELECT is(titles('volume', 'name'), 'Emma!', 'then under the new one');
SELECT is(state_of($$SELECT pgwright.list_records('book')$$), 'PW404', 'and no more under the old one');
SELECT has_table('t_acme', 'book', 'the table keeps its name');
SELECT is(pgwright.get_entity('volume') ->> 'table_name', 'book', 'and the entity knows it');
SELECT become('vic') \g /dev/null
SELECT is(titles('volume', 'name'), 'Emma!', 'who might read it still may');
SELECT become('mia') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'volume', :'emma', '{"pages": 1}')), 'PW403', 'nobody gets more');
SELECT is(state_of(format('SELECT pgwright.delete_record(%L, %L)', 'volume', :'emma')), 'ok', 'and a permission given for it goes with it');
SELECT become('ann') \g /dev/null
SELECT is(pgwright.preview_migration('volume') ->> 'in_step', 'true', 'table and policies are in step');
SELECT is((SELECT count(*) FROM pg_policies WHERE schemaname = 't_acme' AND tablename = 'book' AND concat(qual, with_check) LIKE '%book:%'), 0::bigint, 'no policy speaks of the old name');
SELECT pgwright.list_migrations('volume') -> 0 ->> 'id' AS renaming \gset
SELECT is(status_of(pgwright.rollback_migration(:'renaming')), 'rolled_back', 'a new name is taken back');
SELECT is(pgwright.list_records('book') ->> 'total', '0', 'the old one is served again, with what was deleted meanwhile');
SELECT is((SELECT DISTINCT resource FROM pgwright.role_permissions p JOIN pgwright.roles r ON r.id = p.role_id WHERE r.name = 'remover'), 'book', 'the permission follows back');
SELECT pgwright.discard_draft('book') \g /dev/null

-- Indexes ---------------------------------------------------------------------------------------------------------

SELECT is(pgwright.create_index('book', '{"name": "by_length", "field_names": [{"field": "pages", "order": "desc", "nulls": "last"}, "name"]}')::jsonb @>
    '{"name": "by_length", "index_type": "btree", "is_unique": false, "field_names": [{"field": "pages", "order": "desc", "nulls": "last"}, "name"]}', true, 'an index is drafted');
SELECT is(names(pgwright.list_indexes('book')), NULL, 'and not there yet');
SELECT is(names(pgwright.list_indexes('book', 'draft')), 'by_length', 'but in the draft');
SELECT is(faults_of($$SELECT pgwright.create_index('book', '{"name": "by_length", "field_names": ["pages"]}')$$), 'PW400 name: is the name of another index too', 'two indexes have two names');
SELECT is(status_of(pgwright.publish_entity('book')), 'completed', 'it is published');
SELECT is(pg_get_indexdef('t_acme.book_by_length_ix'::regclass), 'CREATE INDEX book_by_length_ix ON t_acme.book USING btree (pages DESC NULLS LAST, name)', 'as it was said');
SELECT is(pgwright.update_index('book', 'by_length', '{"name": "long", "condition": {"field": "pages", "operator": "gt", "value": 500}}')::jsonb -> 'condition', '{"field": "pages", "operator": "gt", "value": 500}', 'an index is changed');
SELECT is(pgwright.get_index('book', 'by_length') ->> 'condition', NULL, 'in the draft only');
SELECT is(faults_of($$SELECT pgwright.delete_field('book', 'pages')$$), 'PW409 long: is an index over the field', 'a field in an index stays');
SELECT pgwright.update_field('book', 'pages', '{"name": "length"}') \g /dev/null
SELECT is(pgwright.get_index('book', 'long', 'draft')::jsonb @> '{"field_names": [{"field": "length"}], "condition": {"field": "length"}}', true, 'a renamed one is followed, in keys and condition');
SELECT is(status_of(pgwright.publish_entity('book')), 'completed', 'the change is published');
SELECT is(pg_get_indexdef('t_acme.book_long_ix'::regclass), 'CREATE INDEX book_long_ix ON t_acme.book USING btree (length DESC NULLS LAST, name) WHERE (length > 500)', 'as it was changed');
SELECT is(state_of($$SELECT pgwright.delete_index('book', 'long')$$), 'ok', 'an index is deleted');
SELECT is(status_of(pgwright.publish_entity('book')), 'completed', 'without consent, because nothing is lost');
SELECT hasnt_index('t_acme', 'book', 'book_long_ix', 'it is gone');
SELECT is(state_of($$SELECT pgwright.get_index('book', 'long')$$), 'PW404', 'from the definition too');
SELECT is(faults_of(format('SELECT pgwright.create_index(%L, %L)', 'book', d)), f, d) FROM (VALUES
    ('{"name": "x", "field_names": ["nowhere"]}', 'PW400 field_names[0]: is not a field of the entity'),
    ('{"name": "x", "field_names": []}', 'PW400 field_names: must name at least one field'),
    ('{"name": "x", "index_type": "hash", "field_names": ["length", "name"]}', 'PW400 field_names: must be one field in a hash index'),
    ('{"name": "select", "index_type": "lightning", "is_unique": 3}', 'PW400 index_type: must be one of: btree, hash, gin, gist, search; is_unique: must be true or false, not number; field_names: is required; name: is a reserved word of SQL')) x (d, f);

-- What is taken away -------------------------------------------------------------------------------------------------

SELECT pgwright.update_entity('book', '{"description": "Prose", "icon": "book", "default_sort_field": "length", "default_sort_order": "DESC", "records_per_page": 10}') \g /dev/null
SELECT pgwright.publish_entity('book') \g /dev/null
SELECT is(pgwright.update_entity('book', '{"description": null, "icon": null, "default_sort_field": null, "default_sort_order": null, "records_per_page": null}')::jsonb
    @> '{"description": null, "icon": null, "default_sort_field": null, "default_sort_order": "ASC", "records_per_page": 25}', true, 'a draft shows what it takes away, not what is published');
SELECT is(pgwright.get_entity('book')::jsonb @> '{"description": "Prose", "icon": "book", "default_sort_field": "length", "default_sort_order": "DESC", "records_per_page": 10}', true, 'which stays');
SELECT pgwright.discard_draft('book') \g /dev/null

-- Names -------------------------------------------------------------------------------------------------------------

SELECT is(pgwright.validate_entity_name('novel')::jsonb - 'name', '{"valid": true, "available": true, "errors": [], "suggestion": null}', 'a name that is free');
SELECT is(pgwright.validate_entity_name('book')::jsonb - 'name', '{"valid": true, "available": false, "errors": ["is taken"], "suggestion": "book_2"}', 'one that is taken');
SELECT is(pgwright.validate_entity_name(n) ->> 'valid', 'false', format('%L is no name', n)) FROM unnest(ARRAY['Select', '2nd', '', 'pg_x', 'users', repeat('x', 64)]) n;
SELECT is(pgwright.validate_entity_name('pg_x') ->> 'suggestion', 'x', 'of the server''s own it is the rest');
SELECT is(pgwright.validate_entity_name('Order Lines!') ->> 'suggestion', 'order_lines', 'a suggestion is made of it');
SELECT is(bool_and((pgwright.validate_entity_name(pgwright.validate_entity_name(n) ->> 'suggestion')::jsonb @> '{"valid": true, "available": true}')), true, 'what is suggested is free and good')
  FROM unnest(ARRAY['select', 'book', 'Book', '2nd', '', '---', 'users', repeat('x', 64), repeat('é', 80)]) n;
SELECT is(pgwright.validate_field_name('book', 'name') ->> 'available', 'false', 'a field''s name is taken within its entity');
SELECT is(pgwright.validate_field_name('book', 'isbn13')::jsonb @> '{"valid": true, "available": true}', true, 'or free');
SELECT is(pgwright.validate_field_name('book', n)::jsonb ->> 'valid', 'false', format('%L is no field''s name', n)) FROM unnest(ARRAY['ctid', 'created_at', 'id', 'user', '_x', repeat('x', 64)]) n;
SELECT is(bool_and((pgwright.validate_field_name('book', pgwright.validate_field_name('book', n) ->> 'suggestion')::jsonb @> '{"valid": true, "available": true}')), true, 'what is suggested can be taken')
  FROM unnest(ARRAY['ctid', 'created_at', 'name', 'Name', 'user', '9', repeat('x', 64)]) n;
SELECT is(state_of($$SELECT pgwright.validate_field_name('nowhere', 'x')$$), 'PW404', 'of an entity that is not there nothing is said');

-- Relationships -----------------------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "author", "fields": [{"name": "title", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "tag", "fields": [{"name": "title", "field_type": "string"}]}') \g /dev/null
SELECT is(pgwright.create_relationship('{"name": "author_books", "relationship_type": "one-to-many", "source_entity": "author", "target_entity": "book", "on_delete": "SET NULL"}')::jsonb @>
    '{"name": "author_books", "relationship_type": "one-to-many", "target_field_name": "author_id", "on_delete": "SET NULL", "on_update": "NO ACTION", "is_active": true}', true, 'one author, many books');
SELECT is(pgwright.get_field('book', 'author_id', 'draft')::jsonb @> '{"field_type": "lookup", "on_delete": "SET NULL", "relationship_type": "many-to-one", "is_unique": false}', true, 'is a lookup in the draft of book');
SELECT is(pgwright.create_relationship('{"name": "biography", "relationship_type": "one-to-one", "source_entity": "author", "target_entity": "book", "target_field_name": "about_id", "on_delete": "RESTRICT"}') ->> 'target_field_name', 'about_id', 'one author, one biography');
SELECT is(pgwright.create_relationship('{"name": "sequel", "relationship_type": "one-to-many", "source_entity": "book", "target_entity": "book", "target_field_name": "sequel_of"}') ->> 'target_field_name', 'sequel_of', 'a book refers to books');
SELECT is(pgwright.create_relationship('{"name": "book_tags", "relationship_type": "many-to-many", "source_entity": "book", "target_entity": "tag"}')::jsonb @>
    '{"junction_table_name": "book_tag", "junction_source_field": "book_id", "junction_target_field": "tag_id", "on_delete": "CASCADE"}', true, 'books have tags by a junction');
SELECT is(pgwright.create_relationship('{"name": "see_also", "relationship_type": "many-to-many", "source_entity": "book", "target_entity": "book", "junction_table_name": "see_also"}')::jsonb @>
    '{"junction_source_field": "book_id", "junction_target_field": "related_book_id"}', true, 'and books have books');
SELECT is(faults_of($$SELECT pgwright.create_relationship('{"name": "sequel", "relationship_type": "one-to-many", "source_entity": "book", "target_entity": "tag"}')$$), 'PW409 name: is taken', 'a relationship''s name is taken once');
SELECT is(faults_of($$SELECT pgwright.create_relationship('{"name": "select", "relationship_type": "some-to-some", "source_entity": 3, "on_delete": "EXPLODE", "colour": 1}')$$),
    'PW400 colour: is not a property of a relationship; name: is a reserved word of SQL; relationship_type: must be one of: one-to-many, one-to-one, many-to-many; source_entity: must be a string, not number; target_entity: is required; on_delete: must be one of: CASCADE, SET NULL, RESTRICT, NO ACTION', 'faults are told together');
SELECT is(faults_of($$SELECT pgwright.create_relationship('{"name": "x", "relationship_type": "one-to-many", "source_entity": "nowhere", "target_entity": "book"}')$$), 'PW400 source_entity: there is no entity of that name', 'both ends must be there');
SELECT become('rob') \g /dev/null
SELECT pgwright.create_entity('{"name": "mine", "fields": [{"name": "a", "field_type": "text"}]}') \g /dev/null
SELECT is(faults_of(format('SELECT pgwright.create_relationship(%L)', json_build_object('name', 'x', 'relationship_type', 'one-to-many', 'source_entity_id', e.id, 'target_entity', 'mine'))), 'PW400 source_entity: there is no entity of that name', 'another tenant''s entity is not there, also by its id')
  FROM pgwright.entity_definitions e WHERE e.name = 'author';
SELECT is(state_of($$SELECT pgwright.get_relationship('sequel')$$), 'PW404', 'nor are its relationships');
SELECT is(pgwright.list_relationships()::text, '[]', 'in no list');
SELECT become('ann') \g /dev/null
SELECT is(names(pgwright.list_relationships('tag')), 'book_tags', 'relationships are listed by either end');
SELECT is(names(pgwright.list_relationships()), 'author_books biography book_tags see_also sequel', 'and all');
SELECT is(faults_of($$SELECT pgwright.publish_entity('book')$$), 'PW400 author_id: refers to author, which is not published; publish it first; about_id: refers to author, which is not published; publish it first', 'what is referred to comes first');
SELECT is((SELECT string_agg(m ->> 'status', ' ') FROM json_array_elements(pgwright.publish_entities('["book", "author", "tag", "book_tag", "see_also"]', 'together')) m), 'completed completed completed completed completed', 'or along');
SELECT fk_ok('t_acme', 'book', 'author_id', 't_acme', 'author', 'id');
SELECT fk_ok('t_acme', 'book', 'sequel_of', 't_acme', 'book', 'id');
SELECT fk_ok('t_acme', 'book_tag', 'tag_id', 't_acme', 'tag', 'id');
SELECT fk_ok('t_acme', 'see_also', 'related_book_id', 't_acme', 'book', 'id');
SELECT is((SELECT string_agg(concat_ws(' ', conname, confdeltype), ', ' ORDER BY conname) FROM pg_constraint WHERE contype = 'f' AND connamespace = 't_acme'::regnamespace),
    'book_about_id_fkey r, book_author_id_fkey n, book_sequel_of_fkey a, book_tag_book_id_fkey c, book_tag_tag_id_fkey c, see_also_book_id_fkey c, see_also_related_book_id_fkey c', 'foreign keys do what was said when their target goes');
SELECT is((SELECT string_agg(conname, ' ') FROM pg_constraint k WHERE contype = 'f' AND connamespace = 't_acme'::regnamespace AND NOT EXISTS
    (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1] AND i.indpred IS NULL)), NULL, 'every foreign key has an index over all rows');
SELECT pgwright.create_record('book', '{"name": "A"}') ->> 'id' AS a \gset
SELECT pgwright.create_record('tag', '{"title": "t"}') ->> 'id' AS t \gset
SELECT pgwright.create_record('author', '{"title": "w"}') ->> 'id' AS w \gset
SELECT is(state_of(format('SELECT pgwright.create_record(%L, %L)', 'book_tag', json_build_object('book_id', :'a', 'tag_id', :'t'))), 'ok', 'a link is made');
SELECT is(state_of(format('SELECT pgwright.create_record(%L, %L)', 'book_tag', json_build_object('book_id', :'a', 'tag_id', :'t'))), 'PW409', 'once');
SELECT is(state_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'book', :'a', json_build_object('about_id', :'w'))), 'ok', 'a biography');
SELECT is(state_of(format('SELECT pgwright.create_record(%L, %L)', 'book', json_build_object('name', 'B', 'about_id', :'w'))), 'PW409', 'of each author one');
SELECT is(pgwright.update_relationship('author_books', '{"label": "Wrote", "on_delete": "RESTRICT", "target_field_name": "writer_id"}')::jsonb @> '{"label": "Wrote", "on_delete": "RESTRICT", "target_field_name": "writer_id"}', true, 'a relationship is changed');
SELECT is(pgwright.get_field('book', 'writer_id', 'draft') ->> 'on_delete', 'RESTRICT', 'and its lookup with it');
SELECT is(faults_of($$SELECT pgwright.update_relationship('author_books', '{"relationship_type": "one-to-one", "source_entity": "tag"}')$$),
    'PW400 relationship_type: cannot be changed; delete the relationship and create another; source_entity: cannot be changed; delete the relationship and create another', 'but not its kind or its ends');
SELECT is(status_of(pgwright.publish_entity('book')), 'completed', 'the change is published');
SELECT is(confdeltype::text, 'r', 'and in force') FROM pg_constraint WHERE conname = 'book_writer_id_fkey';
SELECT is(faults_of($$SELECT pgwright.archive_entity('author')$$), 'PW409 book.about_id: refers to the entity; book.writer_id: refers to the entity', 'what is referred to is not archived');
SELECT is(state_of($$SELECT pgwright.delete_relationship('author_books')$$), 'ok', 'a relationship is deleted');
SELECT is(state_of($$SELECT pgwright.get_relationship('author_books')$$), 'PW404', 'and gone');
SELECT is(state_of($$SELECT pgwright.get_field('book', 'writer_id', 'draft')$$), 'PW404', 'with its lookup');
SELECT is(state_of($$SELECT pgwright.publish_entity('book')$$), 'PW409', 'which holds values, so that consent is needed');
SELECT is(status_of(pgwright.publish_entity('book', allow_destructive => true)), 'completed', 'with it the column is retired');
SELECT is(state_of($$SELECT pgwright.delete_relationship('book_tags')$$), 'ok', 'so is one through a junction');
SELECT is(pgwright.get_entity('book_tag') ->> 'status', 'archived', 'whose links are kept');

-- Circles ---------------------------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "team", "fields": [{"name": "title", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "player", "fields": [{"name": "team_id", "field_type": "lookup", "reference_entity": "team", "is_required": true}]}') \g /dev/null
SELECT pgwright.create_field('team', '{"name": "captain_id", "field_type": "lookup", "reference_entity": "player"}') \g /dev/null
SELECT is(state_of($$SELECT pgwright.publish_entity('team')$$), 'PW400', 'neither of a circle can be published alone');
SELECT is((SELECT string_agg(concat_ws(' ', m ->> 'migration_name', m ->> 'status'), ', ') FROM json_array_elements(pgwright.publish_entities('["team", "player"]')) m), 'team_v1 completed, player_v1 completed', 'but both together');
SELECT fk_ok('t_acme', 'team', 'captain_id', 't_acme', 'player', 'id');
SELECT fk_ok('t_acme', 'player', 'team_id', 't_acme', 'team', 'id');
SELECT is(state_of($$SELECT pgwright.publish_entities('["team", "team"]')$$), 'PW400', 'each is named once');
SELECT is(state_of($$SELECT pgwright.publish_entities('[]')$$), 'PW400', 'and one at least');
SELECT pgwright.list_migrations('team') -> 0 ->> 'id' AS circle \gset
SELECT is(status_of(pgwright.rollback_migration(:'circle')), 'rolled_back', 'together they go back');
SELECT hasnt_table('t_acme', 'team', 'the one');
SELECT hasnt_table('t_acme', 'player', 'and the other');
SELECT is(pgwright.get_entity('player') ->> 'status', 'draft', 'both are drafts again');
SELECT is((SELECT string_agg(concat_ws(' ', m ->> 'migration_name', m ->> 'status'), ', ') FROM json_array_elements(pgwright.publish_entities('["player", "team"]')) m), 'player_v2 completed, team_v2 completed', 'and can be published again');
SELECT * FROM finish();
