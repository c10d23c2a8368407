-- Users, settings, roles, memory contexts and triggers: what a scope changes, it puts back.
\ir boundary_functions.psql
BEGIN;
SELECT plan(37);

CREATE ROLE boundary_worker;
CREATE ROLE boundary_group;
CREATE ROLE boundary_member IN ROLE boundary_group;
GRANT USAGE, CREATE ON SCHEMA boundary TO boundary_worker;
SET LOCAL work_mem = '7MB';

-- user and settings -----------------------------------------------------------------------------------

SELECT is(pgwright_test_scopes('boundary_worker', how), 'boundary_worker pg_catalog, pg_temp 3MB []',
    'user, search_path and settings are in force inside and restored after ' || how)
    FROM unnest('{success,error,exception}'::text[]) how;
SELECT is(current_user::text || ' ' || current_setting('search_path') || ' ' || current_setting('work_mem'),
    session_user || ' boundary, public, pg_catalog 7MB', 'the session agrees');
SELECT is(error_of($$SELECT pgwright_test_run_as('boundary_worker', 'SELECT * FROM pg_authid')$$),
    '{"sqlstate": "42501", "message": "permission denied for table pg_authid"}', 'the role''s rights hold');
SELECT is(current_user, session_user, 'after the error the caller is back');
SELECT is(error_of($$SELECT pgwright_test_run_as('boundary_worker', 'SET ROLE boundary_group')$$) ->> 'sqlstate', '42501',
    'no way out by SET ROLE');
SELECT is(error_of($$SELECT pgwright_test_run_as('boundary_worker', 'SET SESSION AUTHORIZATION boundary_group')$$) ->> 'sqlstate',
    '42501', 'nor by SET SESSION AUTHORIZATION');
SELECT is(error_of($$SELECT pgwright_test_run_as('boundary_worker', 'CREATE TEMP TABLE t ()')$$) ->> 'sqlstate', '42501',
    'nor by temporary tables');
SELECT is(pgwright_test_security_bits(), true, 'a switch adds to the security bits in force');
SELECT is(error_of($$SELECT pgwright_test_run_as('boundary_worker',
    'SELECT boundary.pgwright_test_run_as(''boundary_group'', ''SELECT 1/0'')')$$) ->> 'sqlstate', '22012', 'nested switches');
SELECT is(current_user, session_user, 'are all undone');

SELECT is(pgwright_test_set('work_mem', '9MB'), '9216', 'a setting for a moment');
SELECT is(current_setting('work_mem'), '7MB', 'is back');
SELECT is(error_of($$SELECT pgwright_test_set('work_mem', 'much')$$) ->> 'sqlstate', '22023', 'an invalid value');
SELECT is(error_of($$SELECT pgwright_test_set('no_such_setting', 'x')$$) ->> 'sqlstate', '42704', 'an unknown name');
SELECT is(current_setting('work_mem'), '7MB', 'change nothing');
SELECT is(pgwright_test_pin_twice(), 'pg_catalog, pg_temp 5120', 'pinning twice takes one level only');
SELECT is(current_setting('search_path'), 'boundary, public, pg_catalog', 'the caller''s path is back');
SELECT is(pgwright_test_set('search_path', 'pg_temp'), 'pg_temp', 'scopes with nothing pinned');

-- roles -----------------------------------------------------------------------------------------------

SELECT is(pgwright_test_role_oid('boundary_worker'), 'boundary_worker'::regrole::oid, 'a role''s oid');
SELECT is(error_of($$SELECT pgwright_test_role_oid('boundary_nobody')$$),
    '{"sqlstate": "42704", "message": "role \"boundary_nobody\" does not exist"}', 'an unknown role');
ALTER ROLE boundary_worker RENAME TO boundary_hand;
SELECT is(error_of($$SELECT pgwright_test_role_oid('boundary_worker')$$) ->> 'sqlstate', '42704',
    'a renamed role is not found by its old name');
SAVEPOINT here;
CREATE ROLE boundary_brief;
SELECT isnt(pgwright_test_role_oid('boundary_brief'), NULL, 'a role of this transaction');
ROLLBACK TO here;
SELECT is(error_of($$SELECT pgwright_test_role_oid('boundary_brief')$$) ->> 'sqlstate', '42704', 'is forgotten with it');
SELECT is(pgwright_test_is_member('boundary_member', 'boundary_group'), true, 'a member');
SELECT is(pgwright_test_is_member('boundary_hand', 'boundary_group'), false, 'no member');
SELECT is(pgwright_test_is_member('postgres', 'boundary_group'), true, 'a superuser');

-- memory ----------------------------------------------------------------------------------------------

SELECT is(pgwright_test_contexts(1000), 0, 'memory contexts die with their objects');

-- triggers --------------------------------------------------------------------------------------------

CREATE TABLE seen (what text);
CREATE TABLE sheet (id int, note text, gone text, kept text);
CREATE TRIGGER before_row BEFORE INSERT OR UPDATE OR DELETE ON sheet
    FOR EACH ROW EXECUTE FUNCTION pgwright_test_before('replace');
CREATE TRIGGER after_row AFTER INSERT OR UPDATE OR DELETE ON sheet
    FOR EACH ROW EXECUTE FUNCTION pgwright_test_after('boundary.seen');
CREATE TRIGGER after_statement AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sheet
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright_test_after('boundary.seen');

INSERT INTO sheet VALUES (1, 'x', 'x', 'x');
SELECT is(sheet::text, '(1,insert,,x)', 'a BEFORE trigger changes columns of a new row') FROM sheet;
UPDATE sheet SET kept = 'y';
SELECT is(sheet::text, '(1,"update after insert",,y)', 'and sees the old row') FROM sheet;
DELETE FROM sheet;
TRUNCATE sheet;
SELECT is(array_agg(what), '{row insert new,statement insert,row update old new,statement update,row delete old,statement delete,statement truncate}',
    'AFTER triggers see what there is to see') FROM seen;
CREATE TRIGGER a_skip BEFORE INSERT ON sheet FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION pgwright_test_before('skip');
INSERT INTO sheet VALUES (2), (3);
SELECT is(array_agg(id), '{3}', 'a trigger can drop a row') FROM sheet;
CREATE TRIGGER a_fail BEFORE INSERT ON sheet FOR EACH ROW WHEN (NEW.id = 4) EXECUTE FUNCTION pgwright_test_before('fail');
SELECT is(error_of('INSERT INTO sheet VALUES (4)'), '{"sqlstate": "PW409", "message": "refused by trigger"}', 'a trigger can refuse');
CREATE TABLE plain (id int);
CREATE TRIGGER no_argument BEFORE INSERT ON plain FOR EACH ROW EXECUTE FUNCTION pgwright_test_before();
SELECT is(error_of('INSERT INTO plain VALUES (1)') ->> 'message', 'trigger has fewer arguments than expected',
    'a missing argument of the trigger');
SELECT is(error_of('SELECT pgwright_test_before()') ->> 'sqlstate', '39P01', 'a trigger function is no function');
SELECT is(split_part(pgwright_test_probes(), '/', 1), '0', 'all objects were destroyed');

SELECT * FROM finish();
ROLLBACK;
DROP SCHEMA boundary CASCADE;
