-- What the measurements of definitions need: a tenant with :entities published entities, and one with
-- :rows records, whose text is all digits, with a draft that makes it a number.
SET client_min_messages = warning;
SELECT pgwright.create_tenant('models', 'Models') \g /dev/null
SELECT pgwright.create_user('models@bench.example', 'a password for the bench', 'models', 'owner', 'Models') \g /dev/null
SELECT pgwright.act_as('models@bench.example', 'models') \g /dev/null

SELECT format('SELECT pgwright.create_entity(%L)', json_build_object('name', 'many_' || n, 'fields', json_build_array(
           json_build_object('name', 'name', 'field_type', 'string', 'is_required', true, 'max_length', 80),
           json_build_object('name', 'code', 'field_type', 'string', 'is_unique', true, 'max_length', 40),
           json_build_object('name', 'price', 'field_type', 'currency', 'min_value', 0),
           json_build_object('name', 'made_on', 'field_type', 'date', 'is_indexed', true),
           json_build_object('name', 'note', 'field_type', 'text'))))
  FROM generate_series(1, :entities) AS n \gexec
SELECT format('SELECT pgwright.publish_entities(%L)', json_agg('many_' || n ORDER BY n))
  FROM generate_series(1, :entities) AS n GROUP BY (n - 1) / 50 ORDER BY min(n) \gexec
SELECT pgwright.create_field('many_1', '{"name": "added", "field_type": "integer", "default_value": 1}') \g /dev/null

SELECT pgwright.create_entity('{"name": "tall", "fields": [{"name": "digits", "field_type": "string", "max_length": 20}]}') \g /dev/null
SELECT pgwright.publish_entity('tall') \g /dev/null
INSERT INTO t_models.tall (digits) SELECT n::text FROM generate_series(1, :rows) AS n;
VACUUM ANALYZE t_models.tall;
SELECT pgwright.update_field('tall', 'digits', '{"field_type": "integer"}') \g /dev/null
VACUUM ANALYZE;
