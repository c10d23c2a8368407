-- The tenants and their tables, filled by the superuser: :tenants tables of :rows rows each, and one of
-- :big rows. Costs are the server's own. The roles that ask: bench_security, under row security, and
-- bench_free, without it, which bypasses the policies and writes the predicate by hand.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgwright;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE ROLE bench_security LOGIN INHERIT IN ROLE pgwright_runtime PASSWORD :'password';
CREATE ROLE bench_free LOGIN BYPASSRLS INHERIT IN ROLE pgwright_runtime PASSWORD :'password';

CREATE FUNCTION pg_temp.make(slug text, rows integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pgwright.create_tenant(slug, slug);
    PERFORM pgwright.create_user(slug || '@bench.example', 'bench secret', slug, 'owner', slug);
    PERFORM pgwright.act_as(slug || '@bench.example', slug);
    PERFORM pgwright.create_entity('{"name": "deal", "supports_soft_delete": false, "fields": [
        {"name": "title", "field_type": "string", "is_required": true},
        {"name": "amount", "field_type": "currency", "is_required": true, "is_indexed": true},
        {"name": "closes", "field_type": "date", "is_required": true, "is_indexed": true},
        {"name": "note", "field_type": "text"}],
        "indexes": [{"name": "words", "index_type": "gin", "field_names": ["title"]}]}');
    IF pgwright.publish_entity('deal') ->> 'status' <> 'completed' THEN RAISE EXCEPTION 'not published'; END IF;
    EXECUTE format($sql$
        INSERT INTO %I.deal (id, title, amount, closes, note)
        SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'Deal ' || md5(n::text), (n * 7919::bigint %% %s) / 100.0,
               date '2020-01-01' + (n * 31 %% 3650), 'A note of a usual length about deal ' || n
          FROM generate_series(0, %s - 1) n $sql$, 't_' || slug, rows, rows);
END $$;
SELECT pg_temp.make('bench' || n, :rows) FROM generate_series(1, :tenants) n \g /dev/null
SELECT pg_temp.make('benchbig', :big) \g /dev/null
VACUUM ANALYZE;
CHECKPOINT;
