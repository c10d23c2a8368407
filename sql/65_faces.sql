-- What the other faces of the data model share (70_collections.sql, 75_eav.sql): members of definitions
-- under the names a face gives them, errors told by these names, and the immediate style, in which a
-- change is made and published in one call. All run with the caller's rights over the functions above.

CREATE FUNCTION pgwright.log_failed_operation(operation text, entity text, payload json, error text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_log_failed_operation';
COMMENT ON FUNCTION pgwright.log_failed_operation(text, text, json, text) IS 'Writes a failed operation of the caller''s own to schema_ops, after what it did was rolled back; entity: name or id, NULL of one that was not made. Needs data_model:execute';

-- Errors -------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.face_fail(code integer, message text, faults jsonb DEFAULT '[]', hint text DEFAULT '') RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'PW' || code, MESSAGE = message, HINT = hint,
        DETAIL = CASE WHEN faults = '[]' THEN '' ELSE faults::text END;
END
$$;
COMMENT ON FUNCTION pgwright.face_fail(integer, text, jsonb, text) IS 'Raises the error of that HTTP status: SQLSTATE PW<code> with the faults, [{"field","message"}], as its detail';

CREATE FUNCTION pgwright.face_error(state text, message text, faults jsonb, hint text) RETURNS pgwright.response
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT ROW(right(state, 3)::integer, '{}'::json, json_build_object('success', false, 'error', json_strip_nulls(json_build_object(
                   'code', CASE state WHEN 'PW400' THEN 'VALIDATION_ERROR' ELSE 'CONFLICT' END,
                   'message', message, 'details', faults, 'hint', nullif(hint, ''),
                   'request_id', coalesce(current_setting('pgwright.request_id', true), '')))))::pgwright.response
    $$;
COMMENT ON FUNCTION pgwright.face_error(text, text, jsonb, text) IS 'An error PW400 or PW409 as an answer, for what must stay recorded: raising it would roll the record back';

-- The first name in alphabetical order stands for those that mean the same.
CREATE FUNCTION pgwright.face_faults(detail text, names jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(jsonb_agg(fault || jsonb_build_object('field', coalesce(
                   (SELECT min(n.key) FROM jsonb_each_text(names) n WHERE n.value = own.stem), own.stem)
                   || substr(fault ->> 'field', length(own.stem) + 1)) ORDER BY position), '[]')
          FROM jsonb_array_elements(nullif(detail, '')::jsonb) WITH ORDINALITY AS f (fault, position),
               LATERAL (SELECT substring(fault ->> 'field' FROM '^[^.\[]*') AS stem) own
    $$;
COMMENT ON FUNCTION pgwright.face_faults(text, jsonb) IS 'The faults in an error''s detail with the fields under the face''s names; names: {face''s name: own name}';

-- Definitions --------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.face_definition(body json, names jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    made   jsonb := '{}';
    faults jsonb := '[]';
    member record;
BEGIN
    IF json_typeof(body) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION SQLSTATE 'PW400' USING MESSAGE = 'the definition must be a JSON object';
    END IF;
    FOR member IN
        SELECT given.key, given.value, coalesce(names ->> given.key, given.key) AS own, names ? given.key AS is_named,
               (SELECT min(n.key) FROM jsonb_each_text(names) n WHERE n.value = given.key) AS called
          FROM jsonb_each(body::jsonb) given
    LOOP
        IF member.called IS NOT NULL AND NOT member.is_named THEN
            faults := faults || jsonb_build_object('field', member.key, 'message', 'is called ' || member.called || ' here');
        ELSIF made ? member.own THEN
            faults := faults || jsonb_build_object('field', member.key, 'message', 'is given by two names');
        ELSE
            made := made || jsonb_build_object(member.own, member.value);
        END IF;
    END LOOP;
    IF faults <> '[]' THEN
        RAISE EXCEPTION SQLSTATE 'PW400' USING MESSAGE = 'the definition is not valid', DETAIL = faults::text;
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION pgwright.face_definition(json, jsonb) IS 'A face''s definition as the data model writes it; names: {face''s name: own name}, other members stay as they are. VALIDATION_ERROR for what is named twice';

CREATE FUNCTION pgwright.face_flag(body jsonb, member text, fallback boolean DEFAULT false) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF jsonb_typeof(body -> member) NOT IN ('boolean', 'null') THEN
        RAISE EXCEPTION SQLSTATE 'PW400' USING MESSAGE = 'the definition is not valid',
            DETAIL = jsonb_build_array(jsonb_build_object('field', member, 'message', 'must be true or false'))::text;
    END IF;
    RETURN coalesce((body ->> member)::boolean, fallback);
END
$$;
COMMENT ON FUNCTION pgwright.face_flag(jsonb, text, boolean) IS 'A member that is true or false; the fallback when it is not given';

-- Entities -----------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.face_entity(entity text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    found json := pgwright.get_entity(entity);
BEGIN
    IF (found ->> 'tenant_id')::uuid IS DISTINCT FROM pgwright.tenant_id() THEN
        PERFORM pgwright.face_fail(404, 'there is no entity of that name');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION pgwright.face_entity(text) IS 'As get_entity(), for entities of the caller''s tenant alone: the faces do not show the platform''s';

CREATE FUNCTION pgwright.face_lock(entity text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_face_lock';
COMMENT ON FUNCTION pgwright.face_lock(text) IS 'The entity, locked to the end of the transaction; CONFLICT, naming it, while it has an open draft, which an immediate change would publish';

-- The immediate style ------------------------------------------------------------------------------

CREATE FUNCTION pgwright.face_set_service(entity json, serve boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF serve AND entity ->> 'status' = 'archived' THEN
        PERFORM pgwright.unarchive_entity(entity ->> 'id');
    ELSIF NOT serve AND entity ->> 'status' = 'published' THEN
        PERFORM pgwright.archive_entity(entity ->> 'id');
    END IF;
END
$$;
COMMENT ON FUNCTION pgwright.face_set_service(json, boolean) IS 'Archives or unarchives the entity, unless it is so already';

CREATE FUNCTION pgwright.face_edit(operation text, entity text, part text, definition jsonb) RETURNS text
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    CASE operation
        WHEN 'create_entity' THEN RETURN pgwright.create_entity(definition::json) ->> 'id';
        WHEN 'update_entity' THEN RETURN pgwright.update_entity(entity, definition::json) ->> 'id';
        WHEN 'create_field' THEN RETURN pgwright.create_field(entity, definition::json) ->> 'id';
        WHEN 'update_field' THEN RETURN pgwright.update_field(entity, part, definition::json) ->> 'id';
        WHEN 'create_index' THEN RETURN pgwright.create_index(entity, definition::json) ->> 'id';
        WHEN 'delete_field' THEN PERFORM pgwright.delete_field(entity, part);
        WHEN 'delete_index' THEN PERFORM pgwright.delete_index(entity, part);
        ELSE PERFORM pgwright.face_fail(400, 'the operation is not known',
            '[{"field": "operation", "message": "must be one of: create_entity, update_entity, create_field, update_field, create_index, delete_field, delete_index"}]');
    END CASE;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION pgwright.face_edit(text, text, text, jsonb) IS 'Calls the function of that name on a draft; the id of what was made or changed';

-- backfill of a field is a value, of anything else an object by field, as publish_entity() takes it.
CREATE FUNCTION pgwright.face_publish(operation text, entity text, definition jsonb, allow_destructive boolean, backfill jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    migration json;
BEGIN
    migration := pgwright.publish_entity(entity, operation || coalesce(': ' || (definition ->> 'name'), ''), allow_destructive, backfill::json);
    IF migration ->> 'status' = 'failed' THEN
        PERFORM pgwright.face_fail(409, 'publishing failed and changed nothing: ' || (migration ->> 'error_message'));
    END IF;
END
$$;
COMMENT ON FUNCTION pgwright.face_publish(text, text, jsonb, boolean, jsonb) IS 'publish_entity() that raises what failed';

CREATE FUNCTION pgwright.change_and_publish(operation text, entity text, part text, definition jsonb, names jsonb DEFAULT '{}', allow_destructive boolean DEFAULT false, backfill jsonb DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    target     json;
    id         text;
    publishing boolean := false;
    state      text;
    message    text;
    detail     text;
    hint       text;
BEGIN
    IF operation <> 'create_entity' THEN
        target := pgwright.face_lock(entity);
        entity := target ->> 'id';
    END IF;
    BEGIN
        id := pgwright.face_edit(operation, entity, part, definition);
        entity := coalesce(entity, id);
        publishing := true;
        PERFORM pgwright.face_publish(operation, entity, definition, allow_destructive, backfill);
        RETURN ROW(200, '{}', json_build_object('id', id, 'entity_id', entity))::pgwright.response;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        IF state !~ '^PW4' THEN
            RAISE;
        ELSIF NOT publishing OR state NOT IN ('PW400', 'PW409') THEN
            PERFORM pgwright.face_fail(right(state, 3)::integer, message, pgwright.face_faults(detail, names), hint);
        END IF;
    END;
    -- Faults of a publication name the entity's fields, which are called the same everywhere.
    PERFORM pgwright.log_failed_operation(operation, target ->> 'id',
        (coalesce(definition, '{}') || jsonb_strip_nulls(jsonb_build_object('part', part)))::json, message);
    RETURN pgwright.face_error(state, message, pgwright.face_faults(detail, '{}'), hint);
END
$$;
COMMENT ON FUNCTION pgwright.change_and_publish(text, text, text, jsonb, jsonb, boolean, jsonb) IS 'The immediate style: create_entity, update_entity, create_field, update_field, delete_field, create_index or delete_index, and the publication, both or nothing. Status 200 with {"id","entity_id"}; a publication that fails is the answer with its error and a row of schema_ops. CONFLICT while the entity has an open draft';

CREATE FUNCTION pgwright.face_delete_entity(entity text, allow_destructive boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    target json := pgwright.face_entity(entity);
BEGIN
    IF target ->> 'status' <> 'draft' THEN
        target := pgwright.face_lock(target ->> 'id');
        PERFORM pgwright.face_set_service(target, false);
    END IF;
    PERFORM pgwright.delete_entity(target ->> 'id', allow_destructive);
END
$$;
COMMENT ON FUNCTION pgwright.face_delete_entity(text, boolean) IS 'Archives an entity and deletes it; its table is retired with its records, which allow_destructive must allow';

CREATE FUNCTION pgwright.face_update_entity(entity text, definition jsonb, names jsonb) RETURNS pgwright.response
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    target  json := pgwright.face_lock(entity);
    serve   boolean := pgwright.face_flag(definition, 'is_active', target ->> 'status' = 'published');
    backfill jsonb := definition -> 'backfill';
    allow   boolean := pgwright.face_flag(definition, 'allow_destructive');
    changes jsonb := definition - '{is_active,backfill,allow_destructive}'::text[];
    answer  pgwright.response := ROW(200, '{}', json_build_object('id', target -> 'id', 'entity_id', target -> 'id'));
BEGIN
    IF changes <> '{}' THEN
        -- Only what is served can be changed. A refusal leaves it as it was: archived.
        IF serve THEN PERFORM pgwright.face_set_service(target, true); END IF;
        answer := pgwright.change_and_publish('update_entity', target ->> 'id', NULL, changes, names, allow, backfill);
        IF answer.status >= 400 THEN
            IF target ->> 'status' = 'archived' AND serve THEN PERFORM pgwright.archive_entity(target ->> 'id'); END IF;
            RETURN answer;
        END IF;
    END IF;
    PERFORM pgwright.face_set_service(pgwright.face_entity(target ->> 'id'), serve);
    RETURN answer;
END
$$;
COMMENT ON FUNCTION pgwright.face_update_entity(text, jsonb, jsonb) IS 'change_and_publish() of update_entity; is_active says whether the entity is served or archived';

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_catalog.pg_proc
              WHERE pronamespace = 'pgwright'::regnamespace
                AND (starts_with(proname, 'face_') OR proname IN ('log_failed_operation', 'change_and_publish'))
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_user, pgwright_shim, pgwright_admin', f);
    END LOOP;
END
$$;
