-- One round of the measurements of definitions: a line "name milliseconds" for each. :round tells the
-- entities of this round from those of others, :script is a file to write.
SET client_min_messages = warning;
SELECT pgwright.act_as('models@bench.example', 'models') \g /dev/null

-- Forty fields of the usual types, some of them indexed.
SELECT json_agg(json_build_object('name', 'f' || n, 'field_type', (ARRAY['string', 'integer', 'decimal', 'date', 'boolean', 'datetime', 'text', 'email'])[1 + n % 8],
                                  'is_required', n % 5 = 0, 'is_indexed', n % 10 = 1)) AS fields
  FROM generate_series(1, 40) AS n \gset
SELECT pgwright.create_entity(json_build_object('name', 'wide_' || :round, 'fields', :'fields'::json)) \g /dev/null
SELECT pgwright.create_entity(json_build_object('name', 'bare_' || :round, 'fields', :'fields'::json)) \g /dev/null

-- The same statements without pgwright, in one transaction as well.
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' '
SELECT pgwright.preview_migration('bare_' || :round) ->> 'up_script' \g :script
SELECT clock_timestamp() AS began \gset
BEGIN;
\o /dev/null
\i :script
\o
COMMIT;
SELECT 'bare', extract(epoch FROM clock_timestamp() - :'began') * 1000;

SELECT clock_timestamp() AS began \gset
SELECT pgwright.publish_entity('wide_' || :round) \g /dev/null
SELECT 'publish', extract(epoch FROM clock_timestamp() - :'began') * 1000;

SELECT clock_timestamp() AS began \gset
SELECT pgwright.preview_migration('many_1') \g /dev/null
SELECT 'preview', extract(epoch FROM clock_timestamp() - :'began') * 1000;

SELECT clock_timestamp() AS began \gset
SELECT pgwright.list_entities() \g /dev/null
SELECT 'list', extract(epoch FROM clock_timestamp() - :'began') * 1000;

SELECT clock_timestamp() AS began \gset
SELECT pgwright.preview_migration('tall') \g /dev/null
SELECT 'retype', extract(epoch FROM clock_timestamp() - :'began') * 1000;
