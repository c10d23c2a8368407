\set n random(1000000000000, 9000000000000000000)
INSERT INTO t_bench.bench_item (name, code, quantity, price, is_active, made_on, seen_at, note)
VALUES ('New item', 'N-' || :n, 17, 12.50, true, date '2024-05-06', timestamptz '2024-05-06T07:08:09Z', 'Made by the benchmark')
RETURNING *;
