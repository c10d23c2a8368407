-- Calculated fields from their definition to what is read: whatever depends on the record alone is a
-- generated column, so that every function of the language that says it is immutable is so for the
-- server too; the rest is computed when it is read.
\ir setup.psql
SELECT plan(271);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null

-- Every immutable function is a generated column -----------------------------------------------------------

CREATE TABLE formula (n serial, field_type text, formula text, value text);
INSERT INTO formula (field_type, formula, value) VALUES
    ('decimal', 'qty * price', '87.50'),
    ('decimal', 'qty + qty - 1', '13'),
    ('decimal', 'qty / 2', '3.5000000000000000'),
    ('currency', 'price / 3', '4.17'),
    ('integer', 'qty % 4', '3'),
    ('decimal', 'price / (qty - 7)', NULL),
    ('integer', 'qty % (qty - 7)', NULL),
    ('decimal', '-price', '-12.50'),
    ('biginteger', '-qty - -3', '-4'),
    ('biginteger', 'big + 1', '9007199254740994'),
    ('decimal', 'top * top', '4611686014132420609'),
    ('decimal', 'ratio + 1', NULL),
    ('boolean', 'qty > 5 and price <= 12.5 and not (code = ''x'')', 'true'),
    ('boolean', 'qty in (1, 7) or active', 'true'),
    ('boolean', 'code not in (''a'', ''AB-12'')', 'false'),
    ('boolean', 'ratio > 1', NULL),
    ('boolean', 'ratio > 1 or active', 'true'),
    ('string', 'code || ''/'' || qty || ''/'' || price || ''/'' || active || ''/'' || day || ''/'' || at || ''/'' || tm', 'AB-12/7/12.50/true/2024-01-31/2024-02-29T23:30:15.5Z/10:30:00'),
    ('string', 'code || ratio', NULL),
    ('text', 'to_text(u) || to_text(doc)', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000{"a": 1}'),
    ('integer', 'abs(-qty)', '7'),
    ('integer', 'ceil(price)', '13'),
    ('integer', 'floor(-price)', '-13'),
    ('integer', 'round(price)', '13'),
    ('decimal', 'round(price, 1)', '12.5'),
    ('decimal', 'round(price, -1)', '10'),
    ('decimal', 'round(sqrt(qty + 9), 3)', '4.000'),
    ('decimal', 'sqrt(-qty)', NULL),
    ('decimal', 'round(power(qty, 2), 1)', '49.0'),
    ('decimal', 'round(power(qty, -1), 4)', '0.1429'),
    ('decimal', 'power(qty - 7, -1)', NULL),
    ('decimal', 'power(-qty, 0.5)', NULL),
    ('decimal', 'power(qty, 99999)', NULL),
    ('decimal', 'power(ratio, 2)', NULL),
    ('decimal', 'mod(price, 5)', '2.50'),
    ('decimal', 'mod(price, 0)', NULL),
    ('integer', 'sign(-price)', '-1'),
    ('decimal', 'least(qty, price, ratio)', '7'),
    ('date', 'greatest(day, to_date(''2024-02-01''))', '2024-02-01'),
    ('datetime', 'least(day, at)', '2024-01-31 00:00:00+00'),
    ('integer', 'length(name)', '7'),
    ('string', 'upper(name)', '  ÄNNE '),
    ('string', 'lower(trim(name))', 'änne'),
    ('string', 'left(code, 2)', 'AB'),
    ('string', 'left(code, -qty)', ''),
    ('string', 'left(code, to_integer(ratio))', NULL),
    ('string', 'right(code, 2)', '12'),
    ('string', 'right(code, 5000000000)', 'AB-12'),
    ('string', 'substring(code, 4)', '12'),
    ('string', 'substring(code, 2, 3)', 'B-1'),
    ('string', 'substring(code, 0, 2)', 'AB'),
    ('string', 'substring(code, 2, -1)', ''),
    ('string', 'replace(code, ''-'', ''\'')', 'AB\12'),
    ('string', 'concat(code, ratio, '' '', qty)', 'AB-12 7'),
    ('boolean', 'contains(code, ''B-'')', 'true'),
    ('boolean', 'contains(code, ''b%'')', 'false'),
    ('boolean', 'starts_with(code, ''AB'')', 'true'),
    ('boolean', 'ends_with(code, ''12'')', 'true'),
    ('boolean', 'ends_with(code, ''AB'')', 'false'),
    ('string', 'pad_left(to_text(qty), 3, ''0'')', '007'),
    ('string', 'pad_left(code, 7)', '  AB-12'),
    ('string', 'pad_left(code, 2, ''*'')', 'AB-12'),
    ('string', 'pad_right(code, 7, ''*'')', 'AB-12**'),
    ('string', 'pad_right(code, 6)', 'AB-12 '),
    ('string', 'pad_left(code, to_integer(ratio))', NULL),
    ('integer', 'position(code, ''-'')', '3'),
    ('integer', 'position(code, ''?'')', '0'),
    ('integer', 'year(day) * 10000 + month(day) * 100 + day(day)', '20240131'),
    ('integer', 'year(at) * 10000 + month(at) * 100 + day(at)', '20240229'),
    ('integer', 'hour(at) * 100 + minute(at)', '2330'),
    ('integer', 'hour(tm) * 100 + minute(tm)', '1030'),
    ('integer', 'day_of_week(day)', '3'),
    ('integer', 'day_of_week(at)', '4'),
    ('date', 'date_add(day, 30, ''day'')', '2024-03-01'),
    ('date', 'date_add(day, 1, ''month'')', '2024-02-29'),
    ('date', 'date_add(day, -qty, ''week'')', '2023-12-13'),
    ('date', 'date_add(day, 1, ''quarter'')', '2024-04-30'),
    ('date', 'date_add(day, to_integer(ratio), ''day'')', NULL),
    ('datetime', 'date_add(at, 1, ''year'')', '2025-02-28 23:30:15.5+00'),
    ('datetime', 'date_add(at, 30, ''minute'')', '2024-03-01 00:00:15.5+00'),
    ('datetime', 'date_add(at, 45, ''second'')', '2024-02-29 23:31:00.5+00'),
    ('datetime', 'date_add(at, -24, ''hour'')', '2024-02-28 23:30:15.5+00'),
    ('integer', 'date_diff(day, at, ''day'')', '29'),
    ('integer', 'date_diff(at, day, ''day'')', '-29'),
    ('integer', 'date_diff(day, at, ''hour'')', '719'),
    ('integer', 'date_diff(day, at, ''month'')', '0'),
    ('integer', 'date_diff(day, date_add(day, 14, ''month''), ''year'')', '1'),
    ('integer', 'date_diff(day, date_add(day, 14, ''month''), ''quarter'')', '4'),
    ('integer', 'date_diff(day, date_add(day, 20, ''day''), ''week'')', '2'),
    ('biginteger', 'date_diff(day, at, ''second'')', '2590215'),
    ('integer', 'date_diff(day, at, ''minute'')', '43170'),
    ('date', 'date_trunc(day, ''quarter'')', '2024-01-01'),
    ('date', 'date_trunc(day, ''week'')', '2024-01-29'),
    ('datetime', 'date_trunc(at, ''hour'')', '2024-02-29 23:00:00+00'),
    ('datetime', 'date_trunc(at, ''day'')', '2024-02-29 00:00:00+00'),
    ('date', 'to_date(at)', '2024-02-29'),
    ('date', 'to_date('' 2024-02-29 '')', '2024-02-29'),
    ('date', 'to_date(''2023-02-29'')', NULL),
    ('date', 'to_date(code)', NULL),
    ('datetime', 'day', '2024-01-31 00:00:00+00'),
    ('boolean', 'day < at', 'true'),
    ('string', 'if(qty > 5, ''many'', ''few'')', 'many'),
    ('string', 'if(ratio > 5, ''many'', ''few'')', 'few'),
    ('decimal', 'if(active, qty, price)', '7'),
    ('decimal', 'coalesce(ratio, price, 0)', '12.50'),
    ('integer', 'nullif(qty, 7)', NULL),
    ('boolean', 'is_null(ratio)', 'true'),
    ('boolean', 'is_not_null(ratio)', 'false'),
    ('string', 'to_text(price)', '12.50'),
    ('string', 'to_text(at)', '2024-02-29T23:30:15.5Z'),
    ('string', 'to_text(day)', '2024-01-31'),
    ('decimal', 'to_number('' -12.50 '')', '-12.50'),
    ('decimal', 'to_number(code)', NULL),
    ('integer', 'to_integer(price)', '13'),
    ('integer', 'to_integer(''41.5'')', '42'),
    ('integer', 'to_integer(active)', '1'),
    ('boolean', 'to_boolean(qty)', 'true'),
    ('boolean', 'to_boolean('' No '')', 'false'),
    ('boolean', 'to_boolean(code)', NULL),
    ('uuid', 'u', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000'),
    ('time', 'if(active, tm, null)', '10:30:00'),
    ('email', 'concat(lower(code), ''@example.org'')', 'ab-12@example.org'),
    ('text', 'null', NULL);

SELECT is(pgwright.create_entity(json_build_object('name', 'every', 'fields', (
    jsonb '[{"name": "code", "field_type": "string"}, {"name": "name", "field_type": "string"}, {"name": "qty", "field_type": "integer"},
      {"name": "top", "field_type": "integer"}, {"name": "big", "field_type": "biginteger"}, {"name": "price", "field_type": "currency"},
      {"name": "ratio", "field_type": "decimal"}, {"name": "active", "field_type": "boolean"}, {"name": "day", "field_type": "date"},
      {"name": "at", "field_type": "datetime"}, {"name": "tm", "field_type": "time"}, {"name": "u", "field_type": "uuid"},
      {"name": "doc", "field_type": "json"}]'
    || (SELECT jsonb_agg(jsonb_build_object('name', 'f' || n, 'field_type', field_type, 'is_calculated', true, 'calculation_formula', formula) ORDER BY n)
          FROM formula)))::json) ->> 'status', 'draft', 'an entity may have calculated fields');
SELECT is(pgwright.publish_entity('every') ->> 'status', 'completed', 'and be published');
SELECT is(attgenerated, 's', formula || ' is a generated column')
  FROM formula LEFT JOIN pg_attribute ON attrelid = 't_acme.every'::regclass AND attname = 'f' || n ORDER BY n;

-- The settings of the session that writes make no difference to what is stored.
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'German';
SELECT pgwright.create_record('every', '{"code": "AB-12", "name": "  Änne ", "qty": 7, "top": 2147483647, "big": 9007199254740993, "price": 12.50,
    "active": true, "day": "2024-01-31", "at": "2024-02-29T23:30:15.5Z", "tm": "10:30:00", "u": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000", "doc": {"a": 1}}') \g /dev/null
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
CREATE FUNCTION value_of(col text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT %I::text FROM t_acme.every', col) INTO result;
    RETURN result;
END $$;
SELECT is(value_of('f' || n), value, formula || ' is ' || coalesce(value, 'null')) FROM formula ORDER BY n;

-- Stored, inlined and computed at read ---------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "invoice", "fields": [
    {"name": "number", "field_type": "string", "is_required": true},
    {"name": "quantity", "field_type": "integer", "default_expression": "2 + 3"},
    {"name": "price", "field_type": "currency"},
    {"name": "due_on", "field_type": "date", "default_expression": "date_add(today(), 30, ''day'')"},
    {"name": "net", "field_type": "currency", "is_calculated": true, "calculation_formula": "quantity * price", "is_indexed": true, "max_value": 1000},
    {"name": "gross", "field_type": "currency", "is_calculated": true, "calculation_formula": "net * 1.19"},
    {"name": "slug", "field_type": "string", "is_calculated": true, "calculation_formula": "lower(trim(number))", "is_unique": true},
    {"name": "days_left", "field_type": "integer", "is_calculated": true, "calculation_formula": "date_diff(today(), due_on, ''day'')"},
    {"name": "state", "field_type": "string", "is_calculated": true, "calculation_formula": "if(days_left < 0, ''late'', if(gross > 100, ''big'', ''small''))"}]}') \g /dev/null
SELECT is(f ->> v.key, v.expected, v.what)
  FROM json_array_elements(pgwright.list_fields('invoice')) f,
       (VALUES ('is_calculated', 'true', 'a definition tells that a field is calculated'),
               ('calculation_formula', 'net * 1.19', 'and how'),
               ('is_readonly', 'true', 'and that nobody writes it')) v (key, expected, what)
 WHERE f ->> 'name' = 'gross';
SELECT pgwright.publish_entity('invoice') \g /dev/null
SELECT is(array_agg(attname || coalesce(' ' || nullif(attgenerated::text, ''), '') ORDER BY attnum) FILTER (WHERE attnum BETWEEN 2 AND 8),
    '{number,quantity,price,due_on,"net s","gross s","slug s"}', 'what depends on the record alone has a column, the rest has none')
  FROM pg_attribute WHERE attrelid = 't_acme.invoice'::regclass AND attnum > 0;

CREATE TABLE made (n integer, id text);
INSERT INTO made SELECT 1, pgwright.create_record('invoice', '{"number": " A-1 ", "price": 10.10}') ->> 'id';
INSERT INTO made SELECT 2, pgwright.create_record('invoice', json_build_object('number', 'B-2', 'quantity', 10, 'price', 20, 'due_on', current_date - 5)) ->> 'id';
INSERT INTO made SELECT 3, pgwright.create_record('invoice', '{"number": "C-3", "quantity": 6, "price": 20}') ->> 'id';

SELECT is((r -> 'net')::text || ' ' || (r -> 'gross')::text || ' ' || (r ->> 'slug') || ' ' || (r -> 'days_left')::text || ' ' || (r ->> 'state'), '50.50 60.10 a-1 30 small',
    'a record comes with its calculated values') FROM json_extract_path(pgwright.get_record('invoice', (SELECT id FROM made WHERE n = 1)), 'data') r;
SELECT is(r ->> 'state' || ' ' || (r ->> 'net'), 'big 200.00',
    'an update returns them as they are after it') FROM json_extract_path(pgwright.update_record('invoice', (SELECT id FROM made WHERE n = 3), '{"quantity": 10}'), 'data') r;
SELECT pgwright.update_record('invoice', (SELECT id FROM made WHERE n = 3), '{"quantity": 6}') \g /dev/null

CREATE FUNCTION numbers(sort text, filters json) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(btrim(r ->> 'number'), ' ' ORDER BY n) FROM json_array_elements(
        pgwright.list_records('invoice', sort => sort, filters => filters) -> 'items') WITH ORDINALITY x (r, n)
$$;
SELECT is(numbers('-net', NULL), 'B-2 C-3 A-1', 'a list is sorted by a stored one');
SELECT is(numbers('days_left,-number', NULL), 'B-2 C-3 A-1', 'and by one that is computed at read');
SELECT is(numbers('number', '{"field": "gross", "operator": "gt", "value": 100}'), 'B-2 C-3', 'a list is filtered by a stored one');
SELECT is(numbers('number', '{"field": "state", "operator": "eq", "value": "late"}'), 'B-2', 'and by one that is computed at read');
SELECT is(numbers('number', '{"operator": "NOT", "conditions": [{"field": "state", "operator": "contains", "value": "L"}]}'), 'C-3', 'in every way');

-- Nobody writes them ---------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT pgwright.create_record('invoice', '{"number": "D", "net": 1, "state": null}')$$),
    'PW400 net: is calculated; state: is calculated', 'a value for a calculated field is refused');
SELECT is(faults_of($$SELECT pgwright.bulk_create_records('invoice', '[{"number": "D"}, {"number": "E", "gross": 1}]')$$),
    'PW400 [1] gross: is calculated', 'in bulk too');
SELECT is(faults_of(format($$SELECT pgwright.update_record('invoice', %L, '{"slug": "x"}')$$, (SELECT id FROM made WHERE n = 1))),
    'PW400 slug: is calculated', 'and in an update');
SELECT is(state_of($$INSERT INTO t_acme.invoice (number, net) VALUES ('x', 1)$$), '428C9', 'direct SQL cannot either');
SELECT is(faults_of($$SELECT pgwright.create_record('invoice', '{"number": "a-1"}')$$), 'PW409 slug: must be unique', 'a unique one is unique');
SELECT is(faults_of($$SELECT pgwright.create_record('invoice', '{"number": "D", "quantity": 100, "price": 11}')$$),
    'PW400 net: must be at most 1000', 'the rules of a stored one hold');

-- Drafts ---------------------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "loop", "fields": [
    {"name": "a", "field_type": "integer", "is_calculated": true, "calculation_formula": "b + 1"},
    {"name": "b", "field_type": "integer", "is_calculated": true, "calculation_formula": "a + 1"}]}')$$),
    'PW400 fields[0].calculation_formula: uses itself: a -> b -> a; fields[1].calculation_formula: uses itself: b -> a -> b', 'a cycle is named');
SELECT pgwright.create_entity('{"name": "grown", "fields": [{"name": "a", "field_type": "integer"}]}') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.create_field('grown', '{"name": "b", "field_type": "integer", "is_calculated": true, "calculation_formula": "a / nope"}')$$),
    'PW400 calculation_formula: character 5: there is no field "nope"', 'a field that is added is checked with those that are there');
SELECT is(pgwright.create_field('grown', '{"name": "b", "field_type": "integer", "is_calculated": true, "calculation_formula": "to_integer(a / 2)"}') ->> 'name',
    'b', 'and may use them');
SELECT is(faults_of($$SELECT pgwright.create_field('grown', '{"name": "c", "field_type": "integer", "default_expression": "a"}')$$),
    'PW400 default_expression: must not use fields, as "a"; it must be an expression without them, or one of: now, today, current_user_id, new_uuid',
    'a default cannot');
SELECT is(pgwright.publish_entity('grown') ->> 'status', 'completed', 'and is published with them');

-- What people who connect directly need to write and read ---------------------------------------------------

SELECT ok(bool_and(has_function_privilege('pgwright_user', oid, 'EXECUTE') AND has_function_privilege('pgwright_runtime', oid, 'EXECUTE')),
    'the functions that formulas call may be called by those who use the tables')
  FROM pg_proc WHERE pronamespace = 'pgwright'::regnamespace AND proname LIKE 'expression\_%';

SELECT * FROM finish();
