-- API keys: what they may, who manages them, and when they end.
\ir setup.psql
SELECT plan(93);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('ada', 'acme', 'admin') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann FROM actor WHERE name = 'ann' \gset
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset
SELECT user_id AS rob FROM actor WHERE name = 'rob' \gset

SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "thing", "fields": [{"name": "title", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.publish_entity('thing') \g /dev/null

-- Takes the key as the identity, and says who that is.
CREATE FUNCTION use(key text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('pgwright.token', key, false);
    RETURN coalesce(pgwright.whoami() ->> 'email', 'nobody');
END $$;

-- Making and using ------------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT is(error_of($$SELECT pgwright.create_api_key('{"name": "reader", "scopes": ["thing:read", "users:read"]}')$$) ->> 'message', 'a scope is beyond your rights: users:read:tenant', 'a key has no right its maker has not');
SELECT is(error_of($$SELECT pgwright.create_api_key('{"name": "reader", "scopes": ["thing:read:all"]}')$$) ->> 'sqlstate', 'PW403', 'not in a wider scope either');
SELECT pgwright.create_api_key('{"name": "reader", "scopes": ["thing:read"]}') AS made \gset
SELECT :'made'::json ->> 'key' AS key, :'made'::json ->> 'id' AS id \gset
SELECT matches(:'key'::text, '^pgw_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$', 'the text of a key');
SELECT is((:'made'::json -> 'scopes')::text, '["thing:read:tenant"]', 'scopes are written out');
SELECT is((SELECT concat(key_hash = sha256(right(:'key', 43)::bytea), ' ', k::text LIKE '%' || right(:'key', 43) || '%') FROM pgwright.api_keys k WHERE id = :'id'), 't f', 'its hash is kept, it is not');
SELECT is((pgwright.get_api_key(:'id')::jsonb ? 'key'), false, 'nor told again');
SELECT is(use(:'key'), 'bob@acme.example', 'it stands for its user');
SELECT is((pgwright.whoami()::jsonb -> 'permissions')::text, '["thing:read:tenant"]', 'with its scopes alone');
SELECT is(pgwright.whoami() ->> 'api_key', :'id', 'and says so');
SELECT is(pgwright.list_records('thing') ->> 'total', '0', 'it reads');
SELECT is(state_of($$SELECT pgwright.create_record('thing', '{"title": "x"}')$$), 'PW403', 'and does not write');
SELECT make_role('api_keys_user', '{pgwright_user}') \g /dev/null
SELECT is(run_as('api_keys_user', $$INSERT INTO t_acme.thing (title) VALUES ('x') RETURNING 'written'$$), '42501', 'nor in SQL');
SELECT is(state_of(format('SELECT pgwright.%s', call)), 'PW403', call || ' is not for a key') FROM unnest('{logout(),list_my_sessions(),logout_everywhere(),switch_tenant(''rival''),"try_change_password(''bob secret'', ''bob secret 2'')","create_api_key(''{\"name\": \"x\"}'')"}'::text[]) call;
SELECT is(json_array_length(pgwright.list_api_keys()), 1, 'it sees itself');

-- What is no key ----------------------------------------------------------------------------------------------------

SELECT is(use(guess), 'nobody', what) FROM (VALUES
    (left(:'key', -1) || CASE right(:'key', 1) WHEN 'A' THEN 'B' ELSE 'A' END, 'a wrong secret'), (left(:'key', 21), 'the prefix alone'), (left(:'key', 20), 'and without its mark'), (:'key' || 'A', 'a longer key'),
    (left(:'key', -1), 'a shorter one'), ('pgw_' || repeat('0', 16) || right(:'key', 44), 'another prefix'), (upper(:'key'), 'capitals'), ('pgw_', 'the mark'),
    ('pgw_' || repeat('a', 5000), 'a long text'), ('pgw_' || repeat('a', 9000), 'a longer text'), ('pgw_''; DROP TABLE x; --', 'SQL')) AS g (guess, what);
SELECT is(state_of('SELECT pgwright.me()'), 'PW401', 'who has no right key must sign in');

-- Definitions -------------------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.create_api_key('{}')$$), 'PW400 name: is required', 'a key has a name');
SELECT is(faults_of($$SELECT pgwright.create_api_key('{"name": "", "scopes": [], "expires_at": "2001-01-01T00:00:00Z", "user_id": "x", "prefix": "p"}')$$),
    'PW400 name: must be a text of 1 to 200 characters; scopes: must be null or a list of 1 to 200 permissions; expires_at: must be in the future; user_id: must be the id of a user; prefix: is not a member of an API key that can be given', 'all faults are told');
SELECT is(faults_of($$SELECT pgwright.create_api_key('{"name": "n", "scopes": ["thing:read", "thing", 1, "thing:*"], "expires_at": "soon"}')$$),
    'PW400 scopes[1]: must be written resource:action[:scope]; scopes[2]: must be written resource:action[:scope]; scopes[3]: must be written resource:action[:scope]; expires_at: must be null or a moment: YYYY-MM-DDTHH:MM:SSZ', 'of each scope');
SELECT is(faults_of($$SELECT pgwright.create_api_key(NULL)$$), 'PW400 definition: is required', 'a definition is needed');

-- All rights of the user ----------------------------------------------------------------------------------------------

SELECT pgwright.create_api_key('{"name": "whole"}') ->> 'key' AS whole \gset
SELECT is(use(:'whole'), 'bob@acme.example', 'a key without scopes');
SELECT ok(pgwright.has_permission('thing:create') AND NOT pgwright.has_permission('users:read'), 'has its user''s rights');
UPDATE pgwright.user_roles SET role_id = (SELECT id FROM pgwright.roles WHERE name = 'viewer') WHERE user_id = :'bob';
SELECT ok(NOT pgwright.has_permission('thing:create') AND pgwright.has_permission('thing:read'), 'as they are at the moment');
UPDATE pgwright.user_roles SET role_id = (SELECT id FROM pgwright.roles WHERE name = 'member') WHERE user_id = :'bob';

-- Others' keys --------------------------------------------------------------------------------------------------------

SELECT become('vic') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.create_api_key(%L)', json_build_object('name', 'x', 'user_id', :'bob', 'scopes', json_build_array('thing:read')))), 'PW403', 'a viewer makes no key for another');
SELECT is(state_of(format(call, :'id')), 'PW404', 'another''s key is not there: ' || call) FROM unnest('{SELECT pgwright.get_api_key(%L),SELECT pgwright.revoke_api_key(%L),SELECT pgwright.rotate_api_key(%L),SELECT pgwright.api_key_usage(%L),"SELECT pgwright.update_api_key(%L, ''{}'')"}'::text[]) call;
SELECT is(json_array_length(pgwright.list_api_keys()), 0, 'nor listed');
SELECT become('rob') \g /dev/null
SELECT is(state_of(format(call, :'id')), 'PW404', 'nor for another tenant''s owner: ' || call) FROM unnest('{SELECT pgwright.get_api_key(%L),SELECT pgwright.revoke_api_key(%L),SELECT pgwright.rotate_api_key(%L),SELECT pgwright.api_key_usage(%L)}'::text[]) call;
SELECT become('ada') \g /dev/null
SELECT is(json_array_length(pgwright.list_api_keys()), 2, 'an administrator sees them');
SELECT is(faults_of(format('SELECT pgwright.create_api_key(%L)', json_build_object('name', 'x', 'user_id', :'ann'))), 'PW400 scopes: is required but for a key of one''s own', 'and makes one for an owner with scopes');
SELECT is(error_of(format('SELECT pgwright.create_api_key(%L)', json_build_object('name', 'x', 'user_id', :'ann', 'scopes', json_build_array('security:update')))) ->> 'message', 'a scope is beyond your rights: security:update:tenant', 'that are the administrator''s own');
SELECT is(faults_of(format('SELECT pgwright.create_api_key(%L)', json_build_object('name', 'x', 'user_id', :'rob', 'scopes', json_build_array('thing:read')))), 'PW400 user_id: is not a user of the tenant', 'for a user of the tenant');
SELECT pgwright.create_api_key(json_build_object('name', 'for bob', 'user_id', :'bob', 'scopes', json_build_array('thing:read', 'users:read'))) ->> 'key' AS given \gset
SELECT is(use(:'given') || ' ' || (pgwright.whoami() ->> 'permissions'), 'bob@acme.example ["thing:read:tenant"]', 'a key is never more than its user');
SELECT become('ada') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.rotate_api_key(%L)', (SELECT id FROM pgwright.api_keys WHERE name = 'whole'))), 'PW400', 'nobody gets the text of another''s key without scopes');
SELECT is(state_of(format('SELECT pgwright.update_api_key(%L, %L)', (SELECT id FROM pgwright.api_keys WHERE name = 'whole'), '{"expires_at": "2999-01-01T00:00:00Z"}')), 'PW400', 'nor prolongs it');
SELECT pgwright.create_api_key('{"name": "manager", "scopes": ["api_keys:create", "api_keys:read", "thing:read"]}') ->> 'key' AS manager \gset
SELECT is(use(:'manager'), 'ada@acme.example', 'a key that manages keys');
SELECT is(state_of($$SELECT pgwright.create_api_key('{"name": "x", "scopes": ["thing:read"]}')$$), 'ok', 'makes one');
SELECT is(state_of($$SELECT pgwright.create_api_key('{"name": "x", "scopes": ["thing:create"]}')$$), 'PW403', 'within its own scopes');
SELECT is(state_of($$SELECT pgwright.create_api_key('{"name": "x"}')$$), 'PW400', 'not one without');
SELECT is(state_of(format('SELECT pgwright.revoke_api_key(%L)', :'id')), 'PW403', 'and does nothing else to them');

-- Changing, replacing, ending -----------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT is((pgwright.update_api_key(:'id', '{"name": "renamed", "scopes": ["thing:read", "thing:create"], "expires_at": "2999-01-01T00:00:00Z"}')::jsonb - '{id,user_id,user_email,prefix,last_used_at,created_at,created_by}'::text[])::text,
    '{"name": "renamed", "scopes": ["thing:read:tenant", "thing:create:tenant"], "status": "active", "replaces": null, "expires_at": "2999-01-01T00:00:00+00:00", "revoked_at": null, "rotated_to": null, "overlap_ends_at": null}', 'a key changes');
SELECT use(:'key') \g /dev/null
SELECT ok(pgwright.has_permission('thing:create'), 'and is at once what it was changed to');
SELECT is(pgwright.whoami() ->> 'expires_at', '32472144000', 'with its end');
SELECT become('bob') \g /dev/null
SELECT is(faults_of(format('SELECT pgwright.rotate_api_key(%L, %L)', :'id', o)), 'PW400 overlap: must be from 0 to 30 days', 'overlap of ' || o) FROM unnest('{-1 hour,31 days}'::text[]) o;
SELECT pgwright.rotate_api_key(:'id', '1 hour') AS next \gset
SELECT is(concat(use(:'key'), ' ', use(:'next'::json ->> 'key')), 'bob@acme.example bob@acme.example', 'for a while both are good');
SELECT is((:'next'::jsonb - '{id,user_id,user_email,prefix,key,last_used_at,created_at,created_by,replaces}'::text[])::text,
    '{"name": "renamed", "scopes": ["thing:read:tenant", "thing:create:tenant"], "status": "active", "expires_at": "2999-01-01T00:00:00+00:00", "revoked_at": null, "rotated_to": null, "overlap_ends_at": null}', 'and the same');
SELECT become('bob') \g /dev/null
SELECT is((pgwright.get_api_key(:'id') ->> 'rotated_to'), :'next'::json ->> 'id', 'the old one names the new');
SELECT is(state_of(format('SELECT pgwright.rotate_api_key(%L)', :'id')), 'PW409', 'and is not rotated again');
UPDATE pgwright.api_keys SET overlap_ends_at = now() - interval '1 second' WHERE id = :'id';
SELECT is(concat(use(:'key'), ' ', use(:'next'::json ->> 'key')), 'nobody bob@acme.example', 'then the old one ends');
SELECT is(use(:'whole'), 'bob@acme.example', 'a key that is used');
UPDATE pgwright.api_keys SET expires_at = clock_timestamp() + interval '1.2 seconds' WHERE name = 'whole';
SELECT is(use(:'whole'), 'bob@acme.example', 'until it expires');
SELECT pg_sleep(1.3) \g /dev/null
SELECT is(coalesce(pgwright.user_id()::text, 'nobody'), 'nobody', 'is no more, in the same session');
UPDATE pgwright.api_keys SET expires_at = NULL WHERE name = 'whole';
SELECT use(:'next'::json ->> 'key') \g /dev/null
SELECT become('bob') \g /dev/null
SELECT pgwright.revoke_api_key(:'next'::json ->> 'id') \g /dev/null
SELECT is(use(:'next'::json ->> 'key'), 'nobody', 'a revoked key is none');
SELECT become('bob') \g /dev/null
SELECT is(pgwright.get_api_key(:'next'::json ->> 'id') ->> 'status', 'revoked', 'and is shown as such');
SELECT is(state_of(format('SELECT pgwright.update_api_key(%L, %L)', :'next'::json ->> 'id', '{"name": "x"}')), 'PW409', 'it changes no more');
SELECT is(state_of('SELECT pgwright.get_api_key(''x'')'), 'PW404', 'what is no id is not there');

-- Users and tenants out of service -----------------------------------------------------------------------------------

CREATE FUNCTION after(key text, change text, back text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    seen := tests.use(key);
    EXECUTE change;
    seen := seen || ' ' || coalesce(pgwright.whoami() ->> 'email', 'nobody');
    EXECUTE back;
    RETURN seen || ' ' || tests.use(key);
END $$;
SELECT is(after(:'whole', change, back), 'bob@acme.example nobody bob@acme.example', what) FROM (VALUES
    ('a disabled user', $$UPDATE pgwright.users SET status = 'disabled' WHERE email LIKE 'bob@%'$$, $$UPDATE pgwright.users SET status = 'active'$$),
    ('a suspended tenant', $$UPDATE pgwright.tenants SET status = 'suspended' WHERE slug = 'acme'$$, $$UPDATE pgwright.tenants SET status = 'active'$$),
    ('a suspended member', $$UPDATE pgwright.tenant_members SET status = 'suspended' WHERE user_id = (SELECT id FROM pgwright.users WHERE email LIKE 'bob@%')$$, $$UPDATE pgwright.tenant_members SET status = 'active'$$)) v (what, change, back);

-- How many ------------------------------------------------------------------------------------------------------------

SELECT become('vic') \g /dev/null
SET pgwright.api_keys_per_user = 2;
SELECT pgwright.create_api_key('{"name": "1"}') ->> 'id' AS first \gset
SELECT pgwright.create_api_key('{"name": "2"}') \g /dev/null
SELECT is(state_of($$SELECT pgwright.create_api_key('{"name": "3"}')$$), 'PW409', 'there is a limit');
SELECT pgwright.revoke_api_key(:'first') \g /dev/null
SELECT is(state_of($$SELECT pgwright.create_api_key('{"name": "3"}')$$), 'ok', 'of keys that are good');
SELECT is(rotated, 'ok ok PW409', 'rotation has one too') FROM (SELECT string_agg(state_of(format('SELECT pgwright.rotate_api_key(id::text) FROM pgwright.api_keys WHERE revoked_at IS NULL AND rotated_to IS NULL AND user_id = %L LIMIT 1', (SELECT user_id FROM actor WHERE name = 'vic'))), ' ' ORDER BY n) AS rotated FROM generate_series(1, 3) n) r;
RESET pgwright.api_keys_per_user;

-- Usage ---------------------------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT id AS whole_id FROM pgwright.api_keys WHERE name = 'whole' \gset
SET pgwright.api_key_usage_interval = 0;
SELECT pgwright.record_api_key_usage() \g /dev/null
SELECT (pgwright.api_key_usage(:'whole_id') ->> 'total')::integer AS before \gset
SET pgwright.api_key_usage_interval = 3600;
SELECT use(:'whole'), use(:'whole'), use(:'whole') \g /dev/null
SELECT pgwright.record_api_key_usage() \g /dev/null
SELECT become('bob') \g /dev/null
SELECT is((pgwright.api_key_usage(:'whole_id') ->> 'total')::integer - :before, 0, 'uses are not written within the interval');
SET pgwright.api_key_usage_interval = 0;
BEGIN READ ONLY;
SELECT is(state_of('SELECT pgwright.record_api_key_usage()'), 'ok', 'a read-only transaction is no fault');
COMMIT;
SELECT is((pgwright.api_key_usage(:'whole_id') ->> 'total')::integer - :before, 0, 'but writes nothing');
SELECT pgwright.record_api_key_usage() \g /dev/null
SELECT is((pgwright.api_key_usage(:'whole_id') ->> 'total')::integer - :before, 3, 'then all are');
SELECT pgwright.record_api_key_usage() \g /dev/null
SELECT is((pgwright.api_key_usage(:'whole_id') ->> 'total')::integer - :before, 3, 'once');
INSERT INTO pgwright.api_key_usage (tenant_id, api_key_id, hour, requests, last_at) SELECT tenant_id, id, h::timestamptz, n, h::timestamptz FROM pgwright.api_keys, (VALUES ('2020-01-01 05:00Z', 4), ('2020-01-01 05:00Z', 1), ('2020-01-01 07:00Z', 2)) v (h, n) WHERE id = :'whole_id';
SELECT is((SELECT string_agg(u ->> 'at' || ' ' || (u ->> 'requests'), ', ') FROM json_array_elements(pgwright.api_key_usage(:'whole_id', 'hour') -> 'usage') u WHERE u ->> 'at' LIKE '2020%'), '2020-01-01T07:00:00+00:00 2, 2020-01-01T05:00:00+00:00 5', 'by hour');
SELECT is((SELECT string_agg(u ->> 'requests', ', ') FROM json_array_elements(pgwright.api_key_usage(:'whole_id') -> 'usage') u WHERE u ->> 'at' LIKE '2020%'), '7', 'by day');
SELECT cmp_ok((pgwright.get_api_key(:'whole_id') ->> 'last_used_at')::timestamptz, '>', now() - interval '1 hour', 'the last use is known');
SELECT is(faults_of(format('SELECT pgwright.api_key_usage(%L, %L)', :'whole_id', 'week')), 'PW400 unit: must be day or hour', 'nothing else');

SELECT drop_role('api_keys_user') \g /dev/null
SELECT * FROM finish();
