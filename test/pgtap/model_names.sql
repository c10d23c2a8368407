-- Names and definitions that are refused, each with its path, all faults at once; nothing is stored.
\ir setup.psql
SELECT plan(69);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null

CREATE FUNCTION entity_faults(definition text) RETURNS text LANGUAGE sql AS $$ SELECT tests.faults_of(format('SELECT pgwright.create_entity(%L)', definition)) $$;
CREATE FUNCTION field_faults(field text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(tests.entity_faults(format('{"name": "tried", "fields": [%s]}', field)), 'fields[0].', '')
$$;

-- Names -----------------------------------------------------------------------------------------------------

CREATE TABLE wrong_name (n serial, name text, entity text, field text);
INSERT INTO wrong_name (name, entity, field) VALUES
    ('', 'is required', 'is required'),
    ('Company', 'must begin with a letter a-z and hold only a-z, 0-9 and _', 'must begin with a letter a-z and hold only a-z, 0-9 and _'),
    ('1st', 'must begin with a letter a-z and hold only a-z, 0-9 and _', 'must begin with a letter a-z and hold only a-z, 0-9 and _'),
    ('_x', 'must begin with a letter a-z and hold only a-z, 0-9 and _', 'must begin with a letter a-z and hold only a-z, 0-9 and _'),
    ('a-b', 'must begin with a letter a-z and hold only a-z, 0-9 and _', 'must begin with a letter a-z and hold only a-z, 0-9 and _'),
    ('größe', 'must begin with a letter a-z and hold only a-z, 0-9 and _', 'must begin with a letter a-z and hold only a-z, 0-9 and _'),
    ('a; DROP TABLE b', 'must begin with a letter a-z and hold only a-z, 0-9 and _', 'must begin with a letter a-z and hold only a-z, 0-9 and _'),
    ('a"', 'must begin with a letter a-z and hold only a-z, 0-9 and _', 'must begin with a letter a-z and hold only a-z, 0-9 and _'),
    (repeat('a', 64), 'must be at most 63 characters', 'must be at most 63 characters'),
    ('select', 'is a reserved word of SQL', 'is a reserved word of SQL'),
    ('user', 'is a reserved word of SQL', 'is a reserved word of SQL'),
    ('left', 'is a reserved word of SQL', 'is a reserved word of SQL'),
    ('pg_thing', 'must not begin with pg_ or pgwright', NULL),
    ('pgwright_thing', 'must not begin with pg_ or pgwright', NULL),
    ('users', 'is the name of a part of the platform', NULL),
    ('entity_definitions', 'is the name of a part of the platform', NULL),
    ('data_model', 'is the name of a part of the platform', NULL),
    ('id', NULL, 'is the name of a generated column'),
    ('tenant_id', NULL, 'is the name of a generated column'),
    ('created_by', NULL, 'is the name of a generated column'),
    ('deleted_at', NULL, 'is the name of a generated column'),
    ('xmin', NULL, 'is the name of a system column of PostgreSQL');
SELECT is(entity_faults(json_build_object('name', name)::text), 'PW400 name: ' || entity, format('an entity is not named "%s"', left(name, 20))) FROM wrong_name WHERE entity IS NOT NULL ORDER BY n;
SELECT is(field_faults(json_build_object('name', name, 'field_type', 'string')::text), 'PW400 name: ' || field, format('a field is not named "%s"', left(name, 20))) FROM wrong_name WHERE field IS NOT NULL ORDER BY n;
SELECT is(entity_faults(json_build_object('name', 'ok', 'table_name', 'Not "OK"')::text), 'PW400 table_name: must begin with a letter a-z and hold only a-z, 0-9 and _', 'the table''s name is looked at too');
SELECT is(pgwright.create_entity(json_build_object('name', repeat('e', 63), 'table_name', 't_' || repeat('e', 61), 'fields', json_build_array(
    json_build_object('name', repeat('f', 63), 'field_type', 'string'), json_build_object('name', 'name', 'field_type', 'string'), json_build_object('name', 'value', 'field_type', 'string')))) ->> 'name',
    repeat('e', 63), '63 bytes are a name, and so are words that SQL does not reserve');
SELECT is(pgwright.publish_entity(repeat('e', 63)) ->> 'status', 'completed', 'it can be published');
SELECT is(pgwright.create_record(repeat('e', 63), json_build_object(repeat('f', 63), 'x', 'value', 'y')) -> 'data' ->> 'value', 'y', 'and written to');

-- All faults at once ------------------------------------------------------------------------------------------

SELECT bag_eq(format('SELECT f ->> %L FROM jsonb_array_elements(%L) f', 'field', error_of(format('SELECT pgwright.create_entity(%L)',
    '{"name": "Bad", "label": "", "status": "published", "colour": 1, "entity_type": "system", "is_versioned": true, "records_per_page": 0,
        "default_sort_order": "UP", "primary_field": "none", "fields": [
        {"field_type": "string"},
        {"name": "a", "field_type": "strin"},
        {"name": "a", "field_type": "integer", "max_length": 3, "min_value": 5, "max_value": 1},
        {"name": "b", "field_type": "lookup"},
        {"name": "c", "field_type": "lookup", "reference_entity": "nowhere"},
        {"name": "d", "field_type": "text", "is_unique": true},
        {"name": "e", "field_type": "json", "is_indexed": true, "is_required": "yes"}]}')) -> 'faults'),
    '{name,label,status,colour,entity_type,is_versioned,records_per_page,default_sort_order,primary_field,fields[0].name,fields[1].field_type,fields[2].name,
      fields[2].max_length,fields[2].min_value,fields[3].reference_entity,fields[4].reference_entity,fields[5].is_unique,fields[6].is_indexed,fields[6].is_required}'::text[],
    'every fault of a definition is told, each path once');
SELECT is((SELECT count(*) FROM pgwright.entity_definitions WHERE entity_type = 'custom'), 1::bigint, 'nothing of a refused definition is stored');
SELECT matches(faults_of($$SELECT pgwright.create_entity('[]')$$), '^PW400 : must be an object', 'a definition is an object');
SELECT is(state_of($$SELECT pgwright.create_entity(NULL)$$), '22004', 'NULL is none');

-- Fields that do not fit ----------------------------------------------------------------------------------------

CREATE TABLE wrong_field (n serial, field text, fault text);
INSERT INTO wrong_field (field, fault) VALUES
    ('"field_type": "integer", "min_length": 1', 'min_length'),
    ('"field_type": "string", "min_length": 5, "max_length": 4', 'min_length'),
    ('"field_type": "string", "max_length": 0', 'max_length'),
    ('"field_type": "string", "min_value": 1', 'min_value'),
    ('"field_type": "integer", "min_value": 2147483648', 'min_value'),
    ('"field_type": "integer", "decimal_places": 2', 'decimal_places'),
    ('"field_type": "decimal", "decimal_places": -1', 'decimal_places'),
    ('"field_type": "integer", "default_value": "many"', 'default_value'),
    ('"field_type": "integer", "default_value": 5, "max_value": 4', 'default_value'),
    ('"field_type": "string", "default_value": "x", "allowed_values": ["a"]', 'default_value'),
    ('"field_type": "date", "default_value": "2023-02-29"', 'default_value'),
    ('"field_type": "string", "default_expression": "now"', 'default_expression'),
    ('"field_type": "date", "default_expression": "now() DROP TABLE x"', 'default_expression'),
    ('"field_type": "integer", "allowed_values": [1, "2"]', 'allowed_values[1]'),
    ('"field_type": "integer", "allowed_values": [1, 1]', 'allowed_values'),
    ('"field_type": "boolean", "allowed_values": [true]', 'allowed_values'),
    ('"field_type": "string", "is_required": true, "is_nullable": true', 'is_nullable'),
    ('"field_type": "string", "is_required": true, "is_readonly": true', 'is_readonly'),
    ('"field_type": "string", "reference_entity": "acme"', 'reference_entity'),
    ('"field_type": "string", "is_calculated": true', 'calculation_formula'),
    ('"field_type": "string", "validation_rules": [{"expression": "true", "message": "m", "type": "x"}]', 'validation_rules[0].type'),
    ('"field_type": "string", "data_type": "text; DROP TABLE x"', 'data_type');
SELECT matches(field_faults('{"name": "a", ' || field || '}'), '^PW400 ' || regexp_replace(fault, '([][])', '\\\1', 'g') || ': [^;]*$', format('one fault, of %s: {%s}', fault, field)) FROM wrong_field ORDER BY n;

-- Names that are only drafted, and fields that others show ---------------------------------------------------------

SELECT pgwright.create_entity('{"name": "north", "fields": [{"name": "title", "field_type": "string"}, {"name": "code", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "south", "fields": [{"name": "north", "field_type": "lookup", "reference_entity": "north", "reference_field": "title"}]}') \g /dev/null
SELECT pgwright.publish_entities('["north", "south"]') \g /dev/null
SELECT pgwright.rename_entity('north', 'east') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.rename_entity('south', 'east')$$), 'PW409 name: is taken', 'two open drafts do not get one name');
SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "east", "fields": [{"name": "a", "field_type": "string"}]}')$$), 'PW409 name: is taken', 'nor does a new entity');
SELECT is(state_of($$SELECT pgwright.update_entity('north', '{"label": "The north"}')$$), 'ok', 'the draft itself may keep it');
SELECT is(faults_of($$SELECT pgwright.delete_field('north', 'title')$$), 'PW409 south.north: displays the field', 'a field that a lookup shows is not removed');
SELECT is(state_of($$SELECT pgwright.delete_field('north', 'code')$$), 'ok', 'another is');

SELECT * FROM finish();
