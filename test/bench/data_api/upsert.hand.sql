\set n random(0, :rows - 1)
WITH written AS (
    INSERT INTO t_api.customer (name, email, city, credit)
    VALUES ('Customer ' || :n::text, 'c' || :n::text || '@example.org', 'City ' || (:n::int % 500), :n::int % 1000)
    ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name, city = excluded.city, credit = excluded.credit
    RETURNING id, name, email, city, credit, is_active, joined_on, seen_at, note, created_at, updated_at, created_by, updated_by, xmax = 0 AS created)
SELECT json_build_object('id', id, 'data', row_to_json(written), 'created', created) FROM written;
