\set n random(0, 9999)
SELECT json_build_object('items', coalesce(json_agg(p.item) FILTER (WHERE number <= 25), '[]'), 'page', 1, 'page_size', 25, 'has_more', count(*) > 25) FROM (
    SELECT row_number() OVER () AS number, row_to_json(r) AS item FROM (
        SELECT id, name, email, city, credit, is_active, joined_on, seen_at, note, created_at, updated_at, created_by, updated_by
          FROM t_api.customer
         WHERE (name OPERATOR(pgwright.@@@) pgwright.search_query('c' || :n) OR email OPERATOR(pgwright.@@@) pgwright.search_query('c' || :n) OR city OPERATOR(pgwright.@@@) pgwright.search_query('c' || :n))
           AND (name OPERATOR(pgwright.@@@) pgwright.search_query('exampel') OR email OPERATOR(pgwright.@@@) pgwright.search_query('exampel') OR city OPERATOR(pgwright.@@@) pgwright.search_query('exampel'))
           AND deleted_at IS NULL
         ORDER BY pgwright.search_rank(pgwright.search_query('c' || :n || ' exampel'), name, email, city) DESC, id LIMIT 26) r) p;
