-- Bad definitions, given to what makes and to what changes: every fault is told with the name of what
-- it is about, all of a request at once, and nothing is changed.
\ir setup.psql
SELECT plan(113);
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "fields": [{"name": "title", "field_type": "string"}, {"name": "price", "field_type": "decimal"}, {"name": "stock", "field_type": "integer"},
    {"name": "total", "field_type": "decimal", "is_calculated": true, "calculation_formula": "price * stock"}]}') \g /dev/null
SELECT pgwright.publish_entity('item') \g /dev/null

-- All that the definitions are kept in.
CREATE FUNCTION state() RETURNS text LANGUAGE sql AS $$
    SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM (
        SELECT to_jsonb(e) FROM pgwright.entity_definitions e UNION ALL SELECT to_jsonb(f) FROM pgwright.field_definitions f
        UNION ALL SELECT to_jsonb(i) FROM pgwright.index_definitions i UNION ALL SELECT to_jsonb(v) FROM pgwright.entity_versions v
        UNION ALL SELECT to_jsonb(m) FROM pgwright.entity_migrations m) AS x (t) $$;
SELECT state() AS before \gset

-- A field: the same faults whether it is added, comes with a new entity, or is changed into it.
CREATE TABLE bad (label text, definition text, faults text);
INSERT INTO bad VALUES
    ('a reserved word',               '{"name": "select"}', 'name: is a reserved word of SQL'),
    ('64 bytes',                      format('{"name": "%s"}', repeat('x', 64)), 'name: must be at most 63 characters'),
    ('a name of nothing',             '{"name": ""}', 'name: is required'),
    ('a name that is no text',        '{"name": 7}', 'name: must be a string, not number'),
    ('capitals',                      '{"name": "Title"}', 'name: must begin with a letter a-z and hold only a-z, 0-9 and _'),
    ('a system column',               '{"name": "xmin"}', 'name: is the name of a system column of PostgreSQL'),
    ('a generated column',            '{"name": "created_at"}', 'name: is the name of a generated column'),
    ('a type that is not there',      '{"field_type": "colour"}', 'field_type: must be one of: string, text, integer, biginteger, decimal, currency, percentage, boolean, date, datetime, time, email, url, phone, json, uuid, lookup, array, enum, rich_text, file'),
    ('a type that is no text',        '{"field_type": ["text"]}', 'field_type: must be one of: string, text, integer, biginteger, decimal, currency, percentage, boolean, date, datetime, time, email, url, phone, json, uuid, lookup, array, enum, rich_text, file'),
    ('least above most',              '{"field_type": "integer", "min_value": 9, "max_value": 3}', 'min_value: must not be greater than max_value'),
    ('shortest above longest',        '{"field_type": "string", "min_length": 9, "max_length": 3}', 'min_length: must not be negative or greater than max_length'),
    ('a default below the range',     '{"field_type": "integer", "min_value": 3, "default_value": 1}', 'default_value: must be at least 3'),
    ('a default that is too long',    '{"field_type": "string", "max_length": 3, "default_value": "long"}', 'default_value: must be at most 3 characters'),
    ('a default of another type',     '{"field_type": "integer", "default_value": "soon"}', 'default_value: must be an integer'),
    ('a default not allowed',         '{"field_type": "string", "allowed_values": ["a", "b"], "default_value": "c"}', 'default_value: must be one of: a, b'),
    ('a default for a text of dates', '{"field_type": "date", "default_value": "2024-02-30"}', 'default_value: must be a date (YYYY-MM-DD)'),
    ('a range of a text',             '{"field_type": "string", "min_value": 1}', 'min_value: is not for a field of type string'),
    ('a length of a number',          '{"field_type": "integer", "max_length": 3}', 'max_length: is not for a field of type integer'),
    ('a million characters',          format('{"label": "%s"}', repeat('x', 1000000)), 'label: must be at most 200 characters'),
    ('a formula of nothing there',    '{"field_type": "integer", "is_calculated": true, "calculation_formula": "nowhere + 1"}', 'calculation_formula: character 1: there is no field "nowhere"'),
    ('a formula that is none',        '{"field_type": "integer", "is_calculated": true, "calculation_formula": "1 +"}', 'calculation_formula: character 4: expects a value, not the end'),
    ('a reference to nowhere',        '{"field_type": "lookup", "reference_entity": "nowhere"}', 'reference_entity: there is no entity of that name'),
    ('an unknown member',             '{"flavour": "sweet"}', 'flavour: is not a property of a field'),
    ('a computed member',             '{"is_system": true}', 'is_system: is set by the server'),
    ('everything at once',            '{"name": "order", "field_type": "integer", "min_value": 9, "max_value": 3, "label": 5, "flavour": 1, "decimal_places": 2}',
        'flavour: is not a property of a field | label: must be a string, not number | name: is a reserved word of SQL | min_value: must not be greater than max_value | decimal_places: is not for a field of type integer');

-- "told" when the statement is refused with exactly these faults, "field: message; ...", all under the path.
CREATE FUNCTION told(statement text, expected text, path text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN got = 'PW400 ' || wanted THEN 'told' ELSE left(got, 600) END
      FROM tests.faults_of(statement) AS got, (SELECT string_agg(path || fault, '; ' ORDER BY n) FROM unnest(string_to_array(expected, ' | ')) WITH ORDINALITY AS x (fault, n)) AS e (wanted) $$;
CREATE FUNCTION field(definition text) RETURNS json LANGUAGE sql AS $$ SELECT ('{"name": "extra", "field_type": "string"}'::jsonb || definition::jsonb)::json $$;
SELECT is(told(format('SELECT pgwright.create_field(%L, %L)', 'item', field(definition)), faults), 'told', 'create_field: ' || label) FROM bad;
SELECT is(told(format('SELECT pgwright.create_entity(%L)', json_build_object('name', 'other', 'fields', json_build_array('{"name": "fine", "field_type": "text"}'::json, field(definition)))),
    faults, 'fields[1].'), 'told', 'create_entity: ' || label) FROM bad;
SELECT is(told(format('SELECT pgwright.update_field(%L, %L, %L)', 'item', 'title', definition), faults), 'told', 'update_field: ' || label) FROM bad;
SELECT is(state(), :'before', 'nothing has changed');

-- Names that differ in case only cannot be given, because none has capitals; the same name twice can.
SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "twice", "fields": [{"name": "a", "field_type": "text"}, {"name": "A", "field_type": "text"}, {"name": "a", "field_type": "text"}]}')$$),
    'PW400 fields[1].name: must begin with a letter a-z and hold only a-z, 0-9 and _; fields[2].name: is the name of another field too', 'of one name there is one field');
SELECT is(faults_of($$SELECT pgwright.create_field('item', '{"name": "title", "field_type": "text"}')$$), 'PW409 name: is taken', 'also when it is added');
SELECT is(faults_of($$SELECT pgwright.update_field('item', 'title', '{"name": "price"}')$$), 'PW400 name: is the name of another field too', 'or changed');
SELECT is(faults_of($$SELECT pgwright.update_field('item', 'total', '{"calculation_formula": "total + 1"}')$$), 'PW400 calculation_formula: uses itself: total -> total', 'a formula does not use itself');
SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "ring", "fields": [{"name": "a", "field_type": "integer", "is_calculated": true, "calculation_formula": "b + 1"}, {"name": "b", "field_type": "integer", "is_calculated": true, "calculation_formula": "a + 1"}]}')$$) ~
    '^PW400 fields\[\d\]\.calculation_formula: ', true, 'nor through another');
SELECT is(told(format('SELECT pgwright.create_index(%L, %L)', 'item', d), f), 'told', 'create_index: ' || d) FROM (VALUES
    ('{"name": "x", "field_names": ["nowhere"]}', 'field_names[0]: is not a field of the entity'),
    ('{"name": "table", "field_names": ["title"]}', 'name: is a reserved word of SQL'),
    ('{"name": "x", "field_names": ["title", "title"]}', 'field_names[1]: is named twice'),
    ('{"name": "x", "field_names": ["title"], "condition": {"field": "nowhere", "operator": "eq", "value": 1}}', 'condition.field: unknown field'),
    ('{"name": "x", "field_names": ["title"], "index_type": "lightning"}', 'index_type: must be one of: btree, hash, gin, gist, search'),
    ('[1]', ': must be an object | name: is required | field_names: must name at least one field')) x (d, f);
SELECT is(told(format('SELECT pgwright.%s', s), f), 'told', s) FROM (VALUES
    ('create_entity(''{"name": "table"}'')', 'name: is a reserved word of SQL'),
    ('create_entity(''{"name": "pg_secret"}'')', 'name: must not begin with pg_ or pgwright'),
    ('create_entity(''{"name": "users"}'')', 'name: is the name of a part of the platform'),
    ('create_entity(''{"name": "new", "table_name": "select"}'')', 'table_name: is a reserved word of SQL'),
    ('create_entity(''{"name": "new", "fields": {}}'')', 'fields: must be an array, not object'),
    ('create_entity(''{"name": "new", "primary_field": "nowhere", "default_sort_field": "nor"}'')', 'primary_field: is not a field of the entity | default_sort_field: is not a field of the entity'),
    ('create_entity(''[]'')', ': must be an object'),
    ('update_entity(''item'', ''{"primary_field": "nowhere", "records_per_page": 0, "label": ""}'')', 'label: must not be empty | records_per_page: must be an integer from 1 to 100 | primary_field: is not a field of the entity'),
    ('update_entity(''item'', ''{"fields": []}'')', 'fields: are changed one by one, through the functions of their own'),
    ('update_entity(''item'', ''3'')', ': must be an object'),
    ('update_field(''item'', ''title'', ''null'')', ': must be an object'),
    ('create_field(''item'', ''null'')', ': must be an object | name: is required')) x (s, f);
SELECT is(state_of($$SELECT pgwright.create_field('item', 'not json')$$) , '22P02', 'what is not JSON is not even read');
SELECT is(told(format('SELECT pgwright.update_entity(%L, %L)', 'item', json_build_object('label', repeat('x', 1000000))), 'label: must be at most 200 characters'), 'told', 'a label of a million characters');
SELECT is(state_of($$SELECT pgwright.update_field('item', 'nowhere', '{}')$$), 'PW404', 'a field that is not there');
SELECT is(state(), :'before', 'still nothing has changed');

-- What is just within the bounds.
SELECT is(state_of(format('SELECT pgwright.create_field(%L, %L)', 'item', json_build_object('name', repeat('x', 63), 'field_type', 'string', 'is_unique', true, 'min_length', 2, 'label', repeat('é', 200)))), 'ok', 'a name of 63 bytes and a label of 200 characters');
SELECT is(pgwright.publish_entity('item') ->> 'error_message', NULL, 'are published');
SELECT has_column('t_acme', 'item', repeat('x', 63)::name, 'as they are');
SELECT pgwright.update_field('item', repeat('x', 63), json_build_object('name', repeat('y', 63))) \g /dev/null
SELECT is(pgwright.publish_entity('item') ->> 'error_message', NULL, 'and renamed');
SELECT pgwright.delete_field('item', repeat('y', 63)) \g /dev/null
SELECT is(pgwright.publish_entity('item', allow_destructive => true) ->> 'error_message', NULL, 'and retired');
SELECT is(state_of(format('SELECT pgwright.rollback_migration(%L)', pgwright.list_migrations('item') -> 0 ->> 'id')), 'ok', 'and brought back');
SELECT has_column('t_acme', 'item', repeat('y', 63)::name, 'under the same name');
SELECT is(pgwright.create_entity(json_build_object('name', repeat('e', 63), 'fields', '[{"name": "a", "field_type": "string", "is_unique": true}]'::json)) ->> 'status', 'draft', 'an entity''s name may have 63 bytes');
SELECT is(pgwright.publish_entity(repeat('e', 63)) ->> 'error_message', NULL, 'and be published');
SELECT pgwright.archive_entity(repeat('e', 63)) \g /dev/null
SELECT is(state_of(format('SELECT pgwright.delete_entity(%L, true)', repeat('e', 63))), 'ok', 'and deleted');
SELECT * FROM finish();
