-- What a client needs to show an entity: a table and a form, made of the definition as the caller sees it
-- whenever they are asked for, and over them what people have set otherwise (entity_metadata). So a publish
-- changes what is generated, and nothing that was set is lost; what was set of a field that is gone, or hidden
-- from the caller, waits and shows nothing.

-- Objects are merged by member, null takes a member away (RFC 7396); lists of named things are merged by
-- name, keep the base's order unless a position is given, and take no name that the base does not have.
CREATE FUNCTION pgwright.merge_config(base jsonb, changes jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    named CONSTANT jsonpath := '$[*] ? (!exists(@.name))';
BEGIN
    IF changes IS NULL THEN RETURN base; END IF;
    IF jsonb_typeof(base) = 'object' AND jsonb_typeof(changes) = 'object' THEN
        RETURN (SELECT coalesce(jsonb_object_agg(key, value), '{}')
                  FROM (SELECT coalesce(b.key, c.key) AS key,
                               CASE WHEN c.key IS NULL THEN b.value ELSE pgwright.merge_config(b.value, c.value) END AS value
                          FROM jsonb_each(base) b FULL JOIN jsonb_each(changes) c ON c.key = b.key
                         WHERE c.key IS NULL OR c.value <> 'null') m);
    END IF;
    IF jsonb_typeof(base) = 'array' AND jsonb_typeof(changes) = 'array' AND base <> '[]' AND NOT jsonb_path_exists(base, named) THEN
        RETURN (SELECT coalesce(jsonb_agg(merged - 'position' ORDER BY coalesce((merged ->> 'position')::numeric, n), n), '[]')
                  FROM (SELECT n, pgwright.merge_config(b, (SELECT jsonb_strip_nulls(c) FROM jsonb_array_elements(changes) c WHERE c -> 'name' = b -> 'name' LIMIT 1)) AS merged
                          FROM jsonb_array_elements(base) WITH ORDINALITY AS i (b, n)) m);
    END IF;
    RETURN changes;
END
$$;
COMMENT ON FUNCTION pgwright.merge_config(jsonb, jsonb) IS 'A generated configuration with what was set otherwise; internal';

CREATE FUNCTION pgwright.generated_column(field jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT jsonb_build_object('name', field -> 'name', 'label', field -> 'label', 'type', field -> 'field_type',
            'sortable', field -> 'sortable', 'filterable', field -> 'filterable',
            'visible', NOT (field ->> 'system')::boolean AND field ->> 'field_type' NOT IN ('json', 'rich_text', 'other'),
            'align', CASE WHEN field ->> 'field_type' IN ('integer', 'biginteger', 'decimal', 'currency', 'percentage') THEN 'right'
                          WHEN field ->> 'field_type' = 'boolean' THEN 'center' ELSE 'left' END)
            || CASE WHEN field -> 'reference' IS NULL THEN '{}' ELSE jsonb_build_object('reference', field -> 'reference') END
    $$;
COMMENT ON FUNCTION pgwright.generated_column(jsonb) IS 'The column of a table that shows a field of describe_entity(); internal';

CREATE FUNCTION pgwright.generated_input(field jsonb, display jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT jsonb_strip_nulls(jsonb_build_object('name', field -> 'name', 'label', field -> 'label',
            'type', coalesce(display -> 'input_type', field -> 'input_type'), 'field_type', field -> 'field_type',
            'required', field -> 'required', 'readonly', field -> 'readonly', 'write_once', field -> 'write_once',
            'placeholder', display -> 'placeholder', 'help_text', display -> 'help_text', 'prefix', display -> 'prefix', 'suffix', display -> 'suffix',
            'default_value', field -> 'default_value',
            'options', (SELECT jsonb_agg(CASE jsonb_typeof(v) WHEN 'object' THEN v ELSE jsonb_build_object('value', v, 'label', v #>> '{}') END)
                          FROM jsonb_array_elements(coalesce(display -> 'allowed_values', field -> 'allowed_values')) v),
            'validation', nullif(jsonb_strip_nulls(jsonb_build_object('min_length', field -> 'min_length', 'max_length', field -> 'max_length',
                'min_value', field -> 'min_value', 'max_value', field -> 'max_value', 'decimal_places', field -> 'decimal_places',
                'pattern', field -> 'pattern', 'rules', field -> 'validation_rules', 'unique', CASE WHEN (field ->> 'unique')::boolean THEN true END)), '{}'),
            'reference', field -> 'reference' || jsonb_build_object('label_field', display -> 'reference_field',
                'endpoint', '/api/v1/dynamic-data/' || (field #>> '{reference,entity}') || '/records')))
    $$;
COMMENT ON FUNCTION pgwright.generated_input(jsonb, jsonb) IS 'The input of a form that writes a field of describe_entity(), with what its definition says of showing it; internal';

-- With the owner's rights, because whoever may read an entity need not be one who shapes it; describe_entity()
-- decides what of it is the caller's to see.
CREATE FUNCTION pgwright.get_entity_metadata(entity text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    seen    jsonb := pgwright.describe_entity(entity);
    known   pgwright.entity_definitions;
    changed pgwright.entity_metadata;
    display jsonb;
    sort    text[] := string_to_array(nullif(seen ->> 'default_sort', ''), ':');
    made    jsonb;
BEGIN
    SELECT * INTO STRICT known FROM pgwright.entity_definitions d WHERE d.id = (seen ->> 'id')::uuid;
    SELECT * INTO changed FROM pgwright.entity_metadata m WHERE m.entity_id = known.id AND m.tenant_id = pgwright.tenant_id();
    SELECT coalesce(jsonb_object_agg(f.name, jsonb_strip_nulls(jsonb_build_object('input_type', f.input_type, 'placeholder', f.placeholder, 'help_text', f.help_text,
               'prefix', f.prefix, 'suffix', f.suffix, 'allowed_values', f.allowed_values, 'reference_field', f.reference_field))), '{}')
      INTO display FROM pgwright.field_definitions f WHERE f.entity_id = known.id AND NOT f.is_deleted;
    made := jsonb_build_object(
        'table_config', jsonb_build_object(
            'columns', (SELECT coalesce(jsonb_agg(pgwright.generated_column(f) ORDER BY n), '[]') FROM jsonb_array_elements(seen -> 'fields') WITH ORDINALITY AS i (f, n)),
            'default_sort', CASE WHEN sort IS NOT NULL THEN jsonb_build_object('field', sort[1], 'order', coalesce(sort[2], 'asc')) END,
            'search', jsonb_build_object('fields', seen -> 'search_fields', 'language', seen -> 'search_language'),
            'page_size', known.records_per_page, 'actions', seen -> 'actions'),
        'form_config', jsonb_build_object(
            'fields', (SELECT coalesce(jsonb_agg(pgwright.generated_input(f, coalesce(display -> (f ->> 'name'), '{}')) ORDER BY n), '[]')
                         FROM jsonb_array_elements(seen -> 'fields') WITH ORDINALITY AS i (f, n) WHERE NOT (f ->> 'system')::boolean)));
    RETURN jsonb_build_object('entity_id', seen -> 'id', 'entity_name', seen -> 'name', 'entity_type', seen -> 'entity_type',
        'display_name', coalesce(changed.display_name, known.label), 'plural_name', coalesce(known.plural_label, known.label),
        'description', coalesce(changed.description, known.description), 'icon', coalesce(changed.icon, known.icon),
        'primary_field', (SELECT f -> 'name' FROM jsonb_array_elements(seen -> 'fields') f WHERE f ->> 'name' = known.primary_field),
        'is_active', coalesce(changed.is_active, true), 'version', known.version,
        'table_config', pgwright.merge_config(made -> 'table_config', changed.table_config),
        'form_config', pgwright.merge_config(made -> 'form_config', changed.form_config),
        'relations', seen -> 'relations', 'actions', seen -> 'actions',
        'api', '/api/v1/dynamic-data/' || (seen ->> 'name') || '/records',
        'routes', (SELECT jsonb_object_agg(name, '#/dynamic/' || (seen ->> 'name') || path)
                     FROM (VALUES ('list', '/list'), ('create', '/create'), ('detail', '/{id}'), ('edit', '/{id}/edit')) AS r (name, path)),
        'is_customized', changed.id IS NOT NULL);
END
$$;
COMMENT ON FUNCTION pgwright.get_entity_metadata(text) IS 'How to show an entity the caller may read: {"entity_name","display_name","table_config","form_config","relations","actions",...}, generated from its definition, with what was set otherwise';

CREATE FUNCTION pgwright.list_entity_metadata(entity_type text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
BEGIN
    PERFORM pgwright.me();
    IF entity_type NOT IN ('custom', 'system') THEN
        PERFORM pgwright.face_fail(400, 'the filter is not valid', '[{"field": "entity_type", "message": "must be one of: custom, system"}]');
    END IF;
    RETURN (SELECT coalesce(json_agg(json_build_object('entity_id', d.id, 'entity_name', d.name, 'entity_type', d.entity_type,
                       'display_name', coalesce(m.display_name, d.label), 'plural_name', coalesce(d.plural_label, d.label),
                       'description', coalesce(m.description, d.description), 'icon', coalesce(m.icon, d.icon), 'category', d.category,
                       'is_active', coalesce(m.is_active, true), 'is_customized', m.id IS NOT NULL) ORDER BY d.entity_type, d.name), '[]')
              FROM pgwright.entity_definitions d
              LEFT JOIN pgwright.entity_metadata m ON m.entity_id = d.id AND m.tenant_id = pgwright.tenant_id()
             WHERE (d.tenant_id = pgwright.tenant_id() OR d.tenant_id IS NULL) AND d.status = 'published' AND NOT d.is_deleted
               AND (entity_type IS NULL OR d.entity_type = entity_type)
               AND pgwright.tenant_with_some(coalesce(d.metadata ->> 'resource', d.name) || ':read') = pgwright.tenant_id());
END
$$;
COMMENT ON FUNCTION pgwright.list_entity_metadata(text) IS 'The entities that the caller may read, of that type (custom, system) or all, by type and name';

-- Writing ------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.metadata_changes(body json) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    faults jsonb;
BEGIN
    PERFORM pgwright.me();  -- who asks comes before what is asked
    IF json_typeof(body) IS DISTINCT FROM 'object' THEN
        PERFORM pgwright.face_fail(400, 'the metadata is not valid', '[{"field": "metadata", "message": "must be an object"}]');
    END IF;
    SELECT jsonb_agg(jsonb_build_object('field', path, 'message', 'must be a list of objects with a name'))
      INTO faults
      FROM (VALUES ('table_config', 'columns'), ('form_config', 'fields')) AS l (config, list),
           LATERAL (SELECT config || '.' || list AS path, body::jsonb #> ARRAY[config, list] AS given) g
     WHERE given IS NOT NULL AND given <> 'null'
       AND (jsonb_typeof(given) <> 'array' OR jsonb_path_exists(given, '$[*] ? (!(@.name.type() == "string"))')
            OR jsonb_path_exists(given, '$[*].position ? (!(@.type() == "number"))'));
    IF faults IS NOT NULL THEN
        PERFORM pgwright.face_fail(400, 'the metadata is not valid', faults);
    END IF;
    RETURN body::jsonb - '{entity_name,entity_id}'::text[];
END
$$;
COMMENT ON FUNCTION pgwright.metadata_changes(json) IS 'What a body sets of an entity''s metadata, checked; internal';

CREATE FUNCTION pgwright.stored_metadata(entity json) RETURNS text
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.list_records('entity_metadata', fields => 'id', filters => json_build_object('entity_id', entity -> 'id')) #>> '{items,0,id}' $$;
COMMENT ON FUNCTION pgwright.stored_metadata(json) IS 'The id of what was set of a described entity; internal';

CREATE FUNCTION pgwright.create_entity_metadata(metadata json) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    changes jsonb := pgwright.metadata_changes(metadata);
    entity  json;
BEGIN
    IF metadata ->> 'entity_name' IS NULL THEN
        PERFORM pgwright.face_fail(400, 'the metadata is not valid', '[{"field": "entity_name", "message": "is required"}]');
    END IF;
    entity := pgwright.describe_entity(metadata ->> 'entity_name');
    PERFORM pgwright.create_record('entity_metadata', (changes || jsonb_build_object('entity_id', entity -> 'id'))::json);
    RETURN pgwright.get_entity_metadata(entity ->> 'name');
END
$$;
COMMENT ON FUNCTION pgwright.create_entity_metadata(json) IS 'Sets how an entity is shown: {"entity_name","display_name","description","icon","table_config","form_config","is_active"}; the metadata as it is then. CONFLICT when something is set already. Needs data_model:create';

CREATE FUNCTION pgwright.update_entity_metadata(entity text, metadata json) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    changes jsonb := pgwright.metadata_changes(metadata);
    seen    json := pgwright.describe_entity(entity);
    id      text := pgwright.stored_metadata(seen);
BEGIN
    IF id IS NULL THEN
        PERFORM pgwright.create_record('entity_metadata', (changes || jsonb_build_object('entity_id', seen -> 'id'))::json);
    ELSE
        PERFORM pgwright.update_record('entity_metadata', id, changes::json);
    END IF;
    RETURN pgwright.get_entity_metadata(entity);
END
$$;
COMMENT ON FUNCTION pgwright.update_entity_metadata(text, json) IS 'Changes the given members of how an entity is shown; null of one goes back to what is generated. Needs data_model:update, and data_model:create when nothing was set yet';

CREATE FUNCTION pgwright.delete_entity_metadata(entity text) RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    id text := pgwright.stored_metadata(pgwright.describe_entity(entity));
BEGIN
    IF id IS NULL THEN
        PERFORM pgwright.face_fail(404, 'nothing is set for this entity');
    END IF;
    PERFORM pgwright.delete_record('entity_metadata', id);
END
$$;
COMMENT ON FUNCTION pgwright.delete_entity_metadata(text) IS 'Takes back what was set: the entity is shown as generated again. Needs data_model:delete';

REVOKE ALL ON FUNCTION pgwright.merge_config(jsonb, jsonb), pgwright.generated_column(jsonb), pgwright.generated_input(jsonb, jsonb),
    pgwright.get_entity_metadata(text), pgwright.list_entity_metadata(text), pgwright.metadata_changes(json), pgwright.stored_metadata(json),
    pgwright.create_entity_metadata(json), pgwright.update_entity_metadata(text, json), pgwright.delete_entity_metadata(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgwright.get_entity_metadata(text), pgwright.list_entity_metadata(text), pgwright.metadata_changes(json), pgwright.stored_metadata(json),
    pgwright.create_entity_metadata(json), pgwright.update_entity_metadata(text, json), pgwright.delete_entity_metadata(text)
    TO pgwright_user, pgwright_shim, pgwright_admin;

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /metadata/entities' || path)::uuid, method, '/api/v1/metadata/entities' || path, 'pgwright.' || function, body, status, 'pgwright', 'metadata', summary
FROM (VALUES
    ('GET', '', 'list_entity_metadata', NULL, 200, 'List the entities to show'),
    ('POST', '', 'create_entity_metadata', 'metadata', 201, 'Set how an entity is shown'),
    ('GET', '/{entity}', 'get_entity_metadata', NULL, 200, 'Read how to show an entity'),
    ('PUT', '/{entity}', 'update_entity_metadata', 'metadata', 200, 'Change how an entity is shown'),
    ('DELETE', '/{entity}', 'delete_entity_metadata', NULL, 204, 'Show an entity as generated again'))
    AS r (method, path, function, body, status, summary);
