\set n random(1000000000000, 9000000000000000000)
SELECT pgwright.bulk_create_records('customer', (SELECT replace(body, '#', :n::text)::json FROM bench_set));
