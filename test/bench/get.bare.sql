\set n random(100000000000, 100000000000 + :rows - 1)
SELECT * FROM t_bench.bench_item WHERE id = ('00000000-0000-7000-8000-' || :n)::uuid;
