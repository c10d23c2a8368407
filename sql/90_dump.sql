-- What pg_dump takes along. Rows that the installation itself makes are left out, because restoring
-- begins with CREATE EXTENSION, which makes them again under the same ids.

SELECT pg_catalog.pg_extension_config_dump('pgwright.users', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.tenants', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.roles', 'WHERE NOT is_system');
SELECT pg_catalog.pg_extension_config_dump('pgwright.role_permissions', 'WHERE role_id NOT IN (SELECT id FROM pgwright.roles WHERE is_system)');
SELECT pg_catalog.pg_extension_config_dump('pgwright.user_roles', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.sessions', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.signing_keys', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.entity_definitions', 'WHERE entity_type <> ''system''');
SELECT pg_catalog.pg_extension_config_dump('pgwright.field_definitions', 'WHERE entity_id NOT IN (SELECT id FROM pgwright.entity_definitions WHERE entity_type = ''system'')');
SELECT pg_catalog.pg_extension_config_dump('pgwright.relationship_definitions', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.index_definitions', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.entity_migrations', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.entity_versions', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.retired_objects', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.schema_backups', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.attached_schemas', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.files', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.schema_ops', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.routes', 'WHERE module <> ''pgwright''');
SELECT pg_catalog.pg_extension_config_dump('pgwright.refresh_tokens', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.login_attempts', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.failed_logins', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.password_history', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.security_policies', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.tenant_members', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.invitations', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.api_keys', '');
SELECT pg_catalog.pg_extension_config_dump('pgwright.api_key_usage', '');
