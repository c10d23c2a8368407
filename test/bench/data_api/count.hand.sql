\set n random(0, 1900)
WITH matches AS NOT MATERIALIZED (
    SELECT id, name, email, city, credit, is_active, joined_on, seen_at, note, created_at, updated_at, created_by, updated_by
      FROM t_api.customer WHERE joined_on >= date '2020-01-01' + :n AND joined_on <= date '2020-01-01' + :n + 60 AND deleted_at IS NULL)
SELECT json_build_object('items', coalesce(json_agg(p ORDER BY p.joined_on, p.id), '[]'), 'total', (SELECT count(*) FROM matches), 'page', 1, 'page_size', 25,
                         'pages', (SELECT ceil(count(*) / 25.0) FROM matches))
  FROM (SELECT * FROM matches ORDER BY joined_on, id LIMIT 25) p;
