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
CREATE FUNCTION rights() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(c::text, E'\n' ORDER BY c) FROM (
        SELECT concat(relname, relacl, relrowsecurity, relforcerowsecurity, relowner) FROM pg_class WHERE relnamespace = 't_acme'::regnamespace
        UNION ALL SELECT pg_get_expr(coalesce(polqual, polwithcheck), polrelid) FROM pg_policy UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE tgrelid IN ('t_acme.deal'::regclass, 't_acme.task'::regclass)) AS x (c)
$$;
SELECT rights() AS rights \gset

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
CREATE FUNCTION den.equal(a text, b text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN IF a LIKE '%onyx%' THEN RAISE EXCEPTION 'saw %', a; END IF; RETURN a OPERATOR(pg_catalog.=) b; END $$;
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

-- Who may delete and not update changes nothing with it: not on that occasion, and not afterwards.
SELECT become('owner') \g /dev/null
SELECT make_access_role('janitor', '{deal:read,deal:delete,company:read,company:delete}') \g /dev/null
SELECT make_access_role('clerk', '{deal:read,deal:update}') \g /dev/null
SELECT become('nobody') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{janitor,clerk}'::text[]) r \g /dev/null
UPDATE t_acme.deal SET deleted_at = now() WHERE id = :'deal_near';
SELECT is((SELECT become(who)::text || try(format(statement, id))), want, who || ' ' || what)
  FROM (VALUES
    ('janitor', :'deal_far', 'UPDATE t_acme.deal SET deleted_at = now() WHERE id = %L', '1 rows', 'deletes'),
    ('janitor', :'deal_far', 'SELECT count(*) FROM (SELECT pgwright.delete_record(''deal'', %L)) AS d', '1', 'deletes by function'),
    ('janitor', :'deal_far', 'UPDATE t_acme.deal SET deleted_at = now(), deleted_by = NULL WHERE id = %L RETURNING deleted_by = pgwright.user_id()', 'true', 'and is written down for it'),
    ('janitor', :'deal_far', 'UPDATE t_acme.deal SET deleted_at = now(), title = ''x'' WHERE id = %L', 'PW403 | permission denied: deal:update of this record', 'changes nothing on the way'),
    ('janitor', :'deal_far', 'UPDATE t_acme.deal SET deleted_at = now(), created_at = now() WHERE id = %L', 'PW403 | permission denied: deal:update of this record', 'not even a stamp'),
    ('janitor', :'deal_far', 'UPDATE t_acme.deal SET deleted_at = now(), code = NULL WHERE id = %L', 'PW403 | permission denied: deal:update of this record', 'nor takes anything away'),
    ('janitor', :'deal_near', 'UPDATE t_acme.deal SET title = ''x'' WHERE id = %L', 'PW403 | permission denied: deal:update of this record', 'changes nothing deleted'),
    ('janitor', :'deal_near', 'UPDATE t_acme.deal SET deleted_at = NULL WHERE id = %L', 'PW403 | permission denied: deal:update of this record', 'brings nothing back'),
    ('clerk', :'deal_far', 'UPDATE t_acme.deal SET title = ''x'' WHERE id = %L', '1 rows', 'changes'),
    ('clerk', :'deal_far', 'UPDATE t_acme.deal SET deleted_at = now() WHERE id = %L', 'PW403 | permission denied: deal:delete of this record', 'deletes nothing'),
    ('clerk', :'deal_near', 'UPDATE t_acme.deal SET title = ''x'' WHERE id = %L', 'PW403 | permission denied: deal:delete of this record', 'changes nothing deleted'),
    ('owner', :'deal_far', 'UPDATE t_acme.deal SET deleted_at = now(), title = ''x'' WHERE id = %L', '1 rows', 'does both at once')
  ) AS v (who, id, statement, want, what);
SELECT become('nobody') \g /dev/null
UPDATE t_acme.deal SET deleted_at = NULL WHERE id = :'deal_near';
SELECT content() AS before \gset
-- What is referred to stays, also by records that are not seen; the refusal says by which table.
SELECT is((SELECT become('janitor')::text || try(format('DELETE FROM t_acme.company WHERE id = %L', :'south'))), '23503 | update or delete on table "company" violates foreign key constraint "deal_company_id_fkey" on table "deal" | Key is still referenced from table "deal".', 'a company that deals refer to is not deleted');

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

-- Look-alikes --------------------------------------------------------------------------------------------------------
-- Functions, operators and temporary tables of a login's own, first in the search path: policies, the guard and
-- the engine look none of them up.

GRANT SELECT ON actor TO pgwright_tap_way;
SET ROLE pgwright_tap_way;
CREATE FUNCTION den.yes(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION den.yes(uuid, uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION den.yes(boolean, boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR den.= (FUNCTION = den.yes, LEFTARG = uuid, RIGHTARG = uuid);
CREATE OPERATOR den.<> (FUNCTION = den.yes, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION den.has_permission(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION den.has_rule(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION den.user_department() RETURNS text LANGUAGE sql AS $$ SELECT 'south' $$;
CREATE FUNCTION den.tenant_id() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION den.count(anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
CREATE TEMP TABLE company AS SELECT id, 'north'::text AS owner, 'x'::text AS name, NULL::timestamptz AS deleted_at FROM (VALUES (:'north'::uuid), (:'south')) AS v (id);
CREATE TEMP TABLE deal (id uuid, title text, stage text, company_id uuid);
CREATE TEMP TABLE users (id uuid, email text, status text);
CREATE TEMP TABLE roles (id uuid, name text);
CREATE TEMP TABLE row_rules (id uuid, condition jsonb);
CREATE TEMP TABLE role_permissions (id uuid, resource text, action text, scope text);
CREATE TEMP TABLE entity_definitions (id uuid, name text, tenant_id uuid);
CREATE TEMP TABLE pg_class AS SELECT * FROM pg_catalog.pg_class WHERE false;
CREATE TEMP TABLE pg_proc AS SELECT * FROM pg_catalog.pg_proc WHERE false;
CREATE TEMP TABLE pg_policy AS SELECT * FROM pg_catalog.pg_policy WHERE false;
RESET ROLE;
SELECT quote_literal(id) AS deal_shut FROM sample WHERE entity = 'deal' AND place = 'shut' \gset
CREATE FUNCTION try_in(path text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text; kept text := current_setting('search_path');
BEGIN
    PERFORM set_config('search_path', path, true);
    answer := tests.try(statement);
    PERFORM set_config('search_path', kept, true);
    RETURN answer;
END $$;
ALTER FUNCTION try(text, name) SET client_min_messages = warning;
SELECT become('regional') \g /dev/null
SELECT is(try_in(path, statement), want, format('with search_path %s: %s', path, what))
  FROM unnest(ARRAY['den, pg_catalog', 'pg_temp, den, pg_catalog', 'den, pg_temp, t_acme, pgwright, pg_catalog', '']) WITH ORDINALITY AS p (path, m),
       (VALUES (1, 'SELECT pg_catalog.count(title) FROM t_acme.deal', '2', 'a table shows no more'),
               (2, 'SELECT pgwright.list_records(''deal'') ->> ''total''', '2', 'nor a list'),
               (3, format('SELECT title FROM t_acme.deal WHERE id OPERATOR(pg_catalog.=) %L', :'deal_far'), '', 'nor a record'),
               (4, format('SELECT pgwright.get_record(''deal'', %L)', :'deal_far'), 'PW404 | there is no such record', 'nor a record by function'),
               (5, format('UPDATE t_acme.deal SET stage = ''open'' WHERE id OPERATOR(pg_catalog.=) %s', :'deal_shut'), 'PW403 | permission denied: deal:update of this record', 'the guard judges as ever'),
               (6, format('SELECT pgwright.update_record(''deal'', %s, ''{"stage": "open"}'')', :'deal_shut'), 'PW403 | permission denied: deal:update of this record', 'also by function'),
               (7, format('INSERT INTO t_acme.deal (stage, company_id) VALUES (''open'', %L)', :'south'), '42501 | new row violates row-level security policy for table "deal"', 'a new record is of one''s companies'),
               (8, format('SELECT pgwright.create_record(''deal'', ''{"stage": "open", "company_id": "%s"}'')', :'south'), 'PW403', 'also by function'),
               (9, 'SELECT pgwright.user_department()', 'north', 'one stays in one''s department')) AS s (n, statement, want0, what),
       LATERAL (SELECT CASE n WHEN 8 THEN (SELECT w FROM (SELECT try(statement)) AS t (w)) ELSE want0 END) AS w (want) ORDER BY m, n;
SELECT matches(try_in('den, pg_catalog', format('SELECT pgwright.create_record(''deal'', ''{"stage": "open", "company_id": "%s"}'')', :'south')), '^(PW403|42501)', 'which refuses');
DROP TABLE pg_temp.company, pg_temp.deal, pg_temp.users, pg_temp.roles, pg_temp.row_rules, pg_temp.role_permissions, pg_temp.entity_definitions, pg_temp.pg_class, pg_temp.pg_proc, pg_temp.pg_policy;

-- A login's own session ---------------------------------------------------------------------------------------------

-- What all these end with; they run as the login itself, which is not a superuser in another role.
CREATE TABLE attempts (n serial, statement text, want text, got text);
GRANT SELECT, UPDATE ON attempts TO pgwright_tap_way;
INSERT INTO attempts (statement, want) SELECT s, '42501' FROM unnest(ARRAY[
    'SET ROLE pgwright_owner', 'SET ROLE pgwright_runtime', 'SET ROLE pgwright_admin', 'SET ROLE pgwright_shim', 'SET ROLE pgwright_tap_other',
    'SET LOCAL session_replication_role = replica', 'SELECT pgwright.act_as(''owner@acme.example'')', 'GRANT pgwright_runtime TO pgwright_tap_way', 'ALTER ROLE pgwright_tap_way BYPASSRLS', 'ALTER ROLE pgwright_tap_way SUPERUSER',
    'ALTER TABLE t_acme.deal DISABLE TRIGGER ALL', 'ALTER TABLE t_acme.deal DISABLE TRIGGER pgwright_guard', 'ALTER TABLE t_acme.deal DISABLE ROW LEVEL SECURITY', 'ALTER TABLE t_acme.deal NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE t_acme.deal OWNER TO pgwright_tap_way',
    'ALTER TABLE t_acme.deal ADD COLUMN x text', 'ALTER TABLE t_acme.deal RENAME TO x', 'ALTER TABLE t_acme.deal SET SCHEMA den', 'ALTER TABLE t_acme.deal ALTER COLUMN title SET DEFAULT ''x''', 'ALTER TABLE t_acme.deal DROP CONSTRAINT deal_company_id_fkey',
    'TRUNCATE t_acme.deal', 'TRUNCATE t_acme.company CASCADE', 'DROP TABLE t_acme.deal', 'DROP SCHEMA t_acme CASCADE', 'DROP POLICY pgwright_select ON t_acme.deal', 'ALTER POLICY pgwright_select ON t_acme.deal USING (true)', 'CREATE POLICY mine ON t_acme.deal USING (true)',
    'CREATE TRIGGER mine BEFORE UPDATE ON t_acme.deal FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'CREATE RULE mine AS ON SELECT TO t_acme.deal DO INSTEAD SELECT 1', 'CREATE INDEX ON t_acme.deal (den.watch(title))', 'CREATE STATISTICS den.s ON title, stage FROM t_acme.deal',
    'CREATE TABLE t_acme.mine ()', 'CREATE TABLE den.child () INHERITS (t_acme.deal)', 'CREATE TABLE den.probe (id uuid REFERENCES t_acme.deal (id))', 'CREATE TABLE den.trap (id uuid)',
    'REINDEX TABLE t_acme.deal', 'CLUSTER t_acme.deal USING deal_pkey', 'GRANT SELECT ON t_acme.deal TO PUBLIC', 'COMMENT ON TABLE t_acme.deal IS ''x''', 'CREATE PUBLICATION p FOR TABLE t_acme.deal',
    'COPY t_acme.deal TO ''/tmp/x''', 'COPY t_acme.deal TO PROGRAM ''cat''', 'CREATE FUNCTION pgwright.has_permission(integer) RETURNS boolean LANGUAGE sql AS ''SELECT true''', 'CREATE OR REPLACE FUNCTION pgwright.has_rule(permission text) RETURNS boolean LANGUAGE sql AS ''SELECT true''',
    'CREATE OPERATOR CLASS den.o DEFAULT FOR TYPE text USING btree AS OPERATOR 3 pg_catalog.=', 'CREATE CAST (text AS uuid) WITHOUT FUNCTION', 'CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION den.nothing()', 'CREATE FUNCTION den.leak(text) RETURNS boolean LEAKPROOF LANGUAGE sql AS ''SELECT true''', 'ALTER FUNCTION den.watch(text) LEAKPROOF',
    'CREATE FUNCTION den.c() RETURNS void LANGUAGE c AS ''pgwright'', ''pgwright_guard_record''', 'LOAD ''auto_explain''',
    'SELECT count(*) FROM pgwright.signing_keys', 'SELECT secret FROM pgwright.signing_keys', 'SELECT password_hash FROM pgwright.users', 'UPDATE pgwright.entity_access SET script = ''''', 'SELECT pg_terminate_backend(pg_backend_pid() + 0) FROM pg_stat_activity WHERE usename = ''pgwright_runtime''']) AS s;
-- A grant of what one may not grant is a warning; that nothing came of it is looked at below.
UPDATE attempts SET want = 'ok' WHERE statement LIKE 'GRANT SELECT%' OR statement = 'CREATE TABLE den.trap (id uuid)' OR statement LIKE 'SELECT pg_terminate%';
-- No one may have one's own table guarded either: the guard runs text with the engine's rights.
INSERT INTO attempts (statement, want) SELECT format('CREATE TRIGGER t BEFORE UPDATE ON den.trap FOR EACH ROW EXECUTE FUNCTION %s(''x'', ''true'', ''true'')', p.oid::regproc), '42501'
  FROM pg_catalog.pg_proc p WHERE pronamespace = 'pgwright'::regnamespace AND prorettype = 'trigger'::regtype;
SELECT become('regional') \g /dev/null
SET client_min_messages = error;
SET SESSION AUTHORIZATION pgwright_tap_way;
UPDATE tests.attempts SET got = tests.state_of(statement) WHERE statement LIKE 'CREATE TABLE den.trap%';
UPDATE tests.attempts SET got = tests.state_of(statement) WHERE got IS NULL;
SET client_min_messages = warning;
SET row_security = off;
SELECT tests.state_of('SELECT title FROM t_acme.deal') AS unsecured \gset
RESET row_security;
RESET SESSION AUTHORIZATION;
SELECT is(got, want, statement) FROM attempts ORDER BY n;
SELECT is(:'unsecured'::text, '42501', 'row_security = off is an error');
SELECT is(try('LOCK TABLE t_acme.deal IN ACCESS EXCLUSIVE MODE'), '0 rows', 'whoever may write may lock, which is PostgreSQL''s');

-- COPY
\set file `mktemp`
CREATE FUNCTION copied(who text, rows text, want text) RETURNS text LANGUAGE sql AS $$ SELECT is(rows, want, 'COPY TO as ' || who) $$;
SELECT become('regional') \g /dev/null
SET ROLE pgwright_tap_way;
\o :file
COPY t_acme.deal TO STDOUT;
COPY (SELECT d.*, k.* FROM t_acme.deal d, t_acme.task k) TO STDOUT;
\o
RESET ROLE;
\set secrets `grep -c onyx :'file'`
\set lines `grep -c opal :'file'; rm :'file'`
SELECT copied('regional', :'lines' || ' ' || :'secrets', '6 0');
SET ROLE pgwright_tap_way;
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
COPY t_acme.deal (title) FROM STDIN;
smuggled
\.
SELECT :'LAST_ERROR_SQLSTATE' AS copy_from \gset
\set VERBOSITY default
\set ON_ERROR_STOP on
RESET ROLE;
SELECT is(:'copy_from'::text, '0A000', 'COPY FROM is not done under row security');

SELECT become('nobody') \g /dev/null
SELECT is(content(), :'before', 'and nothing has changed');
SELECT is(rights(), :'rights', 'nor what anybody may');
DROP SCHEMA den CASCADE;
SELECT drop_role(r) FROM unnest('{pgwright_tap_way,pgwright_tap_other}'::name[]) r \g /dev/null
SELECT * FROM finish();
