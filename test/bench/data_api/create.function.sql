\set n random(1000000000000, 9000000000000000000)
SELECT pgwright.create_record('customer', ('{"name":"New customer","email":"n' || :n::text || '@example.org","city":"City 7","credit":12.50,"is_active": true,"joined_on":"2024-05-06","seen_at":"2024-05-06T07:08:09Z","note":"Made by the benchmark"}')::json);
