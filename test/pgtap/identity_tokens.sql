-- Tokens: keys that are rotated, tokens that are cut down, and the tokens of identity providers. Each
-- attack is shown to prove nobody; test/http/token_signer.py is the provider.
\ir setup.psql
SELECT plan(136);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann, token AS ann_token FROM actor WHERE name = 'ann' \gset
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset

CREATE FUNCTION who(token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('pgwright.token', token, false);
    RETURN coalesce((SELECT email FROM pgwright.users WHERE id = pgwright.user_id()), 'nobody');
END $$;
-- The same by every question, for what must be anonymous.
CREATE FUNCTION answer_to(token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('pgwright.token', token, false);
    RETURN concat_ws(' ', pgwright.whoami(), pgwright.user_id(), pgwright.tenant_id(), pgwright.has_permission('data_model:read'), tests.state_of('SELECT pgwright.list_records(''users'')'));
END $$;
\set anonymous '{"authenticated":false} f PW401'

-- Keys of our own ---------------------------------------------------------------------------------------------

SELECT key_id AS first_key FROM pgwright.signing_keys \gset
SELECT set_config('pgwright.token', '', false) \g /dev/null
SELECT is((SELECT array_agg(k) FROM json_object_keys(pgwright.list_signing_keys() -> 0) k), '{key_id,algorithm,status,created_at,retired_at}', 'the list of keys tells no secret');
SELECT pgwright.rotate_signing_key('1 hour') AS rotated \gset
SELECT is(:'rotated'::json ->> 'status', 'signing', 'the new key signs');
SELECT results_eq($$SELECT k ->> 'status' FROM json_array_elements(pgwright.list_signing_keys()) k$$, $$VALUES ('signing'), ('verifying')$$, 'the old one verifies');
SELECT is(who(:'ann_token'), 'ann@acme.example', 'so its tokens go on');
SELECT pgwright.login('ann@acme.example', 'ann secret') ->> 'access_token' AS second_token \gset
SELECT isnt(split_part(:'second_token', '.', 1), split_part(:'ann_token', '.', 1), 'the next sign-in''s token is of the new key');
SELECT is(who(:'second_token'), 'ann@acme.example', 'and good');
SELECT set_config('pgwright.token', '', false) \g /dev/null
SELECT is(pgwright.retire_signing_key(:'first_key') ->> 'status', 'retired', 'a key can be retired now');
SELECT is(answer_to(:'ann_token'), :'anonymous', 'with its tokens');
SELECT is(who(:'second_token'), 'ann@acme.example', 'and no other''s');
SELECT set_config('pgwright.token', '', false) \g /dev/null
SELECT pgwright.rotate_signing_key('0') \g /dev/null
SELECT is(answer_to(:'second_token'), :'anonymous', 'rotation without a delay ends the old key at once');
SELECT is((SELECT count(*) FROM pgwright.signing_keys WHERE retired_at IS NULL), 1::bigint, 'one key signs');
-- A retirement that comes while a backend has the identity in its cache.
SELECT pgwright.login('ann@acme.example', 'ann secret') ->> 'access_token' AS ann_token \gset
SELECT pgwright.rotate_signing_key('1.5 seconds') \g /dev/null
SELECT is(who(:'ann_token'), 'ann@acme.example', 'a key that is about to end');
SELECT pg_sleep(1.6) \g /dev/null
SELECT is(pgwright.user_id(), NULL, 'ends on its own, in what is cached, too');
SELECT is(faults_of(format('SELECT pgwright.rotate_signing_key(%L)', v)), 'PW400 retire_after: must be from 0 to 366 days', format('%s is no delay', v)) FROM unnest('{-1 second,400 days}'::text[]) v;
SELECT is(state_of($$SELECT pgwright.rotate_signing_key(NULL)$$), '22004', 'nor is nothing');
SELECT is(state_of($$SELECT pgwright.retire_signing_key('unknown')$$), 'PW404', 'an unknown key is not retired');
DELETE FROM actor WHERE name <> 'nobody';
INSERT INTO actor SELECT split_part(e, '@', 1), (l -> 'user' ->> 'id')::uuid, l ->> 'access_token' FROM unnest('{ann@acme.example,bob@acme.example,rob@rival.example}'::text[]) e, pgwright.login(e, split_part(e, '@', 1) || ' secret') l;
SELECT make_role('pgwright_tap_tokens', '{pgwright_user}') \g /dev/null
GRANT USAGE ON SCHEMA tests TO PUBLIC;
SELECT become('ann') \g /dev/null
SELECT is(run_as('pgwright_tap_tokens', statement), 'PW403', format('an owner of a tenant may not: %s', statement))
  FROM unnest(ARRAY['SELECT pgwright.list_signing_keys()', 'SELECT pgwright.rotate_signing_key()', 'SELECT pgwright.retire_signing_key(''x'')', 'SELECT pgwright.revoke_outside_tokens(''bob@acme.example'')']) statement;
SELECT become('nobody') \g /dev/null
SELECT is(run_as('pgwright_tap_tokens', 'SELECT pgwright.list_signing_keys()'), 'PW401', 'nobody is asked who he is');

-- Tokens that are cut down, and for an audience ---------------------------------------------------------------------

CREATE EXTENSION pgcrypto SCHEMA public;
CREATE FUNCTION b64(bytes bytea) RETURNS text LANGUAGE sql AS $$ SELECT translate(rtrim(encode(bytes, 'base64'), '='), E'+/\n', '-_') $$;
CREATE FUNCTION unb64(text text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(rpad(translate(text, '-_', '+/'), (length(text) + 3) / 4 * 4, '='), 'base64') $$;
-- Ann's token with other claims.
CREATE FUNCTION mint(more jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT content || '.' || tests.b64(public.hmac(content::bytea, k.secret, 'sha256'))
      FROM tests.actor a, pgwright.signing_keys k,
           LATERAL (SELECT split_part(a.token, '.', 1) || '.' || tests.b64(convert_to((convert_from(tests.unb64(split_part(a.token, '.', 2)), 'UTF8')::jsonb || more)::text, 'UTF8'))) c (content)
     WHERE a.name = 'ann' AND k.retired_at IS NULL
$$;
SELECT is(who(mint('{}')), 'ann@acme.example', 'these tests can mint what the engine takes');
SELECT is(who(mint('{"scopes": ["users:read", "data_model:read", "*:read:own"]}')), 'ann@acme.example', 'a token of scopes is its user''s');
SELECT is(pgwright.whoami() ->> 'permissions', '["*:read:own","data_model:read:tenant","users:read:tenant"]', 'with these rights and no more');
SELECT is(pgwright.has_permission('data_model:create'), false, 'none of them');
SELECT is(who(mint('{"scopes": ["tenants:create:all"]}')), 'ann@acme.example', 'scopes give nothing');
SELECT is(pgwright.whoami() ->> 'permissions', '[]', 'that the user has not');
SELECT is(who(mint('{"whatever": {"a": 1}, "jti": "7"}')), 'ann@acme.example', 'unknown claims are ignored');
SELECT is(answer_to(mint(claims)), :'anonymous', format('anonymous: %s', claims)) FROM unnest(ARRAY[
    '{"scopes": ["users"]}', '{"scopes": "users:read"}', '{"nbf": 4000000000}', '{"nbf": "x"}', '{"jti": 7}', '{"aud": "crm"}']::jsonb[]) claims;
SELECT mint('{}') AS plain, mint('{"aud": "crm"}') AS for_crm \gset
SELECT is(who(:'plain'), 'ann@acme.example', 'without an audience') ;
SET pgwright.token_audience = 'crm';
SELECT is(pgwright.user_id(), NULL, 'a setting wants one, of what is cached, too');
SELECT is(who(:'for_crm'), 'ann@acme.example', 'this');
SELECT is(who(pgwright.login('bob@acme.example', 'bob secret') ->> 'access_token'), 'bob@acme.example', 'which sign-in puts in');
SELECT is(who(mint('{"aud": ["shop"]}')), 'nobody', 'and no other');
RESET pgwright.token_audience;
SELECT is(who(:'for_crm'), 'nobody', 'without the setting a token for an audience is for somebody else');
SELECT is(state_of(as_role('pgwright_tap_tokens', 'SET pgwright.token_audience = ''x''')), '42501', 'the audience is the superuser''s to set');

-- Identity providers --------------------------------------------------------------------------------------------

\set keys `mktemp -d`
\set signer `echo "$PGWRIGHT_SOURCE/test/http/token_signer.py"`
\set made `for k in "r1 rsa" "r2 rsa" "e1 ec" "weak weak" "evil rsa"; do python3 "$PGWRIGHT_SOURCE/test/http/token_signer.py" make :'keys' $k; done`
\set jwks `python3 :'signer' jwks :'keys' r1 e1`
\set weak `python3 :'signer' jwks :'keys' weak`
\set both `python3 :'signer' jwks :'keys' r1 e1 r2`
\set new_only `python3 :'signer' jwks :'keys' r2`
\set pem `python3 :'signer' pem :'keys' r1`

SELECT become('ann') \g /dev/null
SELECT json_build_object('name', 'corp', 'issuer', 'https://idp.example', 'audience', 'crm', 'algorithms', json_build_array('RS256', 'ES256'), 'jwks', :'jwks'::json,
    'claim_mapping', json_build_object('roles', 'groups', 'department', 'dept'), 'role_mapping', json_build_object('Staff', 'member', 'Bosses', json_build_array('admin', 'member')), 'auto_provision', true) AS definition \gset
SELECT pgwright.create_identity_provider(:'definition') AS provider \gset
SELECT is(:'provider'::json ->> 'roles_from', 'token', 'a provider is completed with what was left out');
SELECT is(faults_of(format('SELECT pgwright.create_identity_provider(%L)', :'definition')), 'PW409 name: must be the only one of the tenant; audience: must be the only one of its issuer', 'issuer and audience are one provider''s');
SELECT is(faults_of(format('SELECT pgwright.create_identity_provider(%L)', :'definition'::jsonb || bad)), 'PW400 ' || expected, expected) FROM (VALUES
    (1, jsonb_build_object('jwks', :'weak'::jsonb), 'jwks.keys[0]: must be an RSA key of at least 2048 bits'),
    (2, '{"role_mapping": {"Root": "super_admin"}}', 'role_mapping: must not grant super_admin, which no provider may'),
    (3, '{"role_mapping": {"Root": "nonesuch"}}', 'role_mapping: names a role that does not exist: nonesuch'),
    (4, '{"algorithms": ["HS256"]}', 'algorithms: must be some of RS256, PS256, ES256, EdDSA, each once'),
    (5, '{"issuer": "pgwright"}', 'issuer: is the issuer of this database''s own tokens')) AS v (n, bad, expected) ORDER BY n;
SELECT is(json_array_length(pgwright.list_identity_providers()), 1, 'a tenant sees its own');
SELECT become('bob') \g /dev/null
SELECT is(state_of(statement), 'PW403', format('a member may not: %s', statement)) FROM unnest(ARRAY['SELECT pgwright.list_identity_providers()',
    'SELECT pgwright.create_identity_provider(''{}'')', 'SELECT pgwright.update_identity_provider(''corp'', ''{}'')', 'SELECT pgwright.identity_provider_test(''x'')', 'SELECT pgwright.link_identity(''corp'', ''x'', ''bob@acme.example'')']) statement;
SELECT become('rob') \g /dev/null
SELECT is(state_of($$SELECT pgwright.get_identity_provider('corp')$$), 'PW404', 'another tenant''s provider is not there');
SELECT is(json_array_length(pgwright.list_identity_providers()), 0, 'nor in the list');
SELECT is((pgwright.list_records('identity_providers') ->> 'total')::int, 0, 'nor in the catalog''s own records');

CREATE TABLE sample (name text PRIMARY KEY, key text NOT NULL DEFAULT 'r1', header text NOT NULL DEFAULT '{"alg":"RS256","kid":"r1"}', claims text NOT NULL, token text);
CREATE FUNCTION told(more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT (jsonb_build_object('iss', 'https://idp.example', 'aud', 'crm', 'sub', 'u-1', 'iat', extract(epoch FROM now())::bigint - 10, 'exp', extract(epoch FROM now())::bigint + 3000,
        'email', 'cat@corp.example', 'name', 'Cat', 'groups', '["Staff"]'::jsonb, 'dept', 'Sales') || more)::text
$$;
INSERT INTO sample (name, claims) VALUES ('cat', told()), ('cat again', told('{"jti": "2"}')), ('cat boss', told('{"groups": ["Bosses"]}')), ('cat root', told('{"groups": ["super_admin", "owner"]}')),
    ('dan', told('{"sub": "u-2", "email": "dan@corp.example", "groups": []}')), ('no email', told('{"sub": "u-3", "email": null}')), ('as bob', told('{"sub": "u-4", "email": "bob@acme.example"}')),
    ('as bob, verified', told('{"sub": "u-4", "email": "Bob@acme.example", "email_verified": true}')), ('as bob, by another', told('{"sub": "u-5", "email": "bob@acme.example", "email_verified": true}')),
    ('as rob, verified', told('{"sub": "u-6", "email": "rob@rival.example", "email_verified": true}')), ('eve', told('{"sub": "u-9"}'));
INSERT INTO sample (name, key, header, claims) VALUES ('cat by ES256', 'e1', '{"alg":"ES256","kid":"e1"}', told('{"jti": "3"}')), ('cat by the new key', 'r2', '{"alg":"RS256","kid":"r2"}', told('{"jti": "4"}'));
-- Attacks; each on Cat, who is known by then.
CREATE TABLE attack (n serial, name text, key text NOT NULL DEFAULT 'r1', header text NOT NULL DEFAULT '{"alg":"RS256","kid":"r1"}', claims text NOT NULL DEFAULT tests.told(), token text);
INSERT INTO attack (name, key, header) VALUES ('a stranger''s key', 'evil', '{"alg":"RS256","kid":"r1"}'), ('without a key''s id', 'evil', '{"alg":"RS256"}'), ('none', 'r1', '{"alg":"none","kid":"r1"}'),
    ('the public key for a secret', 'hmac:r1', '{"alg":"HS256","kid":"r1","typ":"JWT"}'), ('a secret under RS256', 'hmac:r1', '{"alg":"RS256","kid":"r1"}'), ('another algorithm of the key', 'r1', '{"alg":"PS256","kid":"r1"}'),
    ('another key''s id', 'r1', '{"alg":"RS256","kid":"e1"}'), ('an unknown key''s id', 'r1', '{"alg":"RS256","kid":"r9"}'), ('SQL for a key''s id', 'r1', '{"alg":"RS256","kid":"''--"}'), ('crit', 'r1', '{"alg":"RS256","kid":"r1","crit":["exp"]}'),
    ('a logout token', 'r1', '{"alg":"RS256","kid":"r1","typ":"logout+jwt"}'), ('the id of our own key', 'r1', format('{"alg":"RS256","kid":"%s","typ":"JWT"}', :'rotated'::json ->> 'key_id')), ('a member twice', 'r1', '{"alg":"none","alg":"RS256","kid":"r1"}');
INSERT INTO attack (name, claims) VALUES ('expired', told(jsonb_build_object('exp', extract(epoch FROM now())::bigint - 1))), ('not yet', told(jsonb_build_object('nbf', extract(epoch FROM now())::bigint + 3600))),
    ('from the future', told(jsonb_build_object('iat', extract(epoch FROM now())::bigint + 3600))), ('too old', told('{"iat": 1700000000}')), ('no expiry', told('{"exp": null}')), ('another issuer', told('{"iss": "https://evil.example"}')),
    ('our issuer', told('{"iss": "pgwright"}')), ('another audience', told('{"aud": "shop"}')), ('no audience', told('{"aud": null}')), ('no subject', told('{"sub": null}')), ('a subject that is no text', told('{"sub": 1}')),
    ('a claim twice', '{"sub":"u-1",' || substr(told(), 2)), ('oversized', told(jsonb_build_object('pad', repeat('x', 8000)))), ('a user''s id for a subject', told(jsonb_build_object('sub', :'ann')));
SELECT json_agg(json_build_object('key', key, 'header', header, 'claims', claims) ORDER BY name) AS batch FROM sample \gset
\set signed `python3 :'signer' sign :'keys' :'batch'`
UPDATE sample s SET token = t.token FROM (SELECT name, row_number() OVER (ORDER BY name) AS n FROM sample) o, json_array_elements_text(:'signed') WITH ORDINALITY t (token, n) WHERE s.name = o.name AND t.n = o.n;
SELECT json_agg(json_build_object('key', key, 'header', header, 'claims', claims) ORDER BY n) AS batch FROM attack \gset
\set signed `python3 :'signer' sign :'keys' :'batch'`
UPDATE attack a SET token = t.token FROM json_array_elements_text(:'signed') WITH ORDINALITY t (token, n) WHERE a.n = t.n;
CREATE FUNCTION token(which text) RETURNS text LANGUAGE sql AS $$ SELECT s.token FROM tests.sample s WHERE s.name = which $$;
CREATE FUNCTION sign_in(which text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error jsonb;
BEGIN
    PERFORM set_config('pgwright.token', '', false);
    error := tests.error_of(format('SELECT pgwright.sign_in_with_token(%L)', tests.token(which)));
    RETURN coalesce(concat(error ->> 'sqlstate', ' ', error ->> 'message'), '');
END $$;
\set stranger 'PW401 no account belongs to this token'

-- Until somebody signs in with it, a good token is nobody's.
SELECT is(answer_to(token('cat')), :'anonymous', 'an unknown subject is anonymous');
SELECT is(pgwright.sign_in_with_token()::jsonb - 'expires_in', jsonb_build_object('token_type', 'Bearer', 'provider', 'corp', 'created', true, 'user', pgwright.whoami()::jsonb - '{authenticated,permissions,expires_at}'::text[]), 'signing in makes the user');
SELECT is(who(token('cat')), 'cat@corp.example', 'and the token is that user''s');
SELECT is(pgwright.whoami() -> 'tenant' ->> 'slug', 'acme', 'in the provider''s tenant');
SELECT is(pgwright.whoami() ->> 'roles', '["member"]', 'with the mapped role');
SELECT is(pgwright.sign_in_with_token(token('cat')) ->> 'created', 'false', 'the second time there is nothing to make');
SELECT is((SELECT concat_ws(' ', subject, email, display_name, department) FROM pgwright.user_identities), 'u-1 cat@corp.example Cat Sales', 'what the provider tells is kept');
SELECT is(who(token('cat by ES256')), 'cat@corp.example', 'by another key of the provider, too');
SELECT is(answer_to(token), :'anonymous', 'anonymous: ' || name) FROM attack ORDER BY n;
SELECT become('nobody') \g /dev/null
SELECT is((SELECT count(*) FROM attack WHERE state_of(format('SELECT pgwright.sign_in_with_token(%L)', token)) <> 'PW401'), 0::bigint, 'none of them signs in');
SELECT is(who(overlay(token('cat') PLACING 'AAAA' FROM length(token('cat')) - 20)), 'nobody', 'nor does a changed signature');

-- Roles: of the token, of the database, of both.
SELECT is(who(token('cat boss')), 'cat@corp.example', 'the same subject');
SELECT is(pgwright.whoami() ->> 'roles', '["admin","member"]', 'has the roles that each token gives');
SELECT is(who(token('cat root')), 'cat@corp.example', 'names of ours that nobody mapped');
SELECT is(pgwright.whoami() ->> 'permissions', '[]', 'give nothing');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', '{"roles_from": "both"}') \g /dev/null
SELECT is((who(token('cat boss')), pgwright.whoami() ->> 'roles'), ('cat@corp.example'::text, '["admin","member"]'::text), 'both');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', '{"roles_from": "database"}') \g /dev/null
SELECT is((who(token('cat boss')), pgwright.whoami() ->> 'roles'), ('cat@corp.example'::text, '["member"]'::text), 'the database''s');
INSERT INTO pgwright.user_roles (user_id, tenant_id, role_id) SELECT u.id, t.id, r.id FROM pgwright.users u, pgwright.tenants t, pgwright.roles r WHERE u.email = 'cat@corp.example' AND t.slug = 'acme' AND r.name = 'super_admin';
SELECT is(answer_to(token('cat')), :'anonymous', 'a provider does not vouch for platform administrators');
DELETE FROM pgwright.user_roles WHERE role_id = (SELECT id FROM pgwright.roles WHERE name = 'super_admin');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', '{"roles_from": "token"}') \g /dev/null

-- Who is made and who is linked.
SELECT is(sign_in('dan'), :'stranger', 'whoever has no role here is not made');
SELECT is((SELECT count(*) FROM pgwright.users WHERE email = 'dan@corp.example'), 0::bigint, 'not half either');
SELECT is(sign_in('no email'), :'stranger', 'nor without an address');
SELECT is(sign_in('as bob'), :'stranger', 'an address that is taken is not taken over');
SELECT is(sign_in('as bob, verified'), :'stranger', 'verified or not, when the provider is not trusted with that');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', '{"link_by_email": "verified"}') \g /dev/null
SELECT is(sign_in('as bob'), :'stranger', 'trusted with verified addresses, not with others');
SELECT is(sign_in('as rob, verified'), :'stranger', 'and with members of the tenant alone');
SELECT is(sign_in('as bob, verified'), ' ', 'a verified address of a member links');
SELECT is(who(token('as bob, verified')), 'bob@acme.example', 'to that member');
SELECT is(sign_in('as bob, by another'), :'stranger', 'but not a second subject');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', '{"link_by_email": "never", "auto_provision": false}') \g /dev/null
SELECT is(sign_in('eve'), :'stranger', 'a provider that may not make users makes none');
SELECT become('ann') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.link_identity('corp', 'u-9', 'rob@rival.example')$$), 'PW400 email: is no member''s of the tenant', 'no link to a stranger');
SELECT pgwright.link_identity('corp', 'u-9', 'ann@acme.example') \g /dev/null
SELECT is(who(token('eve')), 'ann@acme.example', 'an administrator may link by hand');
SELECT become('ann') \g /dev/null
SELECT pgwright.unlink_identity('corp', 'u-9') \g /dev/null
SELECT is(who(token('eve')), 'nobody', 'and take it back');

-- Why a token is refused is told to administrators.
SELECT become('ann') \g /dev/null
SELECT is((SELECT string_agg(pgwright.identity_provider_test(token) ->> 'reason', '; ' ORDER BY n) FROM attack WHERE name IN ('a stranger''s key', 'expired', 'another issuer', 'another audience', 'the public key for a secret')),
    'its signature is wrong; it is signed with HS256, as this database''s own tokens are; it has expired; no provider of this tenant has its issuer; no provider of its issuer in this tenant has its audience', 'each for its reason');
SELECT is(pgwright.identity_provider_test(token('cat'))::jsonb #>> '{user,email}', 'cat@corp.example', 'a good one with its user');
SELECT is((SELECT concat_ws(' ', t ->> 'accepted', t ->> 'mapped_roles', t ->> 'user') FROM pgwright.identity_provider_test(token('eve')) t), 'true ["member"]', 'or none');

-- What ends a token.
CREATE FUNCTION alive() RETURNS boolean LANGUAGE sql AS $$ SELECT pgwright.user_id() IS NOT NULL $$;
SELECT who(token('cat')) \g /dev/null
UPDATE pgwright.users SET status = 'disabled' WHERE email = 'cat@corp.example';
SELECT is(alive(), false, 'a disabled user''s ends');
UPDATE pgwright.users SET status = 'active' WHERE email = 'cat@corp.example';
SELECT is(alive(), true, 'and comes back');
BEGIN;
DELETE FROM pgwright.user_roles WHERE user_id = pgwright.user_id();
SELECT is(alive(), false, 'so does that of one who is taken out of the tenant');
ROLLBACK;
SELECT is(alive(), true, 'unless that is rolled back');
BEGIN;
INSERT INTO pgwright.tenant_members (tenant_id, user_id, status) VALUES (pgwright.tenant_id(), pgwright.user_id(), 'suspended')
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET status = excluded.status;
SELECT is(alive(), false, 'and of a suspended member');
ROLLBACK;
UPDATE pgwright.tenants SET status = 'suspended' WHERE slug = 'acme';
SELECT is(alive(), false, 'and that of a suspended tenant');
UPDATE pgwright.tenants SET status = 'active' WHERE slug = 'acme';
BEGIN;
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', '{"is_active": false}') \g /dev/null
SELECT is(who(token('cat')), 'nobody', 'and that of a provider that is switched off');
ROLLBACK;
SELECT is(who(token('cat again')), 'cat@corp.example', 'another token');
SELECT pgwright.logout() \g /dev/null
SELECT is(alive(), false, 'ends with logout()');
SELECT is(sign_in('cat again'), :'stranger', 'for good');
SELECT is(who(token('cat')), 'cat@corp.example', 'and alone');
-- A provider changes its keys: both for a while, then the new one.
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', json_build_object('jwks', :'both'::json)) \g /dev/null
SELECT is(array[who(token('cat')), who(token('cat by the new key'))], '{cat@corp.example,cat@corp.example}', 'the old key and the new');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_identity_provider('corp', json_build_object('algorithms', json_build_array('RS256'), 'jwks', :'new_only'::json)) \g /dev/null
SELECT is(array[who(token('cat')), who(token('cat by the new key'))], '{nobody,cat@corp.example}', 'then the new one alone');
SELECT is(who(token('cat by the new key')), 'cat@corp.example', 'whoever comes by it');
SELECT pgwright.revoke_outside_tokens() \g /dev/null
SELECT is(alive(), false, 'ends all the tokens he has');
SELECT become('ann') \g /dev/null
SELECT pgwright.delete_identity_provider('corp') \g /dev/null
SELECT is((SELECT count(*) FROM pgwright.user_identities), 0::bigint, 'a provider goes with its links');
SELECT is((SELECT count(*) FROM pgwright.users WHERE email = 'cat@corp.example'), 1::bigint, 'but without its users');

SELECT become('nobody') \g /dev/null
\set gone `rm -r :'keys'`
REVOKE USAGE ON SCHEMA tests FROM PUBLIC;
SELECT drop_role('pgwright_tap_tokens') \g /dev/null
SELECT * FROM finish();
