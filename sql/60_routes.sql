-- The built-in routes, and what the shim reads.

CREATE FUNCTION pgwright.route_table()
    RETURNS TABLE (id uuid, method text, path text, function_name text, arguments jsonb, constants jsonb, body_argument text, success_status integer, returns text)
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT r.id, r.method, r.path, format('%I.%I', n.nspname, p.proname),
               coalesce((SELECT jsonb_agg(jsonb_build_object('name', a.name, 'type', format_type(a.type, NULL),
                                                             'required', a.position <= p.pronargs - p.pronargdefaults) ORDER BY a.position)
                           FROM unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, position)), '[]'),
               r.constants, r.body_argument, r.success_status,
               CASE p.prorettype WHEN 'void'::regtype THEN 'void' WHEN 'pgwright.response'::regtype THEN 'response' ELSE 'json' END
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
    ('POST', '/tenants', 'create_tenant', NULL, 201, 'tenants', 'Create a tenant'),
    ('POST', '/data-model/entities', 'create_entity', 'definition', 201, 'data-model', 'Create the draft of an entity, with fields'),
    ('GET', '/data-model/entities', 'list_entities', NULL, 200, 'data-model', 'List entity definitions'),
    ('GET', '/data-model/entities/{entity}', 'get_entity', NULL, 200, 'data-model', 'Read an entity definition'),
    ('POST', '/data-model/entities/{entity}/fields', 'create_field', 'definition', 201, 'data-model', 'Add a field to a draft'),
    ('GET', '/data-model/entities/{entity}/fields', 'list_fields', NULL, 200, 'data-model', 'List the fields of an entity'),
    ('POST', '/data-model/entities/{entity}/preview-migration', 'preview_migration', NULL, 200, 'data-model', 'Preview what publishing would do'),
    ('POST', '/data-model/entities/{entity}/publish', 'http_publish_entity', NULL, 200, 'data-model', 'Publish an entity'),
    ('GET', '/data-model/entities/{entity}/migrations', 'list_migrations', NULL, 200, 'data-model', 'List the migrations of an entity'),
    ('POST', '/dynamic-data/{entity}/records', 'create_record', NULL, 201, 'dynamic-data', 'Create a record'),
    ('GET', '/dynamic-data/{entity}/records', 'list_records', NULL, 200, 'dynamic-data', 'List records'),
    ('POST', '/dynamic-data/{entity}/records/bulk', 'bulk_create_records', NULL, 201, 'dynamic-data', 'Create many records'),
    ('GET', '/dynamic-data/{entity}/records/{id}', 'get_record', NULL, 200, 'dynamic-data', 'Read a record'),
    ('PUT', '/dynamic-data/{entity}/records/{id}', 'update_record', NULL, 200, 'dynamic-data', 'Change a record'),
    ('DELETE', '/dynamic-data/{entity}/records/{id}', 'delete_record', NULL, 204, 'dynamic-data', 'Delete a record'),
    ('POST', '/files', 'create_file', 'definition', 201, 'files', 'Register a file'),
    ('GET', '/files', 'list_files', NULL, 200, 'files', 'List files'),
    ('GET', '/files/{file}', 'get_file', NULL, 200, 'files', 'Read what is known of a file'),
    ('PUT', '/files/{file}', 'update_file', 'definition', 200, 'files', 'Change what is known of a file'),
    ('DELETE', '/files/{file}', 'delete_file', NULL, 204, 'files', 'Delete a file'))
    AS r (method, path, function, body, status, tag, summary);
