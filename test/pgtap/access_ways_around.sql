-- Ways around the rules, tried on direct connections: whoever finds one sees or changes a record that
-- access_matrix.sql says he does not reach. The regional sees of the records here two, and changes one.
\ir access_setup.psql
SELECT no_plan();
SELECT make_role('pgwright_tap_way', '{pgwright_user}') \g /dev/null
SELECT make_role('pgwright_tap_other', '{pgwright_user}') \g /dev/null
CREATE SCHEMA den AUTHORIZATION pgwright_tap_way;
GRANT USAGE ON SCHEMA tests TO pgwright_tap_way, pgwright_tap_other;

-- The records ------------------------------------------------------------------------------------------------

SELECT become('owner') \g /dev/null
CREATE TABLE sample AS SELECT e AS entity, place, (pgwright.create_record(e, json_build_object('title', title, 'stage', stage, 'code', code, 'company_id', company)) ->> 'id')::uuid AS id
  FROM (VALUES ('near', 'opal', 'open', 'c-near', :'north'), ('shut', 'opal', 'shut', 'c-shut', :'north'), ('far', 'onyx-onyx', 'open', 'c-far', :'south')) AS v (place, title, stage, code, company), unnest('{deal,task}'::text[]) e;
SELECT id AS deal_near FROM sample WHERE entity = 'deal' AND place = 'near' \gset
SELECT id AS deal_far FROM sample WHERE entity = 'deal' AND place = 'far' \gset
SELECT id AS task_far FROM sample WHERE entity = 'task' AND place = 'far' \gset
SELECT id AS task_shut FROM sample WHERE entity = 'task' AND place = 'shut' \gset
SELECT become('nobody') \g /dev/null
CREATE FUNCTION content() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(md5(x::text), ',' ORDER BY x::text) FROM (SELECT 'deal', d::text FROM t_acme.deal d UNION ALL SELECT 'task', k::text FROM t_acme.task k UNION ALL SELECT 'company', c::text FROM t_acme.company c) AS x
$$;
SELECT content() AS before \gset

-- All that a statement says, as the login: its lines, or its error with all that it names. What it changed
-- is undone, so whatever a change tells must be in what it returns: the number of rows, where it has none.
CREATE FUNCTION try(statement text, login name DEFAULT 'pgwright_tap_way') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text; all_lines text := ''; rows bigint; detail text; hint text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', login);
    BEGIN
        IF statement ~* '^(SELECT|WITH|EXPLAIN|TABLE|SHOW|FETCH|EXECUTE)|RETURNING' THEN
            FOR line IN EXECUTE statement LOOP all_lines := all_lines || coalesce(line, '~') || ' '; END LOOP;
        ELSE
            EXECUTE statement;
            GET DIAGNOSTICS rows = ROW_COUNT;
            all_lines := rows || ' rows';
        END IF;
        RAISE EXCEPTION SQLSTATE 'XUNDO';
    EXCEPTION
        WHEN SQLSTATE 'XUNDO' THEN NULL;
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            all_lines := concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
    END;
    RESET ROLE;
    RETURN trim(all_lines);
END $$;
-- What an answer must not have in it.
CREATE FUNCTION tells_nothing(who text, statement text, what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM tests.become(who);
    answer := tests.try(statement);
    RETURN public.ok(answer !~ 'onyx|c-far|22012' AND (who = 'regional' OR answer !~ 'opal|c-near'), format('%s: %s', who, what));
END $$;

-- Reading --------------------------------------------------------------------------------------------------------

CREATE FUNCTION den.watch(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN IF value LIKE '%onyx%' THEN RAISE EXCEPTION 'saw %', value; END IF; RETURN true; END $$;
CREATE FUNCTION den.equal(a text, b text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN IF a LIKE '%onyx%' THEN RAISE EXCEPTION 'saw %', a; END IF; RETURN a = b; END $$;
CREATE OPERATOR den.= (FUNCTION = den.equal, LEFTARG = text, RIGHTARG = text);
ALTER FUNCTION den.watch(text) OWNER TO pgwright_tap_way;
SELECT is((SELECT become('owner') || try('SELECT title FROM t_acme.deal WHERE den.watch(title)')), 'P0001 | saw onyx-onyx', 'the leaky function tells of what is seen');
SELECT tells_nothing(who, statement, statement)
  FROM unnest('{regional,idle,stranger,nobody}'::text[]) WITH ORDINALITY AS w (who, m), unnest(ARRAY[
    'SELECT title FROM t_acme.deal', 'TABLE t_acme.deal', 'SELECT d::text FROM t_acme.deal d', 'SELECT to_json(d) FROM t_acme.deal d',
    'SELECT title FROM t_acme.deal WHERE den.watch(title)', 'SELECT title FROM t_acme.deal ORDER BY den.watch(title)', 'SELECT max(title) FROM t_acme.deal GROUP BY den.watch(title)',
    'SELECT title FROM t_acme.deal WHERE title OPERATOR(den.=) ''x''', 'SELECT title FROM t_acme.deal WHERE title::integer = 1', 'SELECT title FROM t_acme.deal WHERE CASE WHEN true THEN title::date > now() END',
    'SELECT 1 / (length(title) - 9) FROM t_acme.deal', 'SELECT xmlparse(document title) FROM t_acme.deal', 'SELECT (SELECT title FROM t_acme.deal WHERE code = ''c-far'')', 'SELECT EXISTS (SELECT FROM t_acme.deal WHERE code = ''c-far'') AND ''onyx-onyx'' <> ''''',
    'SELECT n FROM (VALUES (''c-far''), (''c-none'')) AS v (n) WHERE n IN (SELECT code FROM t_acme.deal)', 'SELECT k.title FROM t_acme.company c LEFT JOIN t_acme.task k ON k.company_id = c.id', 'SELECT c.name FROM t_acme.company c, LATERAL (SELECT title FROM t_acme.deal d WHERE d.company_id = c.id AND den.watch(d.title)) x',
    'WITH d AS MATERIALIZED (SELECT * FROM t_acme.deal) SELECT title FROM d', 'WITH d AS NOT MATERIALIZED (SELECT * FROM t_acme.deal) SELECT title FROM d WHERE den.watch(title)', 'WITH d AS (UPDATE t_acme.deal SET title = title RETURNING title) SELECT title FROM d',
    'SELECT title FROM t_acme.deal UNION ALL SELECT title FROM t_acme.task', 'SELECT title FROM ONLY t_acme.deal FOR SHARE', 'SELECT title FROM t_acme.deal TABLESAMPLE BERNOULLI (100)', 'SELECT row_number() OVER (), title FROM t_acme.deal',
    'SELECT query_to_xml(''SELECT title FROM t_acme.deal'', true, true, '''')', 'SELECT table_to_xml(''t_acme.deal'', true, true, '''')', 'SELECT schema_to_xml(''t_acme'', true, true, '''')', 'SELECT database_to_xml(true, true, '''')', 'SELECT * FROM ts_stat(''SELECT to_tsvector(title) FROM t_acme.deal'')',
    'UPDATE t_acme.deal SET title = title RETURNING title', 'UPDATE t_acme.deal d SET title = k.title FROM t_acme.task k RETURNING k.title', 'DELETE FROM t_acme.task RETURNING title', 'DELETE FROM t_acme.company c USING t_acme.deal d WHERE den.watch(d.title) RETURNING d.title',
    'MERGE INTO t_acme.deal d USING t_acme.task k ON d.code = k.code WHEN MATCHED AND den.watch(d.title) AND den.watch(k.title) THEN DO NOTHING',
    'EXPLAIN (ANALYZE, VERBOSE, TIMING OFF) SELECT title FROM t_acme.deal WHERE den.watch(title)', 'SELECT most_common_vals::text FROM pg_stats WHERE schemaname = ''t_acme''', 'SELECT histogram_bounds::text FROM pg_stats WHERE schemaname = ''t_acme''',
    'SELECT stavalues1::text FROM pg_statistic', 'SELECT pg_read_file(pg_relation_filepath(''t_acme.deal''))', 'SELECT lo_import(''/etc/passwd'')']) WITH ORDINALITY AS s (statement, n) ORDER BY m, n;
-- A plan that counts what a filter threw away would tell how much there is.
SELECT become('regional') \g /dev/null
SELECT unalike(try('EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, SUMMARY OFF) SELECT FROM t_acme.deal WHERE den.watch(title) AND title = ''onyx-onyx'''), '%saw%', 'EXPLAIN ANALYZE runs no function on what is not seen');
SELECT set_config(s, v, false) FROM (VALUES ('force_parallel_mode', 'on'), ('parallel_setup_cost', '0'), ('parallel_tuple_cost', '0'), ('min_parallel_table_scan_size', '0')) AS o (s, v) \g /dev/null
SELECT matches(try('EXPLAIN (COSTS OFF) SELECT title FROM t_acme.deal WHERE title <> ''x'''), 'Gather', 'parallel workers look');
SELECT is((SELECT become(who)::text || try('SELECT count(title) FROM t_acme.deal')), want, who || ' in parallel workers')
  FROM (VALUES ('owner', '3'), ('regional', '2'), ('heir', '2'), ('idle', '0'), ('stranger', '0'), ('nobody', '0')) AS v (who, want);
SELECT become('regional') \g /dev/null
SELECT unalike(try('SELECT title FROM t_acme.deal WHERE den.watch(title)'), '%onyx%', 'nor do they show it to a leaky function');
RESET force_parallel_mode; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;

-- Views of a login's own ------------------------------------------------------------------------------------------

SET ROLE pgwright_tap_way;
CREATE VIEW den.deals AS SELECT * FROM t_acme.deal;
CREATE VIEW den.deals_checked WITH (security_barrier) AS SELECT * FROM t_acme.deal WHERE title <> 'x' WITH CHECK OPTION;
CREATE VIEW den.deals_invoked WITH (security_invoker) AS SELECT * FROM t_acme.deal;
CREATE FUNCTION den.definer() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT title FROM t_acme.deal';
GRANT USAGE ON SCHEMA den TO pgwright_tap_other;
GRANT ALL ON den.deals, den.deals_checked, den.deals_invoked TO pgwright_tap_other;
RESET ROLE;
SELECT is((SELECT become(who)::text || try(statement, login)), want, format('%s through %s: %s', who, login, statement))
  FROM (VALUES ('regional', 'opal opal'), ('idle', ''), ('stranger', ''), ('nobody', '')) AS a (who, want), unnest('{pgwright_tap_way,pgwright_tap_other}'::name[]) AS login,
       unnest('{SELECT title FROM den.deals,SELECT title FROM den.deals_checked,SELECT title FROM den.deals_invoked,SELECT den.definer()}'::text[]) AS statement;
SELECT is((SELECT become(who)::text || try(format('UPDATE den.%I SET title = ''y'' WHERE id = %L', v, :'deal_far'), login)), '0 rows', format('%s changes nothing through %s, by %s', who, v, login))
  FROM unnest('{regional,idle,stranger,nobody}'::text[]) AS who, unnest('{deals,deals_checked,deals_invoked}'::name[]) AS v, unnest('{pgwright_tap_way,pgwright_tap_other}'::name[]) AS login;

-- Writing ---------------------------------------------------------------------------------------------------------

SELECT become('regional') \g /dev/null
SELECT is(try(format(statement, place.id, :'north', a.user_id)), want, what)
  FROM (VALUES
    ('far',  'UPDATE t_acme.deal SET company_id = %2$L WHERE id = %1$L', '0 rows', 'what is out of reach is not drawn into it'),
    ('far',  'UPDATE t_acme.deal SET created_by = %3$L WHERE id = %1$L', '0 rows', 'nor made one''s own'),
    ('far',  'UPDATE t_acme.deal SET deleted_at = now() WHERE id = %1$L', '0 rows', 'nor marked deleted'),
    ('shut', 'UPDATE t_acme.deal SET stage = ''open'' WHERE id = %1$L', 'PW403 | permission denied: deal:update of this record', 'what is only seen is not made changeable'),
    ('shut', 'UPDATE t_acme.deal SET created_by = %3$L WHERE id = %1$L', 'PW403 | permission denied: deal:update of this record', 'nor made one''s own'),
    ('near', 'UPDATE t_acme.deal SET created_by = %3$L WHERE id = %1$L RETURNING created_by = %3$L', 'false', 'a record keeps its author'),
    ('near', 'UPDATE t_acme.company SET owner = ''north'' WHERE owner = ''south''', 'PW403 | permission denied: company:update of this record', 'what the rule looks into is not changed'),
    ('near', 'INSERT INTO t_acme.deal (title, stage, company_id, created_by) VALUES (''x'', ''open'', %2$L, NULL) RETURNING created_by = %3$L', 'true', 'a new record has its author'),
    ('far',  'INSERT INTO t_acme.deal (id, title, stage, company_id) VALUES (%1$L, ''x'', ''open'', %2$L) ON CONFLICT (id) DO UPDATE SET title = ''y'', company_id = %2$L RETURNING deal.title', '42501 | new row violates row-level security policy (USING expression) for table "deal"', 'ON CONFLICT does not reach what is not seen'),
    ('far',  'INSERT INTO t_acme.deal (code, stage, company_id) VALUES (''c-far'', ''open'', %2$L) ON CONFLICT (code) WHERE deleted_at IS NULL DO UPDATE SET created_by = %3$L RETURNING deal.title', '42501 | new row violates row-level security policy (USING expression) for table "deal"', 'by no unique field'),
    ('shut', 'INSERT INTO t_acme.deal (id, title, stage, company_id) VALUES (%1$L, ''x'', ''open'', %2$L) ON CONFLICT (id) DO UPDATE SET title = ''y'' RETURNING deal.title', 'PW403 | permission denied: deal:update of this record', 'nor changes what is only seen'),
    ('far',  'INSERT INTO t_acme.deal (id, stage, company_id) VALUES (%1$L, ''open'', %2$L) ON CONFLICT DO NOTHING RETURNING title', '', 'ON CONFLICT DO NOTHING shows nothing'),
    ('far',  'MERGE INTO t_acme.deal d USING (SELECT %1$L::uuid) AS v (id) ON d.id = v.id WHEN MATCHED THEN UPDATE SET title = ''x''', '0 rows', 'MERGE does not reach it'),
    ('shut', 'MERGE INTO t_acme.deal d USING (SELECT %1$L::uuid) AS v (id) ON d.id = v.id WHEN MATCHED THEN UPDATE SET stage = ''open''', 'PW403 | permission denied: deal:update of this record', 'nor changes what is only seen')
  ) AS v (which, statement, want, what), sample place, actor a WHERE place.place = v.which AND place.entity = 'deal' AND a.name = 'regional';
SELECT is((SELECT become('viewer')::text || try('UPDATE t_acme.deal SET created_by = pgwright.user_id()')), 'PW403 | permission denied: deal:update of this record', 'a viewer makes nothing his own');
SELECT is((SELECT become('author')::text || try('UPDATE t_acme.deal SET created_by = pgwright.user_id()')), '0 rows', 'nor does who has only his own');

-- Probing: a key that is taken, or refers to a record, says that there is one, because the database cannot
-- have it otherwise; it says nothing of the record, and nothing of another tenant.
SELECT become('regional') \g /dev/null
SELECT is(try(format('INSERT INTO t_acme.deal (code, stage, company_id) VALUES (''c-far'', ''open'', %L)', :'north')), '23505 | duplicate key value violates unique constraint "deal_code_key"', 'a value that is taken says no more');
SELECT unalike(error_of(format('SELECT pgwright.create_record(''deal'', %L)', json_build_object('code', 'c-far', 'stage', 'open', 'company_id', :'north')))::text, '%onyx%', 'nor by function');
SELECT is((SELECT become('author')::text || try(format('INSERT INTO t_acme.deal (title, company_id) VALUES (''x'', %L)', :'south'))), '1 rows', 'a company that is not seen may be referred to');
SELECT is(try(format('INSERT INTO t_acme.deal (title, company_id) VALUES (''x'', %L) RETURNING (SELECT name FROM t_acme.company c WHERE c.id = company_id)', :'south')), '~', 'and is not seen thereby');
SELECT is(try(format('INSERT INTO t_acme.deal (title, company_id) VALUES (''x'', %L)', id)), '23503 | insert or update on table "deal" violates foreign key constraint "deal_company_id_fkey" | Key is not present in table "company".', what)
  FROM (SELECT gen_random_uuid(), 'no company' UNION ALL SELECT id, 'another tenant''s is no company' FROM t_rival.company) AS v (id, what);
SELECT is(try(format('SELECT pgwright.get_record(%L, %L)', 'deal', id)), try(format('SELECT pgwright.get_record(%L, %L)', 'deal', gen_random_uuid())), 'get_record() does not tell what is not seen from what is not there') FROM sample WHERE entity = 'deal';
SELECT is(try(format('SELECT pgwright.update_record(''deal'', %L, ''{"title": "x"}'')', id)), 'PW404 | there is no such record', 'nor does update_record()') FROM sample WHERE entity = 'deal';

-- Who one is, changed on the way ---------------------------------------------------------------------------------

SELECT token AS owner_token FROM actor WHERE name = 'owner' \gset
SELECT token AS regional_token FROM actor WHERE name = 'regional' \gset
SELECT become('owner') \g /dev/null
SET ROLE pgwright_tap_way;
PREPARE deals AS SELECT count(title) AS n FROM t_acme.deal;
SET plan_cache_mode = force_generic_plan;
EXECUTE deals \gset as_owner_
SET pgwright.token = :'regional_token';
EXECUTE deals \gset as_regional_
SET pgwright.token = '';
EXECUTE deals \gset as_nobody_
RESET ROLE;
EXECUTE deals \gset as_superuser_
SET ROLE pgwright_tap_other;
EXECUTE deals \gset as_other_
RESET ROLE;
RESET plan_cache_mode;
SELECT is(:'as_owner_n' || :'as_regional_n' || :'as_nobody_n' || :'as_superuser_n' || :'as_other_n', '32030', 'a prepared statement is its executor''s');
SET ROLE pgwright_tap_way;
BEGIN;
SET LOCAL pgwright.token = :'owner_token';
EXECUTE deals \gset in_
SAVEPOINT s;
SET LOCAL pgwright.token = '';
EXECUTE deals \gset inner_
ROLLBACK TO s;
EXECUTE deals \gset again_
ROLLBACK;
EXECUTE deals \gset out_
BEGIN;
SET LOCAL pgwright.token = :'owner_token';
COMMIT;
EXECUTE deals \gset committed_
SET pgwright.token = :'regional_token';
BEGIN;
DECLARE c CURSOR FOR SELECT title FROM t_acme.deal;
DECLARE w CURSOR WITH HOLD FOR SELECT count(title) AS n FROM t_acme.deal;
FETCH c \g /dev/null
SET pgwright.token = '';
SELECT count(*) AS n FROM t_acme.deal \gset beside_
FETCH c \gset cursor_
FETCH c \g /dev/null
COMMIT;
FETCH w \gset held_
CLOSE w;
RESET ROLE;
SELECT is(:'in_n' || :'inner_n' || :'again_n' || :'out_n' || :'committed_n', '30300', 'with the transaction ends what the token was in it');
SELECT is(:'beside_n' || :'cursor_title', '0opal', 'an open cursor stays whose it was when it began, and shows no more than that');
SELECT ok(:'held_n' IN ('0', '2'), 'so does one that outlives its transaction');
-- In the middle of a statement: what that one decided before stays decided, and none sees more than either may.
SELECT become('nobody') \g /dev/null
SELECT unalike(try(format('SELECT title FROM t_acme.deal WHERE set_config(''pgwright.token'', %L, true) <> ''''', :'regional_token')), '%onyx%', 'a token set within the statement');
SELECT is(try('SELECT set_config(''pgwright.token'', ''rubbish'', true) <> '''' AND EXISTS (SELECT FROM t_acme.deal)'), 'false', 'and one that is none');
