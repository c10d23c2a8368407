-- Writing records: one, many, by condition. The work is in extension/data; docs/writing.md tells the rest.
-- The http_ functions answer routes with status and headers.

CREATE FUNCTION pgwright.row_tag(writer xid, place tid) RETURNS bigint
    LANGUAGE c IMMUTABLE LEAKPROOF PARALLEL SAFE STRICT COST 1 AS 'MODULE_PATHNAME', 'pgwright_row_tag';
COMMENT ON FUNCTION pgwright.row_tag(xid, tid) IS 'What tells the versions of a row apart, of its xmin and ctid';

CREATE FUNCTION pgwright.record_tag(entity text, id text) RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED STRICT AS 'MODULE_PATHNAME', 'pgwright_record_tag';
COMMENT ON FUNCTION pgwright.record_tag(text, text) IS 'The tag of a record''s version, for if_match; NULL where versions cannot be told apart (views, foreign and partitioned tables). RESOURCE_NOT_FOUND as get_record()';

CREATE FUNCTION pgwright.create_record(entity text, data json, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_record';
COMMENT ON FUNCTION pgwright.create_record(text, json, boolean) IS 'Creates a record: {"id","data"}. dry_run does it, tells what came out with "dry_run": true, and takes it back';

CREATE FUNCTION pgwright.create_record_as(entity text, id text, data json, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_record_as';
COMMENT ON FUNCTION pgwright.create_record_as(text, text, json, boolean) IS 'Creates a record under an id that the caller chooses: {"id","data"}. PRECONDITION_FAILED when there is one of this id, seen or not';

CREATE FUNCTION pgwright.update_record(entity text, id text, data json, replace boolean DEFAULT false, if_match text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_record';
COMMENT ON FUNCTION pgwright.update_record(text, text, json, boolean, text, boolean) IS 'Changes the given fields of a record: {"id","data"}. replace: fields that are not given take their defaults. if_match: only the version of that tag (record_tag()), else PRECONDITION_FAILED';

CREATE FUNCTION pgwright.delete_record(entity text, id text, if_match text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_record';
COMMENT ON FUNCTION pgwright.delete_record(text, text, text, boolean) IS 'Deletes a record, softly where the entity says so: {"id","deleted"}. if_match as in update_record()';

CREATE FUNCTION pgwright.restore_record(entity text, id text, if_match text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_restore_record';
COMMENT ON FUNCTION pgwright.restore_record(text, text, text, boolean) IS 'Brings a record back that is marked deleted: {"id","data"}. Takes the right to update. CONFLICT for one that is not deleted';

CREATE FUNCTION pgwright.purge_record(entity text, id text, if_match text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_purge_record';
COMMENT ON FUNCTION pgwright.purge_record(text, text, text, boolean) IS 'Deletes a record for good that is marked deleted: {"id","purged"}. Takes the right to delete. CONFLICT for one that is not deleted, and for one that others refer to';

CREATE FUNCTION pgwright.upsert_record(entity text, data json, key text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_upsert_record';
COMMENT ON FUNCTION pgwright.upsert_record(text, json, text, boolean) IS 'Creates a record, or changes the one that has the same values of a unique key: {"id","data","created"}. key: its fields, separated by commas, or its index; needed when the data gives several. Takes the rights to create and to update';

CREATE FUNCTION pgwright.bulk_create_records(entity text, records json, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_bulk_create_records';
COMMENT ON FUNCTION pgwright.bulk_create_records(text, json, boolean, boolean) IS 'Creates up to 1,000 records, all or none, or with partial what can be created: {"created","failed","errors","ids"}, ids in the records'' order. Takes the right to write in bulk';

CREATE FUNCTION pgwright.bulk_update_records(entity text, records json, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_bulk_update_records';
COMMENT ON FUNCTION pgwright.bulk_update_records(text, json, boolean, boolean) IS 'Changes up to 1,000 records, each {"id", fields to change}: {"updated","failed","errors","ids"}; as bulk_create_records()';

CREATE FUNCTION pgwright.bulk_upsert_records(entity text, records json, key text DEFAULT NULL, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_bulk_upsert_records';
COMMENT ON FUNCTION pgwright.bulk_upsert_records(text, json, text, boolean, boolean) IS 'Creates up to 1,000 records or changes those of the same unique key, as upsert_record(): {"created","updated","failed","errors","ids","results"}, the last with created or updated for each record; as bulk_create_records()';

CREATE FUNCTION pgwright.bulk_delete_records(entity text, ids json, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_bulk_delete_records';
COMMENT ON FUNCTION pgwright.bulk_delete_records(text, json, boolean, boolean) IS 'Deletes up to 1,000 records by their ids: {"deleted","failed","errors","ids"}; as bulk_create_records()';

CREATE FUNCTION pgwright.update_records_where(entity text, filters json, data json, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_records_where';
COMMENT ON FUNCTION pgwright.update_records_where(text, json, json, boolean, boolean) IS 'Changes the records that a condition is true of, at most 10,000, or 1,000 with partial; as bulk_update_records(). The condition must not be empty';

CREATE FUNCTION pgwright.delete_records_where(entity text, filters json, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_records_where';
COMMENT ON FUNCTION pgwright.delete_records_where(text, json, boolean, boolean) IS 'Deletes the records that a condition is true of; as update_records_where()';

-- Routes' functions ---------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.http_get_record(entity text, id text, fields text DEFAULT NULL, expand text DEFAULT NULL, include_deleted boolean DEFAULT false, if_none_match text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_http_get_record';
COMMENT ON FUNCTION pgwright.http_get_record(text, text, text, text, boolean, text) IS 'get_record() for the route, with the header ETag; 304 for a version that if_none_match names, unless other records come with it';

CREATE FUNCTION pgwright.http_create_record(entity text, data json, prefer text DEFAULT NULL, dry_run boolean DEFAULT false, if_none_match text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_http_create_record';
COMMENT ON FUNCTION pgwright.http_create_record(text, json, text, boolean, text) IS 'create_record() for the route, with the headers ETag and Location; prefer: return=minimal leaves the body out; if_none_match: with * a record whose unique values are taken is PRECONDITION_FAILED';

CREATE FUNCTION pgwright.http_update_record(entity text, id text, data json, if_match text DEFAULT NULL, prefer text DEFAULT NULL, replace boolean DEFAULT false, dry_run boolean DEFAULT false, if_none_match text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_http_update_record';
COMMENT ON FUNCTION pgwright.http_update_record(text, text, json, text, text, boolean, boolean, text) IS 'update_record() for the route, with the header ETag; if_none_match: with * it is create_record_as()';

CREATE FUNCTION pgwright.http_delete_record(entity text, id text, if_match text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN dry_run THEN ROW(200, '{}'::json, r)::pgwright.response ELSE ROW(204, '{}'::json, NULL)::pgwright.response END
        FROM pgwright.delete_record(entity, id, if_match, dry_run) AS r
    $$;
COMMENT ON FUNCTION pgwright.http_delete_record(text, text, text, boolean) IS 'delete_record() for the route: 204, or the report of a dry run';

CREATE FUNCTION pgwright.http_purge_record(entity text, id text, if_match text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN dry_run THEN ROW(200, '{}'::json, r)::pgwright.response ELSE ROW(204, '{}'::json, NULL)::pgwright.response END
        FROM pgwright.purge_record(entity, id, if_match, dry_run) AS r
    $$;
COMMENT ON FUNCTION pgwright.http_purge_record(text, text, text, boolean) IS 'purge_record() for the route: 204, or the report of a dry run';

CREATE FUNCTION pgwright.http_restore_record(entity text, id text, if_match text DEFAULT NULL, prefer text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_http_restore_record';
COMMENT ON FUNCTION pgwright.http_restore_record(text, text, text, text, boolean) IS 'restore_record() for the route, with the header ETag';

CREATE FUNCTION pgwright.http_upsert_record(entity text, data json, key text DEFAULT NULL, prefer text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_http_upsert_record';
COMMENT ON FUNCTION pgwright.http_upsert_record(text, json, text, text, boolean) IS 'upsert_record() for the route: 201 for a new record, 200 for one that was there, with the headers ETag and Location';

CREATE FUNCTION pgwright.http_bulk_upsert_records(entity text, records json, key text DEFAULT NULL, partial boolean DEFAULT false, prefer text DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS pgwright.response
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_http_bulk_upsert_records';
COMMENT ON FUNCTION pgwright.http_bulk_upsert_records(text, json, text, boolean, text, boolean) IS 'bulk_upsert_records() for the route; prefer: return=minimal leaves the body out unless some failed, return=representation adds the records';

CREATE FUNCTION pgwright.bulk_update(entity text, records json DEFAULT NULL, filters json DEFAULT NULL, data json DEFAULT NULL, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_bulk_update';
COMMENT ON FUNCTION pgwright.bulk_update(text, json, json, json, boolean, boolean) IS 'bulk_update_records() of records, or update_records_where() of filters and data, for the route';

CREATE FUNCTION pgwright.bulk_delete(entity text, ids json DEFAULT NULL, filters json DEFAULT NULL, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_bulk_delete';
COMMENT ON FUNCTION pgwright.bulk_delete(text, json, json, boolean, boolean) IS 'bulk_delete_records() of ids, or delete_records_where() of filters, for the route';

-- Through a relationship ----------------------------------------------------------------------------

CREATE FUNCTION pgwright.write_through(entity text, id text, relationship text, record jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    seen   jsonb := pgwright.describe_entity(entity);
    named  CONSTANT jsonb := jsonb_build_object('name', relationship);
    many   jsonb := jsonb_path_query_first(seen, '$.relations[*] ? (@.name == $name).many', named);
    lookup jsonb := jsonb_path_query_first(seen, '$.fields[*].reference ? (@.expand == $name)', named);
    name   text;
    one    boolean := many IS DISTINCT FROM 'true';
BEGIN
    lookup := coalesce(jsonb_path_query_first(seen, '$.fields[*] ? (@.name == $name).reference', named), lookup);
    IF many IS NULL AND lookup IS NULL THEN
        RAISE SQLSTATE 'PW404' USING MESSAGE = 'there is no such relationship';
    END IF;
    name := coalesce(CASE WHEN one THEN lookup ->> 'expand' END, relationship);
    IF one AND jsonb_typeof(record) = 'array' THEN
        IF jsonb_array_length(record) <> 1 THEN
            RAISE SQLSTATE 'PW400' USING MESSAGE = 'the ids are not valid', DETAIL = '[{"field":"ids","message":"must hold one id: the relationship leads to one record"}]';
        END IF;
        record := record -> 0;
    ELSIF NOT one AND jsonb_typeof(record) <> 'array' THEN
        record := jsonb_build_array(record);
    END IF;
    RETURN pgwright.update_record(entity, id, jsonb_build_object(name, record)::json)::jsonb #> ARRAY['data', name];
END
$$;
COMMENT ON FUNCTION pgwright.write_through(text, text, text, jsonb) IS 'Writes records by a relationship of one, as part of an update of it; internal';

CREATE FUNCTION pgwright.create_related_record(entity text, id text, relationship text, data json) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    made jsonb;
BEGIN
    PERFORM pgwright.me();  -- who asks comes before what is asked
    IF json_typeof(data) <> 'object' OR data::jsonb ?| '{id,$delete}' THEN
        RAISE SQLSTATE 'PW400' USING MESSAGE = 'the record is not valid', DETAIL = '[{"field":"data","message":"must be an object without id"}]';
    END IF;
    made := pgwright.write_through(entity, id, relationship, data::jsonb);
    made := CASE jsonb_typeof(made) WHEN 'array' THEN made -> 0 ELSE made END;
    RETURN json_build_object('id', made -> 'id', 'data', made);
END
$$;
COMMENT ON FUNCTION pgwright.create_related_record(text, text, text, json) IS 'Creates a record that is related to one by that relationship: {"id","data"}';

CREATE FUNCTION pgwright.link_related_records(entity text, id text, relationship text, ids json) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.me();  -- who asks comes before what is asked
    IF json_typeof(ids) <> 'array' OR jsonb_path_exists(ids::jsonb, 'strict $[*] ? (@.type() != "string")') OR json_array_length(ids) NOT BETWEEN 1 AND 1000 THEN
        RAISE SQLSTATE 'PW400' USING MESSAGE = 'the ids are not valid', DETAIL = '[{"field":"ids","message":"must be an array of 1 to 1000 ids"}]';
    END IF;
    PERFORM pgwright.write_through(entity, id, relationship, (SELECT jsonb_agg(jsonb_build_object('id', i) ORDER BY n) FROM json_array_elements(ids) WITH ORDINALITY AS e (i, n)));
    RETURN json_build_object('linked', json_array_length(ids));
END
$$;
COMMENT ON FUNCTION pgwright.link_related_records(text, text, text, json) IS 'Links records to one by that relationship: {"linked"}; those that are linked already stay so';

CREATE FUNCTION pgwright.unlink_related_records(entity text, id text, relationship text, ids json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_unlink_related_records';
COMMENT ON FUNCTION pgwright.unlink_related_records(text, text, text, json) IS 'Unlinks records from one: {"unlinked"}; lookups are emptied, links of a many-to-many deleted. RESOURCE_NOT_FOUND, and nothing changed, when one is not linked; CONFLICT where a lookup is required';
