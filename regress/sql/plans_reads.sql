-- How the server runs reads of several records: as pgwright_runtime, under row security, on tables with
-- statistics. A page by cursor begins in the index where the page before ended; related records are looked up
-- by the index on what refers, for the records of the page alone; orders and groups over relations read a table once.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('reads');
SELECT pg_temp.become('owner', 'reads');
SELECT pg_temp.publish('{"name":"region","supports_soft_delete":false,"fields":[{"name":"name","field_type":"string","is_required":true}]}');
SELECT pg_temp.publish('{"name":"client","supports_soft_delete":false,"fields":[
    {"name":"name","field_type":"string","is_required":true,"is_unique":true},
    {"name":"rank","field_type":"integer","is_required":true,"is_indexed":true},
    {"name":"region_id","field_type":"lookup","reference_entity":"region","is_required":true,"is_indexed":true}]}');
SELECT pg_temp.publish('{"name":"bill","supports_soft_delete":false,"fields":[
    {"name":"number","field_type":"integer","is_required":true,"is_indexed":true},
    {"name":"total","field_type":"currency"},
    {"name":"client_id","field_type":"lookup","reference_entity":"client","is_required":true,"is_indexed":true}]}');
SELECT pg_temp.publish('{"name":"item","supports_soft_delete":false,"fields":[
    {"name":"position","field_type":"integer","is_required":true},
    {"name":"bill_id","field_type":"lookup","reference_entity":"bill","is_required":true,"is_indexed":true}]}');
ALTER TABLE t_reads.region SET (autovacuum_enabled = off);
ALTER TABLE t_reads.client SET (autovacuum_enabled = off);
ALTER TABLE t_reads.bill SET (autovacuum_enabled = off);
ALTER TABLE t_reads.item SET (autovacuum_enabled = off);
INSERT INTO t_reads.region (id, name) SELECT md5(n::text)::uuid, 'r' || n FROM generate_series(1, 500) n;
INSERT INTO t_reads.client (id, name, rank, region_id) SELECT md5(n::text)::uuid, 'c' || lpad(n::text, 6, '0'), n / 10, md5((1 + n % 500)::text)::uuid FROM generate_series(1, 5000) n;
INSERT INTO t_reads.bill (id, number, total, client_id) SELECT md5(n::text)::uuid, n, n, md5((1 + n % 5000)::text)::uuid FROM generate_series(1, 15000) n;
INSERT INTO t_reads.item (id, position, bill_id) SELECT md5(n::text)::uuid, n % 3, md5((1 + n % 15000)::text)::uuid FROM generate_series(1, 30000) n;
ANALYZE t_reads.region;
ANALYZE t_reads.client;
ANALYZE t_reads.bill;
ANALYZE t_reads.item;
-- Costs that do not depend on the machine's settings; one process, one kind of index scan.
SET random_page_cost = 1.1;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
SET enable_memoize = off;

-- With room for one plan only, the backend's plan is that of the last statement.
SET pgwright.plan_cache_size = 1;
CREATE FUNCTION pg_temp.compiled(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.outcome('SELECT ' || call);
    RETURN (SELECT ident FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE '%"t\_reads".%' AND ident NOT LIKE ALL ('{SELECT 1 FROM ONLY %,PREPARE %}'));
END $$;
-- The lines of its plan that tell how rows are found and put in order; the values are given as SQL.
CREATE FUNCTION pg_temp.reads(call text, arguments text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    statement text := pg_temp.compiled(call);
    line text;
BEGIN
    SET LOCAL ROLE pgwright_runtime;
    EXECUTE 'PREPARE compiled AS ' || statement;
    FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) EXECUTE compiled%s', coalesce('(' || nullif(arguments, '') || ')', '')) LOOP
        IF line ~ ' Scan|Index Cond|Join|Nested Loop|Sort|Limit|Aggregate|Group|Join Filter' AND line !~ 'One-Time' THEN RETURN NEXT pg_temp.tidy(line); END IF;
    END LOOP;
    DEALLOCATE compiled;
    RESET ROLE;
END $$;
-- A page's next_cursor, and how many rows of a table a call reads. (Rows that an index leads to count as well as those of a scan.)
CREATE FUNCTION pg_temp.next_of(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    cursor text;
BEGIN
    EXECUTE format('SELECT %s ->> ''next_cursor''', call) INTO cursor;
    RETURN cursor;
END $$;
CREATE FUNCTION pg_temp.rows_read(call text) RETURNS TABLE (relation text, looked_up bigint, scanned bigint) LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE seen ON COMMIT DROP AS SELECT relid, relname, coalesce(idx_tup_fetch, 0) AS idx, coalesce(seq_tup_read, 0) AS seq FROM pg_stat_xact_user_tables WHERE schemaname = 't_reads';
    PERFORM pg_temp.outcome('SELECT ' || call);
    RETURN QUERY SELECT s.relname::text, coalesce(x.idx_tup_fetch, 0) - s.idx, coalesce(x.seq_tup_read, 0) - s.seq
                   FROM seen s JOIN pg_stat_xact_user_tables x USING (relid)
                  WHERE coalesce(x.idx_tup_fetch, 0) + coalesce(x.seq_tup_read, 0) > s.idx + s.seq ORDER BY 1;
END $$;

-- The pages of a list by cursor: the index is read from where the page before ended, not from its beginning.
SELECT pg_temp.next_of($$pgwright.list_records('client', cursor => '')$$) AS key \gset
SELECT pg_temp.compiled(format($$pgwright.list_records('client', cursor => %L)$$, :'key'));
SELECT pg_temp.reads(format($$pgwright.list_records('client', cursor => %L)$$, :'key'), $$md5('1')::uuid$$);
SELECT pg_temp.next_of($$pgwright.list_records('client', cursor => '', sort => 'rank')$$) AS rank \gset
SELECT pg_temp.compiled(format($$pgwright.list_records('client', cursor => %L, sort => 'rank')$$, :'rank'));
SELECT pg_temp.reads(format($$pgwright.list_records('client', cursor => %L, sort => 'rank')$$, :'rank'), $$250, md5('1')::uuid$$);
SELECT pg_temp.next_of($$pgwright.list_records('client', cursor => '', sort => '-rank')$$) AS down \gset
SELECT pg_temp.reads(format($$pgwright.list_records('client', cursor => %L, sort => '-rank')$$, :'down'), $$250, md5('1')::uuid$$);

-- What the records of the page refer to: one look-up each, by the key.
SELECT pg_temp.compiled($$pgwright.list_records('bill', fields => 'number', expand => 'client.region', sort => 'number', count => 'none')$$);
SELECT pg_temp.reads($$pgwright.list_records('bill', fields => 'number', expand => 'client.region', sort => 'number', count => 'none')$$, NULL);
-- Those that refer to them: by the index on the lookup, whether all of them come or some. The order within is made of the few of one record.
SELECT pg_temp.compiled($$pgwright.list_records('client', fields => 'name', expand => '{"bill":{"fields":"number","sort":"-total","limit":2}}', sort => 'name', count => 'none')$$);
SELECT pg_temp.reads($$pgwright.list_records('client', fields => 'name', expand => '{"bill":{"fields":"number","sort":"-total","limit":2}}', sort => 'name', count => 'none')$$, NULL);
SELECT pg_temp.reads($$pgwright.list_records('client', fields => 'name', expand => '{"bill":{"fields":"number,item.position"}}', sort => 'name', count => 'none')$$, NULL);
-- For the records of the page alone: those of 5 clients and of the one that tells whether more follow.
BEGIN;
SELECT * FROM pg_temp.rows_read($$pgwright.list_records('client', fields => 'name', expand => 'bill.item', sort => 'name', page_size => 5, count => 'none')$$);
ROLLBACK;
BEGIN;
SELECT * FROM pg_temp.rows_read($$pgwright.list_records('bill', fields => 'number', expand => 'client.region', sort => 'number', page_size => 5, count => 'none')$$);
ROLLBACK;

-- Orders over a relation: joined once, not looked up for each record.
SELECT pg_temp.compiled($$pgwright.list_records('client', fields => 'name', sort => 'region.name', count => 'none')$$);
SELECT pg_temp.reads($$pgwright.list_records('client', fields => 'name', sort => 'region.name', count => 'none')$$, NULL);
-- With a filter that an index serves, of few records only.
SELECT pg_temp.reads($$pgwright.list_records('bill', fields => 'number', sort => 'client.region.name', filters => '{"number":{"between":[5,9]}}', count => 'none')$$, '5, 9');

-- Groups: each table is read once; a filter uses its index. The policy of a table that is joined is a condition of each of its
-- rows, which the planner takes for a rare one (on the outer side of a join it is asked once): hence a look-up of regions.
SELECT pg_temp.compiled($$pgwright.aggregate_records('bill', '{"group_by":["client.region.name"],"aggregates":[{"function":"count"},{"function":"sum","field":"total"}]}')$$);
SELECT pg_temp.reads($$pgwright.aggregate_records('bill', '{"group_by":["client.region.name"],"aggregates":[{"function":"count"},{"function":"sum","field":"total"}]}')$$, NULL);
SELECT pg_temp.reads($$pgwright.aggregate_records('bill', '{"group_by":["client_id"],"aggregates":[{"function":"sum","field":"total"}],"filters":{"number":{"between":[5,9]}}}')$$, '5, 9');
