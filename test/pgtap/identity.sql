-- Who is asking: passwords, tokens and what becomes of forged, stale and exchanged ones.
\ir setup.psql
SELECT plan(71);
CREATE EXTENSION pgcrypto SCHEMA public;

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann, token AS ann_token FROM actor WHERE name = 'ann' \gset
SELECT user_id AS bob, token AS bob_token FROM actor WHERE name = 'bob' \gset
SELECT token AS rob_token FROM actor WHERE name = 'rob' \gset

-- Signing in --------------------------------------------------------------------------------------------------

SELECT pgwright.login(' ANN@acme.example', 'ann secret') AS login \gset
SELECT is((SELECT array_agg(k) FROM json_object_keys(:'login') k), '{access_token,refresh_token,token_type,expires_in,user}', 'a sign-in answers these');
SELECT is(:'login'::jsonb - '{access_token,refresh_token}'::text[], jsonb_build_object('token_type', 'Bearer', 'expires_in', 900, 'user', jsonb_build_object('id', :'ann',
    'email', 'ann@acme.example', 'display_name', NULL, 'tenant', (SELECT jsonb_build_object('id', id, 'slug', slug, 'name', name) FROM pgwright.tenants WHERE slug = 'acme'), 'roles', '["owner"]'::jsonb)),
    'the user with tenant and roles');
SELECT matches((SELECT password_hash FROM pgwright.users WHERE id = :'ann'), '^\$argon2id\$', 'the password is kept as argon2id');
SELECT is((SELECT count(*) FROM pgwright.refresh_tokens WHERE token_hash = sha256((:'login'::json ->> 'refresh_token')::bytea)), 1::bigint, 'the refresh token is kept as its hash');
CREATE FUNCTION login_error(VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(tests.error_of(format('SELECT pgwright.login(%s)', (SELECT string_agg(quote_nullable(a), ', ' ORDER BY n) FROM unnest(arguments) WITH ORDINALITY x (a, n))))::text, 'signed in')
$$;
SELECT is(login_error('ann@acme.example', 'wrong secret'), '{"message": "e-mail, password or tenant is wrong", "sqlstate": "PW401"}', 'a wrong password is refused');
SELECT is(login_error(VARIADIC a), login_error('ann@acme.example', 'wrong secret'), format('%s gets the same answer', what)) FROM (VALUES
    (1, 'an unknown user', ARRAY['eve@acme.example', 'ann secret']), (2, 'an empty password', ARRAY['ann@acme.example', '']),
    (3, 'an overlong password', ARRAY['ann@acme.example', 'ann secret' || repeat(' ', 1100)]), (4, 'a tenant one is not in', ARRAY['ann@acme.example', 'ann secret', 'rival']),
    (5, 'a tenant that is not there', ARRAY['ann@acme.example', 'ann secret', 'nowhere']), (6, 'SQL for an address', ARRAY['ann@acme.example'' OR true --', 'ann secret']),
    (7, 'the longer part of a password', ARRAY['ann@acme.example', 'ann secret2'])) AS w (n, what, a) ORDER BY n;
SELECT is(faults_of('SELECT pgwright.login(NULL, NULL)'), 'PW400 email: is required; password: is required', 'a sign-in needs both');
CREATE FUNCTION login_cost(email text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    start timestamptz; least double precision := 'Infinity';
BEGIN
    FOR i IN 1..3 LOOP
        start := clock_timestamp();
        PERFORM tests.login_error(email, 'wrong secret');
        least := least(least, extract(epoch FROM clock_timestamp() - start));
    END LOOP;
    RETURN least;
END $$;
SELECT cmp_ok(login_cost('eve@acme.example'), '>', login_cost('ann@acme.example') / 4, 'an unknown user costs as much as a wrong password');
UPDATE pgwright.users SET status = 'disabled' WHERE id = :'bob';
SELECT is(login_error('bob@acme.example', 'bob secret'), login_error('ann@acme.example', 'wrong secret'), 'a disabled user gets that answer too');
UPDATE pgwright.users SET status = 'active', password_hash = NULL WHERE id = :'bob';
SELECT is(login_error('bob@acme.example', ''), login_error('ann@acme.example', 'wrong secret'), 'and one without a password');

INSERT INTO pgwright.user_roles (user_id, tenant_id, role_id) SELECT :'bob', t.id, r.id FROM pgwright.tenants t, pgwright.roles r WHERE slug = 'rival' AND r.name = 'viewer';
UPDATE pgwright.users SET password_hash = (SELECT password_hash FROM pgwright.users WHERE id = :'ann') WHERE id = :'bob';
SELECT is(faults_of($$SELECT pgwright.login('bob@acme.example', 'ann secret')$$), 'PW400 tenant: is required', 'who is in several tenants says which');
SELECT is((pgwright.login('bob@acme.example', 'ann secret', 'rival') -> 'user' -> 'roles')::text, '["viewer"]', 'and has that tenant''s roles');
UPDATE pgwright.tenants SET status = 'suspended' WHERE slug = 'rival';
SELECT is(login_error('bob@acme.example', 'ann secret', 'rival'), login_error('ann@acme.example', 'wrong secret'), 'a suspended tenant is as good as none');
SELECT is(login_error('bob@acme.example', 'ann secret'), 'signed in', 'then the other is the only one');
UPDATE pgwright.tenants SET status = 'active' WHERE slug = 'rival';

-- Forged tokens -------------------------------------------------------------------------------------------------

CREATE FUNCTION b64(bytes bytea) RETURNS text LANGUAGE sql AS $$ SELECT translate(rtrim(encode(bytes, 'base64'), '='), E'+/\n', '-_') $$;
CREATE FUNCTION unb64(text text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(rpad(translate(text, '-_', '+/'), (length(text) + 3) / 4 * 4, '='), 'base64') $$;
CREATE FUNCTION mint(header text, claims text, secret bytea) RETURNS text LANGUAGE sql AS $$
    SELECT signed || '.' || tests.b64(public.hmac(signed::bytea, secret, 'sha256')) FROM (SELECT tests.b64(header::bytea) || '.' || tests.b64(claims::bytea)) s (signed)
$$;
SELECT convert_from(unb64(split_part(:'ann_token', '.', 1)), 'UTF8') AS header, convert_from(unb64(split_part(:'ann_token', '.', 2)), 'UTF8') AS claims \gset
SELECT secret AS secret, key_id FROM pgwright.signing_keys \gset
CREATE TABLE forged (n serial, what text, token text);
INSERT INTO forged (what, token) VALUES
    ('another key', mint(:'header', :'claims', sha256('mine'))),
    ('an empty key', mint(:'header', :'claims', '')),
    ('an unknown key''s name', mint(replace(:'header', :'key_id', 'unknown'), :'claims', :'secret')),
    ('no key''s name', mint('{"alg":"HS256","typ":"JWT"}', :'claims', :'secret')),
    ('alg none, no signature', b64(replace(:'header', 'HS256', 'none')::bytea) || '.' || split_part(:'ann_token', '.', 2) || '.'),
    ('alg none, signed', mint(replace(:'header', 'HS256', 'none'), :'claims', :'secret')),
    ('another algorithm', mint(replace(:'header', 'HS256', 'HS512'), :'claims', :'secret')),
    ('no signature', split_part(:'ann_token', '.', 1) || '.' || split_part(:'ann_token', '.', 2) || '.'),
    ('two parts', split_part(:'ann_token', '.', 1) || '.' || split_part(:'ann_token', '.', 2)),
    ('four parts', :'ann_token' || '.x'),
    ('a cut signature', left(:'ann_token', -1)),
    ('another bit in the signature', overlay(:'ann_token' PLACING CASE substr(:'ann_token', length(:'ann_token') - 5, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM length(:'ann_token') - 5)),
    ('another''s claims', split_part(:'rob_token', '.', 1) || '.' || split_part(:'rob_token', '.', 2) || '.' || split_part(:'ann_token', '.', 3)),
    ('expired', mint(:'header', jsonb_set(:'claims', '{exp}', to_jsonb(extract(epoch FROM now())::bigint - 1))::text, :'secret')),
    ('no expiry', mint(:'header', (:'claims'::jsonb - 'exp')::text, :'secret')),
    ('issued in the future', mint(:'header', jsonb_set(:'claims', '{iat}', to_jsonb(extract(epoch FROM now())::bigint + 3600))::text, :'secret')),
    ('another issuer', mint(:'header', jsonb_set(:'claims', '{iss}', '"other"')::text, :'secret')),
    ('another user', mint(:'header', jsonb_set(:'claims', '{sub}', to_jsonb(:'bob'::text))::text, :'secret')),
    ('another tenant', mint(:'header', jsonb_set(:'claims', '{tid}', (SELECT to_jsonb(id) FROM pgwright.tenants WHERE slug = 'rival'))::text, :'secret')),
    ('an unknown session', mint(:'header', jsonb_set(:'claims', '{sid}', to_jsonb(gen_random_uuid()))::text, :'secret')),
    ('no session', mint(:'header', (:'claims'::jsonb - 'sid')::text, :'secret')),
    ('a user that is no id', mint(:'header', jsonb_set(:'claims', '{sub}', '"x"')::text, :'secret')),
    ('oversized', mint(:'header', jsonb_set(:'claims', '{pad}', to_jsonb(repeat('x', 9000)))::text, :'secret')),
    ('spaces around', ' ' || :'ann_token' || ' '), ('a scheme in front', 'Bearer ' || :'ann_token'), ('garbage', 'garbage'), ('dots', '..'), ('no ASCII', 'ä.ö.ü'), ('quotes', '''; --'), ('nothing', '');
CREATE FUNCTION answer_to(token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('pgwright.token', token, false);
    RETURN concat_ws(' ', pgwright.whoami(), pgwright.user_id(), pgwright.tenant_id(), pgwright.has_permission('data_model:read'), tests.state_of('SELECT pgwright.list_records(''users'')'));
END $$;
SELECT is(answer_to(mint(:'header', :'claims', :'secret')) LIKE '{"authenticated":true,%', true, 'these tests can mint what the engine takes');
SELECT is(answer_to(token), '{"authenticated":false} f PW401', 'anonymous: ' || what) FROM forged ORDER BY n;
SELECT set_config('pgwright.token', :'ann_token', false) \g /dev/null
SELECT is(pgwright.user_id(), :'ann'::uuid, 'and the true one is still good');

CREATE FUNCTION is_good(token text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('pgwright.token', token, false); RETURN (pgwright.whoami() ->> 'authenticated')::boolean; END $$;
-- What ends a token: shown to end it in the next statement, and (where it can be taken back) nothing more.
UPDATE pgwright.users SET status = 'disabled' WHERE id = :'ann';
SELECT is(pgwright.user_id(), NULL, 'a disabled user''s token ends, at once');
UPDATE pgwright.users SET status = 'active' WHERE id = :'ann';
SELECT is(pgwright.user_id(), :'ann'::uuid, 'and is good again');
UPDATE pgwright.tenants SET status = 'suspended' WHERE slug = 'acme';
SELECT is(pgwright.user_id(), NULL, 'so does one of a suspended tenant');
UPDATE pgwright.tenants SET status = 'active' WHERE slug = 'acme';
SELECT is(pgwright.user_id(), :'ann'::uuid, 'and is good again, too');
UPDATE pgwright.signing_keys SET retired_at = now();
SELECT is(pgwright.user_id(), NULL, 'and one of a retired key');
SELECT is(length(pgwright.login('ann@acme.example', 'ann secret') ->> 'access_token') > 0, true, 'the next sign-in makes a new key');
SELECT is((SELECT count(*) FROM pgwright.signing_keys WHERE retired_at IS NULL), 1::bigint, 'one');
UPDATE pgwright.signing_keys SET retired_at = NULL WHERE key_id = :'key_id';
SELECT is(is_good(:'ann_token'), true, 'the old key is good again');
UPDATE pgwright.sessions SET revoked_at = now() WHERE user_id = :'ann';
SELECT is(pgwright.user_id(), NULL, 'a revoked session''s token ends');
UPDATE pgwright.sessions SET revoked_at = NULL WHERE user_id = :'ann';
SELECT is(pgwright.has_permission('data_model:read'), true, 'a role''s permission');
BEGIN;
DELETE FROM pgwright.user_roles WHERE user_id = :'ann';
SELECT is(pgwright.has_permission('data_model:read'), false, 'is gone as soon as the role is taken away');
ROLLBACK;
SELECT is(pgwright.has_permission('data_model:read'), true, 'and back when that was rolled back');

SELECT pgwright.login('ann@acme.example', 'ann secret') ->> 'access_token' AS second \gset
SELECT is(is_good(:'second'), true, 'a second session');
SELECT pgwright.logout() \g /dev/null
SELECT is(pgwright.user_id(), NULL, 'logout() ends it for the next statement');
SELECT is(state_of('SELECT pgwright.logout()'), 'PW401', 'once');
SELECT is(state_of('SELECT pgwright.me()'), 'PW401', 'me() wants somebody');
SELECT is(is_good(:'ann_token'), true, 'the other session goes on');

-- A token of a session that was never committed is worth nothing, though the backend has seen it.
BEGIN;
SELECT pgwright.login('ann@acme.example', 'ann secret') ->> 'access_token' AS unborn \gset
SELECT is(is_good(:'unborn'), true, 'inside its transaction a session is good');
ROLLBACK;
SELECT is(is_good(:'unborn'), false, 'rolled back, it is not');

SELECT * FROM finish();
