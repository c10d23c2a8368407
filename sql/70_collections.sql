-- The data model as projects, collections and fields, in the immediate style (docs/faces.md): a project
-- is a tenant, a collection an entity, and what is created is there at once. Nothing here decides
-- anything that the functions it calls do not; a project that is not the caller's own does not exist.

-- Projects -----------------------------------------------------------------------------------------

-- A tenant's name is the tenant's own business; whether it is served is the platform's.
UPDATE pgwright.entity_definitions SET metadata = metadata || '{"writable": ["update"]}'
 WHERE entity_type = 'system' AND name = 'tenants';
UPDATE pgwright.field_definitions f
   SET is_readonly = f.name NOT IN ('name', 'status'),
       min_length = CASE f.name WHEN 'name' THEN 1 END,
       max_length = CASE f.name WHEN 'name' THEN 200 END,
       allowed_values = CASE f.name WHEN 'status' THEN '["active", "suspended"]'::jsonb END
  FROM pgwright.entity_definitions e
 WHERE e.id = f.entity_id AND e.entity_type = 'system' AND e.name = 'tenants';
GRANT UPDATE (name, status) ON pgwright.tenants TO pgwright_runtime;
CREATE POLICY pgwright_update ON pgwright.tenants FOR UPDATE TO pgwright_runtime
    USING (id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission('tenants:update'))
           OR (SELECT pgwright.has_permission('tenants:update:all')))
    WITH CHECK (id = (SELECT pgwright.tenant_id()) AND status = 'active' AND (SELECT pgwright.has_permission('tenants:update'))
                OR (SELECT pgwright.has_permission('tenants:update:all')));
-- Who creates tenants sees them.
CREATE POLICY pgwright_read_all ON pgwright.tenants FOR SELECT TO pgwright_runtime
    USING ((SELECT pgwright.has_permission('tenants:read:all')));

CREATE FUNCTION pgwright.project_json(tenant json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('id', tenant -> 'id', 'slug', tenant -> 'slug', 'display_name', tenant -> 'name',
            'sql_schema_name', tenant -> 'schema_name', 'is_active', tenant ->> 'status' = 'active',
            'created_at', tenant -> 'created_at', 'updated_at', tenant -> 'updated_at')
    $$;
COMMENT ON FUNCTION pgwright.project_json(json) IS 'A tenant as a project';

CREATE FUNCTION pgwright.list_projects(page integer DEFAULT 1, page_size integer DEFAULT 25) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('items', (SELECT coalesce(json_agg(pgwright.project_json(t) ORDER BY n), '[]')
                                             FROM json_array_elements(l -> 'items') WITH ORDINALITY AS i (t, n)),
                                 'total', l -> 'total', 'page', l -> 'page', 'page_size', l -> 'page_size', 'pages', l -> 'pages')
          FROM pgwright.list_records('tenants', page, page_size, 'slug:asc', '{"is_deleted": false}') AS l
    $$;
COMMENT ON FUNCTION pgwright.list_projects(integer, integer) IS 'A page of the projects the caller may see, by slug: {"items","total","page","page_size","pages"}';

CREATE FUNCTION pgwright.get_project(project text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    is_id boolean := project ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    found json := pgwright.list_records('tenants', filters =>
        json_build_object(CASE WHEN is_id THEN 'id' ELSE 'slug' END, project, 'is_deleted', false)) -> 'items' -> 0;
BEGIN
    IF found IS NULL THEN
        PERFORM pgwright.face_fail(404, 'there is no such project');
    END IF;
    RETURN pgwright.project_json(found);
END
$$;
COMMENT ON FUNCTION pgwright.get_project(text) IS 'One project (id or slug): {"id","slug","display_name","sql_schema_name","is_active","created_at","updated_at"}';

CREATE FUNCTION pgwright.create_project(slug text, display_name text) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    message text;
    detail  text;
    hint    text;
BEGIN
    RETURN pgwright.project_json(pgwright.create_tenant(slug, display_name));
EXCEPTION WHEN SQLSTATE 'PW400' THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    PERFORM pgwright.face_fail(400, message, pgwright.face_faults(detail, '{"display_name": "name"}'), hint);
END
$$;
COMMENT ON FUNCTION pgwright.create_project(text, text) IS 'create_tenant() for the projects'' face. For members of pgwright_admin and holders of tenants:create:all';

CREATE FUNCTION pgwright.update_project(project text, display_name text DEFAULT NULL, is_active boolean DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    id      text := pgwright.get_project(project) ->> 'id';
    message text;
    detail  text;
    hint    text;
BEGIN
    PERFORM pgwright.update_record('tenants', id, json_strip_nulls(json_build_object('name', display_name,
        'status', CASE is_active WHEN true THEN 'active' WHEN false THEN 'suspended' END)));
    RETURN pgwright.get_project(id);
EXCEPTION WHEN SQLSTATE 'PW400' THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    PERFORM pgwright.face_fail(400, message, pgwright.face_faults(detail, '{"display_name": "name", "is_active": "status"}'), hint);
END
$$;
COMMENT ON FUNCTION pgwright.update_project(text, text, boolean) IS 'Changes a project''s display name, which needs tenants:update, or whether it is served, which needs tenants:update:all';

CREATE FUNCTION pgwright.require_project(project text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    own json := pgwright.me() -> 'tenant';
BEGIN
    IF lower(project) <> own ->> 'id' AND project <> own ->> 'slug' THEN
        PERFORM pgwright.face_fail(404, 'there is no such project');
    END IF;
END
$$;
COMMENT ON FUNCTION pgwright.require_project(text) IS 'RESOURCE_NOT_FOUND unless that is the caller''s own tenant (id or slug)';

-- Shapes -------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.collection_json(entity json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('id', entity -> 'id', 'project_id', entity -> 'tenant_id', 'name', entity -> 'name',
            'display_name', entity -> 'label', 'description', entity -> 'description', 'sql_table_name', entity -> 'table_name',
            'is_active', entity ->> 'status' = 'published', 'created_at', entity -> 'created_at', 'updated_at', entity -> 'updated_at')
    $$;
COMMENT ON FUNCTION pgwright.collection_json(json) IS 'An entity as a collection; it is active while it is served';

CREATE FUNCTION pgwright.collection_type(field_type text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce('{"text": "string", "biginteger": "int", "decimal": "float", "boolean": "bool"}'::jsonb ->> field_type, field_type) $$;
COMMENT ON FUNCTION pgwright.collection_type(text) IS 'A field type under the name it has in collections';

CREATE FUNCTION pgwright.collection_field_json(field json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('id', field -> 'id', 'collection_id', field -> 'entity_id', 'name', field -> 'name',
            'display_name', field -> 'label', 'description', field -> 'description',
            'type', pgwright.collection_type(field ->> 'field_type'),
            'is_required', field -> 'is_required', 'is_unique', field -> 'is_unique', 'is_indexed', field -> 'is_indexed',
            'default_value', field -> 'default_value', 'values', field -> 'allowed_values',
            'min_length', field -> 'min_length', 'max_length', field -> 'max_length',
            'min_value', field -> 'min_value', 'max_value', field -> 'max_value', 'decimal_places', field -> 'decimal_places',
            'sql_column_name', field -> 'name', 'created_at', field -> 'created_at', 'updated_at', field -> 'updated_at')
    $$;
COMMENT ON FUNCTION pgwright.collection_field_json(json) IS 'A field as collections show it';

CREATE FUNCTION pgwright.collection_index_json(index json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('id', index -> 'id', 'collection_id', index -> 'entity_id', 'name', index -> 'name',
            'is_unique', index -> 'is_unique', 'fields', index -> 'field_names', 'index_type', index -> 'index_type',
            'condition', index -> 'condition', 'created_at', index -> 'created_at', 'updated_at', index -> 'updated_at')
    $$;
COMMENT ON FUNCTION pgwright.collection_index_json(json) IS 'An index as collections show it';

CREATE FUNCTION pgwright.collection_field_names() RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT '{"display_name": "label", "type": "field_type", "values": "allowed_values"}'::jsonb $$;
COMMENT ON FUNCTION pgwright.collection_field_names() IS 'Members of a collection''s field that the data model calls otherwise';

CREATE FUNCTION pgwright.collection_field_definition(body json) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN known.type IS NULL THEN given ELSE given || jsonb_build_object('field_type', known.type) END
          FROM pgwright.face_definition(body, pgwright.collection_field_names()) given,
               LATERAL (SELECT '{"string": "text", "int": "biginteger", "float": "decimal", "bool": "boolean"}'::jsonb
                               ->> (given ->> 'field_type') AS type) known
    $$;
COMMENT ON FUNCTION pgwright.collection_field_definition(json) IS 'A field of a collection as the data model writes it';

-- Collections --------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.list_collections(project text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN (SELECT coalesce(json_agg(pgwright.collection_json(e) ORDER BY n), '[]')
              FROM json_array_elements(pgwright.list_entities()) WITH ORDINALITY AS l (e, n)
             WHERE (e ->> 'tenant_id')::uuid = pgwright.tenant_id());
END
$$;
COMMENT ON FUNCTION pgwright.list_collections(text) IS 'The collections of a project, by name';

CREATE FUNCTION pgwright.get_collection(project text, collection text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.collection_json(pgwright.face_entity(collection));
END
$$;
COMMENT ON FUNCTION pgwright.get_collection(text, text) IS 'One collection (name or id)';

CREATE FUNCTION pgwright.create_collection(project text, definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    names  jsonb := '{"display_name": "label", "sql_table_name": "table_name"}';
    answer pgwright.response;
BEGIN
    PERFORM pgwright.require_project(project);
    answer := pgwright.change_and_publish('create_entity', NULL, NULL, pgwright.face_definition(definition, names), names);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN ROW(201, '{}', pgwright.get_collection(project, answer.body ->> 'entity_id'))::pgwright.response;
END
$$;
COMMENT ON FUNCTION pgwright.create_collection(text, json) IS 'Creates a collection and its table: {"name","display_name","description",...}';

CREATE FUNCTION pgwright.update_collection(project text, collection text, definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    names  jsonb := '{"display_name": "label", "sql_table_name": "table_name"}';
    answer pgwright.response;
BEGIN
    PERFORM pgwright.require_project(project);
    answer := pgwright.face_update_entity(collection, pgwright.face_definition(definition, names), names);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN ROW(200, '{}', pgwright.get_collection(project, answer.body ->> 'entity_id'))::pgwright.response;
END
$$;
COMMENT ON FUNCTION pgwright.update_collection(text, text, json) IS 'Changes the given members of a collection; is_active: whether it is served';

CREATE FUNCTION pgwright.delete_collection(project text, collection text, allow_destructive boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    PERFORM pgwright.face_delete_entity(collection, allow_destructive);
END
$$;
COMMENT ON FUNCTION pgwright.delete_collection(text, text, boolean) IS 'Takes a collection away; its table is retired with its records, which allow_destructive must allow';

-- Fields -------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.list_collection_fields(project text, collection text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN (SELECT coalesce(json_agg(pgwright.collection_field_json(f) ORDER BY n), '[]')
              FROM json_array_elements(pgwright.face_entity(collection) -> 'fields') WITH ORDINALITY AS l (f, n));
END
$$;
COMMENT ON FUNCTION pgwright.list_collection_fields(text, text) IS 'The fields of a collection in display order';

CREATE FUNCTION pgwright.get_collection_field(project text, collection text, field text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.collection_field_json(pgwright.get_field(pgwright.face_entity(collection) ->> 'id', field));
END
$$;
COMMENT ON FUNCTION pgwright.get_collection_field(text, text, text) IS 'One field of a collection (name or id)';

-- A value to fill is under the field's name; a renamed field has its new one.
CREATE FUNCTION pgwright.change_collection_field(project text, collection text, operation text, field text, definition json, status integer) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    given    jsonb := pgwright.collection_field_definition(definition);
    name     text := coalesce(given ->> 'name', CASE WHEN field IS NOT NULL
                              THEN pgwright.get_field(pgwright.face_entity(collection) ->> 'id', field) ->> 'name' END);
    answer   pgwright.response;
BEGIN
    answer := pgwright.change_and_publish(operation, collection, field, given - '{backfill,allow_destructive}'::text[],
        pgwright.collection_field_names(), pgwright.face_flag(given, 'allow_destructive'),
        CASE WHEN given ? 'backfill' AND name IS NOT NULL THEN jsonb_build_object(name, given -> 'backfill') END);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN ROW(status, '{}', pgwright.get_collection_field(project, answer.body ->> 'entity_id', answer.body ->> 'id'))::pgwright.response;
END
$$;
COMMENT ON FUNCTION pgwright.change_collection_field(text, text, text, text, json, integer) IS 'What create_collection_field() and update_collection_field() share';

CREATE FUNCTION pgwright.create_collection_field(project text, collection text, definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.change_collection_field(project, collection, 'create_field', NULL, definition, 201);
END
$$;
COMMENT ON FUNCTION pgwright.create_collection_field(text, text, json) IS 'Adds a field with its column: {"name","display_name","type","is_required","is_unique","is_indexed","default_value","values",...}; backfill is the value of the records there are';

CREATE FUNCTION pgwright.update_collection_field(project text, collection text, field text, definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.change_collection_field(project, collection, 'update_field', field, definition, 200);
END
$$;
COMMENT ON FUNCTION pgwright.update_collection_field(text, text, text, json) IS 'Changes the given members of a field and its column with them; backfill as in create_collection_field()';

CREATE FUNCTION pgwright.delete_collection_field(project text, collection text, field text, allow_destructive boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    answer pgwright.response;
BEGIN
    PERFORM pgwright.require_project(project);
    answer := pgwright.change_and_publish('delete_field', collection, field, NULL, allow_destructive => allow_destructive);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN ROW(204, '{}', NULL)::pgwright.response;
END
$$;
COMMENT ON FUNCTION pgwright.delete_collection_field(text, text, text, boolean) IS 'Takes a field away; its column is retired with its values, which allow_destructive must allow';

-- Indexes ------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.list_collection_indexes(project text, collection text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN (SELECT coalesce(json_agg(pgwright.collection_index_json(i) ORDER BY n), '[]')
              FROM json_array_elements(pgwright.face_entity(collection) -> 'indexes') WITH ORDINALITY AS l (i, n));
END
$$;
COMMENT ON FUNCTION pgwright.list_collection_indexes(text, text) IS 'The indexes of a collection, by name';

CREATE FUNCTION pgwright.get_collection_index(project text, collection text, index text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.collection_index_json(pgwright.get_index(pgwright.face_entity(collection) ->> 'id', index));
END
$$;
COMMENT ON FUNCTION pgwright.get_collection_index(text, text, text) IS 'One index of a collection (name or id)';

CREATE FUNCTION pgwright.create_collection_index(project text, collection text, definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    names  jsonb := '{"fields": "field_names"}';
    answer pgwright.response;
BEGIN
    PERFORM pgwright.require_project(project);
    answer := pgwright.change_and_publish('create_index', collection, NULL, pgwright.face_definition(definition, names), names);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN ROW(201, '{}', pgwright.get_collection_index(project, answer.body ->> 'entity_id', answer.body ->> 'id'))::pgwright.response;
END
$$;
COMMENT ON FUNCTION pgwright.create_collection_index(text, text, json) IS 'Makes an index: {"name","is_unique","fields",...}';

CREATE FUNCTION pgwright.delete_collection_index(project text, collection text, index text) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    answer pgwright.response;
BEGIN
    PERFORM pgwright.require_project(project);
    answer := pgwright.change_and_publish('delete_index', collection, index, NULL);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN ROW(204, '{}', NULL)::pgwright.response;
END
$$;
COMMENT ON FUNCTION pgwright.delete_collection_index(text, text, text) IS 'Drops an index of a collection';

-- The log ------------------------------------------------------------------------------------------

-- A deleted collection is still found by its id.
CREATE FUNCTION pgwright.list_schema_ops(project text, page integer DEFAULT 1, page_size integer DEFAULT 25, actor text DEFAULT NULL, collection text DEFAULT NULL, "from" text DEFAULT NULL, "to" text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    day        text := '^\d{4}-\d\d-\d\d$';
    is_id      boolean := collection ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    conditions jsonb := '[]';
    listed     json;
BEGIN
    PERFORM pgwright.require_project(project);
    IF actor IS NOT NULL THEN
        conditions := conditions || jsonb_build_object('field', 'actor_user_id', 'operator', 'eq', 'value', actor);
    END IF;
    IF collection IS NOT NULL THEN
        conditions := conditions || jsonb_build_object('field', 'entity_id', 'operator', 'eq', 'value',
            CASE WHEN is_id THEN collection ELSE pgwright.face_entity(collection) ->> 'id' END);
    END IF;
    IF "from" IS NOT NULL THEN
        conditions := conditions || jsonb_build_object('field', 'created_at', 'operator', 'gte', 'value',
            "from" || CASE WHEN "from" ~ day THEN 'T00:00:00Z' ELSE '' END);
    END IF;
    IF "to" IS NOT NULL THEN  -- a day is meant to its end
        conditions := conditions || jsonb_build_object('field', 'created_at', 'operator', 'lte', 'value',
            "to" || CASE WHEN "to" ~ day THEN 'T23:59:59.999999Z' ELSE '' END);
    END IF;
    listed := pgwright.list_records('schema_ops', page, page_size, 'created_at:desc,id:desc',
        CASE WHEN conditions <> '[]' THEN json_build_object('operator', 'AND', 'conditions', conditions) END);
    RETURN json_build_object('items', (
            SELECT coalesce(json_agg(json_build_object('id', o -> 'id', 'project_id', o -> 'tenant_id', 'collection_id', o -> 'entity_id',
                       'op_type', o -> 'op_type', 'payload_json', o -> 'payload_json', 'status', o -> 'status', 'error', o -> 'error',
                       'created_at', o -> 'created_at', 'actor_user_id', o -> 'actor_user_id') ORDER BY n), '[]')
              FROM json_array_elements(listed -> 'items') WITH ORDINALITY AS l (o, n)),
        'total', listed -> 'total', 'page', listed -> 'page', 'page_size', listed -> 'page_size', 'pages', listed -> 'pages');
END
$$;
COMMENT ON FUNCTION pgwright.list_schema_ops(text, integer, integer, text, text, text, text) IS 'A page of the log of schema operations, newest first; actor: a user''s id, collection: name or id, from and to: times or days (UTC), both included. Needs schema_ops:read';

-- Routes -------------------------------------------------------------------------------------------

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /projects' || path)::uuid, method, '/api/v1/projects' || path, 'pgwright.' || function, body, status, 'pgwright', 'projects', summary
FROM (VALUES
    ('GET', '', 'list_projects', NULL, 200, 'List projects'),
    ('POST', '', 'create_project', NULL, 201, 'Create a project'),
    ('GET', '/{project}', 'get_project', NULL, 200, 'Read a project'),
    ('PUT', '/{project}', 'update_project', NULL, 200, 'Change a project'),
    ('GET', '/{project}/schema/collections', 'list_collections', NULL, 200, 'List collections'),
    ('POST', '/{project}/schema/collections', 'create_collection', 'definition', 201, 'Create a collection and its table'),
    ('GET', '/{project}/schema/collections/{collection}', 'get_collection', NULL, 200, 'Read a collection'),
    ('PATCH', '/{project}/schema/collections/{collection}', 'update_collection', 'definition', 200, 'Change a collection'),
    ('PUT', '/{project}/schema/collections/{collection}', 'update_collection', 'definition', 200, 'Change a collection'),
    ('DELETE', '/{project}/schema/collections/{collection}', 'delete_collection', NULL, 204, 'Delete a collection'),
    ('GET', '/{project}/schema/collections/{collection}/fields', 'list_collection_fields', NULL, 200, 'List the fields of a collection'),
    ('POST', '/{project}/schema/collections/{collection}/fields', 'create_collection_field', 'definition', 201, 'Add a field and its column'),
    ('GET', '/{project}/schema/collections/{collection}/fields/{field}', 'get_collection_field', NULL, 200, 'Read a field'),
    ('PATCH', '/{project}/schema/collections/{collection}/fields/{field}', 'update_collection_field', 'definition', 200, 'Change a field'),
    ('DELETE', '/{project}/schema/collections/{collection}/fields/{field}', 'delete_collection_field', NULL, 204, 'Delete a field'),
    ('GET', '/{project}/schema/collections/{collection}/indexes', 'list_collection_indexes', NULL, 200, 'List the indexes of a collection'),
    ('POST', '/{project}/schema/collections/{collection}/indexes', 'create_collection_index', 'definition', 201, 'Make an index'),
    ('GET', '/{project}/schema/collections/{collection}/indexes/{index}', 'get_collection_index', NULL, 200, 'Read an index'),
    ('DELETE', '/{project}/schema/collections/{collection}/indexes/{index}', 'delete_collection_index', NULL, 204, 'Drop an index'),
    ('GET', '/{project}/schema/ops', 'list_schema_ops', NULL, 200, 'List schema operations'))
    AS r (method, path, function, body, status, summary);

-- Every function of a route above, and what they call.
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_catalog.pg_proc p
              WHERE pronamespace = 'pgwright'::regnamespace
                AND (EXISTS (SELECT FROM pgwright.routes r WHERE r.tag = 'projects' AND r.function_name = 'pgwright.' || p.proname)
                     OR starts_with(proname, 'collection_') OR proname IN ('project_json', 'require_project', 'change_collection_field'))
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_user, pgwright_shim, pgwright_admin', f);
    END LOOP;
END
$$;
