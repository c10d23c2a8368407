-- The people of a tenant: invitations, roles, suspension, removal, and what nobody may do to whom.
\ir setup.psql
SELECT plan(62);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('ada', 'acme', 'admin') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann FROM actor WHERE name = 'ann' \gset
SELECT user_id AS ada FROM actor WHERE name = 'ada' \gset
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset
SELECT user_id AS rob FROM actor WHERE name = 'rob' \gset
CREATE FUNCTION call(name text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT pgwright.%I(%s)', name, (SELECT string_agg(quote_nullable(a), ', ' ORDER BY n) FROM unnest(arguments) WITH ORDINALITY x (a, n)))
$$;

-- Reading ---------------------------------------------------------------------------------------------------------

SELECT become('ada') \g /dev/null
SELECT is((SELECT string_agg(u ->> 'email' || ' ' || (u ->> 'roles') || ' ' || (u ->> 'status'), ', ') FROM json_array_elements(pgwright.list_users() -> 'items') u),
    'ada@acme.example ["admin"] active, ann@acme.example ["owner"] active, bob@acme.example ["member"] active', 'the people of the tenant');
SELECT is((pgwright.list_users(2, 2)::jsonb - 'items')::text, '{"page": 2, "pages": 2, "total": 3, "page_size": 2}', 'in pages');
SELECT is(pgwright.list_users(search => 'BOB@') -> 'items' -> 0 ->> 'email', 'bob@acme.example', 'searched');
SELECT is((pgwright.list_users(search => '%') ->> 'total'), '0', 'for what was typed');
SELECT is(faults_of('SELECT pgwright.list_users(0, 101)'), 'PW400 page: must be at least 1; page_size: must be from 1 to 100', 'within bounds');
SELECT is(state_of(call('get_user', :'rob')), 'PW404', 'others are not there');
SELECT become('bob') \g /dev/null
SELECT is(state_of('SELECT pgwright.list_users()') || state_of(call('get_user', :'ann')) || state_of(call('get_user', :'bob')), 'PW403PW403ok', 'a member sees himself');

-- Changing --------------------------------------------------------------------------------------------------------

SELECT become('ada') \g /dev/null
SELECT is((pgwright.update_user(:'bob', '{"display_name": "Bob", "department": "Sales", "attributes": {"desk": 7}}')::jsonb - '{id,invited_at,accepted_at,created_at}'::text[])::text,
    '{"email": "bob@acme.example", "roles": ["member"], "status": "active", "attributes": {"desk": 7}, "department": "Sales", "display_name": "Bob", "account_status": "active"}', 'an administrator changes a member');
SELECT is(faults_of(call('update_user', :'bob', '{"display_name": 1, "status": "gone", "attributes": [], "email": "x"}')),
    'PW400 display_name: must be null or a text of at most 200 characters; status: must be active or suspended; attributes: must be an object of at most 8192 bytes; email: is not a member of a user that can be changed', 'faults are told');
SELECT is(state_of(call('update_user', :'ann', '{"department": "x"}')), 'PW403', 'not an owner');
SELECT is(state_of(call('update_user', :'rob', '{"department": "x"}')), 'PW404', 'nor anybody elsewhere');
SELECT become('bob') \g /dev/null
SELECT is(state_of(call('update_user', :'bob', '{"department": "x"}')), 'PW403', 'a member changes nobody');

-- Suspension --------------------------------------------------------------------------------------------------------

SELECT become('ada') \g /dev/null
SELECT pgwright.update_user(:'bob', '{"status": "suspended"}') \g /dev/null
SELECT set_config('pgwright.token', token, false) FROM actor WHERE name = 'bob' \g /dev/null
SELECT is(pgwright.whoami() ->> 'authenticated', 'false', 'a suspended member is out at once');
SELECT is(state_of($$SELECT pgwright.login('bob@acme.example', 'bob secret')$$), 'PW401', 'and cannot come back');
SELECT become('ada') \g /dev/null
SELECT pgwright.update_user(:'bob', '{"status": "active"}') \g /dev/null
SELECT is(state_of($$SELECT become('bob')$$), 'ok', 'until he is active again');

-- Roles -----------------------------------------------------------------------------------------------------------

SELECT become('ada') \g /dev/null
SELECT is((pgwright.set_user_roles(:'bob', '["viewer", "member"]') -> 'roles')::text, '["member", "viewer"]', 'an administrator gives roles');
SELECT is(error_of(call('set_user_roles', :'bob', '["owner"]')) ->> 'sqlstate', 'PW403', 'but none above his own');
SELECT is(state_of(call('set_user_roles', :'ada', '["owner"]')), 'PW403', 'to himself neither');
SELECT is(state_of(call('set_user_roles', :'bob', '["super_admin"]')), 'PW403', 'nor the platform''s');
SELECT is(state_of(call('set_user_roles', :'ann', '["viewer"]')), 'PW403', 'and takes none from an owner');
SELECT is(faults_of(call('set_user_roles', :'bob', '["member", "x"]')), 'PW400 roles[1]: is not a role', 'which must be there');
SELECT is(faults_of(call('set_user_roles', :'bob', '[]')), 'PW400 roles: must be a list of 1 to 32 names of roles', 'and some');
SELECT become('ann') \g /dev/null
SELECT is(state_of(call('set_user_roles', :'ann', '["member"]')), 'PW409', 'the last owner stays one');
SELECT is(state_of(call('update_user', :'ann', '{"status": "suspended"}')), 'PW409', 'and active');
SELECT is(state_of(call('remove_user', :'ann')), 'PW409', 'and there');
SELECT pgwright.set_user_roles(:'ada', '["owner"]') \g /dev/null
SELECT is(state_of(call('set_user_roles', :'ann', '["admin"]')), 'ok', 'a further one need not');
SELECT become('ada') \g /dev/null
SELECT is(state_of(call('remove_user', :'ada')), 'PW409', 'then the other is the last');
SELECT pgwright.set_user_roles(:'ann', '["owner"]') \g /dev/null
UPDATE pgwright.users SET status = 'disabled' WHERE id = :'ann';
SELECT is(state_of(call('remove_user', :'ada')), 'PW409', 'a disabled owner does not count');
UPDATE pgwright.users SET status = 'active' WHERE id = :'ann';

-- Invitations -------------------------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT pgwright.set_user_roles(:'ada', '["admin"]') \g /dev/null
SELECT become('ada') \g /dev/null
SELECT is(state_of(call('invite_user', 'carl@acme.example', '["owner"]')), 'PW403', 'nobody invites to more than he is');
SELECT is(faults_of(call('invite_user', 'nonsense', '["member"]', repeat('x', 201))), 'PW400 email: must be an e-mail address; department: must be at most 200 characters', 'faults are told');
SELECT is(state_of(call('invite_user', 'bob@acme.example', '["member"]')), 'PW409', 'who is in is not invited');
SELECT pgwright.invite_user(' Carl@ACME.example', '["viewer"]', 'Sales') AS first \gset
SELECT pgwright.invite_user('carl@acme.example', '["member"]', 'Sales') AS second \gset
SELECT is((SELECT string_agg(i ->> 'email' || ' ' || (i ->> 'roles'), ', ') FROM json_array_elements(pgwright.list_invitations()) i), 'carl@acme.example ["member"]', 'a new invitation replaces the old');
SELECT is((SELECT count(*) FROM pgwright.invitations i WHERE i::text LIKE '%' || (:'second'::json ->> 'token') || '%'), 0::bigint, 'whose token is not kept');
SELECT become('nobody') \g /dev/null
SELECT is(faults_of(call('accept_invitation', t, 'a good password')), 'PW400 token: is unknown, used, revoked or has expired', 'no invitation') FROM unnest(ARRAY[:'first'::json ->> 'token', 'x', '']) t;
SELECT is(faults_of(call('accept_invitation', :'second'::json ->> 'token')), 'PW400 password: is required', 'a new user chooses a password');
SELECT is(faults_of(call('accept_invitation', :'second'::json ->> 'token', 'carl')), 'PW400 password: must be at least 8 characters; password: must not be the e-mail address', 'by the rules');
SELECT is((pgwright.accept_invitation(:'second'::json ->> 'token', 'a good password', 'Carl')::jsonb - 'user_id')::text, '{"email": "carl@acme.example", "tenant": "acme"}', 'and is in');
SELECT is(state_of(call('accept_invitation', :'second'::json ->> 'token', 'another password')), 'PW400', 'once');
SELECT is((pgwright.login('carl@acme.example', 'a good password') -> 'user' ->> 'roles'), '["member"]', 'with the roles');
SELECT is((SELECT concat_ws(' ', m.status, department, invited_by = :'ada', accepted_at IS NOT NULL) FROM pgwright.tenant_members m JOIN pgwright.users u ON u.id = m.user_id WHERE email LIKE 'carl@%'), 'active Sales t t', 'and what was said of him');

SELECT become('ada') \g /dev/null
SELECT pgwright.invite_user('rob@rival.example', '["viewer"]') ->> 'token' AS token \gset
SELECT is((SELECT u ->> 'status' FROM json_array_elements(pgwright.list_users() -> 'items') u WHERE u ->> 'email' LIKE 'rob@%'), 'invited', 'who has an account is listed as invited');
SELECT is(state_of($$SELECT pgwright.login('rob@rival.example', 'rob secret', 'acme')$$), 'PW401', 'and is not in yet');
SELECT is(state_of(call('accept_invitation', :'token', 'a new password')), 'PW401', 'whoever has the token is not that user');
SELECT become('nobody') \g /dev/null
SELECT is(state_of(call('accept_invitation', :'token', 'a new password')), 'PW401', 'nor sets a password');
SELECT become('rob') \g /dev/null
SELECT is(faults_of(call('accept_invitation', :'token', 'a new password')), 'PW400 password: is not changed here', 'not even the user');
SELECT is(state_of(call('accept_invitation', :'token')), 'ok', 'who accepts signed in');
SELECT is((pgwright.login('rob@rival.example', 'rob secret', 'acme') -> 'user' ->> 'roles'), '["viewer"]', 'and has another tenant');
SELECT become('ada') \g /dev/null
SELECT is(faults_of(call('update_user', :'rob', '{"display_name": "x"}')), 'PW403 display_name: is changed by the user alone', 'who belongs to others too names himself');
SELECT pgwright.invite_user('dan@acme.example', '["viewer"]') AS dan \gset
SELECT become('rob') \g /dev/null
SELECT is(state_of(call('revoke_invitation', :'dan'::json ->> 'id')), 'PW404', 'others'' invitations are not there');
SELECT become('ada') \g /dev/null
SELECT pgwright.revoke_invitation(:'dan'::json ->> 'id') \g /dev/null
SELECT is(state_of(call('accept_invitation', :'dan'::json ->> 'token', 'a good password')), 'PW400', 'a revoked invitation is none');
SELECT pgwright.invite_user('dan@acme.example', '["viewer"]') AS dan \gset
UPDATE pgwright.invitations SET expires_at = now() WHERE id = (:'dan'::json ->> 'id')::uuid;
SELECT is(state_of(call('accept_invitation', :'dan'::json ->> 'token', 'a good password')), 'PW400', 'nor is an expired one');
SELECT become('bob') \g /dev/null
SELECT is(state_of(call('invite_user', 'eve@acme.example', '["viewer"]')) || state_of('SELECT pgwright.list_invitations()'), 'PW403PW403', 'a member invites nobody');

-- Removal -----------------------------------------------------------------------------------------------------------

SELECT become('rob') \g /dev/null
SELECT pgwright.login('rob@rival.example', 'rob secret', 'acme') ->> 'access_token' AS there \gset
SELECT set_config('pgwright.token', :'there', false) \g /dev/null
SELECT pgwright.create_api_key('{"name": "k"}') ->> 'key' AS key \gset
SELECT become('ada') \g /dev/null
SELECT pgwright.remove_user(:'rob') \g /dev/null
CREATE FUNCTION is_in(token text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('pgwright.token', token, false);
    RETURN (pgwright.whoami() ->> 'authenticated')::boolean;
END $$;
SELECT is(concat(is_in(:'there'), is_in(:'key'), is_in((SELECT token FROM actor WHERE name = 'rob'))), 'fft', 'who is removed is out, with sessions and keys there, and not elsewhere');
SELECT become('ada') \g /dev/null
SELECT is(state_of(call('get_user', :'rob')), 'PW404', 'and gone');
SELECT is(state_of(call('remove_user', :'ann')), 'PW403', 'an administrator removes no owner');

-- Everywhere --------------------------------------------------------------------------------------------------------

SELECT make_role('users_members_user', '{pgwright_user}') \g /dev/null
SELECT is(run_as('users_members_user', call('set_user_status', :'bob', 'disabled')), 'PW403', 'a tenant''s administrator disables nobody everywhere');
SELECT pgwright.create_user('root@acme.example', 'root secret', 'acme', 'super_admin') \g /dev/null
SELECT is_in(l ->> 'access_token') FROM pgwright.login('root@acme.example', 'root secret') l \g /dev/null
SELECT is(run_as('users_members_user', call('set_user_status', :'bob', 'disabled')), '', 'the platform''s does');
SELECT is(run_as('users_members_user', call('set_user_status', :'bob', 'gone')), 'PW400', 'one of two');
SELECT is(is_in((SELECT token FROM actor WHERE name = 'bob')), false, 'and out is out');
SELECT pgwright.set_user_status(:'bob', 'active') \g /dev/null
SELECT is(is_in((SELECT token FROM actor WHERE name = 'bob')), false, 'old sessions do not come back');

SELECT drop_role('users_members_user') \g /dev/null
SELECT * FROM finish();
