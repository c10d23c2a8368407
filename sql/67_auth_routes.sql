-- The routes of sign-in, people and API keys.

UPDATE pgwright.routes SET function_name = 'pgwright.http_login' WHERE path = '/api/v1/auth/login';

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, constants, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' ' || path)::uuid, method, '/api/v1' || path, 'pgwright.' || function, body,
       constants::jsonb, status, 'pgwright', tag, summary
FROM (VALUES
    ('POST', '/auth/refresh', 'http_refresh', NULL, '{}', 200, 'auth', 'Exchange a refresh token'),
    ('POST', '/auth/change-password', 'http_change_password', NULL, '{}', 204, 'auth', 'Change the password'),
    ('GET', '/auth/sessions', 'list_my_sessions', NULL, '{}', 200, 'auth', 'List one''s own sessions'),
    ('DELETE', '/auth/sessions', 'logout_everywhere', NULL, '{}', 200, 'auth', 'End all of one''s own sessions'),
    ('DELETE', '/auth/sessions/{session}', 'end_session', NULL, '{}', 204, 'auth', 'End a session'),
    ('GET', '/auth/tenants', 'my_tenants', NULL, '{}', 200, 'auth', 'List one''s own tenants'),
    ('POST', '/auth/switch-tenant', 'switch_tenant', NULL, '{}', 200, 'auth', 'Open a session in another tenant'),
    ('POST', '/auth/invitations/accept', 'accept_invitation', NULL, '{}', 200, 'auth', 'Accept an invitation'),
    ('GET', '/auth/api-keys', 'list_api_keys', NULL, '{}', 200, 'api-keys', 'List API keys'),
    ('POST', '/auth/api-keys', 'create_api_key', 'definition', '{}', 201, 'api-keys', 'Make an API key'),
    ('GET', '/auth/api-keys/{key}', 'get_api_key', NULL, '{}', 200, 'api-keys', 'Read an API key'),
    ('PUT', '/auth/api-keys/{key}', 'update_api_key', 'definition', '{}', 200, 'api-keys', 'Change an API key'),
    ('DELETE', '/auth/api-keys/{key}', 'revoke_api_key', NULL, '{}', 204, 'api-keys', 'Revoke an API key'),
    ('POST', '/auth/api-keys/{key}/rotate', 'rotate_api_key', NULL, '{}', 201, 'api-keys', 'Replace an API key'),
    ('GET', '/auth/api-keys/{key}/usage', 'api_key_usage', NULL, '{}', 200, 'api-keys', 'Requests made with an API key'),
    ('GET', '/users', 'list_users', NULL, '{}', 200, 'users', 'List users'),
    ('GET', '/users/invitations', 'list_invitations', NULL, '{}', 200, 'users', 'List open invitations'),
    ('POST', '/users/invitations', 'invite_user', NULL, '{}', 201, 'users', 'Invite a user'),
    ('DELETE', '/users/invitations/{invitation}', 'revoke_invitation', NULL, '{}', 204, 'users', 'Revoke an invitation'),
    ('GET', '/users/{user}', 'get_user', NULL, '{}', 200, 'users', 'Read a user'),
    ('PUT', '/users/{user}', 'update_user', 'definition', '{}', 200, 'users', 'Change a user'),
    ('PUT', '/users/{user}/roles', 'set_user_roles', NULL, '{}', 200, 'users', 'Set a user''s roles'),
    ('PUT', '/users/{user}/status', 'set_user_status', NULL, '{}', 204, 'users', 'Disable or enable an account everywhere'),
    ('DELETE', '/users/{user}', 'remove_user', NULL, '{}', 204, 'users', 'Take a user out of the tenant'),
    ('GET', '/admin/security/policies', 'get_security_policies', NULL, '{}', 200, 'security', 'Read the security policies'),
    ('PUT', '/admin/security/policies', 'update_security_policies', 'policies', '{}', 200, 'security', 'Change the tenant''s security policies'),
    ('PUT', '/admin/security/policies/platform', 'update_security_policies', 'policies', '{"scope": "platform"}', 200, 'security', 'Change the platform''s security policies'),
    ('GET', '/admin/security/failed-logins', 'list_records', NULL, '{"entity": "failed_logins"}', 200, 'security', 'List failed sign-ins'),
    ('GET', '/admin/security/sessions', 'list_records', NULL, '{"entity": "sessions"}', 200, 'security', 'List sessions'),
    ('DELETE', '/admin/security/sessions/{session}', 'end_session', NULL, '{}', 204, 'security', 'End a session'))
    AS r (method, path, function, body, constants, status, tag, summary);
