-- Roles and permissions over HTTP and SQL: what is not plain reading and writing of their records. All
-- run with the caller's rights over the record functions; templates write many of them at once.

CREATE FUNCTION pgwright.explain_access(entity text, user_name text, action text DEFAULT 'read', record text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED
    AS 'MODULE_PATHNAME', 'pgwright_explain_access';
COMMENT ON FUNCTION pgwright.explain_access(text, text, text, text) IS 'Why a user (e-mail or id) may do something with an entity, and with one of its records: {"entity","user","action","allowed","scope","ways":[{"role","inherited_from","permission","row_rule"}],"fields":{field: mode},"policies":[{"name","definition"}],"record":{"id","visible","allowed"}}. Needs roles:read';

CREATE FUNCTION pgwright.preview_access(entity text, changes json, action text DEFAULT 'read') RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'pgwright_preview_access';
COMMENT ON FUNCTION pgwright.preview_access(text, json, text) IS 'Who would gain or lose how many of the entity''s records by changes of roles and rules, which are made, looked at and undone: changes is [{"operation":"create|update|delete","entity":"row_rules","id","data"}]. {"entity","action","users":[{"user","before","after","gained","lost"}]}. Needs roles:read and what the changes need';

CREATE FUNCTION pgwright.check_access(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED STRICT
    AS 'MODULE_PATHNAME', 'pgwright_check_access';
COMMENT ON FUNCTION pgwright.check_access(text) IS 'What is wrong with the roles and rules of an entity without being an error: [{"kind","role","field","message","repair"}]; kind: rule_never_matches, rule_without_permission, write_without_read, hides_required, column_without_index (repair: a definition for create_index). Needs roles:read';

CREATE FUNCTION pgwright.require_roles_permission(action text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.me();
    IF NOT pgwright.has_permission('roles:' || action) THEN
        PERFORM pgwright.face_fail(403, format('permission denied: roles:%s:tenant', action));
    END IF;
END
$$;
COMMENT ON FUNCTION pgwright.require_roles_permission(text) IS 'Raises AUTHENTICATION_REQUIRED or PERMISSION_DENIED unless the caller holds roles:<action>';

-- Permissions ------------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.platform_areas() RETURNS text[]
    LANGUAGE c IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'pgwright_platform_areas';
COMMENT ON FUNCTION pgwright.platform_areas() IS 'Resources of permissions that are no entities, sorted';

-- The permissions there are follow from the published entities and the platform's areas: nothing has to
-- be kept in step with them, and they go and come back with their entity.
CREATE FUNCTION pgwright.known_permissions() RETURNS TABLE (id uuid, resource text, action text, scope text, label text, is_platform boolean)
    LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT md5(format('pgwright:permission:%s:%s:%s', r.name, a.action, s.scope))::uuid, r.name, a.action, s.scope,
               format('%s %s (%s)', initcap(a.action), r.label, s.scope), r.is_platform
          FROM (SELECT e.name, e.label, false AS is_platform FROM pgwright.entity_definitions e
                 WHERE e.tenant_id = pgwright.tenant_id() AND e.entity_type <> 'system' AND e.status = 'published' AND NOT e.is_deleted
                UNION ALL SELECT '*', 'every entity', false
                UNION ALL SELECT p, replace(p, '_', ' '), true FROM unnest(pgwright.platform_areas()) p) r,
               unnest('{create,read,update,delete,execute,export,bulk}'::text[]) WITH ORDINALITY a (action, position),
               unnest('{own,tenant,all}'::text[]) WITH ORDINALITY s (scope, width)
         WHERE NOT (r.is_platform AND s.scope = 'own') AND pgwright.has_permission('roles:read')
         ORDER BY r.is_platform, r.name, a.position, s.width
    $$;
COMMENT ON FUNCTION pgwright.known_permissions() IS 'The permissions that roles of the caller''s tenant can be granted: every action and scope of its published entities, of all of them together (*) and of the platform''s areas. None without roles:read';

CREATE FUNCTION pgwright.list_permissions(resource text DEFAULT NULL, page integer DEFAULT 1, page_size integer DEFAULT 100) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
DECLARE
    faults jsonb := '[]';
    answer json;
BEGIN
    PERFORM pgwright.require_roles_permission('read');
    IF page IS NULL OR page < 1 THEN faults := faults || '[{"field": "page", "message": "must be at least 1"}]'; END IF;
    IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 1000 THEN faults := faults || '[{"field": "page_size", "message": "must be between 1 and 1000"}]'; END IF;
    IF faults <> '[]' THEN PERFORM pgwright.face_fail(400, 'the page is not valid', faults); END IF;
    SELECT json_build_object('items', coalesce(json_agg(json_build_object('id', p.id, 'name', p.name, 'resource', p.resource, 'action', p.action, 'scope', p.scope, 'label', p.label, 'is_platform', p.is_platform) ORDER BY p.n) FILTER (WHERE p.n > (page - 1)::bigint * page_size AND p.n <= page::bigint * page_size), '[]'),
                             'total', count(*), 'page', page, 'page_size', page_size, 'pages', ceil(count(*)::numeric / page_size)::bigint)
      INTO answer
      FROM (SELECT k.*, k.resource || ':' || k.action || ':' || k.scope AS name, row_number() OVER () AS n
              FROM pgwright.known_permissions() k
             WHERE resource IS NULL OR k.resource = list_permissions.resource) p;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION pgwright.list_permissions(text, integer, integer) IS 'A page of the permissions there are: {"items":[{"id","resource","action","scope","label","is_platform","name"}],"total","page","page_size","pages"}; resource: of that entity or platform area alone. Needs roles:read';

CREATE FUNCTION pgwright.resolve_permission(permission text) RETURNS TABLE (resource text, action text, scope text)
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    parts text[] := string_to_array(permission, ':');
BEGIN
    IF permission ~ '^[0-9a-fA-F-]{36}$' THEN
        RETURN QUERY SELECT k.resource, k.action, k.scope FROM pgwright.known_permissions() k WHERE k.id = permission::uuid;
    ELSIF cardinality(parts) IN (2, 3) THEN
        RETURN QUERY SELECT parts[1], parts[2], coalesce(parts[3], 'tenant');
    END IF;
    IF NOT FOUND THEN
        PERFORM pgwright.face_fail(400, 'the permission is not valid', '[{"field": "permission", "message": "must be resource:action[:scope] or the id of a permission"}]');
    END IF;
END
$$;
COMMENT ON FUNCTION pgwright.resolve_permission(text) IS 'The parts of a permission that is given as resource:action[:scope] or by its id; internal';

CREATE FUNCTION pgwright.list_role_permissions(role text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    id text := pgwright.get_record('roles', role) ->> 'id';
BEGIN
    RETURN pgwright.list_records('role_permissions', 1, 100, 'resource,action,scope', json_build_object('role_id', id));
END
$$;
COMMENT ON FUNCTION pgwright.list_role_permissions(text) IS 'What a role (its id) is granted itself: a page of role_permissions. Needs roles:read';

CREATE FUNCTION pgwright.grant_permission(role text, permission text DEFAULT NULL, permission_id text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    parts record;
BEGIN
    PERFORM pgwright.require_roles_permission('update');
    SELECT * INTO parts FROM pgwright.resolve_permission(coalesce(permission, permission_id, ''));
    RETURN pgwright.create_record('role_permissions', json_build_object('role_id', role, 'resource', parts.resource, 'action', parts.action, 'scope', parts.scope));
END
$$;
COMMENT ON FUNCTION pgwright.grant_permission(text, text, text) IS 'Grants a role (its id) a permission, given as resource:action[:scope] or by id: {"id","data"}. Within the caller''s tenant, also of built-in roles. Nobody grants what he does not hold. Needs roles:update';

CREATE FUNCTION pgwright.revoke_permission(role text, permission text) RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    parts record;
    found_id text;
BEGIN
    PERFORM pgwright.require_roles_permission('update');
    IF permission ~ '^[0-9a-fA-F-]{36}$' THEN
        found_id := pgwright.list_records('role_permissions', filters => json_build_object('id', permission, 'role_id', role)) #>> '{items,0,id}';
    END IF;
    IF found_id IS NULL THEN
        SELECT * INTO parts FROM pgwright.resolve_permission(permission);
        found_id := pgwright.list_records('role_permissions', sort => 'tenant_id', filters => json_build_object('role_id', role, 'resource', parts.resource, 'action', parts.action, 'scope', parts.scope)) #>> '{items,0,id}';
    END IF;
    IF found_id IS NULL THEN
        PERFORM pgwright.face_fail(404, 'the role has no such permission');
    END IF;
    PERFORM pgwright.delete_record('role_permissions', found_id);
END
$$;
COMMENT ON FUNCTION pgwright.revoke_permission(text, text) IS 'Takes a permission from a role (its id): resource:action[:scope], the permission''s id or that of the grant. What built-in roles hold in every tenant stays. Needs roles:update';

-- Templates --------------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.access_templates() RETURNS TABLE (template text, role text, action text, scope text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT t, d.role, d.action, 'tenant' FROM unnest('{tenant_shared,public_read}'::text[]) t, pgwright.default_permissions() d
        UNION ALL SELECT 'public_read', 'public', 'read', 'tenant'
        UNION ALL SELECT 'owner_only', r, a, 'own' FROM unnest('{data_manager,member}'::text[]) r, unnest('{create,read,update,delete}'::text[]) a
        UNION ALL SELECT 'owner_only', 'viewer', 'read', 'own'
        UNION ALL SELECT 'api_key_only', 'api_client', a, 'tenant' FROM unnest('{create,read,update,delete,export,bulk}'::text[]) a
    $$;
COMMENT ON FUNCTION pgwright.access_templates() IS 'What the templates of access grant to built-in roles; private grants nothing. Owner and admin hold every permission whatever the template';

CREATE FUNCTION pgwright.list_access_templates() RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.me();
    RETURN (
        SELECT json_agg(json_build_object('name', t.name, 'description', t.description, 'permissions', (
                   SELECT coalesce(json_agg(json_build_object('role', p.role, 'action', p.action, 'scope', p.scope)), '[]')
                     FROM pgwright.access_templates() p WHERE p.template = t.name)) ORDER BY t.n)
          FROM (VALUES (1, 'private', 'Owners and administrators of the tenant only'),
                       (2, 'tenant_shared', 'Members read and write all records, viewers read them'),
                       (3, 'public_read', 'As tenant_shared, and everybody reads'),
                       (4, 'owner_only', 'Everybody in the tenant reaches the records of his own'),
                       (5, 'api_key_only', 'API clients only')) AS t (n, name, description));
END
$$;
COMMENT ON FUNCTION pgwright.list_access_templates() IS 'The templates of access: [{"name","description","permissions":[{"role","action","scope"}]}]. Needs a sign-in';

CREATE FUNCTION pgwright.apply_access_template(entity text, template text) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    definition json;
    known      text[] := ARRAY(SELECT t ->> 'name' FROM json_array_elements(pgwright.list_access_templates()) t);
    each       record;
BEGIN
    PERFORM pgwright.require_roles_permission('update');
    IF template IS NULL OR template <> ALL (known) THEN
        PERFORM pgwright.face_fail(400, 'there is no such template', jsonb_build_array(jsonb_build_object('field', 'template', 'message', 'must be one of ' || array_to_string(known, ', '))));
    END IF;
    definition := pgwright.get_entity(entity);
    FOR each IN
        SELECT p ->> 'id' AS id FROM json_array_elements(pgwright.entity_grants(definition ->> 'id')) p
    LOOP
        PERFORM pgwright.delete_record('role_permissions', each.id);
    END LOOP;
    FOR each IN
        SELECT pgwright.role_id(t.role) AS role_id, t.action, t.scope FROM pgwright.access_templates() t WHERE t.template = apply_access_template.template
    LOOP
        PERFORM pgwright.create_record('role_permissions', json_build_object('role_id', each.role_id, 'resource', definition ->> 'name', 'action', each.action, 'scope', each.scope));
    END LOOP;
    RETURN json_build_object('entity', definition ->> 'name', 'template', template, 'permissions', pgwright.entity_grants(definition ->> 'id'));
END
$$;
COMMENT ON FUNCTION pgwright.apply_access_template(text, text) IS 'Grants the built-in roles of an entity what a template says, in the place of what they were granted: {"entity","template","permissions"}. The tenant''s own roles and rules stay. Needs roles:update';

CREATE FUNCTION pgwright.role_id(name text) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT md5('pgwright:role:' || name)::uuid $$;
COMMENT ON FUNCTION pgwright.role_id(text) IS 'The id of a built-in role, the same in every database';

CREATE FUNCTION pgwright.entity_grants(entity text) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(json_agg(p), '[]') FROM json_array_elements(
            pgwright.list_records('role_permissions', 1, 100, 'role_id,action,scope', json_build_object('entity_id', entity)) -> 'items') p
         WHERE (p ->> 'role_id')::uuid IN (SELECT pgwright.role_id(r) FROM unnest('{data_manager,member,viewer,api_client,public}'::text[]) r)
    $$;
COMMENT ON FUNCTION pgwright.entity_grants(text) IS 'What built-in roles are granted of an entity (its id); internal';

-- Routes -----------------------------------------------------------------------------------------------------

INSERT INTO pgwright.routes (id, method, path, function_name, constants, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /api/v1' || path)::uuid, method, '/api/v1' || path, 'pgwright.' || function, constants::jsonb, body, status, 'pgwright', 'rbac', summary
FROM (VALUES
    ('GET', '/rbac/roles', 'list_records', '{"entity": "roles"}', NULL, 200, 'List roles'),
    ('POST', '/rbac/roles', 'create_record', '{"entity": "roles"}', 'data', 201, 'Create a role'),
    ('GET', '/rbac/roles/{id}', 'get_record', '{"entity": "roles"}', NULL, 200, 'Read a role'),
    ('PUT', '/rbac/roles/{id}', 'update_record', '{"entity": "roles"}', 'data', 200, 'Change a role'),
    ('DELETE', '/rbac/roles/{id}', 'http_delete_record', '{"entity": "roles"}', NULL, 204, 'Delete a role'),
    ('GET', '/rbac/permissions', 'list_permissions', '{}', NULL, 200, 'List the permissions there are'),
    ('GET', '/rbac/roles/{role}/permissions', 'list_role_permissions', '{}', NULL, 200, 'List what a role is granted'),
    ('POST', '/rbac/roles/{role}/permissions', 'grant_permission', '{}', NULL, 201, 'Grant a role a permission'),
    ('DELETE', '/rbac/roles/{role}/permissions/{permission}', 'revoke_permission', '{}', NULL, 204, 'Take a permission from a role'),
    ('GET', '/rbac/groups', 'list_records', '{"entity": "user_groups"}', NULL, 200, 'List groups'),
    ('POST', '/rbac/groups', 'create_record', '{"entity": "user_groups"}', 'data', 201, 'Create a group'),
    ('GET', '/rbac/groups/{id}', 'get_record', '{"entity": "user_groups"}', NULL, 200, 'Read a group'),
    ('PUT', '/rbac/groups/{id}', 'update_record', '{"entity": "user_groups"}', 'data', 200, 'Change a group'),
    ('DELETE', '/rbac/groups/{id}', 'http_delete_record', '{"entity": "user_groups"}', NULL, 204, 'Delete a group'),
    ('GET', '/rbac/group-members', 'list_records', '{"entity": "group_members"}', NULL, 200, 'List members of groups'),
    ('POST', '/rbac/group-members', 'create_record', '{"entity": "group_members"}', 'data', 201, 'Take a user into a group'),
    ('DELETE', '/rbac/group-members/{id}', 'http_delete_record', '{"entity": "group_members"}', NULL, 204, 'Let a user leave a group'),
    ('GET', '/rbac/group-roles', 'list_records', '{"entity": "group_roles"}', NULL, 200, 'List roles of groups'),
    ('POST', '/rbac/group-roles', 'create_record', '{"entity": "group_roles"}', 'data', 201, 'Give a group a role'),
    ('DELETE', '/rbac/group-roles/{id}', 'http_delete_record', '{"entity": "group_roles"}', NULL, 204, 'Take a role from a group'),
    ('GET', '/rbac/row-rules', 'list_records', '{"entity": "row_rules"}', NULL, 200, 'List row rules'),
    ('POST', '/rbac/row-rules', 'create_record', '{"entity": "row_rules"}', 'data', 201, 'Create a row rule'),
    ('GET', '/rbac/row-rules/{id}', 'get_record', '{"entity": "row_rules"}', NULL, 200, 'Read a row rule'),
    ('PUT', '/rbac/row-rules/{id}', 'update_record', '{"entity": "row_rules"}', 'data', 200, 'Change a row rule'),
    ('DELETE', '/rbac/row-rules/{id}', 'http_delete_record', '{"entity": "row_rules"}', NULL, 204, 'Delete a row rule'),
    ('GET', '/rbac/field-rules', 'list_records', '{"entity": "field_rules"}', NULL, 200, 'List field rules'),
    ('POST', '/rbac/field-rules', 'create_record', '{"entity": "field_rules"}', 'data', 201, 'Create a field rule'),
    ('GET', '/rbac/field-rules/{id}', 'get_record', '{"entity": "field_rules"}', NULL, 200, 'Read a field rule'),
    ('PUT', '/rbac/field-rules/{id}', 'update_record', '{"entity": "field_rules"}', 'data', 200, 'Change a field rule'),
    ('DELETE', '/rbac/field-rules/{id}', 'http_delete_record', '{"entity": "field_rules"}', NULL, 204, 'Delete a field rule'),
    ('GET', '/rbac/templates', 'list_access_templates', '{}', NULL, 200, 'List templates of access'),
    ('POST', '/rbac/entities/{entity}/template', 'apply_access_template', '{}', NULL, 200, 'Apply a template of access'),
    ('GET', '/rbac/entities/{entity}/conflicts', 'check_access', '{}', NULL, 200, 'List conflicts of an entity''s rules'),
    ('POST', '/rbac/entities/{entity}/explain', 'explain_access', '{}', NULL, 200, 'Explain a user''s access'),
    ('POST', '/rbac/entities/{entity}/preview', 'preview_access', '{}', NULL, 200, 'Preview a change of access'))
    AS r (method, path, function, constants, body, status, summary);

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_catalog.pg_proc p
              WHERE p.pronamespace = 'pgwright'::regnamespace
                AND p.proname IN ('explain_access', 'preview_access', 'check_access', 'require_roles_permission', 'known_permissions', 'platform_areas',
                                  'list_permissions', 'resolve_permission', 'list_role_permissions', 'grant_permission', 'revoke_permission',
                                  'access_templates', 'list_access_templates', 'apply_access_template', 'role_id', 'entity_grants', 'default_permissions')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_user, pgwright_shim, pgwright_admin', f);
    END LOOP;
END
$$;
