\set n random(1000000000000, 9000000000000000000)
SELECT pgwright.create_record('bench_item', ('{"name":"New item","code":"N-' || :n || '","quantity":17,"price":12.50,"is_active": true,"made_on":"2024-05-06","seen_at":"2024-05-06T07:08:09Z","note":"Made by the benchmark"}')::json);
