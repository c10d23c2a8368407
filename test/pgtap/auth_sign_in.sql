-- Lock-out, refresh tokens, passwords, sessions and security policies.
\ir setup.psql
SELECT plan(73);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann FROM actor WHERE name = 'ann' \gset
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset

CREATE FUNCTION attempt(email text, password text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(r -> 'error' ->> 'status', 'in') FROM pgwright.try_login(email, password) r
$$;
CREATE FUNCTION attempts(email text, password text, n integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answers text := '';
BEGIN
    FOR i IN 1..n LOOP answers := concat_ws(' ', nullif(answers, ''), tests.attempt(email, password)); END LOOP;
    RETURN answers;
END $$;

-- Lock-out ------------------------------------------------------------------------------------------------------

SELECT is(attempts('bob@acme.example', 'wrong secret', 7), '401 401 401 401 401 429 429', 'the sixth attempt in a row is not looked at');
SELECT is(attempts('nobody@acme.example', 'wrong secret', 7), '401 401 401 401 401 429 429', 'nor where nobody has the address');
SELECT is(attempt(' BOB@acme.example ', 'bob secret'), '429', 'not even with the right password, however the address is spelt');
SELECT is(attempt('ann@acme.example', 'ann secret'), 'in', 'others are not concerned');
SELECT is((SELECT r::jsonb #- '{error,retry_after}' #- '{error,message}' FROM pgwright.try_login('bob@acme.example', 'bob secret') r),
    (SELECT r::jsonb #- '{error,retry_after}' #- '{error,message}' FROM pgwright.try_login('nobody@acme.example', 'bob secret') r), 'both get the same answer');
SELECT cmp_ok((SELECT (r -> 'error' ->> 'retry_after')::integer FROM pgwright.try_login('bob@acme.example', 'x') r), '<=', 30, 'which says how long');
SELECT is(state_of($$SELECT pgwright.login('bob@acme.example', 'bob secret')$$), 'PW429', 'login() says it too');
-- Time passes.
CREATE FUNCTION unlock() RETURNS void LANGUAGE sql AS $$ UPDATE pgwright.login_attempts SET locked_until = clock_timestamp() - interval '1 second' $$;
CREATE FUNCTION lock_of(email text) RETURNS integer LANGUAGE sql VOLATILE AS $$
    SELECT round(extract(epoch FROM locked_until - last_failed_at)) FROM pgwright.login_attempts WHERE email_hash = sha256(email::bytea)
$$;
SELECT unlock() \g /dev/null
SELECT is(attempts('bob@acme.example', 'wrong secret', 2), '401 429', 'after it there is one attempt');
SELECT is(lock_of('bob@acme.example'), 60, 'and the next lock is twice as long');
UPDATE pgwright.login_attempts SET failures = 60, locked_until = now() - interval '1 second';
SELECT is(attempts('bob@acme.example', 'wrong secret', 1), '401', 'much later');
SELECT is(lock_of('bob@acme.example'), 3600, 'a lock lasts an hour at most');
SELECT unlock() \g /dev/null
SELECT is(attempt('bob@acme.example', 'bob secret'), 'in', 'the right password gets in');
SELECT is(attempts('bob@acme.example', 'wrong secret', 6), '401 401 401 401 401 429', 'and counting begins anew');
UPDATE pgwright.login_attempts SET locked_until = NULL, last_failed_at = now() - interval '2 days';
SELECT is(attempts('bob@acme.example', 'wrong secret', 2), '401 401', 'as it does after a day');
DELETE FROM pgwright.login_attempts;
SELECT is((SELECT string_agg(DISTINCT reason || ' ' || (user_id IS NOT NULL), ', ' ORDER BY reason || ' ' || (user_id IS NOT NULL)) FROM pgwright.failed_logins WHERE email LIKE '%@acme.example'),
    'unknown_user false, wrong_password true', 'the log knows why');
SELECT set_config('pgwright.client_address', '192.0.2.7', false), set_config('pgwright.client_agent', repeat('é', 300), false) \g /dev/null
SELECT attempt(repeat('x', 400) || '@acme.example', 'y') \g /dev/null
SELECT is((SELECT char_length(email) || ' ' || ip || ' ' || char_length(user_agent) FROM pgwright.failed_logins ORDER BY created_at DESC, id DESC LIMIT 1), '254 192.0.2.7 127', 'and from where, cut to size');
RESET pgwright.client_address;
RESET pgwright.client_agent;
SELECT become('ann') \g /dev/null
SELECT is((pgwright.list_records('failed_logins', filters => '{"reason": "unknown_user"}') ->> 'total'), '0', 'a tenant sees failures at its people''s addresses');
SELECT cmp_ok((pgwright.list_records('failed_logins') ->> 'total')::integer, '>', 5, 'of which there are some');
SELECT become('rob') \g /dev/null
SELECT is((pgwright.list_records('failed_logins') ->> 'total'), '0', 'not at those of others');
SELECT become('bob') \g /dev/null
SELECT is(state_of($$SELECT pgwright.list_records('failed_logins')$$), 'PW403', 'and a member none');

-- Refresh tokens ------------------------------------------------------------------------------------------------

SELECT become('nobody') \g /dev/null
SELECT l ->> 'access_token' AS access, l ->> 'refresh_token' AS refresh FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
CREATE FUNCTION refreshed(token text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT coalesce(r -> 'error' ->> 'code', 'ok') FROM pgwright.try_refresh(token) r $$;
CREATE FUNCTION is_in(token text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('pgwright.token', token, false);
    RETURN (pgwright.whoami() ->> 'authenticated')::boolean;
END $$;
SELECT pgwright.try_refresh(:'refresh') AS second \gset
SELECT is((SELECT array_agg(k) FROM json_object_keys(:'second') k), '{access_token,refresh_token,token_type,expires_in,user}', 'a refresh answers as a sign-in does');
SELECT isnt(:'second'::json ->> 'refresh_token', :'refresh', 'with another refresh token');
SELECT ok(is_in(:'access') AND is_in(:'second'::json ->> 'access_token'), 'both access tokens are good while they last');
SELECT is((SELECT count(DISTINCT session_id) FROM pgwright.refresh_tokens WHERE token_hash IN (sha256(:'refresh'::bytea), sha256((:'second'::json ->> 'refresh_token')::bytea))), 1::bigint, 'of one session');
SELECT is(refreshed(t), 'AUTHENTICATION_REQUIRED', what || ' is no refresh token') FROM (VALUES ('', 'nothing'), ('rubbish', 'rubbish'), (repeat('a', 9000), 'a long text'), (:'access', 'an access token')) v (t, what);
SELECT ok(is_in(:'second'::json ->> 'access_token'), 'guesses change nothing');
SELECT is(refreshed(:'refresh'), 'AUTHENTICATION_REQUIRED', 'a used token is refused');
SELECT ok(NOT is_in(:'access') AND NOT is_in(:'second'::json ->> 'access_token'), 'and ends the session');
SELECT is(refreshed(:'second'::json ->> 'refresh_token'), 'AUTHENTICATION_REQUIRED', 'with its last refresh token');
SELECT l ->> 'access_token' AS access, l ->> 'refresh_token' AS refresh FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
UPDATE pgwright.users SET status = 'disabled' WHERE id = :'bob';
SELECT is(refreshed(:'refresh'), 'AUTHENTICATION_REQUIRED', 'a disabled user cannot refresh');
UPDATE pgwright.users SET status = 'active' WHERE id = :'bob';
SELECT l ->> 'refresh_token' AS refresh FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
UPDATE pgwright.refresh_tokens SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(:'refresh'::bytea);
SELECT is(refreshed(:'refresh'), 'AUTHENTICATION_REQUIRED', 'nor can anybody with an expired token');
SELECT is((SELECT status || ' ' || (headers ->> 'WWW-Authenticate') FROM pgwright.http_refresh('x')), '401 Bearer', 'the route answers 401');
SELECT is((SELECT status FROM pgwright.http_login('bob@acme.example', 'bob secret')), 200, 'and 200 to a sign-in');
SELECT is(faults_of('SELECT pgwright.try_refresh(NULL)'), 'PW400 refresh_token: is required', 'the token is needed');

-- Passwords -----------------------------------------------------------------------------------------------------

SELECT l ->> 'access_token' AS here FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
SELECT l ->> 'access_token' AS there FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
SELECT is_in(:'here') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.try_change_password('bob secret', 'short')$$), 'PW400 new_password: must be at least 8 characters', 'a new password is checked');
SELECT is(faults_of($$SELECT pgwright.try_change_password('bob secret', 'Bob@acme.example')$$), 'PW400 new_password: must not be the e-mail address', 'and is not the e-mail address');
SELECT is(faults_of($$SELECT pgwright.try_change_password('bob secret', 'bob secret')$$), 'PW400 new_password: must not be one of the last 3 passwords', 'and not the present one');
SELECT is((pgwright.try_change_password('wrong secret', 'bob secret 2') -> 'error')::jsonb - 'message', '{"status": 400, "code": "VALIDATION_ERROR", "details": [{"field": "old_password", "message": "is wrong"}]}', 'the old one must be right');
SELECT is((SELECT failures FROM pgwright.login_attempts WHERE email_hash = sha256('bob@acme.example')), 1, 'a wrong one counts');
SELECT is(pgwright.try_change_password('bob secret', 'bob secret 2')::text, '{}', 'then it changes');
SELECT ok(is_in(:'here') AND NOT is_in(:'there'), 'other sessions end');
SELECT is(attempt('bob@acme.example', 'bob secret') || attempt('bob@acme.example', 'bob secret 2'), '401in', 'only the new one signs in');
SELECT is_in(:'here') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.try_change_password('bob secret 2', 'bob secret')$$), 'PW400 new_password: must not be one of the last 3 passwords', 'the former one is remembered');
SELECT pgwright.try_change_password('bob secret 2', 'bob secret 3') \g /dev/null
SELECT pgwright.try_change_password('bob secret 3', 'bob secret 4') \g /dev/null
SELECT is(pgwright.try_change_password('bob secret 4', 'bob secret')::text, '{}', 'for three passwords');
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT pgwright.try_change_password('bob secret', 'bob secret 9')$$), 'PW401', 'nobody has no password to change');

-- Policies ------------------------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT is((pgwright.update_security_policies('{"password_policy": {"min_length": 12, "require_digit": true, "require_uppercase": true, "require_lowercase": true, "require_special": true}}') -> 'password_policy')::jsonb,
    '{"min_length": 12, "require_digit": true, "require_uppercase": true, "require_lowercase": true, "require_special": true, "history": 3}', 'an owner tightens the rules');
SELECT is((pgwright.get_security_policies() -> 'password_policy' ->> 'min_length'), '12', 'which stay');
SELECT is(state_of($$SELECT pgwright.update_security_policies('{}', 'platform')$$), 'ok', 'the platform''s are an administrator''s (who this is)');
SELECT is(faults_of($$SELECT pgwright.update_security_policies('{"password_policy": {"min_length": 3, "x": 1}, "lockout_policy": {"max_attempts": 3}, "session_policy": 1, "y": {}}')$$),
    'PW400 password_policy.min_length: must be an integer from 8 to 128; password_policy.x: is not a rule; lockout_policy.max_attempts: is the platform''s: sign-in counts attempts before it knows the tenant; session_policy: must be an object; y: is not a policy',
    'all faults are told');
SELECT is(faults_of($$SELECT pgwright.create_user('eve@acme.example', 'Eve secret!', 'acme')$$), 'PW400 password: must be at least 12 characters; password: must have a digit', 'a new account is under them');
SELECT make_role('auth_sign_in_user', '{pgwright_user}') \g /dev/null
SELECT is(run_as('auth_sign_in_user', $$SELECT pgwright.update_security_policies('{}', 'platform')$$), 'PW403', 'but not an owner''s');
SELECT is(run_as('auth_sign_in_user', 'SELECT count(*) FROM pgwright.refresh_tokens'), '42501', 'and nobody reads the tokens');
SELECT is_in(l ->> 'access_token') FROM pgwright.try_login('bob@acme.example', 'bob secret') l \g /dev/null
SELECT is(faults_of($$SELECT pgwright.try_change_password('bob secret', 'bob')$$),
    'PW400 new_password: must be at least 12 characters; new_password: must have a capital letter; new_password: must have a digit; new_password: must have a character that is neither letter nor digit; new_password: must not be the e-mail address', 'they hold for the tenant''s people');
SELECT is(state_of($$SELECT pgwright.update_security_policies('{"session_policy": {"max_concurrent": 2}}')$$), 'PW403', 'a member changes none');
SELECT become('rob') \g /dev/null
SELECT is((pgwright.get_security_policies() -> 'password_policy' ->> 'min_length'), '8', 'and not elsewhere');

-- Sessions ------------------------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT pgwright.update_security_policies('{"session_policy": {"max_concurrent": 2, "lifetime_seconds": 3600}}') \g /dev/null
DELETE FROM pgwright.sessions WHERE user_id = :'bob';
SELECT l ->> 'access_token' AS one FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
SELECT l ->> 'access_token' AS two FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
SELECT l ->> 'access_token' AS three FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
SELECT is(concat(is_in(:'one'), is_in(:'two'), is_in(:'three')), 'ftt', 'one session too many ends the oldest');
SELECT is((SELECT string_agg(concat(s ->> 'tenant', ' ', s ->> 'current', ' ', (s ->> 'expires_at')::timestamptz - (s ->> 'created_at')::timestamptz), ', ') FROM json_array_elements(pgwright.list_my_sessions()) s),
    'acme true 01:00:00, acme false 01:00:00', 'the others are listed');
SELECT s ->> 'id' AS second FROM json_array_elements(pgwright.list_my_sessions()) s WHERE NOT (s ->> 'current')::boolean \gset
SELECT is_in((SELECT token FROM actor WHERE name = 'rob')) \g /dev/null
SELECT is(state_of(format('SELECT pgwright.end_session(%L)', :'second')), 'PW404', 'nobody ends a session of another tenant');
SELECT is_in(:'three') \g /dev/null
SELECT pgwright.end_session(:'second') \g /dev/null
SELECT is(concat(is_in(:'two'), is_in(:'three')), 'ft', 'one''s own can be ended');
SELECT is(state_of(format('SELECT pgwright.end_session(%L)', :'second')), 'PW404', 'once');
SELECT is(state_of('SELECT pgwright.end_session(''x'')'), 'PW404', 'what is none is not there');
SELECT s ->> 'id' AS third FROM json_array_elements(pgwright.list_my_sessions()) s \gset
SELECT become('ann') \g /dev/null
SELECT pgwright.end_session(:'third') \g /dev/null
SELECT is(is_in(:'three'), false, 'an owner ends anybody''s in the tenant');
SELECT l ->> 'access_token' AS one FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
SELECT l ->> 'access_token' AS two FROM pgwright.try_login('bob@acme.example', 'bob secret') l \gset
SELECT is_in(:'two') \g /dev/null
SELECT is(pgwright.logout_everywhere()::text, '{"ended":2}', 'all can be ended at once');
SELECT is(concat(is_in(:'one'), is_in(:'two')), 'ff', 'and are');

-- Other tenants -------------------------------------------------------------------------------------------------

INSERT INTO pgwright.user_roles (user_id, tenant_id, role_id) SELECT :'bob', t.id, r.id FROM pgwright.tenants t, pgwright.roles r WHERE slug = 'rival' AND r.name = 'viewer';
SELECT is_in(l ->> 'access_token') FROM pgwright.try_login('bob@acme.example', 'bob secret', 'acme') l \g /dev/null
SELECT is((SELECT string_agg(t ->> 'slug' || ' ' || (t ->> 'current'), ', ') FROM json_array_elements(pgwright.my_tenants()) t), 'acme true, rival false', 'one''s tenants');
SELECT pgwright.switch_tenant('rival') AS switched \gset
SELECT ok(is_in(:'switched'::json ->> 'access_token'), 'a session in another');
SELECT is((pgwright.whoami() -> 'tenant' ->> 'slug') || ' ' || (pgwright.whoami() ->> 'roles'), 'rival ["viewer"]', 'with the rights there');
SELECT is(state_of($$SELECT pgwright.switch_tenant('nowhere')$$), 'PW404', 'a tenant that is not there');
SELECT become('rob') \g /dev/null
SELECT is(state_of($$SELECT pgwright.switch_tenant('acme')$$), 'PW404', 'is the same as one that is not one''s own');
SELECT pgwright.act_as('bob@acme.example', 'acme') \g /dev/null
SELECT is(state_of($$SELECT pgwright.switch_tenant('rival')$$), 'PW403', 'act_as does not become a sign-in');

SELECT drop_role('auth_sign_in_user') \g /dev/null
SELECT * FROM finish();
