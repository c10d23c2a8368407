-- The built-in routes, and what the shim reads.

CREATE FUNCTION pgwright.route_table()
    RETURNS TABLE (id uuid, method text, path text, function_name text, arguments jsonb, constants jsonb, body_argument text, success_status integer, returns text, headers jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT r.id, r.method, r.path, format('%I.%I', n.nspname, p.proname),
               coalesce((SELECT jsonb_agg(jsonb_build_object('name', a.name, 'type', format_type(a.type, NULL),
                                                             'required', a.position <= p.pronargs - p.pronargdefaults) ORDER BY a.position)
                           FROM unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, position)), '[]'),
               r.constants, r.body_argument, r.success_status,
               CASE p.prorettype WHEN 'void'::regtype THEN 'void' WHEN 'pgwright.response'::regtype THEN 'response' WHEN 'bytea'::regtype THEN CASE WHEN p.proretset THEN 'stream' ELSE 'json' END ELSE 'json' END,
               r.headers
          FROM pgwright.routes r
          JOIN pg_proc p ON p.oid = to_regproc(r.function_name)
          JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE r.is_active
         ORDER BY r.path, r.method
    $$;
COMMENT ON FUNCTION pgwright.route_table() IS 'The active routes whose function exists, with the function''s arguments in order';

CREATE TRIGGER pgwright_notify AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgwright.routes
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.notify_routes();

REVOKE ALL ON FUNCTION pgwright.route_table() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgwright.route_table() TO pgwright_shim, pgwright_admin;

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' ' || path)::uuid, method, '/api/v1' || path, 'pgwright.' || function, body, status, 'pgwright', tag, summary
FROM (VALUES
    ('POST', '/auth/login', 'login', NULL, 200, 'auth', 'Sign in with e-mail and password'),
    ('POST', '/auth/logout', 'logout', NULL, 204, 'auth', 'End the session'),
    ('GET', '/auth/me', 'me', NULL, 200, 'auth', 'Who is signed in'),
    ('POST', '/auth/token', 'sign_in_with_token', NULL, 200, 'auth', 'Sign in with the token of an identity provider'),
    ('POST', '/auth/token/revoke-all', 'revoke_outside_tokens', NULL, 204, 'auth', 'End the tokens that identity providers gave'),
    ('GET', '/admin/security/identity-providers', 'list_identity_providers', NULL, 200, 'security', 'List identity providers'),
    ('POST', '/admin/security/identity-providers', 'create_identity_provider', 'definition', 201, 'security', 'Create an identity provider'),
    ('POST', '/admin/security/identity-providers/test', 'identity_provider_test', NULL, 200, 'security', 'Tell why a token is refused'),
    ('GET', '/admin/security/identity-providers/{provider}', 'get_identity_provider', NULL, 200, 'security', 'Read an identity provider'),
    ('PUT', '/admin/security/identity-providers/{provider}', 'update_identity_provider', 'definition', 200, 'security', 'Change an identity provider'),
    ('DELETE', '/admin/security/identity-providers/{provider}', 'delete_identity_provider', NULL, 204, 'security', 'Delete an identity provider'),
    ('POST', '/admin/security/identity-providers/{provider}/identities', 'link_identity', NULL, 204, 'security', 'Link a subject to a user'),
    ('DELETE', '/admin/security/identity-providers/{provider}/identities/{subject}', 'unlink_identity', NULL, 204, 'security', 'Take a link back'),
    ('GET', '/admin/security/signing-keys', 'list_signing_keys', NULL, 200, 'security', 'List signing keys'),
    ('POST', '/admin/security/signing-keys/rotate', 'rotate_signing_key', NULL, 201, 'security', 'Sign with a new key'),
    ('POST', '/admin/security/signing-keys/{key_id}/retire', 'retire_signing_key', NULL, 200, 'security', 'Retire a signing key now'),
    ('POST', '/tenants', 'create_tenant', NULL, 201, 'tenants', 'Create a tenant'),
    ('POST', '/data-model/entities', 'create_entity', 'definition', 201, 'data-model', 'Create the draft of an entity, with fields'),
    ('GET', '/data-model/entities', 'list_entities', NULL, 200, 'data-model', 'List entity definitions'),
    ('POST', '/data-model/entities/validate-name', 'validate_entity_name', NULL, 200, 'data-model', 'Check a name for an entity'),
    ('POST', '/data-model/entities/publish', 'http_publish_entities', NULL, 200, 'data-model', 'Publish several entities together'),
    ('GET', '/data-model/entities/{entity}', 'get_entity', NULL, 200, 'data-model', 'Read an entity definition'),
    ('PUT', '/data-model/entities/{entity}', 'update_entity', 'definition', 200, 'data-model', 'Change the draft of an entity'),
    ('DELETE', '/data-model/entities/{entity}', 'delete_entity', NULL, 204, 'data-model', 'Delete a draft or an archived entity'),
    ('POST', '/data-model/entities/{entity}/rename', 'rename_entity', NULL, 200, 'data-model', 'Give an entity another name'),
    ('POST', '/data-model/entities/{entity}/archive', 'archive_entity', NULL, 200, 'data-model', 'Take an entity out of service'),
    ('POST', '/data-model/entities/{entity}/unarchive', 'unarchive_entity', NULL, 200, 'data-model', 'Serve an archived entity again'),
    ('DELETE', '/data-model/entities/{entity}/draft', 'discard_draft', NULL, 200, 'data-model', 'Discard the open draft of a published entity'),
    ('GET', '/data-model/entities/{entity}/versions', 'list_versions', NULL, 200, 'data-model', 'List the versions of an entity'),
    ('GET', '/data-model/entities/{entity}/versions/{version}', 'get_entity', NULL, 200, 'data-model', 'Read a version of an entity definition'),
    ('POST', '/data-model/entities/{entity}/fields', 'create_field', 'definition', 201, 'data-model', 'Add a field to a draft'),
    ('GET', '/data-model/entities/{entity}/fields', 'list_fields', NULL, 200, 'data-model', 'List the fields of an entity'),
    ('POST', '/data-model/entities/{entity}/fields/validate-name', 'validate_field_name', NULL, 200, 'data-model', 'Check a name for a field'),
    ('GET', '/data-model/entities/{entity}/fields/{field}', 'get_field', NULL, 200, 'data-model', 'Read a field'),
    ('PUT', '/data-model/entities/{entity}/fields/{field}', 'update_field', 'definition', 200, 'data-model', 'Change a field of a draft'),
    ('DELETE', '/data-model/entities/{entity}/fields/{field}', 'delete_field', NULL, 204, 'data-model', 'Remove a field from a draft'),
    ('POST', '/data-model/entities/{entity}/indexes', 'create_index', 'definition', 201, 'data-model', 'Add an index to a draft'),
    ('GET', '/data-model/entities/{entity}/indexes', 'list_indexes', NULL, 200, 'data-model', 'List the indexes of an entity'),
    ('GET', '/data-model/entities/{entity}/indexes/{index}', 'get_index', NULL, 200, 'data-model', 'Read an index'),
    ('PUT', '/data-model/entities/{entity}/indexes/{index}', 'update_index', 'definition', 200, 'data-model', 'Change an index of a draft'),
    ('DELETE', '/data-model/entities/{entity}/indexes/{index}', 'delete_index', NULL, 204, 'data-model', 'Remove an index from a draft'),
    ('POST', '/data-model/relationships', 'create_relationship', 'definition', 201, 'data-model', 'Create a relationship'),
    ('GET', '/data-model/relationships', 'list_relationships', NULL, 200, 'data-model', 'List relationships'),
    ('GET', '/data-model/relationships/{relationship}', 'get_relationship', NULL, 200, 'data-model', 'Read a relationship'),
    ('PUT', '/data-model/relationships/{relationship}', 'update_relationship', 'definition', 200, 'data-model', 'Change a relationship'),
    ('DELETE', '/data-model/relationships/{relationship}', 'delete_relationship', NULL, 204, 'data-model', 'Delete a relationship'),
    ('POST', '/data-model/entities/{entity}/preview-migration', 'preview_migration', NULL, 200, 'data-model', 'Preview what publishing would do'),
    ('POST', '/data-model/entities/{entity}/publish', 'http_publish_entity', NULL, 200, 'data-model', 'Publish an entity'),
    ('GET', '/data-model/entities/{entity}/migrations', 'list_migrations', NULL, 200, 'data-model', 'List the migrations of an entity'),
    ('GET', '/data-model/migrations/{migration}', 'get_migration', NULL, 200, 'data-model', 'Read a migration'),
    ('POST', '/data-model/migrations/{migration}/rollback', 'rollback_migration', NULL, 200, 'data-model', 'Roll a migration back'),
    ('GET', '/data-model/retired', 'list_retired', NULL, 200, 'data-model', 'List what was taken out of service'),
    ('POST', '/data-model/retired/purge', 'purge_retired', NULL, 200, 'data-model', 'Drop for good what was retired long ago'),
    ('POST', '/data-model/schema/analyze', 'analyze_schema', NULL, 200, 'data-model', 'Compare definitions and database'),
    ('POST', '/data-model/schema/sync', 'sync_schema', NULL, 200, 'data-model', 'Bring definitions and database together again'),
    ('GET', '/data-model/schema/backups', 'schema_backup_list', NULL, 200, 'data-model', 'List backups of the definitions'),
    ('POST', '/data-model/schema/backups', 'schema_backup_create', NULL, 201, 'data-model', 'Back the definitions up'),
    ('POST', '/data-model/schema/backups/{backup}/restore', 'schema_backup_restore', NULL, 200, 'data-model', 'Restore a backup of the definitions'),
    ('GET', '/data-model/schema/export', 'export_schema', NULL, 200, 'data-model', 'Export the definitions as a bundle'),
    ('POST', '/data-model/schema/import', 'import_schema', 'bundle', 200, 'data-model', 'Import a bundle of definitions'),
    ('GET', '/data-model/introspect', 'introspect', NULL, 200, 'data-model', 'List what can be imported'),
    ('POST', '/data-model/import', 'import_entity', NULL, 201, 'data-model', 'Import an existing relation'),
    ('POST', '/data-model/import/preview', 'preview_import', NULL, 200, 'data-model', 'Preview an import'),
    ('POST', '/data-model/entities/{entity}/unimport', 'unimport_entity', NULL, 204, 'data-model', 'Take an import back'),
    ('GET', '/dynamic-data/{entity}/records', 'list_records', NULL, 200, 'dynamic-data', 'List records'),
    ('GET', '/public/{tenant}/{entity}/records', 'list_public_records', NULL, 200, 'public', 'List records that everybody may read'),
    ('GET', '/public/{tenant}/{entity}/records/{id}', 'get_public_record', NULL, 200, 'public', 'Read a record that everybody may read'),
    ('POST', '/files', 'create_file', 'definition', 201, 'files', 'Register a file'),
    ('GET', '/files', 'list_files', NULL, 200, 'files', 'List files'),
    ('GET', '/files/{file}', 'get_file', NULL, 200, 'files', 'Read what is known of a file'),
    ('PUT', '/files/{file}', 'update_file', 'definition', 200, 'files', 'Change what is known of a file'),
    ('DELETE', '/files/{file}', 'delete_file', NULL, 204, 'files', 'Delete a file'))
    AS r (method, path, function, body, status, tag, summary);
