\set n random(1000000000000, 9000000000000000000)
WITH made AS (
    INSERT INTO t_api.customer (name, email, city, credit, is_active, joined_on, seen_at, note)
    VALUES ('New customer', 'n' || :n::text || '@example.org', 'City 7', 12.50, true, date '2024-05-06', timestamptz '2024-05-06T07:08:09Z', 'Made by the benchmark')
    RETURNING id, name, email, city, credit, is_active, joined_on, seen_at, note, created_at, updated_at, created_by, updated_by)
SELECT json_build_object('id', id, 'data', row_to_json(made)) FROM made;
