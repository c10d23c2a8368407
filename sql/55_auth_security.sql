-- Who may do what with the tables of sign-in (12_auth_tables.sql) beside what 50_security.sql says of the
-- served ones, and who may call its functions.

CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
CREATE TRIGGER pgwright_invalidate AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgwright.tenant_members
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();

GRANT EXECUTE ON FUNCTION
    pgwright.try_login(text, text, text), pgwright.http_login(text, text, text),
    pgwright.try_refresh(text), pgwright.http_refresh(text),
    pgwright.try_change_password(text, text), pgwright.http_change_password(text, text),
    pgwright.list_my_sessions(), pgwright.end_session(text), pgwright.logout_everywhere(),
    pgwright.my_tenants(), pgwright.switch_tenant(text),
    pgwright.get_security_policies(text), pgwright.update_security_policies(json, text),
    pgwright.invite_user(text, json, text), pgwright.accept_invitation(text, text, text),
    pgwright.list_invitations(), pgwright.revoke_invitation(text),
    pgwright.list_users(integer, integer, text), pgwright.get_user(text), pgwright.update_user(text, json),
    pgwright.set_user_roles(text, json), pgwright.remove_user(text), pgwright.set_user_status(text, text),
    pgwright.create_api_key(json), pgwright.list_api_keys(), pgwright.get_api_key(text),
    pgwright.update_api_key(text, json), pgwright.rotate_api_key(text, interval), pgwright.revoke_api_key(text),
    pgwright.api_key_usage(text, text), pgwright.record_api_key_usage(), pgwright.auth_response(json, integer)
    TO pgwright_user, pgwright_shim, pgwright_admin;
