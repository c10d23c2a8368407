-- One session, several identities: each statement is one caller's, whatever was set before; and what
-- database roles may do without any.
\ir setup.psql
SELECT plan(64);
SELECT make_role('pgwright_tap_switch_user', '{pgwright_user}') \g /dev/null
SELECT make_role('pgwright_tap_switch_shim', '{pgwright_shim}') \g /dev/null
SELECT make_role('pgwright_tap_switch_admin', '{pgwright_admin}') \g /dev/null
SELECT make_role('pgwright_tap_switch_none') \g /dev/null
GRANT USAGE ON SCHEMA tests TO PUBLIC;

SELECT pgwright.create_tenant(t, t) FROM unnest('{acme,rival}'::text[]) t \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann, token AS ann_token FROM actor WHERE name = 'ann' \gset
SELECT user_id AS rob, token AS rob_token FROM actor WHERE name = 'rob' \gset
CREATE FUNCTION set_up(who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.become(who);
    PERFORM pgwright.create_entity('{"name": "note", "fields": [{"name": "n", "field_type": "integer"}, {"name": "body", "field_type": "string"}]}');
    PERFORM pgwright.publish_entity('note');
    PERFORM pgwright.bulk_create_records('note', (SELECT json_agg(json_build_object('n', n, 'body', who)) FROM generate_series(1, 5) n));
END $$;
SELECT set_up(who) FROM unnest('{ann,rob}'::text[]) who \g /dev/null
-- Whose notes the engine, and both bare tables, show.
CREATE FUNCTION seen() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', (SELECT string_agg(DISTINCT i -> 'body' #>> '{}', ',') FROM json_array_elements(pgwright.list_records('note') -> 'items') i),
        (SELECT string_agg(DISTINCT body, ',') FROM (SELECT body FROM t_acme.note UNION ALL SELECT body FROM t_rival.note) b))
$$;
CREATE FUNCTION me() RETURNS text LANGUAGE sql AS $$ SELECT coalesce((SELECT name FROM tests.actor WHERE user_id = pgwright.user_id()), 'nobody') $$;
GRANT SELECT ON tests.actor TO PUBLIC;

-- The token and the transaction ---------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
BEGIN;
SELECT set_config('pgwright.token', :'rob_token', true) \g /dev/null
SELECT is(me(), 'rob', 'SET LOCAL changes the identity');
COMMIT;
SELECT is(me(), 'ann', 'until the transaction ends');
BEGIN;
SELECT set_config('pgwright.token', :'rob_token', false) \g /dev/null
SELECT is(me(), 'rob', 'SET changes it too');
ROLLBACK;
SELECT is(me(), 'ann', 'a rollback brings the former back');
BEGIN;
SAVEPOINT s;
SELECT set_config('pgwright.token', '', false) \g /dev/null
SELECT is(me(), 'nobody', 'so does SET in a savepoint');
ROLLBACK TO s;
SELECT is(me(), 'ann', 'and rolling back to it');
COMMIT;
SELECT set_config('pgwright.token', :'rob_token', false) \g /dev/null
RESET pgwright.token;
SELECT is(me(), 'nobody', 'RESET leaves nobody');
SELECT become('ann') \g /dev/null
CREATE FUNCTION peek() RETURNS text LANGUAGE sql SET pgwright.token = '' AS $$ SELECT tests.me() $$;
SELECT is(peek() || me(), 'nobodyann', 'a function''s own setting ends with the call');
SELECT is((SELECT count(*) FROM pg_settings WHERE name = 'pgwright.token'), 0::bigint, 'the token is not listed among the settings');
RESET ALL;
SET search_path = tests, public, pg_catalog;
SET client_min_messages = warning;
SELECT is(me(), 'nobody', 'RESET ALL leaves nobody');

SET ROLE pgwright_tap_switch_user;
BEGIN;
SELECT set_config('pgwright.token', :'ann_token', true) \g /dev/null
SELECT seen() AS first \gset
SELECT set_config('pgwright.token', :'rob_token', true) \g /dev/null
SELECT seen() AS second \gset
SELECT set_config('pgwright.token', '', true) \g /dev/null
SELECT (SELECT count(*) FROM t_acme.note) + (SELECT count(*) FROM t_rival.note) AS third \gset
COMMIT;
RESET ROLE;
SELECT is(:'first'::text, 'ann ann', 'in one transaction: first ann''s records');
SELECT is(:'second'::text, 'rob rob', 'then rob''s alone');
SELECT is(:'third'::text, '0', 'then none');

-- Prepared statements, cursors ------------------------------------------------------------------------------------

SET ROLE pgwright_tap_switch_user;
SET plan_cache_mode = force_generic_plan;
PREPARE notes AS SELECT coalesce(string_agg(DISTINCT body, ','), '') AS found FROM (SELECT body FROM t_acme.note UNION ALL SELECT body FROM t_rival.note) b;
SELECT set_config('pgwright.token', :'ann_token', false) \g /dev/null
EXECUTE notes \gset p1_
SELECT set_config('pgwright.token', :'rob_token', false) \g /dev/null
EXECUTE notes \gset p2_
SELECT set_config('pgwright.token', '', false) \g /dev/null
EXECUTE notes \gset p3_
RESET plan_cache_mode;
BEGIN;
SELECT set_config('pgwright.token', :'ann_token', true) \g /dev/null
DECLARE c CURSOR FOR SELECT body FROM (SELECT body FROM t_acme.note UNION ALL SELECT body FROM t_rival.note) b;
FETCH 1 FROM c \gset c1_
SELECT set_config('pgwright.token', :'rob_token', true) \g /dev/null
SELECT seen() AS between \gset
CREATE TEMPORARY TABLE fetched (body text);
DO $$
DECLARE c refcursor := 'c'; b text;
BEGIN
    LOOP FETCH c INTO b; EXIT WHEN NOT FOUND; INSERT INTO pg_temp.fetched VALUES (b); END LOOP;
END $$;
SELECT count(*) FILTER (WHERE body = 'ann') || ' ' || count(*) FILTER (WHERE body <> 'rob' AND body <> 'ann') AS rest FROM fetched \gset
COMMIT;
RESET ROLE;
SELECT is(:'p1_found'::text, 'ann', 'a prepared statement shows ann hers');
SELECT is(:'p2_found'::text, 'rob', 'and rob his, with the same plan');
SELECT is(:'p3_found'::text, '', 'and nobody nothing');
SELECT is(:'c1_body'::text, 'ann', 'a cursor opened by ann');
SELECT is(:'between'::text, 'rob rob', 'does not stay in the way of rob');
SELECT is(:'rest'::text, '4 0', 'and ends as it began');

-- Plans that the engine keeps are not tied to a caller either.
CREATE FUNCTION listed_by(who text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.become(who);
    RETURN (SELECT string_agg(DISTINCT i ->> 'body', ',') FROM json_array_elements(pgwright.list_records('note', filters => '{"n": 2}') -> 'items') i);
END $$;
SELECT is((SELECT string_agg(listed_by(w), ' ' ORDER BY n) FROM unnest('{ann,rob,vic,rob,ann}'::text[]) WITH ORDINALITY x (w, n)), 'ann rob ann rob ann', 'the same call by turns');

-- Parallel workers -------------------------------------------------------------------------------------------------

SET ROLE pgwright_tap_switch_user;
SELECT set_config('pgwright.token', :'ann_token', false) \g /dev/null
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2; SET force_parallel_mode = on;
SELECT count(*) AS alone FROM t_acme.note WHERE created_by = (SELECT pgwright.user_id()) \gset
SELECT count(*) AS everyrow FROM t_acme.note WHERE created_by = pgwright.user_id() \gset
SET force_parallel_mode = off;
RESET ROLE;
SELECT is(:'alone' || :'everyrow', '55', 'a parallel worker knows who is asking');

-- search_path -------------------------------------------------------------------------------------------------------

CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
CREATE FUNCTION evil.user_id() RETURNS uuid LANGUAGE sql AS $$ SELECT '00000000-0000-0000-0000-000000000001'::uuid $$;
CREATE FUNCTION evil.tenant_id() RETURNS uuid LANGUAGE sql AS $$ SELECT '00000000-0000-0000-0000-000000000001'::uuid $$;
CREATE FUNCTION evil.has_permission(text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '2000-01-01'::timestamptz $$;
CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '2000-01-01'::timestamptz $$;
CREATE FUNCTION evil.yes(uuid, uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'called as %', current_user; RETURN true; END $$;
CREATE FUNCTION evil.yes(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.yes);
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.yes);
CREATE FUNCTION evil.coalesce_text(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
CREATE TABLE evil.users (id uuid, email text, password_hash text, status text, is_deleted boolean);
CREATE TABLE evil.sessions (id uuid);
CREATE FUNCTION tested() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    made json;
BEGIN
    made := pgwright.create_record('note', '{"n": 99, "body": "made"}');
    made := pgwright.update_record('note', made ->> 'id', '{"n": 100}');
    PERFORM pgwright.delete_record('note', made ->> 'id');
    RETURN concat_ws(' ', pgwright.user_id(), pgwright.has_permission('users:create:all'), made -> 'data' ->> 'created_by',
        (made -> 'data' ->> 'created_at')::timestamptz OPERATOR(pg_catalog.>) (pg_catalog.now() OPERATOR(pg_catalog.-) '1 minute'::interval),
        pgwright.list_records('note') ->> 'total', pgwright.list_records('users') ->> 'total', (SELECT count(*) FROM t_rival.note),
        tests.state_of($s$SELECT pgwright.login('ann@acme.example', 'wrong')$s$));
END $$;
SET ROLE pgwright_tap_switch_user;
SELECT tested() AS honest \gset
SET search_path = evil, tests, public, pg_catalog;
SELECT tested() AS attacked \gset
SET search_path = tests, public, pg_catalog;
RESET ROLE;
SELECT is(:'honest'::text, format('%s f %s t 5 2 0 PW401', :'ann', :'ann'), 'what the engine does');
SELECT is(:'attacked'::text, :'honest', 'functions, operators and tables of the same names put first in search_path do not change');
CREATE TEMPORARY TABLE pg_class (relname text);
CREATE TEMPORARY TABLE note (n integer);
GRANT SELECT ON pg_temp.pg_class, pg_temp.note TO PUBLIC;
SET ROLE pgwright_tap_switch_user;
SET search_path = pg_temp, tests, public, pg_catalog;
SELECT tested() AS attacked \gset
RESET ROLE;
SET search_path = tests, public, pg_catalog;
DROP TABLE pg_temp.pg_class, pg_temp.note;
SELECT is(:'attacked'::text, :'honest', 'nor do temporary ones');

-- act_as --------------------------------------------------------------------------------------------------------------

SELECT is(state_of(as_role(role, $$SELECT pgwright.act_as('ann@acme.example')$$)), state, format('act_as: %s %s', role, state)) FROM (VALUES
    (1, 'pgwright_tap_switch_none', '42501'), (2, 'pgwright_tap_switch_user', '42501'), (3, 'pgwright_tap_switch_shim', '42501'), (4, 'pgwright_runtime', '42501'), (5, 'pgwright_owner', '42501'),
    (6, 'pgwright_tap_switch_admin', 'ok')) AS r (n, role, state) ORDER BY n;
GRANT EXECUTE ON FUNCTION pgwright.act_as(text, text) TO pgwright_tap_switch_user;
SELECT is(state_of(as_role('pgwright_tap_switch_user', $$SELECT pgwright.act_as('ann@acme.example')$$)), 'PW403', 'the function itself asks for membership, whatever was granted');
REVOKE EXECUTE ON FUNCTION pgwright.act_as(text, text) FROM pgwright_tap_switch_user;
SELECT become('nobody') \g /dev/null
SELECT pgwright.act_as('ROB@rival.example') ->> 'email' AS acting \gset
SELECT is(:'acting' || ' ' || me(), 'rob@rival.example rob', 'it makes the session that user''s');
SELECT is((SELECT kind || (NOT EXISTS (SELECT FROM pgwright.refresh_tokens r WHERE r.session_id = s.id)) || (expires_at <= now() + interval '15 minutes') FROM pgwright.sessions s ORDER BY created_at DESC, id DESC LIMIT 1), 'act_astruetrue', 'for as long as a token lasts');
SELECT is(state_of($$SELECT pgwright.act_as('eve@acme.example')$$), 'PW404', 'who is not there cannot be acted as');
SELECT is(state_of($$SELECT pgwright.act_as('rob@rival.example', 'acme')$$), 'PW404', 'nor a user in a tenant that is not theirs');
SELECT is(me(), 'rob', 'and the identity stays');
BEGIN;
SELECT pgwright.act_as('ann@acme.example') \g /dev/null
SELECT is(me(), 'ann', 'act_as in a transaction');
ROLLBACK;
SELECT is(me(), 'rob', 'goes with it');

-- What database roles may do ----------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT is(state_of(as_role(role, 'SELECT pgwright.create_tenant(''x'', ''X'')')) || ' ' || state_of(as_role(role, 'SELECT pgwright.create_user(''x@x.example'', ''long enough'', ''acme'')')),
    states, format('create_tenant, create_user: %s %s', role, states)) FROM (VALUES
    (1, 'pgwright_tap_switch_none', '42501 42501'), (2, 'pgwright_tap_switch_user', 'PW403 PW403'), (3, 'pgwright_tap_switch_shim', 'PW403 PW403'), (4, 'pgwright_tap_switch_admin', 'ok ok')) AS r (n, role, states) ORDER BY n;
SELECT is((SELECT string_agg(m || ' in ' || g, ', ') FROM unnest('{pgwright_user,pgwright_shim,pgwright_admin,pgwright_runtime,pgwright_owner}'::text[]) m,
    unnest('{pgwright_user,pgwright_shim,pgwright_admin,pgwright_runtime,pgwright_owner}'::text[]) g WHERE m <> g AND pg_has_role(m, g, 'MEMBER')), NULL, 'none of the roles can become another');
SELECT is((SELECT string_agg(priv, ',') FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) priv
            WHERE has_table_privilege(role, 'pgwright.signing_keys', priv) OR (priv IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_column_privilege(role, 'pgwright.signing_keys', 'secret', priv))), NULL,
    format('%s has no privilege on the secrets of signing_keys', role))
  FROM unnest('{pgwright_owner,pgwright_runtime,pgwright_user,pgwright_shim,pgwright_admin,pgwright_tap_switch_admin,pgwright_tap_switch_none}'::text[]) WITH ORDINALITY r (role, n) ORDER BY n;
SELECT is(state_of(as_role('pgwright_tap_switch_user', statement)), '42501', statement) FROM unnest(ARRAY['SELECT secret FROM pgwright.signing_keys', 'SELECT * FROM pgwright.users',
    'SELECT password_hash FROM pgwright.users', 'UPDATE pgwright.sessions SET revoked_at = NULL', 'INSERT INTO pgwright.user_roles SELECT', 'SELECT pgwright.import_relation(''pg_class'', ''custom'', NULL, ''{}'')',
    'CREATE TABLE pgwright.x ()', 'CREATE TABLE t_acme.x ()', 'DROP TABLE t_acme.note', 'ALTER TABLE t_acme.note DISABLE ROW LEVEL SECURITY',
    'DROP POLICY pgwright_select ON t_acme.note', 'TRUNCATE t_acme.note', 'CREATE TRIGGER x AFTER INSERT ON t_acme.note EXECUTE FUNCTION pgwright.stamp_record()',
    'SET pgwright.access_token_lifetime = 999999']) WITH ORDINALITY s (statement, n) ORDER BY n;

REVOKE ALL ON ALL TABLES IN SCHEMA tests FROM PUBLIC;
SELECT drop_role(r) FROM unnest('{pgwright_tap_switch_user,pgwright_tap_switch_shim,pgwright_tap_switch_admin,pgwright_tap_switch_none}'::name[]) r \g /dev/null
SELECT * FROM finish();
