-- Tokens: signing keys of our own, identity providers, and sign-in with their tokens (docs/identity.md).

CREATE FUNCTION pgwright.rotate_signing_key(retire_after interval DEFAULT '1 day') RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_rotate_signing_key';
COMMENT ON FUNCTION pgwright.rotate_signing_key(interval) IS 'Makes the key that signs from now on; the one before verifies for retire_after (0 to 366 days) more. {"key_id","algorithm","status","created_at","retired_at"} of the new one. For members of pgwright_admin and holders of signing_keys:create:all';

CREATE FUNCTION pgwright.retire_signing_key(key_id text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_retire_signing_key';
COMMENT ON FUNCTION pgwright.retire_signing_key(text) IS 'Ends a signing key and every token it signed, now. For members of pgwright_admin and holders of signing_keys:update:all';

CREATE FUNCTION pgwright.list_signing_keys() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_signing_keys';
COMMENT ON FUNCTION pgwright.list_signing_keys() IS 'The signing keys, newest first, without their secrets; status: signing, verifying or retired. For members of pgwright_admin and holders of signing_keys:read:all';

CREATE FUNCTION pgwright.create_identity_provider(definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_identity_provider';
COMMENT ON FUNCTION pgwright.create_identity_provider(json) IS 'Creates an identity provider of the caller''s tenant: {"name","issuer","audience","is_active","algorithms","jwks","public_keys","claim_mapping","role_mapping","roles_from","auto_provision","link_by_email","max_token_age"}. CONFLICT when issuer and audience are another''s. Needs security:create, which is an owner''s right';

CREATE FUNCTION pgwright.update_identity_provider(provider text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_identity_provider';
COMMENT ON FUNCTION pgwright.update_identity_provider(text, json) IS 'Replaces the given members of an identity provider (name or id) and returns it; in force for every session at once. Needs security:update';

CREATE FUNCTION pgwright.delete_identity_provider(provider text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_identity_provider';
COMMENT ON FUNCTION pgwright.delete_identity_provider(text) IS 'Deletes an identity provider with its links; the users stay. Its tokens prove nothing from then on. Needs security:delete';

CREATE FUNCTION pgwright.get_identity_provider(provider text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_identity_provider';
COMMENT ON FUNCTION pgwright.get_identity_provider(text) IS 'One identity provider of the caller''s tenant (name or id). Needs security:read';

CREATE FUNCTION pgwright.list_identity_providers() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_identity_providers';
COMMENT ON FUNCTION pgwright.list_identity_providers() IS 'The identity providers of the caller''s tenant, as an array ordered by name. Needs security:read';

CREATE FUNCTION pgwright.identity_provider_test(token text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_identity_provider_test';
COMMENT ON FUNCTION pgwright.identity_provider_test(text) IS 'What a token would be to the providers of the caller''s tenant: {"accepted","provider","reason"}, and of an accepted one what it tells and the "user" it proves, null when none is linked that may come in. Changes nothing. Needs security:read';

CREATE FUNCTION pgwright.link_identity(provider text, subject text, email text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_link_identity';
COMMENT ON FUNCTION pgwright.link_identity(text, text, text) IS 'Says who a subject of an identity provider is: the member of the tenant with that address. CONFLICT when either is linked already. Needs security:update';

CREATE FUNCTION pgwright.unlink_identity(provider text, subject text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_unlink_identity';
COMMENT ON FUNCTION pgwright.unlink_identity(text, text) IS 'Takes link_identity(), or what a first sign-in linked, back. Needs security:update';

CREATE FUNCTION pgwright.sign_in_with_token(token text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_sign_in_with_token';
COMMENT ON FUNCTION pgwright.sign_in_with_token(text) IS 'Signs in with the token of an identity provider (NULL: that of pgwright.token): links its subject to a user, or makes one, where the provider says so, and keeps what the token tells of the person. The token itself is what to send afterwards. {"token_type","expires_in","provider","created","user"}. AUTHENTICATION_REQUIRED for any other token';

CREATE FUNCTION pgwright.revoke_outside_tokens(email text DEFAULT NULL) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_revoke_outside_tokens';
COMMENT ON FUNCTION pgwright.revoke_outside_tokens(text) IS 'Ends every token that identity providers have issued for a user up to now; NULL: for the caller. For others: members of pgwright_admin and holders of users:update:all';
