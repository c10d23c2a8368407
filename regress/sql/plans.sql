-- The statements that the record functions compile, and how the server runs them: as pgwright_runtime,
-- under row security, on a table with statistics. A policy must not cost the index.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('plans'), pg_temp.new_user('viewer', 'plans', 'viewer');
SELECT pg_temp.become('owner', 'plans');
SELECT pg_temp.publish('{"name":"part","supports_soft_delete":false,"fields":[
    {"name":"code","field_type":"string","is_required":true,"is_unique":true,"max_length":20},
    {"name":"batch","field_type":"integer","is_required":true,"is_indexed":true},
    {"name":"price","field_type":"currency","is_indexed":true},
    {"name":"note","field_type":"string"}]}');
SELECT pg_temp.publish('{"name":"soft","fields":[
    {"name":"code","field_type":"string","is_required":true,"is_unique":true,"max_length":20},
    {"name":"batch","field_type":"integer","is_required":true,"is_indexed":true}]}');
ALTER TABLE t_plans.part SET (autovacuum_enabled = off);
ALTER TABLE t_plans.soft SET (autovacuum_enabled = off);
INSERT INTO t_plans.part (id, code, batch, price, note) SELECT md5(n::text)::uuid, 'c' || n, n / 10, n, repeat('x', 100) FROM generate_series(1, 20000) n;
INSERT INTO t_plans.soft (id, code, batch) SELECT md5(n::text)::uuid, 'c' || n, n / 10 FROM generate_series(1, 20000) n;
ANALYZE t_plans.part;
ANALYZE t_plans.soft;
-- Costs that do not depend on the machine's settings; one process, one kind of index scan (whether an
-- index-only scan pays depends on how many pages VACUUM found visible to all).
SET random_page_cost = 1.1;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;

-- The backend keeps one plan per statement, and its text beside it. With room for one plan only, that
-- is the last statement.
SET pgwright.plan_cache_size = 1;
CREATE FUNCTION pg_temp.last_statement() RETURNS text LANGUAGE sql AS $$
    SELECT ident FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE '%"t\_plans".%'
$$;
-- What a call compiles to.
CREATE FUNCTION pg_temp.compiled(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.outcome('SELECT ' || call);
    RETURN pg_temp.last_statement();
END $$;
-- How that runs for the caller, with the values given as SQL.
CREATE FUNCTION pg_temp.plan(call text, arguments text DEFAULT NULL, options text DEFAULT 'COSTS OFF') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    statement text := pg_temp.compiled(call);
    line text;
BEGIN
    SET LOCAL ROLE pgwright_runtime;
    EXECUTE 'PREPARE compiled AS ' || statement;
    FOR line IN EXECUTE format('EXPLAIN (%s) EXECUTE compiled%s', options, '(' || arguments || ')') LOOP
        RETURN NEXT pg_temp.tidy(line);
    END LOOP;
    DEALLOCATE compiled;
    RESET ROLE;
END $$;

-- Get: the primary key. The functions of the policy are InitPlans, called once for the statement; a row
-- that the index finds is compared with their results.
SELECT pg_temp.compiled($$pgwright.get_record('part', md5('1')::uuid::text)$$);
SELECT pg_temp.plan($$pgwright.get_record('part', md5('1')::uuid::text)$$, $$md5('1')::uuid$$);

-- A page: the default order is the key's. The total is counted beside it.
SELECT pg_temp.compiled($$pgwright.list_records('part', page_size => 10)$$);
SELECT pg_temp.plan($$pgwright.list_records('part', page_size => 10)$$);
SELECT pg_temp.compiled($$pgwright.list_records('part', page => 3, page_size => 10)$$);
SELECT pg_temp.plan($$pgwright.list_records('part', page => 3, page_size => 10)$$, '20');

-- Equality on a unique and on an indexed field: the index serves count and page.
SELECT pg_temp.compiled($$pgwright.list_records('part', filters => '{"code":"c77"}')$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"code":"c77"}')$$, $$'c77'$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"batch":77}')$$, $$77$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"operator":"AND","conditions":[{"field":"batch","operator":"in","value":[1,2,3]}]}')$$, $$'{1,2,3}'$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"operator":"AND","conditions":[{"field":"batch","operator":"lt","value":2}]}')$$, $$2$$);
-- The server lets only leakproof operators reach an index below a policy. Its own of numbers and of
-- patterns are not marked so; the statements use twins that are, and the index gets the server's.
-- A range with one end and few rows is given the other end, by which the planner prices the scan.
SELECT pg_temp.compiled($$pgwright.list_records('part', filters => '{"price":77}')$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"price":77}')$$, $$77$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"gte","value":10},{"field":"price","operator":"lt","value":20}]}')$$, '10, 20');
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"lt","value":20}]}')$$, '20');
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"gt","value":19990}]}')$$, '19990');
SELECT pg_temp.compiled($$pgwright.list_records('part', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"in","value":[1,2,3]}]}')$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"in","value":[1,2,3]}]}')$$, $$'{1,2,3}'$$);
-- No index leads a plain field: a scan, once for the count and once for the page.
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"note":"y"}')$$, $$'y'$$);

-- Sorting on an indexed, required field reads the index in its order, either way, and stops after the
-- page; the id breaks ties among the few of one key.
SELECT pg_temp.compiled($$pgwright.list_records('part', sort => 'batch')$$);
SELECT pg_temp.plan($$pgwright.list_records('part', sort => 'batch')$$);
SELECT pg_temp.compiled($$pgwright.list_records('part', sort => 'batch:desc')$$);
SELECT pg_temp.plan($$pgwright.list_records('part', sort => 'batch:desc')$$);
SELECT pg_temp.plan($$pgwright.list_records('part', sort => 'code')$$);

-- Soft delete: the unique index covers live rows, which is what the statements ask for.
SELECT pg_temp.compiled($$pgwright.get_record('soft', md5('1')::uuid::text)$$);
SELECT pg_temp.plan($$pgwright.get_record('soft', md5('1')::uuid::text)$$, $$md5('1')::uuid$$);
SELECT pg_temp.plan($$pgwright.list_records('soft', filters => '{"code":"c77"}')$$, $$'c77'$$);
SELECT pg_temp.plan($$pgwright.list_records('soft', sort => 'code', page_size => 10)$$);

-- Text is searched through trigrams, and its beginning through an index that is sorted by bytes as far
-- as it has no letters, which have two cases. AND and OR combine what the indexes find; an ORDER BY with
-- a LIMIT goes with any of them.
CREATE EXTENSION pg_trgm SCHEMA public;
SELECT pg_temp.publish('{"name":"goods","supports_soft_delete":false,"fields":[
    {"name":"label","field_type":"string","is_required":true},
    {"name":"sku","field_type":"string"},
    {"name":"price","field_type":"currency","is_indexed":true}],
    "indexes":[{"name":"label_words","index_type":"gin","field_names":["label"]}]}');
ALTER TABLE t_plans.goods SET (autovacuum_enabled = off);
INSERT INTO t_plans.goods (id, label, sku, price) SELECT md5(n::text)::uuid, 'Label ' || md5(n::text), lpad(n::text, 6, '0'), n FROM generate_series(1, 20000) n;
CREATE INDEX goods_sku_bytes ON t_plans.goods (sku text_pattern_ops);
ANALYZE t_plans.goods;
RESET enable_bitmapscan;
SELECT pg_temp.compiled($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"label","operator":"contains","value":"a1%b_2"}]}')$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"label","operator":"contains","value":"a1%b_2"}]}')$$, $$'a1%b_2'$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"label","operator":"starts_with","value":"label c4ca4"}]}')$$, $$'label c4ca4'$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"label","operator":"ends_with","value":"75849b"}]}')$$, $$'75849b'$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"sku","operator":"starts_with","value":"00012"}]}')$$, $$'00012'$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', sort => '-price', filters => '{"operator":"AND","conditions":[{"field":"label","operator":"contains","value":"c4ca4238"},{"field":"price","operator":"lt","value":100}]}')$$, $$'c4ca4238', 100$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"OR","conditions":[{"field":"label","operator":"contains","value":"c4ca4238"},{"field":"price","operator":"gt","value":19990},{"field":"sku","operator":"eq","value":"000007"}]}')$$, $$'c4ca4238', 19990, '000007'$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', sort => 'price', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"gte","value":50}]}')$$, '50');
-- The plan for any values: the pattern is computed when the index is read.
SET plan_cache_mode = force_generic_plan;
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"label","operator":"contains","value":"c4ca4238"}]}')$$, $$'c4ca4238'$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"gte","value":10},{"field":"price","operator":"lt","value":20}]}')$$, '10, 20');
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"OR","conditions":[{"field":"label","operator":"contains","value":"c4ca4238"},{"field":"price","operator":"eq","value":19990}]}')$$, $$'c4ca4238', 19990$$);
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"price","operator":"in","value":[1,2,3]}]}')$$, $$'{1,2,3}'$$);
RESET plan_cache_mode;
-- Without a trigram in the needle the index would be read as a whole.
SELECT pg_temp.plan($$pgwright.list_records('goods', filters => '{"operator":"AND","conditions":[{"field":"label","operator":"contains","value":"z"}]}')$$, $$'z'$$);
SET enable_bitmapscan = off;

-- Writing.
SELECT pg_temp.compiled($$pgwright.create_record('part', '{"note":"n","code":"new1","batch":1}')$$);
SELECT pg_temp.compiled($$pgwright.bulk_create_records('part', '[{"code":"new2","batch":1},{"batch":1,"code":"new3","note":"n"}]')$$);
SELECT pg_temp.compiled($$pgwright.update_record('part', md5('1')::uuid::text, '{"batch":0,"note":null}')$$);
SELECT pg_temp.plan($$pgwright.update_record('part', md5('1')::uuid::text, '{"batch":0,"note":null}')$$, $$0, NULL, md5('1')::uuid$$);
SELECT pg_temp.compiled($$pgwright.delete_record('part', md5('1')::uuid::text)$$);
SELECT pg_temp.compiled($$pgwright.delete_record('soft', md5('1')::uuid::text)$$);

-- The plan for any values, which the server turns to when it is no dearer, uses the indexes as well.
SET plan_cache_mode = force_generic_plan;
SELECT pg_temp.plan($$pgwright.get_record('part', md5('2')::uuid::text)$$, $$md5('2')::uuid$$);
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"batch":77}')$$, $$77$$);
RESET plan_cache_mode;

-- Once per statement, not once per row: each InitPlan runs a single time over all the rows.
SELECT pg_temp.plan($$pgwright.list_records('part', filters => '{"note":"y"}')$$, $$'y'$$, 'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF');

-- A caller who may read but not update changes nothing, and one without an identity sees nothing,
-- whatever the statement; the engine asks for the permission before it comes to that.
SELECT pg_temp.compiled($$pgwright.update_record('part', md5('2')::uuid::text, '{"batch":0}')$$) AS update \gset
SELECT pg_temp.become('viewer', 'plans');
SET ROLE pgwright_runtime;
PREPARE change AS :update;
EXECUTE change(1, md5('2')::uuid);
SELECT count(*) FROM t_plans.part;
SET pgwright.token = '';
SELECT count(*) FROM t_plans.part;
RESET ROLE;
SELECT batch FROM t_plans.part WHERE id = md5('2')::uuid;
