-- How the server runs conditions: as pgwright_runtime, under row security, on tables with statistics.
-- Ranges, periods, arrays and related records use the indexes that are there for them.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('asks');
SELECT pg_temp.become('owner', 'asks');
SELECT pg_temp.publish('{"name":"firm","supports_soft_delete":false,"fields":[{"name":"city","field_type":"string","is_indexed":true}]}');
SELECT pg_temp.publish('{"name":"offer","supports_soft_delete":false,"fields":[
    {"name":"title","field_type":"string"},
    {"name":"size","field_type":"integer","is_indexed":true},
    {"name":"price","field_type":"currency","is_indexed":true},
    {"name":"day","field_type":"date","is_indexed":true},
    {"name":"at","field_type":"datetime","is_indexed":true},
    {"name":"tags","field_type":"array","item_type":"string","is_indexed":true},
    {"name":"codes","field_type":"array","item_type":"integer","is_indexed":true},
    {"name":"flags","field_type":"array","item_type":"boolean","is_indexed":true},
    {"name":"info","field_type":"json"},
    {"name":"firm_id","field_type":"lookup","reference_entity":"firm","is_indexed":true}],
    "indexes":[{"name":"words","index_type":"gin","field_names":["title"]}]}');
SELECT pg_temp.publish('{"name":"step","supports_soft_delete":false,"fields":[
    {"name":"number","field_type":"integer","is_indexed":true},
    {"name":"offer_id","field_type":"lookup","reference_entity":"offer","is_indexed":true}]}');
ALTER TABLE t_asks.firm SET (autovacuum_enabled = off);
ALTER TABLE t_asks.offer SET (autovacuum_enabled = off);
ALTER TABLE t_asks.step SET (autovacuum_enabled = off);
INSERT INTO t_asks.firm (id, city) SELECT md5(n::text)::uuid, 'c' || n FROM generate_series(1, 2000) n;
-- Days far from now, so that what a period covers is the same whenever this runs: nothing.
INSERT INTO t_asks.offer (id, title, size, price, day, at, tags, codes, flags, info, firm_id)
SELECT md5(n::text)::uuid, 'Title ' || md5(n::text), n, n, '1980-01-01'::date + n % 5000, '1980-01-01T00:00:00Z'::timestamptz + n * interval '1 hour',
       ARRAY['t' || n % 2000, 'u' || n % 1999], ARRAY[n % 2000, n % 1999], ARRAY[n % 2 = 0], jsonb_build_object('n', n), md5((1 + n % 2000)::text)::uuid
  FROM generate_series(1, 20000) n;
INSERT INTO t_asks.step (id, number, offer_id) SELECT md5(n::text)::uuid, n, md5((1 + n % 20000)::text)::uuid FROM generate_series(1, 20000) n;
ANALYZE t_asks.firm;
ANALYZE t_asks.offer;
ANALYZE t_asks.step;
-- Costs that do not depend on the machine's settings; one process.
SET random_page_cost = 1.1;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET enable_indexonlyscan = off;

-- With room for one plan only, the backend's plan is that of the last statement.
SET pgwright.plan_cache_size = 1;
CREATE FUNCTION pg_temp.compiled(condition text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.outcome(format('SELECT pgwright.list_records(%L, filters => %L)', 'offer', condition));
    RETURN (SELECT ident FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE '%"t\_asks"."offer" r%');
END $$;
-- Its predicate, and the lines of its plan that tell how rows are found; the values are given as SQL.
CREATE FUNCTION pg_temp.reads(condition text, arguments text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    statement text := pg_temp.compiled(condition);
    line text;
BEGIN
    RETURN NEXT substring(statement FROM 'WHERE (.*)\) c LEFT JOIN');
    SET LOCAL ROLE pgwright_runtime;
    EXECUTE 'PREPARE compiled AS ' || statement;
    FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) EXECUTE compiled%s', '(' || arguments || ')') LOOP
        EXIT WHEN line ~ 'SubPlan|->  Limit|->  Subquery Scan';
        IF line ~ 'Scan|Index Cond|Join|Nested Loop|Sort Key' AND line !~ 'One-Time' THEN RETURN NEXT pg_temp.tidy(line); END IF;
    END LOOP;
    DEALLOCATE compiled;
    RESET ROLE;
END $$;

-- Ranges.
SELECT pg_temp.reads('{"size":{"between":[5,9]}}', '5, 9');
SELECT pg_temp.reads('{"price":{"between":[5,9]}}', '5, 9');
SELECT pg_temp.reads('{"at":{"between":["1980-02-01","1980-02-02"]}}', $$'1980-02-01T00:00:00Z', '1980-02-02'$$);
-- Periods: their bounds are computed once.
SELECT pg_temp.reads('{"day":{"this_month":true}}', NULL);
SELECT pg_temp.reads('{"at":{"last_n_days":7}}', '7');
SELECT pg_temp.reads('{"at":{"gte":"{start_of_week}"}}', NULL);
-- Arrays: the server's operators are not leakproof. Of booleans there is none of ours.
SELECT pg_temp.reads('{"tags":{"array_contains":["t7","u7"]}}', $$'{t7,u7}'$$);
SELECT pg_temp.reads('{"tags":{"array_overlaps":["t7","u9"]}}', $$'{t7,u9}'$$);
SELECT pg_temp.reads('{"codes":{"contains":7}}', $$'{7}'$$);
SELECT pg_temp.reads('{"flags":{"array_contains":[true]}}', $$'{t}'$$);
-- A pattern that is a search.
SELECT pg_temp.reads('{"title":{"ilike":"%c4ca4238%"}}', $$'c4ca4238'$$);
-- Another field, and a document: no index has them.
SELECT pg_temp.reads('[{"field":"size","operator":"gt","value_field":"price"},{"size":{"lt":9}}]', '9');
SELECT pg_temp.reads('{"info.n":7,"size":{"between":[5,9]}}', $$'{n}', '7', 5, 9$$);
-- Related records: to one, and to several.
SELECT pg_temp.reads('{"firm.city":"c7"}', $$'c7'$$);
SELECT pg_temp.reads('{"field":"step","operator":"any","conditions":[{"number":{"lt":4}}]}', '4');
SELECT pg_temp.reads('[{"field":"step","operator":"none","conditions":[{"number":{"gt":4}}]},{"size":{"between":[5,9]}}]', '4, 5, 9');
-- The plan for any values.
SET plan_cache_mode = force_generic_plan;
SELECT pg_temp.reads('{"price":{"between":[5,9]}}', '5, 9');
SELECT pg_temp.reads('{"at":{"last_n_days":7}}', '7');
SELECT pg_temp.reads('{"tags":{"array_overlaps":["t7","u9"]}}', $$'{t7,u9}'$$);
SELECT pg_temp.reads('{"firm.city":"c7"}', $$'c7'$$);
