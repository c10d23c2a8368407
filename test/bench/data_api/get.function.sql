\set n random(100000000000, 100000000000 + :rows - 1)
SELECT pgwright.get_record('customer', '00000000-0000-7000-8000-' || :n);
