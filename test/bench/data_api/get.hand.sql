\set n random(100000000000, 100000000000 + :rows - 1)
SELECT json_build_object('id', c.id, 'data', row_to_json(c)) FROM (
    SELECT id, name, email, city, credit, is_active, joined_on, seen_at, note, created_at, updated_at, created_by, updated_by
      FROM t_api.customer WHERE id = ('00000000-0000-7000-8000-' || :n)::uuid AND deleted_at IS NULL) c;
