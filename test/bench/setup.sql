-- The tenant, the entity and its rows, and who connects. :rows, and ROLE_PASSWORD in the environment.
\getenv password ROLE_PASSWORD
SET client_min_messages = warning;
CREATE EXTENSION pgwright;
ALTER DATABASE bench SET pgwright.access_token_lifetime = 86400;
\c
SET client_min_messages = warning;

CREATE ROLE bench_user LOGIN INHERIT IN ROLE pgwright_user PASSWORD :'password';
CREATE ROLE bench_shim LOGIN INHERIT IN ROLE pgwright_shim PASSWORD :'password';

SELECT pgwright.create_tenant('bench', 'Bench');
SELECT pgwright.create_user('bench@bench.example', :'password', 'bench', 'owner', 'Bench');
SELECT pgwright.act_as('bench@bench.example', 'bench');
SELECT pgwright.create_entity('{
    "name": "bench_item", "label": "Item", "fields": [
        {"name": "name", "label": "Name", "field_type": "string", "is_required": true, "is_indexed": true, "max_length": 120},
        {"name": "code", "label": "Code", "field_type": "string", "is_required": true, "is_unique": true, "max_length": 40},
        {"name": "quantity", "label": "Quantity", "field_type": "integer", "min_value": 0},
        {"name": "price", "label": "Price", "field_type": "currency", "min_value": 0, "decimal_places": 2},
        {"name": "is_active", "label": "Active", "field_type": "boolean", "default_value": "true"},
        {"name": "made_on", "label": "Made on", "field_type": "date"},
        {"name": "seen_at", "label": "Seen at", "field_type": "datetime"},
        {"name": "note", "label": "Note", "field_type": "text"}]}');
SELECT pgwright.publish_entity('bench_item', 'Benchmark');

INSERT INTO t_bench.bench_item (id, name, code, quantity, price, is_active, made_on, seen_at, note)
SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'Item ' || n, 'C-' || n, n % 1000, n % 100000 / 100.0,
       n % 7 <> 0, date '2020-01-01' + n % 2000, timestamptz '2024-01-01 00:00:00Z' + n * interval '1 minute',
       'A note of a usual length about item ' || n
FROM generate_series(0, :rows - 1) AS n;
VACUUM ANALYZE t_bench.bench_item;
CHECKPOINT;
