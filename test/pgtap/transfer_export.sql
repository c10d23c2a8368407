-- Exports: what comes out, in every format, whose right it is, that it can be imported again, and that no
-- memory gathers.
\ir setup.psql
SELECT plan(41);
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('dan', 'acme', 'data_manager') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "maker", "fields": [{"name": "title", "field_type": "string"}]}') \g /dev/null
CREATE FUNCTION item_definition(name text) RETURNS json LANGUAGE sql AS $$ SELECT json_build_object('name', name, 'fields', json '[
    {"name": "title", "field_type": "string"}, {"name": "body", "field_type": "text"}, {"name": "stock", "field_type": "integer", "default_value": 7},
    {"name": "big", "field_type": "biginteger"}, {"name": "ratio", "field_type": "decimal"}, {"name": "price", "field_type": "currency"},
    {"name": "share", "field_type": "percentage"}, {"name": "active", "field_type": "boolean"}, {"name": "born", "field_type": "date"},
    {"name": "seen", "field_type": "datetime"}, {"name": "opens", "field_type": "time"}, {"name": "mail", "field_type": "email"},
    {"name": "link", "field_type": "url"}, {"name": "phone", "field_type": "phone"}, {"name": "extra", "field_type": "json"},
    {"name": "code", "field_type": "uuid"}, {"name": "maker", "field_type": "lookup", "reference_entity": "maker"},
    {"name": "tags", "field_type": "array", "item_type": "string"}, {"name": "nums", "field_type": "array", "item_type": "decimal"},
    {"name": "days", "field_type": "array", "item_type": "datetime"}, {"name": "kind", "field_type": "enum", "allowed_values": ["new", "old; used"]},
    {"name": "note", "field_type": "rich_text"}, {"name": "doc", "field_type": "file"},
    {"name": "worth", "field_type": "decimal", "is_calculated": true, "calculation_formula": "price * stock"}]') $$;
SELECT pgwright.publish_entity('maker') \g /dev/null
SELECT pgwright.create_entity(item_definition(n)), pgwright.publish_entity(n) FROM unnest('{item,twin}'::text[]) n \g /dev/null
SELECT pgwright.create_record('maker', '{"title": "Oak"}') ->> 'id' AS maker \gset
SELECT pgwright.create_file('{"name": "a.txt", "content_type": "text/plain"}') ->> 'id' AS file \gset
SELECT pgwright.create_record('item', json_build_object('title', E' "Quoted", \r\n\'quoted\'; |\t\\N', 'body', '', 'stock', -5, 'big', 9007199254740993, 'ratio', 0.000000000000000000001, 'price', 12.50,
    'share', 99.99, 'active', false, 'born', '0001-01-01', 'seen', '9999-12-31T23:59:59.999999Z', 'opens', '23:59:59.5', 'mail', 'a+b@example.org',
    'link', 'https://example.org/?a=1&b=,2', 'phone', '+49 30 123', 'extra', json '{"a": [1.50, null, "x\"y"], "b": {}}', 'code', '0190A6F0-7b3c-7def-8123-456789abcdef',
    'maker', :'maker', 'tags', json '["a,b", "c\"d", ""]', 'nums', json '[1.50, -2]', 'days', json '["2024-01-01T00:00:00Z"]', 'kind', 'old; used', 'note', '<p>a &amp; b</p>', 'doc', :'file')) \g /dev/null
SELECT pgwright.create_record('item', '{"title": "nulls", "stock": null}') \g /dev/null
SELECT pgwright.create_record('item', json_build_object('title', '=1+1', 'body', E'line\nbreak', 'tags', json '[]', 'extra', json '"text"', 'active', true, 'seen', '2024-02-29T10:00:00+05:30')) \g /dev/null

CREATE FUNCTION export(entity text, format text DEFAULT 'csv', columns text DEFAULT NULL, filters json DEFAULT NULL, sort text DEFAULT NULL, options json DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(p, ''), '') FROM (SELECT pgwright.export_records(entity, format, columns, filters, sort, options) p) x
$$;
CREATE FUNCTION contents(entity text) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT to_jsonb(r) - ''{id,created_at,updated_at,created_by,updated_by}''::text[] FROM t_acme.%I r', entity);
END $$;

-- Formats ---------------------------------------------------------------------------------------------------------

SELECT is(export('item', 'csv', '["title","stock","active"]', sort => 'title'), E'title,stock,active\r\n" ""Quoted"", \r\n''quoted''; |\t\\N",-5,false\r\n=1+1,7,true\r\nnulls,,\r\n', 'CSV');
SELECT is(export('item', 'csv', '["title","body"]', '{"title": "nulls"}', options => '{"header": false, "null_text": "NULL", "delimiter": ";"}'), E'nulls;NULL\r\n', 'with options');
SELECT is(export('item', 'csv', '["title"]', '{"title": "=1+1"}', options => '{"escape_formulas": true, "bom": true}'), E'\uFEFFtitle\r\n"''=1+1"\r\n', 'formulas are disarmed where that is asked for');
SELECT is(export('item', 'csv', '["body"]', '{"body": ""}'), E'body\r\n""\r\n', 'an empty text is not no value');
SELECT is(export('item', 'jsonl', '["title","nums"]', sort => '-title'), E'{"title":"nulls","nums":null}\n{"title":"=1+1","nums":null}\n{"title":" \\"Quoted\\", \\r\\n''quoted''; |\\t\\\\N","nums":[1.50,-2]}\n', 'JSON lines');
SELECT is(export('item', 'json', '["title"]', '{"title": "nulls"}'), E'[\n{"title":"nulls"}\n]\n', 'JSON');
SELECT is(export('item', 'json', '["title"]', '{"title": "none"}'), E'[\n]\n', 'of no records');
SELECT is(json_array_length(export('item', 'json')::json), 3, 'is one document');
SELECT is(export('item', 'xml', '["title","stock","body"]', '{"title": "=1+1"}'), E'<?xml version="1.0" encoding="UTF-8"?>\n<records entity="item">\n<record><field name="title">=1+1</field><field name="stock">7</field><field name="body">line&#10;break</field></record>\n</records>\n', 'XML');
SELECT is(xpath('count(//record)', export('item', 'xml')::xml)::text, '{3}', 'is well-formed');
SELECT ok((SELECT string_agg(p, '') FROM (SELECT pgwright.export_file('item', 'xlsx') p) x) LIKE E'PK\\003\\004%'::bytea, 'XLSX is an archive');
SELECT is((SELECT count(*) FROM (SELECT pgwright.export_file('item') p) x WHERE convert_from(p, 'UTF8') LIKE 'id,title,%'), 1::bigint, 'bytes are the same file');
SELECT is((SELECT convert_from(p, 'UTF8')::jsonb FROM (SELECT pgwright.http_export('item') p) x LIMIT 1),
    '{"status": 200, "headers": {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": "attachment; filename=\"item.csv\""}}', 'an HTTP answer has its head first');

-- There and back ----------------------------------------------------------------------------------------------------

SELECT is(pgwright.import_records('twin', convert_to(export('item'), 'UTF8'), 'x.csv') ->> 'successful_rows', '3', 'CSV is imported again');
SELECT results_eq($$SELECT * FROM contents('twin') ORDER BY 1$$, $$SELECT * FROM contents('item') ORDER BY 1$$, 'and every value of every type is the same');
TRUNCATE t_acme.twin;
SELECT is(pgwright.import_records('twin', convert_to(export('item', 'jsonl'), 'UTF8'), 'x.jsonl') ->> 'successful_rows', '3', 'so are JSON lines');
SELECT results_eq($$SELECT * FROM contents('twin') ORDER BY 1$$, $$SELECT * FROM contents('item') ORDER BY 1$$, 'with every value');
TRUNCATE t_acme.twin;
SELECT is(pgwright.import_records('twin', convert_to(export('item', 'json'), 'UTF8'), 'x.json') ->> 'successful_rows', '3', 'and JSON');
SELECT results_eq($$SELECT * FROM contents('twin') ORDER BY 1$$, $$SELECT * FROM contents('item') ORDER BY 1$$, 'with every value');
SET DateStyle = 'German, DMY'; SET TimeZone = 'Asia/Kathmandu'; SET IntervalStyle = 'sql_standard'; SET extra_float_digits = -10;
CREATE TABLE odd AS SELECT export('item', sort => 'title') AS text;
RESET DateStyle; RESET TimeZone; RESET IntervalStyle; RESET extra_float_digits;
SELECT is((SELECT text FROM odd), export('item', sort => 'title'), 'no setting of the session changes a file');

-- Faults --------------------------------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT tests.export('item', 'doc')$$), 'PW400 format: must be one of: csv, json, jsonl, xml, xlsx', 'a format there is not');
SELECT is(faults_of($$SELECT tests.export('item', 'xlsx')$$), 'PW400 format: is not text', 'nor is XLSX text');
SELECT is(faults_of($$SELECT tests.export('item', columns => '["title","nope","title"]', options => '{"delimiter": "\n", "x": 1}')$$),
    'PW400 options.x: is not an option; options.delimiter: must be one ASCII character, no quote or line break; columns[1]: nope is not a field of item; columns[2]: title is chosen already', 'faults come together');
SELECT is(faults_of($$SELECT tests.export('item', columns => '[]')$$), 'PW400 columns: must be an array of fields'' names', 'no columns is no choice');
SELECT is(state_of($$SELECT tests.export('item', filters => '{"nope": 1}')$$), 'PW400', 'filters are checked');
SELECT is(state_of($$SELECT tests.export('item', sort => 'extra')$$), 'PW400', 'so is the order');
SELECT is(state_of($$SELECT tests.export('nothing')$$), 'PW404', 'an entity there is not');
SELECT is(state_of($$SELECT pgwright.export_records('item') LIMIT 0$$), 'ok', 'an export that nobody reads');

-- Whose right it is ---------------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT is(state_of($$SELECT tests.export('item')$$), 'PW403', 'a member reads and does not export');
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT tests.export('item')$$), 'PW401', 'nobody does not');
SELECT become('rob') \g /dev/null
SELECT is(state_of($$SELECT tests.export('item')$$), 'PW404', 'another tenant does not know of it');
SELECT become('dan') \g /dev/null
SELECT pgwright.create_record('item', '{"title": "of dan"}') \g /dev/null
SELECT is(json_array_length(export('item', 'json')::json), 4, 'a data manager exports');
SELECT become('ann') \g /dev/null
SELECT pgwright.create_record('roles', '{"name": "taker", "label": "Taker"}') ->> 'id' AS role \gset
SELECT pgwright.create_record('role_permissions', json_build_object('role_id', :'role', 'resource', 'item', 'action', a, 'scope', s)) FROM (VALUES ('read', 'tenant'), ('export', 'own'), ('create', 'tenant')) v (a, s) \g /dev/null
SELECT add_actor('tim', 'acme', 'taker') \g /dev/null
SELECT become('tim') \g /dev/null
SELECT pgwright.create_record('item', '{"title": "of tim"}') \g /dev/null
SELECT is((pgwright.list_records('item') ->> 'total')::int, 5, 'who reads all');
SELECT is(export('item', 'csv', '["title"]'), E'title\r\nof tim\r\n', 'and may export his own gets these');
SELECT become('ann') \g /dev/null
CREATE FUNCTION field_rule(role uuid, field text, mode text) RETURNS json LANGUAGE sql AS $$
    SELECT pgwright.create_record('field_rules', json_build_object('role_id', role, 'entity_id', e.id, 'field_id', f.id, 'mode', mode, 'mask', CASE mode WHEN 'masked' THEN 'last4' END))
      FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id WHERE e.name = 'item' AND f.name = field $$;
SELECT field_rule(:'role', 'stock', 'hidden'), field_rule(:'role', 'title', 'masked') \g /dev/null
SELECT become('tim') \g /dev/null
SELECT matches(export('item', 'csv', '["title"]'), '^title\r\n"?\*+ tim"?\r\n$', 'what is masked is exported as its mask');
SELECT is(faults_of($$SELECT tests.export('item', columns => '["stock"]')$$), 'PW400 columns[0]: stock is not a field of item', 'what is hidden does not exist');
SELECT ok(export('item', 'csv') NOT LIKE '%stock%', 'and is not among all columns');
SELECT become('ann') \g /dev/null
SELECT is((SELECT string_agg(file_format, ' ' ORDER BY file_format) FROM pgwright.export_jobs j WHERE j.user_id = (SELECT user_id FROM actor WHERE name = 'tim')), 'csv csv csv', 'who took what is kept');
SELECT is((pgwright.list_records('export_jobs', filters => '{"row_count": 5}') ->> 'total')::int, 0, 'and served');

-- Memory ---------------------------------------------------------------------------------------------------------------

INSERT INTO t_acme.maker (title) SELECT repeat('x', 200) || i FROM generate_series(1, 60000) i;
CREATE FUNCTION used() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts $$;
SELECT count(p) FROM (SELECT pgwright.export_records('maker', filters => '{"title": "Oak"}') p) x \g /dev/null
CREATE TEMPORARY TABLE memory AS SELECT 0::bigint AS bytes, 0 AS parts LIMIT 0;
DO $$
DECLARE
    part text; before bigint := tests.used(); highest bigint := 0; parts integer := 0; bytes bigint := 0;
BEGIN
    FOR part IN SELECT pgwright.export_records('maker', 'jsonl') LOOP
        parts := parts + 1;
        bytes := bytes + length(part);
        highest := greatest(highest, tests.used() - before);
    END LOOP;
    INSERT INTO memory VALUES (highest, parts);
END $$;
SELECT ok(parts > 200, 'a large export comes in parts') FROM memory;
SELECT cmp_ok(bytes, '<', 4000000::bigint, 'and takes no memory of its size') FROM memory;

SELECT * FROM finish();
