\set n random(1000000000000, 9000000000000000000)
WITH made AS (
    INSERT INTO t_api.customer (name, email, city, credit, is_active, joined_on, seen_at, note)
    SELECT r.* FROM json_to_recordset((SELECT replace(body, '#', :n::text)::json FROM bench_set))
        AS r (name text, email text, city text, credit numeric, is_active boolean, joined_on date, seen_at timestamptz, note text)
    RETURNING id)
SELECT json_build_object('created', count(*), 'failed', 0, 'errors', '[]'::json, 'ids', json_agg(id)) FROM made;
