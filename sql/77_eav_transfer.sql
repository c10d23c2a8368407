-- Imports as the admin face has them (docs/faces.md): the same jobs, in the envelope {"success","data","meta","message"},
-- their entity as entity_type. Nothing is decided here; an answer's rights are those of the function behind it.

CREATE FUNCTION pgwright.eav_import_json(job json) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT json_build_object('job_id', job -> 'id', 'entity_type', job -> 'entity', 'entity_type_id', job -> 'entity_id', 'user_id', job -> 'user_id',
            'file_name', job -> 'file_name', 'format', job -> 'file_format', 'mode', job -> 'mode', 'action', job -> 'action', 'key', job -> 'key',
            'mapping', job -> 'mapping', 'options', job -> 'options', 'status', job -> 'status', 'cancel_requested', job -> 'cancel_requested',
            'total_bytes', job -> 'total_bytes', 'processed_bytes', job -> 'processed_bytes',
            'total_rows', job -> 'total_rows', 'processed_rows', job -> 'processed_rows', 'successful_rows', job -> 'successful_rows',
            'inserted_rows', job -> 'inserted_rows', 'updated_rows', job -> 'updated_rows', 'failed_rows', job -> 'failed_rows',
            'validation', job -> 'validation', 'error_message', job -> 'error_message', 'error_details', job -> 'error_details',
            'queued_at', job -> 'queued_at', 'started_at', job -> 'started_at', 'completed_at', job -> 'completed_at', 'created_at', job -> 'created_at')
    $$;
COMMENT ON FUNCTION pgwright.eav_import_json(json) IS 'An import as the admin face shows it';

CREATE FUNCTION pgwright.eav_import_page(page json, items json, message text) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT pgwright.eav_envelope(items, message, json_build_object('total', page -> 'total', 'page', page -> 'page', 'limit', page -> 'page_size', 'total_pages', page -> 'pages'))
    $$;
COMMENT ON FUNCTION pgwright.eav_import_page(json, json, text) IS 'A page that a list function has answered, with "meta" {"total","page","limit","total_pages"}';

CREATE FUNCTION pgwright.eav_check_limit("limit" integer) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_variable
BEGIN
    IF "limit" IS NULL OR "limit" NOT BETWEEN 1 AND 100 THEN
        PERFORM pgwright.face_fail(400, 'the page is not valid', '[{"field": "limit", "message": "must be between 1 and 100"}]');
    END IF;
    RETURN "limit";
END
$$;
COMMENT ON FUNCTION pgwright.eav_check_limit(integer) IS 'The size of a page of imports; VALIDATION_ERROR for one that is none';

CREATE FUNCTION pgwright.eav_import(entity_type text, content bytea, file_name text DEFAULT NULL, format text DEFAULT NULL, mode text DEFAULT NULL, mapping json DEFAULT NULL, options json DEFAULT NULL, action text DEFAULT NULL, key text DEFAULT NULL) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_import_json(j), 'Import ' || (j ->> 'status')) FROM pgwright.import_records(entity_type, content, file_name, format, mode, mapping, options, action, key) j $$;
COMMENT ON FUNCTION pgwright.eav_import(text, bytea, text, text, text, json, json, text, text) IS 'As import_records()';

CREATE FUNCTION pgwright.eav_create_import(entity_type text, file_name text DEFAULT NULL, format text DEFAULT NULL, mode text DEFAULT NULL, mapping json DEFAULT NULL, options json DEFAULT NULL, action text DEFAULT NULL, key text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_answer(201, pgwright.eav_import_json(pgwright.create_import_job(entity_type, file_name, format, mode, mapping, options, action, key)), 'Import created') $$;
COMMENT ON FUNCTION pgwright.eav_create_import(text, text, text, text, json, json, text, text) IS 'As create_import_job()';

CREATE FUNCTION pgwright.eav_update_import(job text, file_name text DEFAULT NULL, format text DEFAULT NULL, mode text DEFAULT NULL, mapping json DEFAULT NULL, options json DEFAULT NULL, action text DEFAULT NULL, key text DEFAULT NULL) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_import_json(pgwright.update_import_job(job, file_name, format, mode, mapping, options, action, key)), 'Import updated') $$;
COMMENT ON FUNCTION pgwright.eav_update_import(text, text, text, text, json, json, text, text) IS 'As update_import_job()';

CREATE FUNCTION pgwright.eav_get_import(job text) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_import_json(pgwright.get_import_job(job)), 'Import') $$;
COMMENT ON FUNCTION pgwright.eav_get_import(text) IS 'As get_import_job()';

CREATE FUNCTION pgwright.eav_list_imports(entity_type text DEFAULT NULL, status text DEFAULT NULL, page integer DEFAULT 1, "limit" integer DEFAULT 25) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT pgwright.eav_import_page(l, (SELECT coalesce(json_agg(pgwright.eav_import_json(j) ORDER BY n), '[]') FROM json_array_elements(l -> 'items') WITH ORDINALITY AS i (j, n)), 'Imports')
          FROM pgwright.list_import_jobs(entity_type, status, page, pgwright.eav_check_limit("limit")) l
    $$;
COMMENT ON FUNCTION pgwright.eav_list_imports(text, text, integer, integer) IS 'As list_import_jobs()';

CREATE FUNCTION pgwright.eav_import_errors(job text, page integer DEFAULT 1, "limit" integer DEFAULT 25) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_import_page(l, l -> 'items', 'Import errors') FROM pgwright.list_import_errors(job, page, pgwright.eav_check_limit("limit")) l $$;
COMMENT ON FUNCTION pgwright.eav_import_errors(text, integer, integer) IS 'As list_import_errors()';

CREATE FUNCTION pgwright.eav_import_data(job text, content bytea, "offset" bigint DEFAULT NULL) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_import_json(pgwright.add_import_data(job, content, "offset")), 'Data added') $$;
COMMENT ON FUNCTION pgwright.eav_import_data(text, bytea, bigint) IS 'As add_import_data()';

CREATE FUNCTION pgwright.eav_preview_import(job text, rows integer DEFAULT 10) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.preview_import_job(job, rows), 'Import preview') $$;
COMMENT ON FUNCTION pgwright.eav_preview_import(text, integer) IS 'As preview_import_job()';

CREATE FUNCTION pgwright.eav_validate_import(job text) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_import_json(pgwright.validate_import_job(job)), 'Import validated') $$;
COMMENT ON FUNCTION pgwright.eav_validate_import(text) IS 'As validate_import_job()';

CREATE FUNCTION pgwright.eav_run_import(job text, max_rows integer DEFAULT 20000) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_import_json(j), 'Import ' || (j ->> 'status')) FROM pgwright.run_import_job(job, max_rows) j $$;
COMMENT ON FUNCTION pgwright.eav_run_import(text, integer) IS 'As run_import_job()';

CREATE FUNCTION pgwright.eav_queue_import(job text) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.eav_envelope(pgwright.eav_import_json(pgwright.queue_import_job(job)), 'Import queued') $$;
COMMENT ON FUNCTION pgwright.eav_queue_import(text) IS 'As queue_import_job()';

CREATE FUNCTION pgwright.eav_cancel_import(job text) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT pgwright.eav_envelope(pgwright.eav_import_json(j), CASE WHEN (j ->> 'cancel_requested')::boolean THEN 'Import is being cancelled' ELSE 'Import cancelled' END)
          FROM pgwright.cancel_import_job(job) j
    $$;
COMMENT ON FUNCTION pgwright.eav_cancel_import(text) IS 'As cancel_import_job()';

CREATE FUNCTION pgwright.eav_delete_import(job text) RETURNS json
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pgwright.delete_import_job(job);
    RETURN pgwright.eav_envelope('null', 'Import deleted');
END
$$;
COMMENT ON FUNCTION pgwright.eav_delete_import(text) IS 'As delete_import_job()';

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_catalog.pg_proc p
              WHERE p.pronamespace = 'pgwright'::regnamespace AND p.proname = ANY ('{eav_import_json,eav_import_page,eav_check_limit,eav_import,eav_create_import,
                    eav_update_import,eav_get_import,eav_list_imports,eav_import_errors,eav_import_data,eav_preview_import,eav_validate_import,eav_run_import,
                    eav_queue_import,eav_cancel_import,eav_delete_import}')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_user, pgwright_shim, pgwright_admin', f);
    END LOOP;
END
$$;

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /eav' || path)::uuid, method, '/api/v1/eav' || path, 'pgwright.' || function, body, status, 'pgwright', 'eav', summary
FROM (VALUES
    ('POST', '/import', 'eav_import', 'content', 200, 'Import a whole file at once'),
    ('GET', '/import-jobs', 'eav_list_imports', NULL, 200, 'List imports'),
    ('POST', '/import-jobs', 'eav_create_import', NULL, 201, 'Begin an import'),
    ('GET', '/import-jobs/{job}', 'eav_get_import', NULL, 200, 'Read an import'),
    ('PATCH', '/import-jobs/{job}', 'eav_update_import', NULL, 200, 'Change an import that has not begun'),
    ('DELETE', '/import-jobs/{job}', 'eav_delete_import', NULL, 200, 'Delete an import that is not under way'),
    ('POST', '/import-jobs/{job}/data', 'eav_import_data', 'content', 200, 'Add bytes to the file of an import'),
    ('GET', '/import-jobs/{job}/preview', 'eav_preview_import', NULL, 200, 'Show what an import would do'),
    ('POST', '/import-jobs/{job}/validate', 'eav_validate_import', NULL, 200, 'Check every row of an import'),
    ('POST', '/import-jobs/{job}/run', 'eav_run_import', NULL, 200, 'Import the next rows'),
    ('POST', '/import-jobs/{job}/queue', 'eav_queue_import', NULL, 200, 'Let an import go on by itself'),
    ('POST', '/import-jobs/{job}/cancel', 'eav_cancel_import', NULL, 200, 'End an import'),
    ('GET', '/import-jobs/{job}/errors', 'eav_import_errors', NULL, 200, 'List what was wrong with rows'))
    AS r (method, path, function, body, status, summary);
