-- Sign-in, sessions, people and API keys. What must stay recorded although it fails (a wrong password, a
-- refresh token that comes twice) is told in the answer of a try_ function, because an error would roll the
-- record back; http_ functions make the HTTP answer of it.

CREATE FUNCTION pgwright.auth_response(result json, success integer DEFAULT 200) RETURNS pgwright.response
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN e IS NULL THEN ROW(success, '{}'::json, CASE WHEN success <> 204 THEN result END)::pgwright.response
            ELSE ROW((e ->> 'status')::integer,
                     json_strip_nulls(json_build_object('WWW-Authenticate', CASE e ->> 'status' WHEN '401' THEN 'Bearer' END,
                                                        'Retry-After', e ->> 'retry_after')),
                     json_build_object('success', false, 'error', json_build_object(
                         'code', e -> 'code', 'message', e -> 'message', 'details', coalesce(e -> 'details', '[]'::json),
                         'request_id', coalesce(current_setting('pgwright.request_id', true), ''))))::pgwright.response END
          FROM (SELECT result -> 'error') AS r (e)
    $$;
COMMENT ON FUNCTION pgwright.auth_response(json, integer) IS 'The HTTP answer of a try_ function''s result: its error, or the result with the status of success';

CREATE FUNCTION pgwright.try_login(email text, password text, tenant text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_try_login';
COMMENT ON FUNCTION pgwright.try_login(text, text, text) IS 'As login(), but answers {"error":{"status","code","message","retry_after"}} instead of raising an error, so that the failed attempt counts once the transaction commits';

CREATE FUNCTION pgwright.http_login(email text, password text, tenant text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (pgwright.auth_response(r)).* FROM pgwright.try_login(email, password, tenant) r $$;
COMMENT ON FUNCTION pgwright.http_login(text, text, text) IS 'try_login() for the route';

CREATE FUNCTION pgwright.try_refresh(refresh_token text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_try_refresh';
COMMENT ON FUNCTION pgwright.try_refresh(text) IS 'Exchanges a refresh token for new tokens of its session, as login() answers them. A token that comes a second time ends the session. Anything wrong is answered as {"error"}';

CREATE FUNCTION pgwright.http_refresh(refresh_token text) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (pgwright.auth_response(r)).* FROM pgwright.try_refresh(refresh_token) r $$;
COMMENT ON FUNCTION pgwright.http_refresh(text) IS 'try_refresh() for the route';

CREATE FUNCTION pgwright.try_change_password(old_password text, new_password text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_try_change_password';
COMMENT ON FUNCTION pgwright.try_change_password(text, text) IS 'Changes the caller''s password and ends the other sessions. A wrong old password counts as a failed sign-in and is answered as {"error"}; VALIDATION_ERROR when the new one breaks the policy';

CREATE FUNCTION pgwright.http_change_password(old_password text, new_password text) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (pgwright.auth_response(r, 204)).* FROM pgwright.try_change_password(old_password, new_password) r $$;
COMMENT ON FUNCTION pgwright.http_change_password(text, text) IS 'try_change_password() for the route';

-- Sessions -----------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.list_my_sessions() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_my_sessions';
COMMENT ON FUNCTION pgwright.list_my_sessions() IS 'The caller''s open sessions in all tenants, newest first: [{"id","tenant","created_at","last_used_at","expires_at","ip","user_agent","current"}]';

CREATE FUNCTION pgwright.end_session(session text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_end_session';
COMMENT ON FUNCTION pgwright.end_session(text) IS 'Ends a session of the caller, or with sessions:delete one of the tenant; RESOURCE_NOT_FOUND for any other';

CREATE FUNCTION pgwright.logout_everywhere() RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_logout_everywhere';
COMMENT ON FUNCTION pgwright.logout_everywhere() IS 'Ends all sessions of the caller, this one too: {"ended"}';

CREATE FUNCTION pgwright.my_tenants() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_my_tenants';
COMMENT ON FUNCTION pgwright.my_tenants() IS 'The active tenants of the caller, by slug: [{"id","slug","name","current"}]';

CREATE FUNCTION pgwright.switch_tenant(tenant text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_switch_tenant';
COMMENT ON FUNCTION pgwright.switch_tenant(text) IS 'Opens a session in another tenant (slug) of the caller, as login() answers; the present one goes on. RESOURCE_NOT_FOUND for a tenant that is not the caller''s';

CREATE FUNCTION pgwright.get_security_policies(scope text DEFAULT 'tenant') RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_security_policies';
COMMENT ON FUNCTION pgwright.get_security_policies(text) IS 'The rules that hold, scope tenant or platform: {"scope","password_policy","lockout_policy","session_policy"} (docs/authentication.md). Needs security:read, of the platform security:read:all or pgwright_admin';

CREATE FUNCTION pgwright.update_security_policies(policies json, scope text DEFAULT 'tenant') RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_security_policies';
COMMENT ON FUNCTION pgwright.update_security_policies(json, text) IS 'Changes the given rules, and answers those that hold then: of a tenant''s and the platform''s the stricter. Needs security:update, of the platform security:update:all or pgwright_admin';

-- People -------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.invite_user(email text, roles json DEFAULT '["member"]', department text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_invite_user';
COMMENT ON FUNCTION pgwright.invite_user(text, json, text) IS 'Invites an e-mail address to the caller''s tenant with roles (names); an open invitation of it is replaced. The answer has the token, this once. Needs users:create, and every right the roles hold';

CREATE FUNCTION pgwright.accept_invitation(token text, password text DEFAULT NULL, display_name text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_accept_invitation';
COMMENT ON FUNCTION pgwright.accept_invitation(text, text, text) IS 'Accepts an invitation: {"user_id","email","tenant"}. A new user gives a password; who has an account is signed in with it';

CREATE FUNCTION pgwright.list_invitations() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_invitations';
COMMENT ON FUNCTION pgwright.list_invitations() IS 'The tenant''s invitations that are neither accepted nor revoked, newest first: [{"id","email","roles","department","expires_at","expired","created_at","created_by"}]. Needs users:read';

CREATE FUNCTION pgwright.revoke_invitation(invitation text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_revoke_invitation';
COMMENT ON FUNCTION pgwright.revoke_invitation(text) IS 'Takes an invitation back. Needs users:create';

CREATE FUNCTION pgwright.list_users(page integer DEFAULT 1, page_size integer DEFAULT 25, search text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_users';
COMMENT ON FUNCTION pgwright.list_users(integer, integer, text) IS 'A page of the tenant''s users by e-mail: {"items","total","page","page_size","pages"}; search in e-mail and name; page_size at most 100. Needs users:read';

CREATE FUNCTION pgwright.get_user("user" text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_user';
COMMENT ON FUNCTION pgwright.get_user(text) IS 'A user of the tenant (id): {"id","email","display_name","status","account_status","department","attributes","roles","invited_at","accepted_at","created_at"}. Needs users:read, but for oneself';

CREATE FUNCTION pgwright.update_user("user" text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_user';
COMMENT ON FUNCTION pgwright.update_user(text, json) IS 'Changes display_name, status in the tenant (active, suspended), department or attributes of a user who holds no more rights than the caller. Needs users:update';

CREATE FUNCTION pgwright.set_user_roles("user" text, roles json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_set_user_roles';
COMMENT ON FUNCTION pgwright.set_user_roles(text, json) IS 'Gives a user of the tenant these roles (names) instead of the present ones. Needs users:update, every right the roles hold and hold now; the last owner stays one';

CREATE FUNCTION pgwright.remove_user("user" text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_remove_user';
COMMENT ON FUNCTION pgwright.remove_user(text) IS 'Takes a user out of the tenant, with roles, sessions and API keys there; the account stays. Needs users:delete; the last owner stays';

CREATE FUNCTION pgwright.set_user_status("user" text, status text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_set_user_status';
COMMENT ON FUNCTION pgwright.set_user_status(text, text) IS 'Makes an account active or disabled everywhere. For members of pgwright_admin and holders of users:update:all';

-- API keys -----------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.create_api_key(definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_api_key';
COMMENT ON FUNCTION pgwright.create_api_key(json) IS 'Makes a key: {"name","scopes","expires_at","user_id"}. The answer has the key''s text as "key", this once. For another user needs api_keys:create and scopes; scopes are within the caller''s rights';

CREATE FUNCTION pgwright.list_api_keys() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_api_keys';
COMMENT ON FUNCTION pgwright.list_api_keys() IS 'The caller''s keys in the tenant, with api_keys:read everybody''s, newest first';

CREATE FUNCTION pgwright.get_api_key(key text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_api_key';
COMMENT ON FUNCTION pgwright.get_api_key(text) IS 'A key (id): {"id","user_id","name","prefix","scopes","status","expires_at","last_used_at","revoked_at","replaces","rotated_to","overlap_ends_at","created_at","created_by"}';

CREATE FUNCTION pgwright.update_api_key(key text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_api_key';
COMMENT ON FUNCTION pgwright.update_api_key(text, json) IS 'Changes name, scopes or expires_at of a key that is good. Of another''s needs api_keys:update';

CREATE FUNCTION pgwright.rotate_api_key(key text, overlap interval DEFAULT '24 hours') RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_rotate_api_key';
COMMENT ON FUNCTION pgwright.rotate_api_key(text, interval) IS 'Makes a key like this one, as create_api_key() answers it; the old one is good until the overlap (0 to 30 days) ends. Of another''s needs api_keys:update';

CREATE FUNCTION pgwright.revoke_api_key(key text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_revoke_api_key';
COMMENT ON FUNCTION pgwright.revoke_api_key(text) IS 'Ends a key from the next request on. Of another''s needs api_keys:delete';

CREATE FUNCTION pgwright.api_key_usage(key text, unit text DEFAULT 'day') RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_api_key_usage';
COMMENT ON FUNCTION pgwright.api_key_usage(text, text) IS 'Requests made with a key, newest first: {"key","unit","total","last_used_at","usage":[{"at","requests"}]}; unit: day (400 of them) or hour (168)';

CREATE FUNCTION pgwright.record_api_key_usage() RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_record_api_key_usage';
COMMENT ON FUNCTION pgwright.record_api_key_usage() IS 'Writes down what this backend has counted of requests with API keys, at most once per pgwright.api_key_usage_interval; nothing in a read-only transaction. The shim calls it after requests with a key';
