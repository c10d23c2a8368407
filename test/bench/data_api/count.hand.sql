\set n random(0, 1900)
WITH matches AS NOT MATERIALIZED (
    SELECT id, name, email, city, credit, is_active, joined_on, seen_at, note, created_at, updated_at, created_by, updated_by
      FROM t_api.customer WHERE joined_on >= date '2020-01-01' + :n::int AND joined_on <= date '2020-01-01' + :n::int + 60 AND deleted_at IS NULL),
total AS (SELECT count(*) AS number FROM matches)
SELECT json_build_object('items', coalesce((SELECT json_agg(p) FROM (SELECT * FROM matches ORDER BY joined_on, id LIMIT 25) p), '[]'),
                         'total', number, 'page', 1, 'page_size', 25, 'pages', ceil(number / 25.0))
  FROM total;
