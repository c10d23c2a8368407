-- The data model as entity types and attributes (docs/faces.md), in the immediate style and in the
-- envelope {"success","data","meta","message"}. An entity type is an entity, an attribute a field; values
-- are kept in a table of their own per entity type, whatever storage strategy is asked for.

CREATE FUNCTION pgwright.eav_envelope(data json, message text, meta json DEFAULT '{}') RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT json_build_object('success', true, 'data', data, 'meta', meta, 'message', message) $$;
COMMENT ON FUNCTION pgwright.eav_envelope(json, text, json) IS 'An answer in the envelope of /api/v1/eav';

CREATE FUNCTION pgwright.eav_answer(status integer, data json, message text, meta json DEFAULT '{}') RETURNS pgwright.response
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ROW(status, '{}', pgwright.eav_envelope(data, message, meta))::pgwright.response $$;
COMMENT ON FUNCTION pgwright.eav_answer(integer, json, text, json) IS 'An answer of that status in the envelope of /api/v1/eav';

-- The pages that a grid asks for go up to 200.
CREATE FUNCTION pgwright.eav_page(items json, page integer, page_limit integer, message text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    total  bigint := json_array_length(items);
    faults jsonb := '[]';
BEGIN
    IF page IS NULL OR page < 1 THEN
        faults := faults || '{"field": "page", "message": "must be at least 1"}'::jsonb;
    END IF;
    IF page_limit IS NULL OR page_limit NOT BETWEEN 1 AND 200 THEN
        faults := faults || '{"field": "limit", "message": "must be from 1 to 200"}'::jsonb;
    END IF;
    IF faults <> '[]' THEN
        PERFORM pgwright.face_fail(400, 'the page is not valid', faults);
    END IF;
    RETURN pgwright.eav_envelope(
        (SELECT coalesce(json_agg(item ORDER BY n), '[]') FROM json_array_elements(items) WITH ORDINALITY AS i (item, n)
          WHERE n > (page - 1)::bigint * page_limit AND n <= page::bigint * page_limit),
        message, json_build_object('total', total, 'page', page, 'limit', page_limit, 'total_pages', (total + page_limit - 1) / page_limit));
END
$$;
COMMENT ON FUNCTION pgwright.eav_page(json, integer, integer, text) IS 'A page of a whole list, with "meta" {"total","page","limit","total_pages"}';

-- Entity types -------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.eav_entity_type_json(entity json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('id', entity -> 'id', 'code', entity -> 'name', 'label', entity -> 'label',
            'entity_table', entity -> 'table_name', 'storage_strategy', 'table', 'description', entity -> 'description',
            'is_active', entity ->> 'status' = 'published', 'created_at', entity -> 'created_at', 'updated_at', entity -> 'updated_at')
    $$;
COMMENT ON FUNCTION pgwright.eav_entity_type_json(json) IS 'An entity as an entity type';

CREATE FUNCTION pgwright.eav_entity_names() RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT '{"code": "name", "entity_table": "table_name"}'::jsonb $$;
COMMENT ON FUNCTION pgwright.eav_entity_names() IS 'Members of an entity type that the data model calls otherwise';

CREATE FUNCTION pgwright.eav_entity_definition(body json) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    given jsonb;
BEGIN
    PERFORM pgwright.me();  -- who asks comes before what is asked
    given := pgwright.face_definition(body, pgwright.eav_entity_names());
    IF given ? 'storage_strategy' AND given -> 'storage_strategy' NOT IN ('"eav"', '"table"') THEN
        PERFORM pgwright.face_fail(400, 'the entity type is not valid',
            '[{"field": "storage_strategy", "message": "must be one of: table, eav (which is taken for table)"}]');
    END IF;
    RETURN given - 'storage_strategy';
END
$$;
COMMENT ON FUNCTION pgwright.eav_entity_definition(json) IS 'An entity type as the data model writes it; a storage strategy is checked and left out';

CREATE FUNCTION pgwright.eav_strategy_note(body json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN body ->> 'storage_strategy' = 'eav'
            THEN json_build_object('storage_strategy', json_build_object('requested', 'eav', 'used', 'table',
                 'reason', 'every entity type has a table of its own with a column for each attribute'))
            ELSE '{}' END
    $$;
COMMENT ON FUNCTION pgwright.eav_strategy_note(json) IS 'What is said of a storage strategy that is not the one used';

CREATE FUNCTION pgwright.eav_list_entity_types(page integer DEFAULT 1, "limit" integer DEFAULT 25, search text DEFAULT NULL, status text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
BEGIN
    PERFORM pgwright.me();
    IF status NOT IN ('active', 'inactive', 'all') THEN
        PERFORM pgwright.face_fail(400, 'the filter is not valid', '[{"field": "status", "message": "must be one of: active, inactive, all"}]');
    END IF;
    RETURN pgwright.eav_page((
        SELECT coalesce(json_agg(pgwright.eav_entity_type_json(e) ORDER BY n), '[]')
          FROM json_array_elements(pgwright.list_entities()) WITH ORDINALITY AS l (e, n)
         WHERE (e ->> 'tenant_id')::uuid = pgwright.tenant_id()
           AND CASE status WHEN 'active' THEN e ->> 'status' = 'published' WHEN 'inactive' THEN e ->> 'status' <> 'published' ELSE true END
           AND (search IS NULL OR strpos(lower(concat_ws(' ', e ->> 'name', e ->> 'label')), lower(search)) > 0)),
        page, "limit", 'Entity types');
END
$$;
COMMENT ON FUNCTION pgwright.eav_list_entity_types(integer, integer, text, text) IS 'A page of entity types by code; search: part of code or label, status: active, inactive or all';

CREATE FUNCTION pgwright.eav_get_entity_type(code text) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_entity_type_json(pgwright.face_entity(code)), 'Entity type') $$;
COMMENT ON FUNCTION pgwright.eav_get_entity_type(text) IS 'One entity type (code or id)';

CREATE FUNCTION pgwright.eav_create_entity_type(definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    given  jsonb := pgwright.eav_entity_definition(definition);
    active boolean := pgwright.face_flag(given, 'is_active', true);
    answer pgwright.response;
    made   json;
BEGIN
    answer := pgwright.change_and_publish('create_entity', NULL, NULL, given - 'is_active', pgwright.eav_entity_names());
    IF answer.status >= 400 THEN RETURN answer; END IF;
    made := pgwright.face_entity(answer.body ->> 'entity_id');
    PERFORM pgwright.face_set_service(made, active);
    RETURN pgwright.eav_answer(201, pgwright.eav_entity_type_json(pgwright.face_entity(made ->> 'id')),
        'Entity type created', pgwright.eav_strategy_note(definition));
END
$$;
COMMENT ON FUNCTION pgwright.eav_create_entity_type(json) IS 'Creates an entity type and its table: {"code","label","entity_table","storage_strategy","description","is_active"}';

CREATE FUNCTION pgwright.eav_update_entity_type(code text, definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    answer pgwright.response;
BEGIN
    answer := pgwright.face_update_entity(code, pgwright.eav_entity_definition(definition), pgwright.eav_entity_names());
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN pgwright.eav_answer(200, pgwright.eav_entity_type_json(pgwright.face_entity(answer.body ->> 'entity_id')),
        'Entity type updated', pgwright.eav_strategy_note(definition));
END
$$;
COMMENT ON FUNCTION pgwright.eav_update_entity_type(text, json) IS 'Changes the given members of an entity type; is_active: whether it is served';

CREATE FUNCTION pgwright.eav_delete_entity_type(code text, allow_destructive boolean DEFAULT false) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    target json := pgwright.face_entity(code);
BEGIN
    PERFORM pgwright.face_delete_entity(target ->> 'id', allow_destructive);
    RETURN pgwright.eav_envelope(json_build_object('id', target -> 'id', 'code', target -> 'name'), 'Entity type deleted');
END
$$;
COMMENT ON FUNCTION pgwright.eav_delete_entity_type(text, boolean) IS 'Takes an entity type away; its table is retired with its records, which allow_destructive must allow';

-- The server's statistics views need no right on the table; the records do.
CREATE FUNCTION pgwright.eav_entity_type_stats(code text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    target  json := pgwright.face_entity(code);
    serves  boolean := target ->> 'status' = 'published';
    records json;
    relation oid := (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE n.nspname = target ->> 'schema_name' AND c.relname = target ->> 'table_name');
BEGIN
    IF serves THEN
        records := pgwright.list_records(target ->> 'id', page_size => 1, sort => CASE WHEN target ->> 'origin' = 'generated' THEN 'updated_at:desc' END);
    END IF;
    RETURN pgwright.eav_envelope(json_build_object('id', target -> 'id', 'code', target -> 'name',
        'record_count', records -> 'total', 'attribute_count', json_array_length(target -> 'fields'),
        'index_count', (SELECT count(*) FROM pg_index WHERE indrelid = relation),
        'table_bytes', coalesce(pg_table_size(relation), 0), 'index_bytes', coalesce(pg_indexes_size(relation), 0),
        'last_modified', records -> 'items' -> 0 -> 'updated_at'), 'Entity type statistics');
END
$$;
COMMENT ON FUNCTION pgwright.eav_entity_type_stats(text) IS 'How much an entity type is used: {"record_count","attribute_count","index_count","table_bytes","index_bytes","last_modified"}; counts the records that the caller may see, null while it is not served';

-- Attributes ---------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.eav_backend_type(field_type text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce('{"string": "varchar", "integer": "int", "biginteger": "bigint"}'::jsonb ->> field_type, field_type) $$;
COMMENT ON FUNCTION pgwright.eav_backend_type(text) IS 'A field type under the name it has as an attribute''s backend type';

CREATE FUNCTION pgwright.eav_attribute_names() RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT '{"attribute_code": "name", "code": "name", "backend_type": "field_type", "frontend_type": "input_type",
                 "is_searchable": "is_indexed", "is_filterable": "is_indexed", "sort_order": "display_order", "options": "allowed_values"}'::jsonb
    $$;
COMMENT ON FUNCTION pgwright.eav_attribute_names() IS 'Members of an attribute that the data model calls otherwise';

-- What holds is what the field says; a person's words for it are kept beside it.
CREATE FUNCTION pgwright.eav_rules_of(field json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(json_agg(json_strip_nulls(json_build_object('rule', rule, 'value', value,
                   'message', field -> 'metadata' -> 'rule_messages' -> rule)) ORDER BY n), '[]')
          FROM (VALUES (1, field ->> 'field_type', NULL, field ->> 'field_type' IN ('email', 'url', 'phone')),
                       (2, 'required', NULL, (field ->> 'is_required')::boolean),
                       (3, 'unique', NULL, (field ->> 'is_unique')::boolean),
                       (4, 'min', field -> 'min_value', field ->> 'min_value' IS NOT NULL),
                       (5, 'max', field -> 'max_value', field ->> 'max_value' IS NOT NULL),
                       (6, 'min_length', field -> 'min_length', field ->> 'min_length' IS NOT NULL),
                       (7, 'max_length', field -> 'max_length', field ->> 'max_length' IS NOT NULL),
                       (8, 'pattern', field -> 'pattern', field ->> 'pattern' IS NOT NULL)) AS r (n, rule, value, holds)
         WHERE holds
    $$;
COMMENT ON FUNCTION pgwright.eav_rules_of(json) IS 'The rules of a field as validation rules, [{"rule","value","message"}]';

CREATE FUNCTION pgwright.eav_attribute_json(field json, entity_code text) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('id', field -> 'id', 'entity_type_id', field -> 'entity_id', 'entity_type', entity_code,
            'attribute_code', field -> 'name', 'label', field -> 'label', 'description', field -> 'description',
            'backend_type', pgwright.eav_backend_type(field ->> 'field_type'), 'frontend_type', field -> 'input_type',
            'is_required', field -> 'is_required', 'is_unique', field -> 'is_unique',
            'is_searchable', field -> 'is_indexed', 'is_filterable', field -> 'is_indexed', 'sort_order', field -> 'display_order',
            'default_value', field -> 'default_value', 'options', coalesce(field ->> 'allowed_values', '[]')::json,
            'validation_rules', pgwright.eav_rules_of(field), 'created_at', field -> 'created_at', 'updated_at', field -> 'updated_at')
    $$;
COMMENT ON FUNCTION pgwright.eav_attribute_json(json, text) IS 'A field as an attribute of the entity type of that code';

-- One rule as members of a field; NULL for one that no constraint stands for, or whose bounds are missing.
CREATE FUNCTION pgwright.eav_rule_definition(rule jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT nullif(jsonb_strip_nulls(CASE rule ->> 'rule'
            WHEN 'email' THEN '{"field_type": "email"}' WHEN 'url' THEN '{"field_type": "url"}' WHEN 'phone' THEN '{"field_type": "phone"}'
            WHEN 'required' THEN '{"is_required": true}' WHEN 'unique' THEN '{"is_unique": true}'
            WHEN 'min' THEN jsonb_build_object('min_value', rule -> 'value') WHEN 'max' THEN jsonb_build_object('max_value', rule -> 'value')
            WHEN 'min_length' THEN jsonb_build_object('min_length', rule -> 'value')
            WHEN 'max_length' THEN jsonb_build_object('max_length', rule -> 'value')
            WHEN 'pattern' THEN jsonb_build_object('pattern', rule -> 'value')
            WHEN 'range' THEN jsonb_build_object('min_value', rule -> 'min', 'max_value', rule -> 'max')
            WHEN 'length' THEN jsonb_build_object('min_length', rule -> 'min', 'max_length', rule -> 'max')
            END), '{}')
    $$;
COMMENT ON FUNCTION pgwright.eav_rule_definition(jsonb) IS 'A validation rule as members of a field: email, url, phone, required, unique, min, max, min_length, max_length, pattern (with "value"), range, length (with "min", "max"); NULL for any other';

-- given: the attribute as the data model writes it; known: the field as it is, or {}.
CREATE FUNCTION pgwright.eav_with_rules(given jsonb, known json) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    rules    jsonb := given -> 'validation_rules';
    made     jsonb := given - 'validation_rules';
    typed    text := coalesce(given ->> 'field_type', known ->> 'field_type', 'string');
    messages jsonb := coalesce((known -> 'metadata' ->> 'rule_messages')::jsonb, '{}');
    faults   jsonb := '[]';
    item     record;
    part     jsonb;
BEGIN
    IF jsonb_typeof(rules) <> 'array' THEN
        PERFORM pgwright.face_fail(400, 'the attribute is not valid', '[{"field": "validation_rules", "message": "must be an array"}]');
    END IF;
    FOR item IN SELECT value, 'validation_rules[' || n - 1 || '].rule' AS path, value ->> 'rule' AS name
                  FROM jsonb_array_elements(coalesce(rules, '[]')) WITH ORDINALITY AS r (value, n)
    LOOP
        part := pgwright.eav_rule_definition(item.value);
        IF part IS NULL THEN
            faults := faults || jsonb_build_object('field', item.path, 'message',
                format('%s is no rule that can be kept, or lacks its bounds', coalesce(quote_ident(item.name), 'this')));
        ELSIF part ? 'field_type' AND typed NOT IN ('string', 'text', part ->> 'field_type') THEN
            faults := faults || jsonb_build_object('field', item.path, 'message', format('does not go with the type %s', pgwright.eav_backend_type(typed)));
        ELSE
            made := made || part;
            IF item.value ? 'message' THEN messages := messages || jsonb_build_object(item.name, item.value -> 'message'); END IF;
        END IF;
    END LOOP;
    IF faults <> '[]' THEN
        PERFORM pgwright.face_fail(400, 'the attribute is not valid', faults);
    END IF;
    IF messages <> '{}' THEN
        made := made || jsonb_build_object('metadata', coalesce(made -> 'metadata', (known ->> 'metadata')::jsonb, '{}') || jsonb_build_object('rule_messages', messages));
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION pgwright.eav_with_rules(jsonb, json) IS 'The definition with its validation rules as constraints of the field; VALIDATION_ERROR names every rule that cannot be kept';

CREATE FUNCTION pgwright.eav_attribute_definition(body json, known json) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    names jsonb := pgwright.eav_attribute_names();
    given jsonb := body::jsonb;
    typed text;
BEGIN
    PERFORM pgwright.me();
    -- One index serves both; they may not say opposite things.
    IF given -> 'is_searchable' = given -> 'is_filterable' THEN
        given := given - 'is_filterable';
    END IF;
    given := pgwright.face_definition(given::json, names);
    typed := '{"varchar": "string", "int": "integer", "bigint": "biginteger"}'::jsonb ->> (given ->> 'field_type');
    IF typed IS NOT NULL THEN
        given := given || jsonb_build_object('field_type', typed);
    END IF;
    -- A choice among options is an enum, unless a type says otherwise.
    IF known IS NULL AND NOT given ? 'field_type' THEN
        given := given || jsonb_build_object('field_type', CASE WHEN given ? 'allowed_values' THEN 'enum' ELSE 'string' END);
    END IF;
    RETURN pgwright.eav_with_rules(given, coalesce(known, '{}'));
END
$$;
COMMENT ON FUNCTION pgwright.eav_attribute_definition(json, json) IS 'An attribute as the data model writes it; known: the field that it changes, or NULL';

CREATE FUNCTION pgwright.eav_attribute(id text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    caller json := pgwright.me();
    found  json := CASE WHEN id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN pgwright.list_records('field_definitions',
                   filters => json_build_object('id', id, 'is_deleted', false)) -> 'items' -> 0 END;
    entity json;
BEGIN
    IF found IS NULL OR (found ->> 'tenant_id')::uuid IS DISTINCT FROM pgwright.tenant_id() THEN
        PERFORM pgwright.face_fail(404, 'there is no such attribute');
    END IF;
    entity := pgwright.face_entity(found ->> 'entity_id');
    RETURN json_build_object('entity', entity, 'field', pgwright.get_field(entity ->> 'id', id));
END
$$;
COMMENT ON FUNCTION pgwright.eav_attribute(text) IS 'The field of that id and its entity, {"field","entity"}';

CREATE FUNCTION pgwright.eav_list_attributes(page integer DEFAULT 1, "limit" integer DEFAULT 25, search text DEFAULT NULL, entity_type text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
DECLARE
    wanted text := CASE WHEN entity_type IS NOT NULL THEN pgwright.face_entity(entity_type) ->> 'id' END;
BEGIN
    RETURN pgwright.eav_page((
        SELECT coalesce(json_agg(pgwright.eav_attribute_json(f, e ->> 'name') ORDER BY n, k), '[]')
          FROM json_array_elements(pgwright.list_entities()) WITH ORDINALITY AS l (e, n)
          JOIN json_array_elements(CASE WHEN wanted IS NULL THEN pgwright.list_all_fields() ELSE pgwright.list_fields(wanted) END)
               WITH ORDINALITY AS i (f, k) ON f ->> 'entity_id' = e ->> 'id'
         WHERE (e ->> 'tenant_id')::uuid = pgwright.tenant_id()
           AND (search IS NULL OR strpos(lower(concat_ws(' ', f ->> 'name', f ->> 'label')), lower(search)) > 0)),
        page, "limit", 'Attributes');
END
$$;
COMMENT ON FUNCTION pgwright.eav_list_attributes(integer, integer, text, text) IS 'A page of attributes by entity type and order; search: part of code or label';

CREATE FUNCTION pgwright.eav_attributes_of(code text) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT pgwright.eav_envelope((SELECT coalesce(json_agg(pgwright.eav_attribute_json(f, e ->> 'name') ORDER BY n), '[]')
                                        FROM json_array_elements(e -> 'fields') WITH ORDINALITY AS l (f, n)),
                                     'Attributes', json_build_object('total', json_array_length(e -> 'fields')))
          FROM pgwright.face_entity(code) AS e
    $$;
COMMENT ON FUNCTION pgwright.eav_attributes_of(text) IS 'The attributes of an entity type in their order';

CREATE FUNCTION pgwright.eav_get_attribute(id text) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT pgwright.eav_envelope(pgwright.eav_attribute_json(a -> 'field', a -> 'entity' ->> 'name'), 'Attribute')
          FROM pgwright.eav_attribute(id) AS a
    $$;
COMMENT ON FUNCTION pgwright.eav_get_attribute(text) IS 'One attribute';

CREATE FUNCTION pgwright.eav_change_attribute(operation text, entity text, field text, given jsonb, status integer, message text) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    name   text := coalesce(given ->> 'name', CASE WHEN field IS NOT NULL THEN pgwright.get_field(entity, field) ->> 'name' END);
    answer pgwright.response;
BEGIN
    answer := pgwright.change_and_publish(operation, entity, field, given - '{backfill,allow_destructive}'::text[],
        pgwright.eav_attribute_names(), pgwright.face_flag(given, 'allow_destructive'),
        CASE WHEN given ? 'backfill' AND name IS NOT NULL THEN jsonb_build_object(name, given -> 'backfill') END);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN pgwright.eav_answer(status, pgwright.eav_get_attribute(answer.body ->> 'id') -> 'data', message);
END
$$;
COMMENT ON FUNCTION pgwright.eav_change_attribute(text, text, text, jsonb, integer, text) IS 'change_and_publish() of an attribute, answered with it';

CREATE FUNCTION pgwright.eav_create_attribute(definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    given  jsonb := pgwright.eav_attribute_definition(definition, NULL);
    entity text := coalesce(given ->> 'entity_type', given ->> 'entity_type_id');
BEGIN
    IF entity IS NULL THEN
        PERFORM pgwright.face_fail(400, 'the attribute is not valid', '[{"field": "entity_type", "message": "is required: a code or an id"}]');
    END IF;
    RETURN pgwright.eav_change_attribute('create_field', pgwright.face_entity(entity) ->> 'id', NULL,
        given - '{entity_type,entity_type_id}'::text[], 201, 'Attribute created');
END
$$;
COMMENT ON FUNCTION pgwright.eav_create_attribute(json) IS 'Adds an attribute with its column to "entity_type" (code or id): {"attribute_code","label","backend_type","frontend_type","is_required","is_unique","is_searchable","is_filterable","sort_order","options","validation_rules",...}';

CREATE FUNCTION pgwright.eav_update_attribute(id text, definition json) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    known json := pgwright.eav_attribute(id);
BEGIN
    RETURN pgwright.eav_change_attribute('update_field', known -> 'entity' ->> 'id', id,
        pgwright.eav_attribute_definition(definition, known -> 'field'), 200, 'Attribute updated');
END
$$;
COMMENT ON FUNCTION pgwright.eav_update_attribute(text, json) IS 'Changes the given members of an attribute and its column with them';

CREATE FUNCTION pgwright.eav_delete_attribute(id text, allow_destructive boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    known  json := pgwright.eav_attribute(id);
    answer pgwright.response;
BEGIN
    answer := pgwright.change_and_publish('delete_field', known -> 'entity' ->> 'id', id, NULL, allow_destructive => allow_destructive);
    IF answer.status >= 400 THEN RETURN answer; END IF;
    RETURN pgwright.eav_answer(200, json_build_object('id', id, 'attribute_code', known -> 'field' -> 'name'), 'Attribute deleted');
END
$$;
COMMENT ON FUNCTION pgwright.eav_delete_attribute(text, boolean) IS 'Takes an attribute away; its column is retired with its values, which allow_destructive must allow';

CREATE FUNCTION pgwright.eav_add_option(id text, value text, label text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    known   json := pgwright.eav_attribute(id);
    options jsonb;
BEGIN
    -- Under the lock, so that of two options added at once none is lost.
    PERFORM pgwright.face_lock(known -> 'entity' ->> 'id');
    options := coalesce((pgwright.eav_attribute(id) -> 'field' ->> 'allowed_values')::jsonb, '[]');
    RETURN pgwright.eav_change_attribute('update_field', known -> 'entity' ->> 'id', id, jsonb_build_object('allowed_values', options ||
        jsonb_build_array(CASE WHEN label IS NULL THEN to_jsonb(value) ELSE jsonb_build_object('value', value, 'label', label) END)),
        201, 'Option added');
END
$$;
COMMENT ON FUNCTION pgwright.eav_add_option(text, text, text) IS 'Adds a value, with a label if wanted, to those an attribute may take';

-- The schema ---------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.eav_analyze_schema(entity_type text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN pgwright.eav_envelope(pgwright.analyze_schema(entity_type), 'Schema analyzed'); END $$;
COMMENT ON FUNCTION pgwright.eav_analyze_schema(text) IS 'analyze_schema() in the envelope';

CREATE FUNCTION pgwright.eav_sync_schema(direction text, entity_type text DEFAULT NULL, dry_run boolean DEFAULT false, allow_destructive boolean DEFAULT false) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN pgwright.eav_envelope(pgwright.sync_schema(direction, entity_type, dry_run, allow_destructive),
        CASE WHEN dry_run THEN 'Dry run: nothing was changed' ELSE 'Schema synchronized' END, json_build_object('dry_run', dry_run));
END
$$;
COMMENT ON FUNCTION pgwright.eav_sync_schema(text, text, boolean, boolean) IS 'sync_schema() in the envelope';

CREATE FUNCTION pgwright.eav_create_backup(name text, description text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN pgwright.eav_envelope(pgwright.schema_backup_create(name, description), 'Backup created'); END $$;
COMMENT ON FUNCTION pgwright.eav_create_backup(text, text) IS 'schema_backup_create() in the envelope';

CREATE FUNCTION pgwright.eav_list_backups() RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN pgwright.eav_envelope(pgwright.schema_backup_list(), 'Backups'); END $$;
COMMENT ON FUNCTION pgwright.eav_list_backups() IS 'schema_backup_list() in the envelope';

CREATE FUNCTION pgwright.eav_restore_backup(backup text) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN pgwright.eav_envelope(pgwright.schema_backup_restore(backup), 'Backup restored'); END $$;
COMMENT ON FUNCTION pgwright.eav_restore_backup(text) IS 'schema_backup_restore() in the envelope';

CREATE FUNCTION pgwright.eav_list_migrations(page integer DEFAULT 1, "limit" integer DEFAULT 25, entity_type text DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
DECLARE
    listed json;
BEGIN
    PERFORM pgwright.me();
    IF "limit" NOT BETWEEN 1 AND 100 THEN
        PERFORM pgwright.face_fail(400, 'the page is not valid', '[{"field": "limit", "message": "must be from 1 to 100"}]');
    END IF;
    listed := pgwright.list_records('entity_migrations', page, "limit", 'created_at:desc,id:desc',
        CASE WHEN entity_type IS NOT NULL THEN json_build_object('entity_id', pgwright.face_entity(entity_type) -> 'id') END);
    RETURN pgwright.eav_envelope(listed -> 'items', 'Migrations', json_build_object('total', listed -> 'total', 'page', listed -> 'page',
        'limit', listed -> 'page_size', 'total_pages', listed -> 'pages'));
END
$$;
COMMENT ON FUNCTION pgwright.eav_list_migrations(integer, integer, text) IS 'A page of the migrations of the tenant, or of one entity type, newest first';

CREATE FUNCTION pgwright.eav_generate_migration(entity_type text, backfill json DEFAULT NULL) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.preview_migration(pgwright.face_entity(entity_type) ->> 'id', backfill), 'Migration generated; nothing was changed') $$;
COMMENT ON FUNCTION pgwright.eav_generate_migration(text, json) IS 'preview_migration() in the envelope';

-- Routes -------------------------------------------------------------------------------------------

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /eav' || path)::uuid, method, '/api/v1/eav' || path, 'pgwright.' || function, body, status, 'pgwright', 'eav', summary
FROM (VALUES
    ('GET', '/entity-types', 'eav_list_entity_types', NULL, 200, 'List entity types'),
    ('POST', '/entity-types', 'eav_create_entity_type', 'definition', 201, 'Create an entity type'),
    ('GET', '/entity-types/{code}', 'eav_get_entity_type', NULL, 200, 'Read an entity type'),
    ('PUT', '/entity-types/{code}', 'eav_update_entity_type', 'definition', 200, 'Change an entity type'),
    ('DELETE', '/entity-types/{code}', 'eav_delete_entity_type', NULL, 200, 'Delete an entity type'),
    ('GET', '/entity-types/{code}/attributes', 'eav_attributes_of', NULL, 200, 'List the attributes of an entity type'),
    ('GET', '/entity-types/{code}/stats', 'eav_entity_type_stats', NULL, 200, 'How much an entity type is used'),
    ('GET', '/attributes', 'eav_list_attributes', NULL, 200, 'List attributes'),
    ('POST', '/attributes', 'eav_create_attribute', 'definition', 201, 'Add an attribute'),
    ('GET', '/attributes/by-entity-type/{code}', 'eav_attributes_of', NULL, 200, 'List the attributes of an entity type'),
    ('GET', '/attributes/{id}', 'eav_get_attribute', NULL, 200, 'Read an attribute'),
    ('PUT', '/attributes/{id}', 'eav_update_attribute', 'definition', 200, 'Change an attribute'),
    ('DELETE', '/attributes/{id}', 'eav_delete_attribute', NULL, 200, 'Delete an attribute'),
    ('POST', '/attributes/{id}/options', 'eav_add_option', NULL, 201, 'Add an option to an attribute'),
    ('POST', '/schema/analyze', 'eav_analyze_schema', NULL, 200, 'Compare definitions and tables'),
    ('POST', '/schema/sync', 'eav_sync_schema', NULL, 200, 'Make definitions and tables agree'),
    ('POST', '/schema/backup/create', 'eav_create_backup', NULL, 201, 'Keep the definitions as they are'),
    ('GET', '/schema/backup/list', 'eav_list_backups', NULL, 200, 'List backups of definitions'),
    ('POST', '/schema/backup/restore', 'eav_restore_backup', NULL, 200, 'Restore definitions from a backup'),
    ('GET', '/schema/migrations/list', 'eav_list_migrations', NULL, 200, 'List migrations'),
    ('POST', '/schema/migrations/generate', 'eav_generate_migration', NULL, 200, 'Preview the migration of an entity type'))
    AS r (method, path, function, body, status, summary);

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = 'pgwright'::regnamespace AND starts_with(proname, 'eav_') LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_user, pgwright_shim, pgwright_admin', f);
    END LOOP;
END
$$;
