-- Changes of published entities over a table with rows: each kind through the functions that draft it,
-- published and taken back. Going back brings back the structure and every value, also those that
-- people have written meanwhile.
\ir setup.psql
SELECT * FROM no_plan();
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
    ('a rename', '{"update_field(''item'', ''stock'', ''{\"name\": \"amount\"}'')"}', 'grant rename_column:amount rename_constraint grant', false, NULL),
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
    ('a field taken out', '{"delete_field(''item'', ''code'')"}', 'grant drop_check:code drop_index:code retire_column:code grant', true, NULL),
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
    ('an index', '{"create_index(''item'', ''{\"name\": \"both\", \"field_names\": [\"first\", \"last\"]}'')"}', 'add_index', false, NULL),
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
SELECT * FROM finish();
