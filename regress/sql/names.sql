-- Names: which ones entities, fields and tenants may have.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('names');

-- What is wrong with the name, as the definition's fault tells it.
CREATE FUNCTION pg_temp.entity_fault(name text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN o.code = '00000' THEN 'fine' ELSE concat_ws(' ', o.code, (SELECT string_agg(f ->> 'field' || ' ' || (f ->> 'message'), '; ') FROM json_array_elements(o.detail::json) f)) END
      FROM pg_temp.outcome(format('SELECT pgwright.create_entity(%L)', json_build_object('name', name, 'fields', '[]'::json))) AS o
$$;
CREATE FUNCTION pg_temp.field_fault(name text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN o.code = '00000' THEN 'fine' ELSE concat_ws(' ', o.code, (SELECT string_agg(f ->> 'field' || ' ' || (f ->> 'message'), '; ') FROM json_array_elements(o.detail::json) f)) END
      FROM pg_temp.outcome(format('SELECT pgwright.create_field(''holder'', %L)', json_build_object('name', name, 'field_type', 'string'))) AS o
$$;
SELECT pgwright.create_entity('{"name":"holder"}') IS NOT NULL AS created;

-- The form, words that SQL keeps to itself, and names that are taken by the system.
SELECT CASE WHEN octet_length(name) > 40 THEN left(name, 8) || '... of ' || octet_length(name) || ' bytes' ELSE name END AS name,
       pg_temp.entity_fault(name) AS entity, pg_temp.field_fault(name) AS field
  FROM (VALUES
    ('plain'), ('a'), ('with_2_digits'), ('trailing_'), (rpad('x', 63, 'x')), (rpad('y', 64, 'y')),
    (''), (' '), ('Upper'), ('2nd'), ('_private'), ('with space'), ('with-dash'), ('with.dot'), ('with"quote'), ('with''quote'), ('semi;colon'), ('größe'), ('имя'),
    ('select'), ('table'), ('user'), ('order'), ('left'), ('value'), ('name'), ('type'), ('date'),
    ('id'), ('tenant_id'), ('created_at'), ('updated_by'), ('deleted_at'), ('ctid'), ('xmin'), ('tableoid'),
    ('users'), ('roles'), ('entity_definitions'), ('data_model'), ('schema_ops'),
    ('pg_thing'), ('pgwright_thing'), ('pgwright'), ('pgthing')) AS v (name);

-- Taken names. Fields of one entity differ in more than case, and in the same request too.
SELECT pg_temp.entity_fault('plain'), pg_temp.field_fault('plain');
SELECT pg_temp.try($$SELECT pgwright.create_entity('{"name":"twins","fields":[{"name":"a","field_type":"string"},{"name":"b","field_type":"text"},{"name":"a","field_type":"date"}]}')$$);

-- Every fault of a definition at once; but where the fields are no list of objects, that alone.
SELECT f ->> 'field' AS field, f ->> 'message' AS message
  FROM pg_temp.outcome($$SELECT pgwright.create_entity('{"name":"Bad Name","labell":"x","status":"published","records_per_page":0,"primary_field":"nope","is_versioned":true,"fields":[
    {"name":"select","field_type":"string"},
    {"name":"n","field_type":"number"},
    {"name":"min","field_type":"integer","min_value":10,"max_value":1},
    {"name":"len","field_type":"integer","max_length":5},
    {"name":"def","field_type":"integer","default_value":"many"},
    {"name":"allowed","field_type":"string","max_length":2,"allowed_values":["ok","too long"]},
    {"name":"look","field_type":"lookup"},
    {"name":"see","field_type":"lookup","reference_entity":"nothing"},
    {"name":"big","field_type":"text","is_unique":true},
    {"name":"twice","field_type":"date","default_value":"2024-01-01","default_expression":"today"}]}')$$) AS o, json_array_elements(o.detail::json) f;
SELECT pg_temp.try($$SELECT pgwright.create_entity('{"name":"odd","fields":[{"name":"select","field_type":"string"},7]}')$$);
SELECT pg_temp.try($$SELECT pgwright.create_entity('{"name":"odd","fields":{}}')$$);
SELECT pg_temp.try($$SELECT pgwright.create_entity('[]')$$);

-- Tenants: the schema is t_<slug>, so a slug may have 61 bytes.
SELECT CASE WHEN octet_length(slug) > 40 THEN left(slug, 8) || '... of ' || octet_length(slug) || ' bytes' ELSE slug END AS slug,
       pg_temp.try(format('SELECT length(pgwright.create_tenant(%L, ''Some name'') ->> ''schema_name'')', slug)) AS outcome
  FROM (VALUES ('fine_1'), (rpad('z', 61, 'z')), (rpad('w', 62, 'w')), (''), ('Upper'), ('1st'), ('with-dash'), ('names')) AS v (slug);
SELECT pg_temp.try(format('SELECT pgwright.create_tenant(''label'', %L) ->> ''slug''', name)) FROM (VALUES (''), (rpad('ä', 200, 'ä')), (rpad('ä', 201, 'ä'))) AS v (name);

-- An entity of one tenant is no hindrance to another, nor may it take a name the platform serves.
SELECT pg_temp.new_tenant('namesakes');
SELECT pg_temp.entity_fault('plain'), pg_temp.entity_fault('tenants');
