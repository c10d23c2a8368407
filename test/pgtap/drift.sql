-- Drift: what an administrator changes in SQL behind the definitions is found, told with its repairs,
-- and repaired either way, with every row intact.
\ir setup.psql
SELECT plan(253);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('beta', 'Beta') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'beta', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null

-- "kind object; ..." of the differences of an entity.
CREATE FUNCTION drift(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((d ->> 'kind') || ' ' || (d ->> 'object'), '; ' ORDER BY d ->> 'kind', d ->> 'object')
      FROM json_array_elements(pgwright.analyze_schema(entity) -> 'entities') e, json_array_elements(e -> 'differences') d
$$;
CREATE FUNCTION sync(direction text, entity text, destructive boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg((l ->> 'kind') || ' ' || (l ->> 'object'), '; ' ORDER BY l ->> 'object', l ->> 'kind'), 'all')
      FROM json_array_elements(pgwright.sync_schema(direction, entity, false, destructive) -> 'entities') e
      LEFT JOIN json_array_elements(e -> 'left') l ON true
$$;

SELECT pgwright.create_entity('{"name": "city", "fields": [{"name": "name", "field_type": "string", "is_required": true}]}') \g /dev/null
SELECT pgwright.publish_entity('city') \g /dev/null
SELECT pgwright.create_entity('{"name": "deal", "fields": [
    {"name": "title", "field_type": "string", "is_required": true, "is_indexed": true, "max_length": 100},
    {"name": "code", "field_type": "string", "is_unique": true},
    {"name": "amount", "field_type": "currency", "min_value": 0, "default_value": 5},
    {"name": "qty", "field_type": "integer", "default_value": 1},
    {"name": "big", "field_type": "biginteger"},
    {"name": "ratio", "field_type": "decimal"},
    {"name": "share", "field_type": "percentage"},
    {"name": "active", "field_type": "boolean", "is_required": true, "default_value": true},
    {"name": "due", "field_type": "date", "default_expression": "today"},
    {"name": "at", "field_type": "datetime", "default_expression": "now"},
    {"name": "tm", "field_type": "time"},
    {"name": "mail", "field_type": "email"},
    {"name": "link", "field_type": "url"},
    {"name": "tel", "field_type": "phone"},
    {"name": "doc", "field_type": "json", "json_schema": {"type": "object"}},
    {"name": "token", "field_type": "uuid", "default_expression": "new_uuid"},
    {"name": "body", "field_type": "rich_text"},
    {"name": "notes", "field_type": "text"},
    {"name": "state", "field_type": "enum", "allowed_values": ["open", "won"], "default_value": "open"},
    {"name": "tags", "field_type": "array", "item_type": "string", "is_indexed": true},
    {"name": "attachment", "field_type": "file"},
    {"name": "city_id", "field_type": "lookup", "reference_entity": "city"},
    {"name": "owner_id", "field_type": "lookup", "reference_entity": "users"},
    {"name": "total", "field_type": "currency", "is_calculated": true, "calculation_formula": "amount * qty"}],
    "indexes": [{"name": "by_amount", "field_names": [{"field": "amount", "order": "desc"}, "title"]},
                {"name": "won", "field_names": ["due"], "condition": {"field": "state", "operator": "eq", "value": "won"}}]}') \g /dev/null
SELECT pgwright.publish_entity('deal') \g /dev/null

SELECT ok((pgwright.analyze_schema() ->> 'in_sync')::boolean, 'what was just published is in sync');
SELECT is(drift('deal'), NULL, 'with every type of field');
SELECT is((SELECT count(*)::int FROM json_array_elements(pgwright.analyze_schema() -> 'entities')), 2, 'the report names every published entity');
SELECT is(pgwright.sync_schema('database') ->> 'backup_id', NULL, 'where nothing differs, nothing is done');

CREATE TABLE made (n int, id text);
INSERT INTO made SELECT n, pgwright.create_record('deal', json_build_object('title', 'Deal ' || n, 'code', 'c' || n, 'amount', n, 'qty', n)) ->> 'id' FROM generate_series(1, 3) n;
CREATE FUNCTION rows_of() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((r -> 'data' ->> 'title') || ' ' || (r -> 'data' ->> 'qty') || ' ' || (r -> 'data' ->> 'total'), ', ' ORDER BY r -> 'data' ->> 'title')
      FROM json_array_elements(pgwright.list_records('deal') -> 'items') i, json_build_object('data', i) r
$$;

-- The database is repaired -----------------------------------------------------------------------------------

CREATE TABLE broken (n serial, statement text, found text, remains text DEFAULT 'all');
INSERT INTO broken (statement, found) VALUES
    ('DROP INDEX t_acme.deal_title_idx', 'missing_index deal_title_idx'),
    ('DROP INDEX t_acme.deal_code_key', 'missing_index deal_code_key'),
    ('DROP INDEX t_acme.deal_by_amount_ix', 'missing_index deal_by_amount_ix'),
    ('DROP INDEX t_acme.deal_title_idx; CREATE INDEX deal_title_idx ON t_acme.deal (notes)', 'changed_index deal_title_idx'),
    ('ALTER TABLE t_acme.deal DROP CONSTRAINT deal_title_length', 'missing_constraint deal_title_length'),
    ('ALTER TABLE t_acme.deal DROP CONSTRAINT deal_title_length, ADD CONSTRAINT deal_title_length CHECK (char_length(title) <= 500)', 'changed_constraint deal_title_length'),
    ('ALTER TABLE t_acme.deal DROP CONSTRAINT deal_city_id_fkey', 'missing_constraint deal_city_id_fkey'),
    ('ALTER TABLE t_acme.deal DROP CONSTRAINT deal_amount_range, ADD CONSTRAINT deal_amount_range CHECK (amount >= 0 AND amount < ''Infinity'') NOT VALID', 'changed_constraint deal_amount_range'),
    ('DROP TRIGGER pgwright_stamp_record ON t_acme.deal', 'missing_trigger pgwright_stamp_record'),
    ('ALTER TABLE t_acme.deal DISABLE TRIGGER pgwright_stamp_record', 'disabled_trigger pgwright_stamp_record'),
    ('DROP POLICY pgwright_select ON t_acme.deal', 'missing_policy pgwright_select'),
    ('ALTER POLICY pgwright_select ON t_acme.deal USING (true)', 'changed_policy pgwright_select'),
    ('CREATE POLICY hole ON t_acme.deal TO PUBLIC USING (true)', 'added_policy hole'),
    ('ALTER TABLE t_acme.deal DISABLE ROW LEVEL SECURITY', 'row_security_disabled deal'),
    ('ALTER TABLE t_acme.deal NO FORCE ROW LEVEL SECURITY', 'row_security_disabled deal'),
    ('REVOKE UPDATE ON t_acme.deal FROM pgwright_runtime', 'grants_changed deal'),
    ('REVOKE ALL ON t_acme.deal FROM pgwright_user', 'grants_changed deal'),
    ('ALTER TABLE t_acme.deal OWNER TO CURRENT_USER', 'owner_changed deal'),
    ('ALTER TABLE t_acme.deal ALTER title DROP NOT NULL', 'changed_nullability title'),
    ('ALTER TABLE t_acme.deal ALTER qty SET NOT NULL', 'changed_nullability qty'),
    ('ALTER TABLE t_acme.deal ALTER qty SET DEFAULT 9', 'changed_default qty'),
    ('ALTER TABLE t_acme.deal ALTER qty DROP DEFAULT', 'changed_default qty'),
    ('ALTER TABLE t_acme.deal ALTER big SET DEFAULT 7', 'changed_default big'),
    ('ALTER TABLE t_acme.deal ALTER created_at DROP DEFAULT', 'changed_default created_at'),
    ('ALTER TABLE t_acme.deal ALTER ratio TYPE numeric(12,4)', 'changed_type ratio'),
    ('ALTER TABLE t_acme.deal ALTER notes TYPE varchar(400)', 'changed_type notes'),
    ('ALTER TABLE t_acme.deal ALTER big TYPE text', 'changed_type big'),
    ('ALTER TABLE t_acme.deal DROP COLUMN total', 'missing_column total; missing_constraint deal_total_range; missing_constraint deal_total_scale'),
    ('ALTER TABLE t_acme.deal ALTER total DROP EXPRESSION', 'changed_formula total'),
    ('ALTER TABLE t_acme.deal DROP COLUMN tel', 'missing_column tel; missing_constraint deal_tel_format; missing_constraint deal_tel_length'),
    ('ALTER TABLE t_acme.deal DROP COLUMN city_id', 'missing_column city_id; missing_constraint deal_city_id_fkey; missing_index deal_city_id_idx');
-- What is only too much is left alone unless that is allowed.
INSERT INTO broken (statement, found, remains) VALUES
    ('CREATE INDEX extra ON t_acme.deal (lower(title))', 'added_index extra', 'added_index extra'),
    ('ALTER TABLE t_acme.deal ADD CONSTRAINT odd CHECK (qty < 1000)', 'added_constraint odd', 'added_constraint odd'),
    ('CREATE TRIGGER extra BEFORE UPDATE ON t_acme.deal FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'added_trigger extra', 'added_trigger extra'),
    ('ALTER TABLE t_acme.deal ADD COLUMN color text NOT NULL DEFAULT ''red''', 'added_column color', 'added_column color');

CREATE FUNCTION break_and_repair(b broken) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    before text;
    left_over text;
BEGIN
    before := tests.rows_of();
    EXECUTE b.statement;
    RETURN NEXT is(tests.drift('deal'), b.found, b.statement || ': is found');
    BEGIN
        left_over := tests.sync('database', 'deal');
    EXCEPTION WHEN OTHERS THEN left_over := SQLERRM;
    END;
    RETURN NEXT is(left_over, b.remains, b.statement || ': is repaired');
    IF b.remains <> 'all' THEN
        RETURN NEXT is(tests.sync('database', 'deal', true), 'all', b.statement || ': goes when that is allowed');
    END IF;
    RETURN NEXT is(tests.drift('deal'), NULL, b.statement || ': in sync again');
    RETURN NEXT is(tests.rows_of(), before, b.statement || ': with the rows as they were');
END $$;
SELECT break_and_repair(b) FROM broken b ORDER BY n;
SELECT ok(EXISTS (SELECT FROM json_array_elements(pgwright.list_retired()) r WHERE r ->> 'name' = 'color'), 'a column that goes is retired');

-- A table that is gone comes back empty.
ALTER TABLE t_acme.city RENAME TO elsewhere;
SELECT is(drift('city'), 'table_missing city', 'a table that is gone is missing');
ALTER TABLE t_acme.elsewhere RENAME TO city;
SELECT is(drift('city'), NULL, 'and is not when it is back');

-- Rolling back ---------------------------------------------------------------------------------------------

ALTER TABLE t_acme.deal ALTER qty SET DEFAULT 9;
SELECT sync('database', 'deal') \g /dev/null
SELECT is(pgwright.rollback_migration((SELECT m ->> 'id' FROM json_array_elements(pgwright.list_migrations('deal')) WITH ORDINALITY x (m, n) WHERE n = 1)) ->> 'status',
    'rolled_back', 'a synchronisation can be rolled back');
SELECT is((SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
            WHERE adrelid = 't_acme.deal'::regclass AND attname = 'qty'), '9', 'and the table is as it was before');
SELECT pgwright.discard_draft('deal') \g /dev/null

-- The definition follows -----------------------------------------------------------------------------------

CREATE TABLE followed (n serial, statement text, query text, value text, remains text DEFAULT 'all');
INSERT INTO followed (statement, query, value) VALUES
    ('ALTER TABLE t_acme.city ADD COLUMN population integer NOT NULL DEFAULT 7', $$SELECT concat_ws(' ', f ->> 'field_type', f ->> 'is_required', f ->> 'default_value') FROM pgwright.get_field('city', 'population') f$$, 'integer true 7'),
    ('ALTER TABLE t_acme.city ADD COLUMN zip varchar(12)', $$SELECT concat_ws(' ', f ->> 'field_type', f ->> 'max_length') FROM pgwright.get_field('city', 'zip') f$$, 'string 12'),
    ('ALTER TABLE t_acme.city ADD COLUMN area numeric(10,2)', $$SELECT concat_ws(' ', f ->> 'field_type', f ->> 'decimal_places') FROM pgwright.get_field('city', 'area') f$$, 'decimal 2'),
    ('ALTER TABLE t_acme.city ADD COLUMN aliases text[]', $$SELECT concat_ws(' ', f ->> 'field_type', f ->> 'item_type') FROM pgwright.get_field('city', 'aliases') f$$, 'array text'),
    ('ALTER TABLE t_acme.city ALTER population DROP NOT NULL', $$SELECT f ->> 'is_required' FROM pgwright.get_field('city', 'population') f$$, 'false'),
    ('ALTER TABLE t_acme.city ALTER population DROP DEFAULT', $$SELECT f ->> 'default_value' FROM pgwright.get_field('city', 'population') f$$, NULL),
    ('ALTER TABLE t_acme.city ALTER population SET DEFAULT 12', $$SELECT f ->> 'default_value' FROM pgwright.get_field('city', 'population') f$$, '12'),
    ('ALTER TABLE t_acme.city ALTER population TYPE bigint', $$SELECT f ->> 'field_type' FROM pgwright.get_field('city', 'population') f$$, 'biginteger'),
    ('ALTER TABLE t_acme.city DROP CONSTRAINT city_zip_length, ADD CONSTRAINT city_zip_length CHECK (char_length(zip) BETWEEN 2 AND 20)', $$SELECT (f ->> 'min_length') || ' ' || (f ->> 'max_length') FROM pgwright.get_field('city', 'zip') f$$, '2 20'),
    ('CREATE INDEX quick ON t_acme.city (zip, name DESC)', $$SELECT i ->> 'field_names' FROM pgwright.get_index('city', 'quick') i$$, '["zip",{"field":"name","order":"desc"}]'),
    ('DROP INDEX t_acme.city_quick_ix', $$SELECT count(*)::text FROM json_array_elements(pgwright.list_indexes('city'))$$, '0'),
    ('ALTER TABLE t_acme.city DROP COLUMN area', $$SELECT string_agg(f ->> 'name', ' ' ORDER BY f ->> 'name') FROM json_array_elements(pgwright.list_fields('city')) f WHERE NOT (f ->> 'is_system')::boolean$$, 'aliases name population zip');
INSERT INTO followed (statement, query, value, remains) VALUES
    ('ALTER TABLE t_acme.city ADD COLUMN spot point', 'SELECT NULL::text', NULL, 'added_column spot'),
    ('CREATE INDEX odd ON t_acme.city (lower(name))', 'SELECT NULL::text', NULL, 'added_index odd');
SELECT pgwright.create_record('city', '{"name": "Ulm"}') \g /dev/null

CREATE FUNCTION break_and_follow(b followed) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    left_over text;
    found text;
BEGIN
    EXECUTE b.statement;
    RETURN NEXT isnt(tests.drift('city'), NULL, b.statement || ': is found');
    BEGIN
        left_over := tests.sync('definition', 'city');
    EXCEPTION WHEN OTHERS THEN left_over := SQLERRM;
    END;
    RETURN NEXT is(left_over, b.remains, b.statement || ': is taken over');
    EXECUTE b.query INTO found;
    RETURN NEXT is(found, b.value, b.statement || ': the definition says so');
    RETURN NEXT is(tests.drift('city'), NULL, b.statement || ': in sync again');
END $$;
SELECT break_and_follow(b) FROM followed b ORDER BY n;
SELECT is(pgwright.list_records('city') -> 'items' -> 0 ->> 'name', 'Ulm', 'the rows are as they were');
SELECT is(pgwright.create_record('city', '{"name": "Bonn", "zip": "53111", "population": 300000}') -> 'data' ->> 'zip', '53111', 'and new ones have the new fields');

-- What protects the records is never taken over.
ALTER TABLE t_acme.city DISABLE ROW LEVEL SECURITY;
SELECT is(sync('definition', 'city'), 'row_security_disabled city', 'a table without row security is left, not accepted');
SELECT is(drift('city'), 'row_security_disabled city', 'and goes on being told');
SELECT is(sync('database', 'city'), 'all', 'until it is repaired');

-- A publication repairs what it makes, and reports the rest ---------------------------------------------------

SELECT pgwright.create_entity('{"name": "parcel", "fields": [{"name": "code", "field_type": "string", "max_length": 20, "is_indexed": true}, {"name": "weight", "field_type": "integer", "min_value": 0, "default_value": 1}]}') \g /dev/null
SELECT pgwright.publish_entity('parcel') \g /dev/null
ALTER TABLE t_acme.parcel DROP CONSTRAINT parcel_code_length, ADD CONSTRAINT parcel_code_length CHECK (char_length(code) <= 500);
ALTER POLICY pgwright_select ON t_acme.parcel USING (true);
DROP TRIGGER pgwright_stamp_record ON t_acme.parcel;
CREATE TRIGGER pgwright_stamp_record BEFORE UPDATE ON t_acme.parcel FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
DROP INDEX t_acme.parcel_code_idx;
CREATE INDEX parcel_code_idx ON t_acme.parcel (weight);
ALTER TABLE t_acme.parcel ALTER weight SET DEFAULT 9;
CREATE TRIGGER extra BEFORE UPDATE ON t_acme.parcel FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE TEMP TABLE known AS SELECT drift('parcel') AS before;
SELECT is(before, 'added_trigger extra; changed_constraint parcel_code_length; changed_default weight; changed_index parcel_code_idx; changed_policy pgwright_select; changed_trigger pgwright_stamp_record', 'a drifted table') FROM known;
SELECT pgwright.create_field('parcel', '{"name": "color", "field_type": "string"}') \g /dev/null
SELECT is(pgwright.publish_entity('parcel') ->> 'status', 'completed', 'that something else is published of');
SELECT is(drift('parcel'), before, 'has drifted as before') FROM known;
SELECT pgwright.update_field('parcel', 'code', '{"max_length": 30}') \g /dev/null
SELECT pgwright.publish_entity('parcel') \g /dev/null
SELECT is(drift('parcel'), 'added_trigger extra; changed_default weight; changed_index parcel_code_idx; changed_policy pgwright_select; changed_trigger pgwright_stamp_record', 'what a publication makes anew is in step again');
SELECT pgwright.update_field('parcel', 'code', '{"name": "mark"}') \g /dev/null
SELECT pgwright.publish_entity('parcel') \g /dev/null
SELECT is(drift('parcel'), 'added_trigger extra; changed_default weight; changed_index parcel_mark_idx; changed_policy pgwright_select; changed_trigger pgwright_stamp_record', 'what is only renamed is not');
SELECT is(pgwright.rollback_migration((SELECT m ->> 'id' FROM json_array_elements(pgwright.list_migrations('parcel')) WITH ORDINALITY x (m, n) WHERE n = 1)) ->> 'status', 'rolled_back', 'nor is it by');
SELECT is(drift('parcel'), 'added_trigger extra; changed_default weight; changed_index parcel_code_idx; changed_trigger pgwright_stamp_record', 'a rollback, which makes the policies as the security tables say');
SELECT pgwright.discard_draft('parcel') \g /dev/null
SELECT is(sync('database', 'parcel', true), 'all', 'the synchronisation repairs it');
SELECT is(drift('parcel'), NULL, 'all');

-- A table that is gone comes back, and the way back of that retires it.
DROP TABLE t_acme.parcel;
SELECT is(drift('parcel'), 'table_missing parcel', 'a table that was dropped');
SELECT is(sync('definition', 'parcel'), 'table_missing parcel', 'is no definition''s end');
SELECT is(sync('database', 'parcel'), 'all', 'it is made again');
SELECT is(drift('parcel'), NULL, 'as its definition says');
SELECT is(pgwright.create_record('parcel', '{"code": "x"}') -> 'data' ->> 'weight', '1', 'and takes records');
SELECT is(pgwright.rollback_migration((SELECT m ->> 'id' FROM json_array_elements(pgwright.list_migrations('parcel')) WITH ORDINALITY x (m, n) WHERE n = 1)) ->> 'status', 'rolled_back', 'the way back');
SELECT is(drift('parcel'), 'table_missing parcel', 'takes it away');
SELECT is((SELECT count(*)::int FROM json_array_elements(pgwright.list_retired()) r WHERE r ->> 'kind' = 'table' AND r ->> 'status' = 'retired'), 1, 'and retires it');
SELECT is((SELECT string_agg(p ->> 'kind' || ' ' || (p ->> 'purged'), ', ') FROM json_array_elements(pgwright.purge_retired('0 seconds')) p WHERE p ->> 'kind' = 'table'), 'table true', 'until it is purged');
SELECT is((SELECT count(*)::int FROM pg_tables WHERE schemaname = 'pgwright_retired'), 0, 'for good');
SELECT pgwright.discard_draft('parcel') \g /dev/null
SELECT is(sync('database', 'parcel'), 'all', 'and it is made once more');

-- Imported relations ------------------------------------------------------------------------------------------

CREATE TABLE t_acme.old (n integer PRIMARY KEY, v text, w integer);
SELECT pgwright.import_entity('t_acme.old') \g /dev/null
SELECT is(drift('old'), NULL, 'what was just imported is in sync');
ALTER TABLE t_acme.old DROP COLUMN w;
ALTER TABLE t_acme.old ADD COLUMN x date;
ALTER TABLE t_acme.old ALTER v SET NOT NULL;
ALTER TABLE t_acme.old ALTER v TYPE varchar(9);
ALTER TABLE t_acme.old DROP CONSTRAINT old_pkey;
ALTER TABLE t_acme.old DISABLE ROW LEVEL SECURITY;
DROP POLICY pgwright_others ON t_acme.old;
ALTER POLICY pgwright_select ON t_acme.old USING (true);
SELECT is(drift('old'), 'added_column x; changed_key old; changed_nullability v; changed_policy pgwright_select; changed_type v; missing_column w; missing_policy pgwright_others; row_security_disabled old',
    'what became of the relation is found');
SELECT is(sync('database', 'old'), 'changed_key old; changed_nullability v; changed_type v; missing_column w; added_column x', 'its protection is repaired, the rest is left');
SELECT is(drift('old'), 'added_column x; changed_key old; changed_nullability v; changed_type v; missing_column w', 'and goes on being told');

-- Dry runs, drafts, rights -----------------------------------------------------------------------------------

DROP INDEX t_acme.deal_title_idx;
SELECT is(pgwright.sync_schema('database', 'deal', true) -> 'entities' -> 0 -> 'synchronised' -> 0 ->> 'kind', 'missing_index', 'a dry run tells what it would do');
SELECT alike(pgwright.sync_schema('database', 'deal', true) -> 'entities' -> 0 -> 'changes' -> 0 ->> 'up', '%CREATE INDEX "deal_title_idx"%', 'in SQL');
SELECT is(drift('deal'), 'missing_index deal_title_idx', 'and does nothing');
SELECT pgwright.update_field('deal', 'notes', '{"label": "Remarks"}') \g /dev/null
SELECT is(error_of($$SELECT pgwright.sync_schema('definition', 'deal')$$) ->> 'sqlstate', 'PW409', 'an open draft keeps the definition from following');
SELECT is(sync('database', 'deal'), 'all', 'but not the database');
SELECT is(pgwright.get_field('deal', 'notes', 'draft') ->> 'label', 'Remarks', 'the draft stays');
SELECT is(pgwright.publish_entity('deal') ->> 'status', 'completed', 'and can be published');
SELECT is(faults_of($$SELECT pgwright.sync_schema('sideways')$$), 'PW400 direction: must be database or definition', 'there are two directions');
SELECT is(state_of($$SELECT pgwright.analyze_schema('nope')$$), 'PW404', 'an entity that is not there');
SELECT ok(EXISTS (SELECT FROM pgwright.schema_backups WHERE is_automatic), 'each synchronisation made a backup');
SELECT ok(EXISTS (SELECT FROM pgwright.schema_ops WHERE op_type = 'sync_schema'), 'and is in the log');
SELECT become('bob') \g /dev/null
SELECT is(pgwright.analyze_schema() #>> '{entities}', '[]', 'another tenant sees none of it');
SELECT is(state_of($$SELECT pgwright.analyze_schema('deal')$$), 'PW404', 'by no name');
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT pgwright.analyze_schema()$$), 'PW401', 'nobody is told nothing');
SELECT is(state_of($$SELECT pgwright.sync_schema('database')$$), 'PW401', 'and may repair nothing');

SELECT * FROM finish();
