-- Tenants and roles: who may do what to records, through the functions and on the bare tables, where
-- the database itself must come to the same answer; and nothing leaks on the side.
\ir setup.psql
SELECT plan(78);
SELECT make_role('pgwright_tap_iso', '{pgwright_user}') \g /dev/null

SELECT pgwright.create_tenant(t, t) FROM unnest('{acme,rival}'::text[]) t \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{owner,admin,member,viewer}'::text[]) r \g /dev/null
SELECT add_actor('stranger', 'rival', 'owner') \g /dev/null
INSERT INTO pgwright.roles (tenant_id, name, label) SELECT id, 'scribe', 'Adds and never looks' FROM pgwright.tenants WHERE slug = 'acme';
INSERT INTO pgwright.role_permissions (role_id, resource, action) SELECT id, '*', 'create' FROM pgwright.roles WHERE name = 'scribe';
SELECT add_actor('scribe', 'acme', 'scribe') \g /dev/null
SELECT become('owner') \g /dev/null
SELECT pgwright.create_entity(format('{"name": "%s", "supports_soft_delete": %s, "fields": [{"name": "body", "field_type": "string", "is_indexed": true}, {"name": "n", "field_type": "integer"}]}', e, (e = 'note')::text)::json)
  FROM unnest('{note,memo}'::text[]) e \g /dev/null
SELECT pgwright.publish_entity(e) FROM unnest('{note,memo}'::text[]) e \g /dev/null

-- The tables -----------------------------------------------------------------------------------------------------

SELECT is(relrowsecurity::text || relforcerowsecurity, 'truetrue', format('%s: row security is on, for the owner too', oid::regclass))
  FROM pg_class WHERE relnamespace = 't_acme'::regnamespace AND relkind = 'r' ORDER BY relname;
SELECT policies_are('t_acme', e, '{pgwright_select,pgwright_insert,pgwright_update,pgwright_delete}'::name[], 't_acme.' || e || ': one policy for each command') FROM unnest('{memo,note}'::name[]) e;
SELECT policy_roles_are('t_acme', 'note', p, '{pgwright_runtime,pgwright_user}'::name[], p || ' is for the engine and direct connections') FROM unnest('{pgwright_select,pgwright_insert,pgwright_update,pgwright_delete}'::name[]) p;
SELECT is((SELECT count(*) FROM pg_policy WHERE polrelid = 't_acme.note'::regclass AND NOT polpermissive), 0::bigint, 'all are permissive, so each command has the one rule');
SELECT table_privs_are('t_acme', 'note', 'pgwright_user', '{SELECT,INSERT,UPDATE,DELETE}', 'direct connections: data and nothing else');
SELECT table_privs_are('t_acme', 'note', 'pgwright_runtime', '{SELECT,INSERT,UPDATE,DELETE}', 'the engine: data and nothing else');
SELECT table_privs_are('t_acme', 'note', r, '{}', r || ' has none') FROM unnest('{pgwright_shim,pgwright_admin}'::name[]) r;
SELECT is((SELECT array_agg(DISTINCT grantee::regrole::text ORDER BY grantee::regrole::text) FROM pg_class, aclexplode(relacl) WHERE relnamespace = 't_acme'::regnamespace),
    '{pgwright_owner,pgwright_runtime,pgwright_user}', 'nobody else is granted anything');
SELECT is((SELECT array_agg(g ORDER BY g) FROM (SELECT grantee::regrole::text || ' ' || privilege_type AS g FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 't_acme') s),
    '{"pgwright_owner CREATE","pgwright_owner USAGE","pgwright_runtime USAGE","pgwright_user USAGE"}', 'nor on the schema');
SELECT unalike(pg_get_expr(coalesce(polqual, polwithcheck), polrelid), '%AND pgwright.%', polname || ' calls identity functions once per statement')
  FROM pg_policy WHERE polrelid = 't_acme.note'::regclass ORDER BY polname;

-- The matrix -------------------------------------------------------------------------------------------------------

-- Each answers how it ended, and undoes it: PW... from the functions; from the bare table the number
-- of rows, or 42501.
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text; rows bigint;
BEGIN
    BEGIN
        IF statement LIKE 'SELECT%' THEN
            EXECUTE statement INTO answer;
        ELSE
            EXECUTE statement;
            GET DIAGNOSTICS rows = ROW_COUNT;
        END IF;
        RAISE EXCEPTION SQLSTATE 'XUNDO';
    EXCEPTION
        WHEN SQLSTATE 'XUNDO' THEN RETURN coalesce(answer, rows::text);
        WHEN OTHERS THEN RETURN SQLSTATE;
    END;
END $$;
CREATE FUNCTION by_function(op text, entity text, id text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.attempt(CASE op
        WHEN 'list' THEN format('SELECT pgwright.list_records(%L) ->> ''total''', entity)
        WHEN 'get' THEN format('SELECT count(pgwright.get_record(%L, %L))', entity, id)
        WHEN 'create' THEN format('SELECT count(pgwright.create_record(%L, %L))', entity, '{"body": "new"}')
        WHEN 'bulk' THEN format('SELECT pgwright.bulk_create_records(%L, %L) ->> ''created''', entity, '[{"body": "new"}, {"body": "new"}]')
        WHEN 'update' THEN format('SELECT count(pgwright.update_record(%L, %L, %L))', entity, id, '{"body": "changed"}')
        WHEN 'delete' THEN format('SELECT count(*) FROM (SELECT pgwright.delete_record(%L, %L)) d', entity, id) END)
$$;
CREATE FUNCTION by_table(op text, entity text, id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    SET LOCAL ROLE pgwright_tap_iso;
    answer := tests.attempt(format(CASE op
        WHEN 'list' THEN 'SELECT count(*) FROM t_acme.%I WHERE %L <> ''''' WHEN 'get' THEN 'SELECT count(*) FROM t_acme.%I WHERE id = %L'
        WHEN 'create' THEN 'INSERT INTO t_acme.%I (body) SELECT ''new'' WHERE %L <> '''''
        WHEN 'bulk' THEN 'INSERT INTO t_acme.%I (body) SELECT ''new'' FROM generate_series(1, 2) WHERE %L <> '''''
        WHEN 'update' THEN 'UPDATE t_acme.%I SET body = ''changed'' WHERE id = %L'
        WHEN 'delete' THEN CASE entity WHEN 'note' THEN 'UPDATE t_acme.%I SET deleted_at = now() WHERE id = %L' ELSE 'DELETE FROM t_acme.%I WHERE id = %L' END END, entity, id));
    RESET ROLE;
    RETURN answer;
END $$;
GRANT USAGE ON SCHEMA tests TO pgwright_tap_iso;
-- What the table's answer means in the functions' words: no rows, or refused, is one of the refusals; of
-- a record that is seen the guard says the same as the functions.
CREATE FUNCTION agrees(functions text, tables text) RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE WHEN functions LIKE 'PW%' THEN tables IN ('0', '42501', functions) ELSE functions = tables END
$$;

SELECT become('owner') \g /dev/null
CREATE TABLE sample AS SELECT e AS entity, pgwright.create_record(e, '{"body": "secret", "n": 1}') ->> 'id' AS id FROM unnest('{note,memo}'::text[]) e;
CREATE TABLE expected (n serial, who text, list text, get text, "create" text, bulk text, update text, delete text);
INSERT INTO expected (who, list, get, "create", bulk, update, delete) VALUES
    ('owner',    '1',     '1',     '1',     '2',     '1',     '1'),
    ('admin',    '1',     '1',     '1',     '2',     '1',     '1'),
    ('member',   '1',     '1',     '1',     '2',     '1',     '1'),
    ('viewer',   '1',     '1',     'PW403', 'PW403', 'PW403', 'PW403'),
    ('stranger', 'PW404', 'PW404', 'PW404', 'PW404', 'PW404', 'PW404'),
    ('nobody',   'PW401', 'PW401', 'PW401', 'PW401', 'PW401', 'PW401');
CREATE TABLE outcome (n serial, who text, entity text, op text, want text, functions text, tables text);
DO $$
DECLARE
    e record; s record; o record;
BEGIN
    FOR e IN SELECT * FROM tests.expected ORDER BY n LOOP
        PERFORM tests.become(e.who);
        FOR s IN SELECT * FROM tests.sample ORDER BY entity LOOP
            FOR o IN SELECT key, value FROM jsonb_each_text(to_jsonb(e) - '{n,who}'::text[]) LOOP
                INSERT INTO tests.outcome (who, entity, op, want, functions, tables)
                    VALUES (e.who, s.entity, o.key, o.value, tests.by_function(o.key, s.entity, s.id), tests.by_table(o.key, s.entity, s.id));
            END LOOP;
        END LOOP;
    END LOOP;
END $$;
SELECT is(string_agg(op || ' ' || functions, ', ' ORDER BY n), string_agg(op || ' ' || want, ', ' ORDER BY n), format('%s, %s, by function', who, entity)) FROM outcome GROUP BY who, entity ORDER BY min(n);
SELECT is(string_agg(op || ' ' || tables, ', ' ORDER BY n) FILTER (WHERE NOT agrees(functions, tables)), NULL, format('%s, %s: the bare table agrees', who, entity)) FROM outcome GROUP BY who, entity ORDER BY min(n);
SELECT is(string_agg(DISTINCT op || ' ' || tables, ', '), 'bulk 42501, create 42501, delete 0, get 0, list 0, update 0', 'the bare table shows nobody and strangers nothing')
  FROM outcome WHERE who IN ('stranger', 'nobody');

SELECT become('stranger') \g /dev/null
SELECT pgwright.create_entity('{"name": "note", "fields": [{"name": "body", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.publish_entity('note') \g /dev/null
SELECT is(by_function(op, 'note', (SELECT id FROM sample WHERE entity = 'note')), 'PW404', format('another tenant''s record is not there for %s', op)) FROM unnest('{get,update,delete}'::text[]) op;
SELECT become('scribe') \g /dev/null
SELECT is(by_function('list', 'note', NULL) || by_table('list', 'note', 'x'), 'PW4030', 'who may only create sees nothing');
SELECT is(by_table('create', 'note', 'x'), '1', 'but creates on the bare table');
SELECT is(state_of($$SELECT pgwright.create_record('note', '{"body": "x"}')$$), 'PW403', 'create_record() would show the record, so it takes the right to read');

-- Fails closed -------------------------------------------------------------------------------------------------------

SELECT become('nobody') \g /dev/null
SELECT is(run_as(r, 'SELECT count(*) FROM t_acme.note'), '0', r || ' sees nothing without a token') FROM unnest('{pgwright_tap_iso,pgwright_user,pgwright_runtime,pgwright_owner}'::name[]) r;
SELECT become('owner') \g /dev/null
SELECT is(run_as('pgwright_owner', 'SELECT count(*) FROM t_acme.note'), '0', 'pgwright_owner sees nothing with one either');
SELECT is(run_as(r, 'SELECT count(*) FROM t_acme.note'), '42501', r || ' may not look') FROM unnest('{pgwright_shim,pgwright_admin}'::name[]) r;

-- Side doors, for a viewer, a stranger and nobody -----------------------------------------------------------------------

INSERT INTO t_acme.note (body, n) SELECT 'secret', 1 FROM generate_series(1, 20);  -- common enough to be in the statistics
ANALYZE t_acme.note;
CREATE FUNCTION leak(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text; all_lines text := '';
BEGIN
    SET LOCAL ROLE pgwright_tap_iso;
    BEGIN
        FOR line IN EXECUTE statement LOOP all_lines := all_lines || coalesce(line, '') || E'\n'; END LOOP;
    EXCEPTION WHEN OTHERS THEN all_lines := SQLSTATE || ' ' || SQLERRM;
    END;
    RESET ROLE;
    RETURN all_lines;
END $$;
CREATE FUNCTION tests.watch(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE EXCEPTION 'saw %', $1; END $$;
SELECT is(leak(statement), '', format('%s: %s', who, statement))
  FROM (VALUES (1, 'stranger'), (2, 'nobody')) AS w (m, who), unnest(ARRAY[
    'UPDATE t_acme.note SET body = ''x'' RETURNING body', 'DELETE FROM t_acme.memo RETURNING body', 'SELECT body FROM t_acme.note WHERE tests.watch(body)',
    'SELECT body FROM ONLY t_acme.note FOR UPDATE', 'SELECT max(body) FROM t_acme.note HAVING max(body) IS NOT NULL', 'SELECT body FROM t_acme.note TABLESAMPLE SYSTEM (100)',
    'SELECT most_common_vals::text FROM pg_stats WHERE schemaname = ''t_acme'' AND tablename = ''note'' AND attname = ''body''']) WITH ORDINALITY s (statement, n),
    LATERAL (SELECT become(who)) b ORDER BY m, n;
SELECT become('nobody') \g /dev/null
SELECT matches(leak('EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) SELECT * FROM t_acme.note'), 'never executed', 'EXPLAIN ANALYZE: without a token the table is not even read');
SELECT matches(leak('INSERT INTO t_acme.note (body) VALUES (''x'') ON CONFLICT DO NOTHING RETURNING body'), '^42501', 'INSERT RETURNING');
SELECT is(state_of(as_role('pgwright_tap_iso', 'TRUNCATE t_acme.note')), '42501', 'TRUNCATE');
SELECT is((SELECT string_agg(DISTINCT body || n, ',') FROM t_acme.note), 'secret1', 'and nothing has changed');

-- COPY, which no function runs
\set file `mktemp`
CREATE FUNCTION expect_copied(who text, rows text) RETURNS text LANGUAGE sql AS $$ SELECT is(rows, CASE who WHEN 'owner' THEN '21' ELSE '0' END, 'COPY TO as ' || who) $$;
SELECT become('owner') \g /dev/null
SET ROLE pgwright_tap_iso;
\o :file
COPY t_acme.note (body) TO STDOUT;
\o
\set copied `grep -c secret :'file'`
RESET ROLE;
SELECT expect_copied('owner', :'copied');
SELECT become('stranger') \g /dev/null
SET ROLE pgwright_tap_iso;
\o :file
COPY t_acme.note (body) TO STDOUT;
\o
\set copied `grep -c secret :'file'`
RESET ROLE;
SELECT expect_copied('stranger', :'copied');
SELECT become('nobody') \g /dev/null
SET ROLE pgwright_tap_iso;
\o :file
COPY t_acme.note (body) TO STDOUT;
\o
\set copied `grep -c secret :'file'; rm :'file'`
RESET ROLE;
SELECT expect_copied('nobody', :'copied');

DROP FUNCTION watch(text);
SELECT drop_role('pgwright_tap_iso') \g /dev/null
SELECT * FROM finish();
