-- Records under other paths and in other shapes (docs/faces.md): /data, /projects/{project}/data and
-- /eav/entities. Nothing here reads or writes by itself: every function is a call of a record function.

-- Data ---------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.list_records_deprecated(entity text, query json DEFAULT '{}') RETURNS pgwright.response
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ROW(200, '{"Warning": "299 - \"Deprecated, use GET /api/v1/data/{entity}\""}'::json, pgwright.query_records(entity, query))::pgwright.response $$;
COMMENT ON FUNCTION pgwright.list_records_deprecated(text, json) IS 'query_records() for the route that GET has replaced, with a warning';

CREATE FUNCTION pgwright.write_records(entity text, operation text DEFAULT 'create', records json DEFAULT NULL, ids json DEFAULT NULL, partial boolean DEFAULT false, dry_run boolean DEFAULT false, key text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    wanted text := CASE operation WHEN 'delete' THEN 'ids' ELSE 'records' END;
BEGIN
    PERFORM pgwright.me();  -- who asks comes before what is asked
    IF operation IS NULL OR operation NOT IN ('create', 'update', 'upsert', 'delete') THEN
        PERFORM pgwright.face_fail(400, 'the request is not valid', '[{"field": "operation", "message": "must be one of: create, update, upsert, delete"}]');
    ELSIF (CASE wanted WHEN 'ids' THEN ids ELSE records END) IS NULL THEN
        PERFORM pgwright.face_fail(400, 'the request is not valid', jsonb_build_array(jsonb_build_object('field', wanted, 'message', 'is required')));
    ELSIF (CASE wanted WHEN 'ids' THEN records ELSE ids END) IS NOT NULL THEN
        PERFORM pgwright.face_fail(400, 'the request is not valid', jsonb_build_array(jsonb_build_object('field',
            CASE wanted WHEN 'ids' THEN 'records' ELSE 'ids' END, 'message', 'does not go with ' || operation)));
    ELSIF key IS NOT NULL AND operation <> 'upsert' THEN
        PERFORM pgwright.face_fail(400, 'the request is not valid', jsonb_build_array(jsonb_build_object('field', 'key', 'message', 'does not go with ' || operation)));
    END IF;
    RETURN CASE operation WHEN 'create' THEN pgwright.bulk_create_records(entity, records, partial, dry_run)
                          WHEN 'update' THEN pgwright.bulk_update_records(entity, records, partial, dry_run)
                          WHEN 'upsert' THEN pgwright.bulk_upsert_records(entity, records, key, partial, dry_run)
                          ELSE pgwright.bulk_delete_records(entity, ids, partial, dry_run) END;
END
$$;
COMMENT ON FUNCTION pgwright.write_records(text, text, json, json, boolean, boolean, text) IS 'bulk_create_records(), bulk_update_records() or bulk_upsert_records() of records, or bulk_delete_records() of ids, as operation says: create, update, upsert (with key), delete';

-- Projects -----------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.list_project_records(project text, collection text, "limit" integer DEFAULT 25, cursor text DEFAULT NULL, sort text DEFAULT NULL,
                                              filters json DEFAULT NULL, filter json DEFAULT NULL, fields text DEFAULT NULL, expand text DEFAULT NULL, count text DEFAULT NULL, search text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
BEGIN
    PERFORM pgwright.require_project(project);
    IF "limit" IS NULL OR "limit" NOT BETWEEN 1 AND 100 THEN
        PERFORM pgwright.face_fail(400, 'the page is not valid', '[{"field": "limit", "message": "must be from 1 to 100"}]');
    END IF;
    RETURN pgwright.list_records(collection, page_size => "limit", sort => sort, filters => filters, filter => filter, fields => fields, expand => expand,
                                 cursor => coalesce(cursor, ''), count => count, search => search);
END
$$;
COMMENT ON FUNCTION pgwright.list_project_records(text, text, integer, text, text, json, json, text, text, text, text) IS 'A page of a collection''s records by cursor: {"items","page_size","next_cursor","prev_cursor"}, "total" where count asks for it; limit from 1 to 100; search: words to find';

CREATE FUNCTION pgwright.get_project_record(project text, collection text, id text, fields text DEFAULT NULL, expand text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.get_record(collection, id, fields, expand) -> 'data';
END
$$;
COMMENT ON FUNCTION pgwright.get_project_record(text, text, text, text, text) IS 'One record of a collection, by itself';

CREATE FUNCTION pgwright.create_project_record(project text, collection text, record json) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.create_record(collection, record) -> 'data';
END
$$;
COMMENT ON FUNCTION pgwright.create_project_record(text, text, json) IS 'Creates a record of a collection from its fields: the record';

CREATE FUNCTION pgwright.update_project_record(project text, collection text, id text, record json) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    RETURN pgwright.update_record(collection, id, record) -> 'data';
END
$$;
COMMENT ON FUNCTION pgwright.update_project_record(text, text, text, json) IS 'Changes the given fields of a collection''s record: the record';

CREATE FUNCTION pgwright.delete_project_record(project text, collection text, id text) RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.require_project(project);
    PERFORM pgwright.delete_record(collection, id);
END
$$;
COMMENT ON FUNCTION pgwright.delete_project_record(text, text, text) IS 'Deletes a record of a collection; softly where the collection says so';

-- Entities and attributes -----------------------------------------------------------------------------

CREATE FUNCTION pgwright.eav_entity_json(entity_type text, record json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH shown AS (
            SELECT n, json_build_object('id', r -> 'id', 'entity_type', entity_type,
                       'attributes', (SELECT coalesce(json_object_agg(key, value ORDER BY k), '{}')
                                        FROM json_each(r) WITH ORDINALITY AS e (key, value, k) WHERE key NOT IN ('id', 'created_at', 'updated_at', 'created_by', 'updated_by')),
                       'created_at', r -> 'created_at', 'updated_at', r -> 'updated_at') AS entity
              FROM json_array_elements(CASE json_typeof(record) WHEN 'array' THEN record ELSE json_build_array(record) END) WITH ORDINALITY AS i (r, n))
        SELECT CASE json_typeof(record) WHEN 'array' THEN (SELECT coalesce(json_agg(entity ORDER BY n), '[]') FROM shown) ELSE (SELECT entity FROM shown) END
    $$;
COMMENT ON FUNCTION pgwright.eav_entity_json(text, json) IS 'A record as an entity with attributes; an array of them as an array, in one statement';

-- What a list reads: the attributes asked for, and what every entity has.
CREATE FUNCTION pgwright.eav_fields(attributes text[]) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT to_json('{id,created_at,updated_at}'::text[] || attributes) WHERE attributes IS NOT NULL $$;
COMMENT ON FUNCTION pgwright.eav_fields(text[]) IS 'The fields to read for these attributes; null: all. Internal';

CREATE FUNCTION pgwright.eav_records(entity_type text, page integer, page_limit integer, query jsonb) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
DECLARE
    detail text;
    reason text;
    hint   text;
    listed json;
BEGIN
    BEGIN
        listed := pgwright.query_records(entity_type, (jsonb_strip_nulls(query) || jsonb_build_object('page', coalesce(page, 1), 'page_size', coalesce(page_limit, 25)))::json);
    EXCEPTION WHEN SQLSTATE 'PW400' THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, reason = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
        PERFORM pgwright.face_fail(400, reason, pgwright.face_faults(detail, '{"limit": "page_size", "include_attributes": "fields"}'), hint);
    END;
    RETURN pgwright.eav_envelope(
        pgwright.eav_entity_json(entity_type, listed -> 'items'),
        'Entities', json_build_object('total', listed -> 'total', 'page', listed -> 'page', 'limit', listed -> 'page_size', 'total_pages', listed -> 'pages'));
END
$$;
COMMENT ON FUNCTION pgwright.eav_records(text, integer, integer, jsonb) IS 'query_records() in the envelope, with "meta" {"total","page","limit","total_pages"}; internal';

CREATE FUNCTION pgwright.eav_list_entities(entity_type text, page integer DEFAULT 1, "limit" integer DEFAULT 25, filters json DEFAULT NULL, filter json DEFAULT NULL, sort text DEFAULT NULL, search text DEFAULT NULL) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_records(entity_type, page, "limit", jsonb_build_object('filters', filters, 'filter', filter, 'sort', sort, 'search', search)) $$;
COMMENT ON FUNCTION pgwright.eav_list_entities(text, integer, integer, json, json, text, text) IS 'A page of the entities of a type; search: words to find: {"success","data","meta","message"}';

CREATE FUNCTION pgwright.eav_search_entities(entity_type text, filters json DEFAULT NULL, sort json DEFAULT NULL, pagination json DEFAULT '{}', include_attributes json DEFAULT NULL, search text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
DECLARE
    faults jsonb := '[]';
    name   text;
BEGIN
    PERFORM pgwright.me();  -- who asks comes before what is asked
    FOREACH name IN ARRAY '{page,limit}'::text[] LOOP
        IF pagination -> name IS NOT NULL AND (json_typeof(pagination -> name) <> 'number' OR pagination ->> name !~ '^\d{1,9}$') THEN
            faults := faults || jsonb_build_object('field', 'pagination.' || name, 'message', 'must be a whole number');
        END IF;
    END LOOP;
    IF include_attributes IS NOT NULL AND jsonb_path_exists(jsonb_build_object('a', include_attributes), '$ ? (@.a.type() <> "array" || @.a[*].type() <> "string")') THEN
        faults := faults || '{"field": "include_attributes", "message": "must be an array of names"}'::jsonb;
    END IF;
    IF faults <> '[]' THEN
        PERFORM pgwright.face_fail(400, 'the search is not valid', faults);
    END IF;
    RETURN pgwright.eav_records(entity_type, (pagination ->> 'page')::integer, (pagination ->> 'limit')::integer, jsonb_build_object('filters', filters, 'sort', sort, 'search', search,
        'fields', pgwright.eav_fields(CASE WHEN include_attributes IS NOT NULL THEN ARRAY(SELECT json_array_elements_text(include_attributes)) END)));
END
$$;
COMMENT ON FUNCTION pgwright.eav_search_entities(text, json, json, json, json, text) IS 'A page of the entities of a type that conditions are true of: filters [{"attribute","operator","value"}], sort [{"attribute","direction"}], pagination {"page","limit"}, include_attributes an array of names, search words to find in their texts';

CREATE FUNCTION pgwright.eav_get_entity(entity_type text, id text, include text DEFAULT NULL) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_entity_json(entity_type,
              pgwright.get_record(entity_type, id, fields => pgwright.eav_fields(string_to_array(include, ','))::text) -> 'data'), 'Entity') $$;
COMMENT ON FUNCTION pgwright.eav_get_entity(text, text, text) IS 'One entity; include: the codes of the attributes to read, separated by commas';

CREATE FUNCTION pgwright.eav_create_entity(entity_type text, attributes json) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_answer(201, pgwright.eav_entity_json(entity_type, pgwright.create_record(entity_type, attributes) -> 'data'), 'Entity created') $$;
COMMENT ON FUNCTION pgwright.eav_create_entity(text, json) IS 'Creates an entity of a type from its attributes';

CREATE FUNCTION pgwright.eav_replace_entity(entity_type text, id text, attributes json) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_entity_json(entity_type, pgwright.update_record(entity_type, id, attributes, replace => true) -> 'data'), 'Entity updated') $$;
COMMENT ON FUNCTION pgwright.eav_replace_entity(text, text, json) IS 'Gives an entity these attributes; those that are not given take their defaults';

CREATE FUNCTION pgwright.eav_update_entity(entity_type text, id text, attributes json) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_entity_json(entity_type, pgwright.update_record(entity_type, id, attributes) -> 'data'), 'Entity updated') $$;
COMMENT ON FUNCTION pgwright.eav_update_entity(text, text, json) IS 'Changes the given attributes of an entity';

CREATE FUNCTION pgwright.eav_delete_entity(entity_type text, id text, soft boolean DEFAULT true) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.delete_record(entity_type, id);
    IF NOT soft AND (pgwright.describe_entity(entity_type) ->> 'soft_delete')::boolean THEN
        PERFORM pgwright.purge_record(entity_type, id);
    END IF;
    RETURN pgwright.eav_envelope('null', 'Entity deleted');
END
$$;
COMMENT ON FUNCTION pgwright.eav_delete_entity(text, text, boolean) IS 'Deletes an entity; softly where its type says so, unless soft is false';

CREATE FUNCTION pgwright.eav_create_entities(entity_type text, entities json, partial boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_answer(201, pgwright.bulk_create_records(entity_type, entities, partial), 'Entities created') $$;
COMMENT ON FUNCTION pgwright.eav_create_entities(text, json, boolean) IS 'Creates up to 1,000 entities, each an object of attributes, all or none unless partial';

CREATE FUNCTION pgwright.eav_update_entities(entity_type text, entities json, partial boolean DEFAULT false) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.bulk_update_records(entity_type, entities, partial), 'Entities updated') $$;
COMMENT ON FUNCTION pgwright.eav_update_entities(text, json, boolean) IS 'Changes up to 1,000 entities, each an object of its id and attributes, all or none unless partial';

-- Rights and routes --------------------------------------------------------------------------------------

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_catalog.pg_proc p
              WHERE p.pronamespace = 'pgwright'::regnamespace AND p.proname = ANY ('{list_records_deprecated,write_records,list_project_records,get_project_record,
                    create_project_record,update_project_record,delete_project_record,eav_entity_json,eav_fields,eav_records,eav_list_entities,eav_search_entities,eav_get_entity,
                    eav_create_entity,eav_replace_entity,eav_update_entity,eav_delete_entity,eav_create_entities,eav_update_entities}')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_user, pgwright_shim, pgwright_admin', f);
    END LOOP;
END
$$;

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, headers, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' ' || path)::uuid, method, '/api/v1' || path, 'pgwright.' || function, body, headers::jsonb, status, 'pgwright', tag, summary
FROM (VALUES
    ('GET', '/data/{entity}', 'list_records', NULL, '{}', 200, 'data', 'List records'),
    ('POST', '/data/{entity}', 'http_create_record', NULL, '{"if_none_match": "If-None-Match", "prefer": "Prefer"}', 201, 'data', 'Create a record'),
    ('POST', '/data/{entity}/list', 'list_records_deprecated', 'query', '{}', 200, 'data', 'List records; use GET'),
    ('POST', '/data/{entity}/bulk', 'write_records', NULL, '{}', 200, 'data', 'Create, change or delete many records'),
    ('GET', '/data/{entity}/{id}', 'http_get_record', NULL, '{"if_none_match": "If-None-Match"}', 200, 'data', 'Read a record'),
    ('PUT', '/data/{entity}/{id}', 'http_update_record', NULL, '{"if_match": "If-Match", "if_none_match": "If-None-Match", "prefer": "Prefer"}', 200, 'data', 'Change a record'),
    ('PATCH', '/data/{entity}/{id}', 'http_update_record', NULL, '{"if_match": "If-Match", "if_none_match": "If-None-Match", "prefer": "Prefer"}', 200, 'data', 'Change a record'),
    ('DELETE', '/data/{entity}/{id}', 'http_delete_record', NULL, '{"if_match": "If-Match"}', 204, 'data', 'Delete a record'),
    ('GET', '/projects/{project}/data/{collection}', 'list_project_records', NULL, '{}', 200, 'projects', 'List records of a collection'),
    ('POST', '/projects/{project}/data/{collection}', 'create_project_record', 'record', '{}', 201, 'projects', 'Create a record of a collection'),
    ('GET', '/projects/{project}/data/{collection}/{id}', 'get_project_record', NULL, '{}', 200, 'projects', 'Read a record of a collection'),
    ('PATCH', '/projects/{project}/data/{collection}/{id}', 'update_project_record', 'record', '{}', 200, 'projects', 'Change a record of a collection'),
    ('DELETE', '/projects/{project}/data/{collection}/{id}', 'delete_project_record', NULL, '{}', 204, 'projects', 'Delete a record of a collection'),
    ('GET', '/eav/entities/{entity_type}', 'eav_list_entities', NULL, '{}', 200, 'eav', 'List entities of a type'),
    ('POST', '/eav/entities/{entity_type}', 'eav_create_entity', NULL, '{}', 201, 'eav', 'Create an entity'),
    ('POST', '/eav/entities/{entity_type}/search', 'eav_search_entities', NULL, '{}', 200, 'eav', 'Search entities of a type'),
    ('POST', '/eav/entities/{entity_type}/bulk', 'eav_create_entities', NULL, '{}', 201, 'eav', 'Create many entities'),
    ('PUT', '/eav/entities/{entity_type}/bulk', 'eav_update_entities', NULL, '{}', 200, 'eav', 'Change many entities'),
    ('GET', '/eav/entities/{entity_type}/{id}', 'eav_get_entity', NULL, '{}', 200, 'eav', 'Read an entity'),
    ('PUT', '/eav/entities/{entity_type}/{id}', 'eav_replace_entity', NULL, '{}', 200, 'eav', 'Replace an entity'),
    ('PATCH', '/eav/entities/{entity_type}/{id}', 'eav_update_entity', NULL, '{}', 200, 'eav', 'Change an entity'),
    ('DELETE', '/eav/entities/{entity_type}/{id}', 'eav_delete_entity', NULL, '{}', 200, 'eav', 'Delete an entity'))
    AS r (method, path, function, body, headers, status, tag, summary);
