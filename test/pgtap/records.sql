-- Records through the record functions: shapes, values, paging, sorting, filters and faults.
\ir setup.psql
SELECT plan(91);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "company", "default_sort_field": "title", "default_sort_order": "DESC", "fields": [
    {"name": "title", "field_type": "string", "is_required": true, "is_unique": true},
    {"name": "size", "field_type": "integer", "min_value": 0},
    {"name": "code", "field_type": "string", "is_readonly": true, "default_value": "C"},
    {"name": "parent", "field_type": "lookup", "reference_entity": "company"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "kinds", "supports_soft_delete": false, "fields": [
    {"name": "s", "field_type": "string"}, {"name": "i", "field_type": "integer"}, {"name": "b", "field_type": "biginteger"},
    {"name": "d", "field_type": "decimal"}, {"name": "f", "field_type": "boolean"}, {"name": "day", "field_type": "date"},
    {"name": "at", "field_type": "datetime"}, {"name": "t", "field_type": "time"}, {"name": "j", "field_type": "json"}, {"name": "u", "field_type": "uuid"}]}') \g /dev/null
SELECT pgwright.publish_entity(e) FROM unnest('{company,kinds}'::text[]) e \g /dev/null

CREATE FUNCTION create_fault(entity text, data text) RETURNS text LANGUAGE sql AS $$ SELECT tests.faults_of(format('SELECT pgwright.create_record(%L, %L)', entity, data)) $$;

-- Shapes ----------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('company', '{"title": "Acme"}') AS acme \gset
SELECT :'acme'::json ->> 'id' AS id \gset
SELECT is((SELECT array_agg(k) FROM json_object_keys(:'acme') k), '{id,data}', 'create_record() answers {"id","data"}');
SELECT is((:'acme'::jsonb -> 'data') - '{created_at,updated_at}'::text[], jsonb_build_object('id', :'id', 'title', 'Acme', 'size', NULL, 'code', 'C', 'parent', NULL,
    'created_by', (SELECT user_id FROM actor WHERE name = 'ann'), 'updated_by', (SELECT user_id FROM actor WHERE name = 'ann')),
    'data has every field, defaults and stamps');
SELECT is(substr(:'id', 15, 1), '7', 'ids are time-ordered: UUID version 7');
SELECT is(pgwright.get_record('company', :'id')::jsonb, :'acme'::jsonb, 'get_record() answers the same');
SELECT is(pgwright.get_record((SELECT id::text FROM pgwright.entity_definitions WHERE name = 'company'), :'id')::jsonb, :'acme'::jsonb, 'an entity may be named by its id');
SELECT is(pgwright.list_records('company')::jsonb, jsonb_build_object('items', jsonb_build_array(:'acme'::jsonb -> 'data'), 'total', 1, 'page', 1, 'page_size', 25, 'pages', 1),
    'list_records() answers {"items","total","page","page_size","pages"}');
SELECT pg_sleep(0.002) \g /dev/null
SELECT pgwright.update_record('company', :'id', '{"size": 5}') AS changed \gset
SELECT is((:'changed'::jsonb -> 'data') - 'updated_at', (:'acme'::jsonb -> 'data') - 'updated_at' || '{"size": 5}', 'update_record() changes what was given');
SELECT ok((:'changed'::json -> 'data' ->> 'updated_at')::timestamptz > (:'acme'::json -> 'data' ->> 'updated_at')::timestamptz, 'and the time of it');
SELECT is(pgwright.update_record('company', :'id', '{}')::jsonb, :'changed'::jsonb, 'an update of nothing answers the record as it is');
SELECT is(pgwright.update_record('company', :'id', '{"size": null}') -> 'data' ->> 'size', NULL, 'null takes a value away');
SELECT is(pgwright.bulk_create_records('company', '[{"title": "B"}, {"size": 3, "title": "C"}]')::jsonb - 'ids', '{"created": 2, "failed": 0, "errors": []}', 'bulk_create_records() counts');
SELECT matches(:'acme'::json -> 'data' ->> 'created_at', '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$', 'a time is ISO 8601 with its offset');

-- Values ------------------------------------------------------------------------------------------------------

SET timezone = 'Asia/Kolkata'; SET datestyle = 'German'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = -5; SET bytea_output = 'escape';
SELECT is(pgwright.create_record('kinds', '{"s": "Zürich \ud83d\ude00 \"quoted\" \\ \u0001\n", "i": -7, "b": 9007199254740993, "d": 1.50, "f": true, "day": "2024-02-29",
        "at": "2024-02-29T12:00:00.5+05:30", "t": "07:08:09", "j": {"n": 1.50, "big": 12345678901234567890, "a": [null, "ü"]}, "u": "0189AAAA-bbbb-7ccc-8ddd-eeeeffff0000"}') ->> 'data'
        LIKE '{"id":"________-____-7___-____-____________","s":"Zürich 😀 \\"quoted\\" \\\\ \\u0001\\n","i":-7,"b":9007199254740993,"d":1.50,"f":true,"day":"2024-02-29",'
             '"at":"2024-02-29T06:30:00.500000Z","t":"07:08:09","j":{"a": [null, "ü"], "n": 1.50, "big": 12345678901234567890},"u":"0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000",%', true,
    'values are written as they were given, whatever the session''s settings');
RESET timezone; RESET datestyle; RESET intervalstyle; RESET extra_float_digits; RESET bytea_output;
SELECT matches(pgwright.create_record('kinds', '{"b": 9007199254740993, "d": 1.50}') -> 'data' ->> 'd', '^1\.50$', 'a decimal keeps its digits');
SELECT is(pgwright.list_records('kinds', filters => '{"b": 9007199254740993}') ->> 'total', '2', 'a number beyond a double''s is found by its digits');
SELECT is(pgwright.list_records('kinds', filters => '{"b": "9007199254740993", "d": "1.5"}') ->> 'total', '2', 'also as a string, also with other digits of the same value');
SELECT is(pgwright.list_records('kinds', filters => '{"b": 9007199254740992}') ->> 'total', '0', 'and not by its neighbour''s');
SELECT is(pgwright.list_records('kinds', filters => '{"at": "2024-02-29T06:30:00.5Z"}') ->> 'total', '1', 'a time is found in another zone');
SELECT is(pgwright.create_record('kinds', '{"s": ""}') -> 'data' ->> 's', '', 'an empty text is no null');
SELECT is(create_fault('kinds', '{"s": "a\u0000b"}') LIKE 'PW400%', true, 'a zero byte, which the server cannot keep, is refused');

-- Faults ------------------------------------------------------------------------------------------------------

SELECT is(create_fault('company', '{"size": -1, "colour": "red", "id": "x", "code": "D", "created_by": null}'),
    'PW400 size: must be at least 0; colour: is not a field of company; id: is read-only; code: is read-only; created_by: is read-only; title: is required',
    'every fault of a record is told');
SELECT is(create_fault('company', data), fault, format('%s: %s', data, fault)) FROM (VALUES
    (1, '{"title": null}', 'PW400 title: is required'),
    (2, '{"title": 5}', 'PW400 title: must be text'),
    (3, '{"title": "x", "size": "many"}', 'PW400 size: must be an integer'),
    (4, '{"title": "x", "size": 1.5}', 'PW400 size: must be an integer'),
    (5, '{"title": "x", "size": 2147483648}', 'PW400 size: must be an integer from -2147483648 to 2147483647'),
    (6, '{"title": "x", "parent": "7"}', 'PW400 parent: must be a UUID'),
    (7, '{"title": "Acme"}', 'PW409 title: must be unique'),
    (8, '{"title": "x", "parent": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}', 'PW409 parent: refers to a record that does not exist'),
    (9, '[]', 'PW400 : must be an object'),
    (10, '{"deleted_at": "2024-01-01T00:00:00Z", "title": "x"}', 'PW400 deleted_at: is not a field of company')) AS f (n, data, fault) ORDER BY n;
SELECT matches(error_of($$SELECT pgwright.create_record('company', '{"title": "x", "title": "y"}')$$) ->> 'message', 'title', 'a member given twice is named');
SELECT is(state_of(format('SELECT pgwright.get_record(%L, %L)', 'company', id)), state, format('get_record(%L) is %s', id, state))
  FROM (VALUES (1, '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', 'PW404'), (2, 'seven', 'PW400'), (3, '', 'PW400')) AS i (n, id, state) ORDER BY n;
SELECT is(faults_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'company', :'id', '{"title": null, "created_at": null}')), 'PW400 title: is required; created_at: is read-only', 'an update is checked too');
SELECT is(faults_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'company', :'id', '{"title": "B"}')), 'PW409 title: must be unique', 'an update meets the unique value of another');
SELECT is(state_of($$SELECT pgwright.update_record('company', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', '{"size": 1}')$$), 'PW404', 'no record, no update');
SELECT is(state_of($$SELECT pgwright.delete_record('company', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000')$$), 'PW404', 'no record, no delete');
SELECT is(state_of($$SELECT pgwright.list_records('nothing')$$), 'PW404', 'no entity, no list');
SELECT is(pgwright.list_records('company') ->> 'total', '3', 'nothing of the refused is there');

-- Paging and sorting --------------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "item", "fields": [{"name": "n", "field_type": "integer"}, {"name": "g", "field_type": "string"}, {"name": "w", "field_type": "decimal"}, {"name": "j", "field_type": "json"}]}') \g /dev/null
SELECT pgwright.publish_entity('item') \g /dev/null
-- n 1 to 30; g a, b, c in turns, null for every tenth; w falls, null for 1 and 2
SELECT pgwright.bulk_create_records('item', json_agg(json_build_object('n', n, 'g', CASE WHEN n % 10 <> 0 THEN substr('abc', n % 3 + 1, 1) END,
    'w', CASE WHEN n > 2 THEN 100 - n END) ORDER BY n)) FROM generate_series(1, 30) n \g /dev/null
CREATE FUNCTION listed(sort text DEFAULT NULL, filters text DEFAULT NULL, page int DEFAULT 1, page_size int DEFAULT 100) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(i ->> 'n', '-'), ' ' ORDER BY o)
      FROM json_array_elements(pgwright.list_records('item', page, page_size, sort, filters::json) -> 'items') WITH ORDINALITY x (i, o)
$$;
SELECT is(listed(page_size => 5), '1 2 3 4 5', 'without a sort order records come as they were made');
SELECT is(listed(page => 6, page_size => 5), '26 27 28 29 30', 'the last page');
SELECT is(pgwright.list_records('item', 7, 5)::jsonb, '{"items": [], "total": 30, "page": 7, "page_size": 5, "pages": 6}', 'beyond the end a page is empty, and the total is right');
SELECT is(pgwright.list_records('item', 2, 7)::jsonb - 'items', '{"total": 30, "page": 2, "page_size": 7, "pages": 5}', 'pages are rounded up');
SELECT is(pgwright.list_records('item', filters => '{"n": 99}')::jsonb, '{"items": [], "total": 0, "page": 1, "page_size": 25, "pages": 0}', 'nothing found, no page');
SELECT is((SELECT string_agg(listed('g', NULL, p, 4), ' ' ORDER BY p) FROM generate_series(1, 8) p), listed('g'), 'pages of records that tie neither repeat nor lose one');
SELECT is(listed('n:desc', page_size => 3), '30 29 28', 'sort: n:desc');
SELECT is(listed('-n', page_size => 3), '30 29 28', 'sort: -n');
SELECT is(listed('g:asc,n:desc', page_size => 4), '27 24 21 18', 'sort on two fields');
SELECT is(listed('g:desc,w:asc', page_size => 4), '29 26 23 17', 'in two directions');
SELECT is(listed('g', page => 10, page_size => 3), '10 20 30', 'nulls come last');
SELECT is(listed('w:desc', page => 10, page_size => 3), '30 2 1', 'also in the other direction; ties follow it');
SELECT is((SELECT string_agg(i ->> 'title', ' ' ORDER BY o) FROM json_array_elements(pgwright.list_records('company') -> 'items') WITH ORDINALITY x (i, o)), 'C B Acme', 'an entity may have an order of its own');
SELECT is(faults_of(format('SELECT pgwright.list_records(%L, %s)', 'item', arguments)), fault, format('list_records(%s): %s', arguments, fault)) FROM (VALUES
    (1, 'page => 0', 'PW400 page: must be at least 1'),
    (2, 'page => -1, page_size => 101', 'PW400 page: must be at least 1; page_size: must be at most 100'),
    (3, 'page_size => 0', 'PW400 page_size: must be at least 1'),
    (4, 'sort => ''n:up''', 'PW400 sort: the order of "n" must be asc or desc'),
    (5, 'sort => ''none''', 'PW400 sort: unknown field "none"'),
    (6, 'sort => ''n,n''', 'PW400 sort: "n" is repeated'),
    (7, 'sort => ''j''', 'PW400 sort: "j" cannot be sorted by'),
    (8, 'sort => ''n; DROP TABLE t_acme.item''', 'PW400 sort: unknown field "n; DROP TABLE t_acme.item"'),
    (9, 'filters => ''{"none": 1}''', 'PW400 filters.none: unknown field'),
    (10, 'filters => ''{"n": "x"}''', 'PW400 filters.n: must be an integer'),
    (11, 'filters => ''7''', 'PW400 filters: must be an object'),
    (12, 'filters => ''{"operator": "XOR", "conditions": [{"field": "n", "operator": "near", "value": 1}, {"field": "j", "operator": "eq", "value": 1}]}''',
        'PW400 filters.operator: must be AND, OR or NOT; filters.conditions[0].operator: unknown operator; filters.conditions[1].operator: eq does not apply to fields of type json')) AS l (n, arguments, fault) ORDER BY n;

-- Conditions ----------------------------------------------------------------------------------------------------

SELECT is(listed('n', filters), expected, filters) FROM (VALUES
    (1, '{"g": "a", "n": 3}', '3'),
    (2, '{"g": null}', '10 20 30'),
    (3, '{"field": "n", "operator": "lte", "value": 3}', '1 2 3'),
    (4, '{"field": "n", "operator": "gt", "value": 28}', '29 30'),
    (5, '{"operator": "AND", "conditions": [{"field": "n", "operator": "gte", "value": 5}, {"field": "n", "operator": "lt", "value": 7}]}', '5 6'),
    (6, '{"operator": "or", "conditions": [{"field": "n", "operator": "eq", "value": 1}, {"field": "w", "operator": "eq", "value": 70.0}]}', '1 30'),
    (7, '{"operator": "AND", "conditions": [{"field": "n", "operator": "lt", "value": 12}, {"operator": "NOT", "conditions": [{"field": "g", "operator": "in", "value": ["a", "b"]}]}]}', '2 5 8 10 11'),
    (8, '{"operator": "AND", "conditions": [{"field": "n", "operator": "gt", "value": 27}, {"field": "g", "operator": "ne", "value": "a"}]}', '28 29 30'),
    (9, '{"operator": "AND", "conditions": [{"field": "n", "operator": "gt", "value": 27}, {"field": "g", "operator": "not_in", "value": ["b", "c"]}]}', '30'),
    (10, '{"field": "g", "operator": "is_null"}', '10 20 30'),
    (11, '{"operator": "AND", "conditions": [{"field": "w", "operator": "is_not_null"}, {"field": "n", "operator": "in", "value": [1, 2, 3]}]}', '3'),
    (12, '{"operator": "AND", "conditions": [{"field": "g", "operator": "contains", "value": "A"}, {"field": "n", "operator": "lt", "value": 7}]}', '3 6'),
    (13, '{"field": "g", "operator": "starts_with", "value": "%"}', NULL),
    (14, '{"field": "g", "operator": "ends_with", "value": "_"}', NULL),
    (15, '{"field": "n", "operator": "in", "value": []}', NULL),
    (16, '{"field": "g", "operator": "eq", "value": "a'' OR 1=1 --"}', NULL)) AS c (n, filters, expected) ORDER BY n;

-- Bulk ----------------------------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT pgwright.bulk_create_records('company', '[{"title": "New"}, {"size": "x"}, {"title": "New 2", "colour": 1}]')$$),
    'PW400 [1] size: must be an integer; [1] title: is required; [2] colour: is not a field of company', 'faults of a bulk tell the record''s index');
SELECT is(faults_of($$SELECT pgwright.bulk_create_records('company', '[{"title": "New"}, {"title": "Acme"}]')$$), 'PW409 [1] title: must be unique', 'a conflict refuses them all');
SELECT is(pgwright.list_records('company') ->> 'total', '3', 'none of them is there');
SELECT is(faults_of($$SELECT pgwright.bulk_create_records('company', '[]')$$), 'PW400 records: must hold at least one record', 'no records, no bulk');
SELECT is(faults_of($$SELECT pgwright.bulk_create_records('company', '{}')$$), 'PW400 records: must be an array', 'nor an object');
SELECT is(faults_of(format('SELECT pgwright.bulk_create_records(%L, %L)', 'item', (SELECT json_agg('{}'::json) FROM generate_series(1, 1001)))), 'PW400 records: must hold at most 1000 records', '1,001 are too many');
SELECT pgwright.bulk_create_records('item', (SELECT json_agg(json_build_object('n', n) ORDER BY n) FROM generate_series(1001, 2000) n)) AS bulk \gset
SELECT is((:'bulk'::jsonb) - 'ids', '{"created": 1000, "failed": 0, "errors": []}', '1,000 are not');
SELECT is((SELECT array_agg(i.n ORDER BY o) FROM json_array_elements_text(:'bulk'::json -> 'ids') WITH ORDINALITY x (id, o) JOIN t_acme.item i ON i.id = x.id::uuid),
    (SELECT array_agg(n) FROM generate_series(1001, 2000) n), 'ids come in the records'' order');
SELECT pgwright.bulk_create_records('company', '[{"title": "P", "size": 1}, {"title": "Q"}, {"size": null, "title": "R"}]') \g /dev/null
SELECT results_eq($$SELECT title, size, code FROM t_acme.company WHERE title IN ('P', 'Q', 'R') ORDER BY 1$$,
    $$VALUES ('P', 1, 'C'), ('Q', NULL, 'C'), ('R', NULL, 'C')$$, 'each record may give other fields; the rest take their defaults');

SELECT * FROM finish();
