-- What is refused, and how a client is told: the SQLSTATE of class PW, whose digits are the HTTP
-- status; the message; DETAIL, a JSON array of the fields at fault; HINT. Below each error: its
-- SQLSTATE, as psql received it.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('errors');
SELECT pg_temp.publish('{"name":"parent","fields":[{"name":"name","field_type":"string","is_required":true,"is_unique":true,"max_length":10}]}');
SELECT pg_temp.publish('{"name":"child","fields":[
    {"name":"parent_id","field_type":"lookup","reference_entity":"parent"},
    {"name":"size","field_type":"integer","min_value":1,"max_value":9},
    {"name":"price","field_type":"currency"},
    {"name":"mail","field_type":"email"},
    {"name":"kind","field_type":"string","allowed_values":["a","b"]},
    {"name":"day","field_type":"date"}]}');
SELECT pgwright.create_record('parent', '{"name":"one"}') ->> 'id' AS one \gset
\set VERBOSITY default

-- PW400 VALIDATION_ERROR: all faults of the request at once.
SELECT pgwright.create_record('child', '{"size":10,"price":1.001,"mail":"nobody","kind":"c","day":"2024-02-30","colour":"red"}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_record('parent', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.update_record('parent', :'one', '{"name":null}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.bulk_create_records('child', '[{"size":1},{"size":0},{"day":"x"}]');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_user('Y', 'short', 'no_such_tenant', 'no_such_role');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_user('y@errors.example', 'correct horse battery', 'no_such_tenant');
\echo :LAST_ERROR_SQLSTATE
-- Duplicate keys are no way to say two things. The position is in bytes.
SELECT pgwright.create_record('parent', '{"name":"a","name":"b"}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.has_permission('everything');
\echo :LAST_ERROR_SQLSTATE
-- What is no JSON never reaches the engine: the server's own class 22 says so, and counts as the same.
SELECT pgwright.create_record('parent', '{"name":');
\echo :LAST_ERROR_SQLSTATE

-- A value that passes the checks of the model and is still refused by the table: the constraint's name
-- leads back to the field. Here the table is stricter than its definition.
ALTER TABLE t_errors.child ADD CONSTRAINT child_size_check CHECK (size <> 5);
SELECT pgwright.create_record('child', '{"size":5}');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE t_errors.child ADD CONSTRAINT whatever CHECK (size <> 6);
SELECT pgwright.create_record('child', '{"size":6}');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE t_errors.child ALTER day SET NOT NULL;
SELECT pgwright.create_record('child', '{"day":null}');
\echo :LAST_ERROR_SQLSTATE

-- PW401 AUTHENTICATION_REQUIRED: without a token, with a bad one, with a wrong password. A sign-in
-- does not tell which part was wrong.
SET pgwright.token = '';
SELECT pgwright.me();
\echo :LAST_ERROR_SQLSTATE
SET pgwright.token = 'no token at all';
SELECT pgwright.get_entity('parent');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.login('owner@errors.example', 'wrong');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.login('nobody@errors.example', 'wrong');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.login('owner@errors.example', 'correct horse battery', 'no_such_tenant');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.login('owner@errors.example', NULL);
\echo :LAST_ERROR_SQLSTATE

-- PW403 PERMISSION_DENIED: names the permission that is missing.
SELECT pg_temp.new_user('viewer', 'errors', 'viewer'), pg_temp.become('viewer', 'errors');
SELECT pgwright.create_record('parent', '{"name":"two"}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_entity('{"name":"more"}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.publish_entity('parent');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.become('owner', 'errors');
SELECT pgwright.create_record('sessions', '{}');
\echo :LAST_ERROR_SQLSTATE
-- Platform work is not a tenant owner's.
SET ROLE pgwright_user;
SELECT pgwright.create_tenant('mine', 'Mine');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_user('x@errors.example', 'correct horse battery', 'errors', 'super_admin');
\echo :LAST_ERROR_SQLSTATE
-- What a database role may not call at all, the server refuses with 42501, which counts as the same.
SELECT pgwright.act_as('owner@errors.example');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM pgwright.users;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;

-- PW404 RESOURCE_NOT_FOUND: what there is not and what one may not see are the same.
SELECT pgwright.get_record('parent', '00000000-0000-7000-8000-000000000000');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.get_record('nothing', :'one');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.preview_migration('nothing');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.get_entity('nothing');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.act_as('nobody@errors.example');
\echo :LAST_ERROR_SQLSTATE

-- PW409 CONFLICT: with what is there.
SELECT pgwright.create_record('parent', '{"name":"one"}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_record('child', '{"parent_id":"00000000-0000-7000-8000-000000000000"}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_entity('{"name":"parent"}');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.publish_entity('parent');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_tenant('errors', 'Errors');
\echo :LAST_ERROR_SQLSTATE
SELECT pgwright.create_user('owner@errors.example', 'correct horse battery', 'errors');
\echo :LAST_ERROR_SQLSTATE
-- Soft deletion leaves the row, so a child may keep its parent; a hard one is refused.
SELECT pg_temp.publish('{"name":"root","supports_soft_delete":false,"fields":[{"name":"n","field_type":"integer"}]}');
SELECT pg_temp.publish('{"name":"leaf","supports_soft_delete":false,"fields":[{"name":"root_id","field_type":"lookup","reference_entity":"root"}]}');
SELECT pgwright.create_record('root', '{"n":1}') ->> 'id' AS root \gset
SELECT pgwright.create_record('leaf', json_build_object('root_id', :'root')) IS NOT NULL AS created;
SELECT pgwright.delete_record('root', :'root');
\echo :LAST_ERROR_SQLSTATE

-- An error inside a block is an ordinary one: what was done before it in the block is undone, what was
-- done before the block is not.
BEGIN;
SELECT pgwright.create_record('parent', '{"name":"kept"}') IS NOT NULL AS created;
DO $$
BEGIN
    PERFORM pgwright.create_record('parent', '{"name":"undone"}');
    PERFORM pgwright.create_record('parent', '{"name":"one"}');
EXCEPTION WHEN SQLSTATE 'PW409' THEN
    NULL;
END $$;
COMMIT;
SELECT string_agg(i ->> 'name', ', ' ORDER BY i ->> 'name') AS names FROM json_array_elements(pgwright.list_records('parent') -> 'items') i;

-- NULL for what must be given.
SELECT call, pg_temp.try(call) FROM (VALUES
    ('SELECT pgwright.get_record(NULL, ''x'')'), ('SELECT pgwright.get_record(''parent'', NULL)'), ('SELECT pgwright.create_record(''parent'', NULL)'),
    ('SELECT pgwright.list_records(NULL)'), ('SELECT pgwright.create_entity(NULL)'), ('SELECT pgwright.publish_entity(NULL)'),
    ('SELECT pgwright.create_tenant(NULL, ''Some name'')'), ('SELECT pgwright.has_permission(NULL)')) AS v (call);

-- A statement that is cancelled stays cancelled: no code of ours takes its place.
SET statement_timeout = '150ms';
CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON t_errors.parent FOR EACH ROW EXECUTE FUNCTION public.slow();
\set SHOW_CONTEXT never
SELECT pgwright.create_record('parent', '{"name":"late"}');
\echo :LAST_ERROR_SQLSTATE
RESET statement_timeout;
DROP TRIGGER slow ON t_errors.parent;
DROP FUNCTION public.slow();
SELECT pgwright.create_record('parent', '{"name":"late"}') -> 'data' ->> 'name' AS created;
