-- Who may call the functions of imports and exports, and their routes. Each function asks for the rights
-- that the entity takes.

REVOKE ALL ON PROCEDURE pgwright.run_import(text, integer) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE pgwright.run_import(text, integer) TO pgwright_user, pgwright_admin;
-- Who gives the time to others' jobs learns nothing of them.
REVOKE ALL ON PROCEDURE pgwright.run_due_jobs(integer) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE pgwright.run_due_jobs(integer) TO pgwright_shim, pgwright_admin;
GRANT EXECUTE ON FUNCTION pgwright.run_due_job(integer) TO pgwright_shim, pgwright_admin;
GRANT EXECUTE ON FUNCTION
    pgwright.queue_import_job(text), pgwright.delete_import_job(text),
    pgwright.create_import_job(text, text, text, text, json, json, text, text), pgwright.update_import_job(text, text, text, text, json, json, text, text),
    pgwright.add_import_data(text, bytea, bigint), pgwright.preview_import_job(text, integer),
    pgwright.validate_import_job(text), pgwright.run_import_job(text, integer), pgwright.cancel_import_job(text),
    pgwright.import_records(text, bytea, text, text, text, json, json, text, text), pgwright.get_import_job(text),
    pgwright.list_import_jobs(text, text, integer, integer), pgwright.list_import_errors(text, integer, integer),
    pgwright.purge_transfers(interval), pgwright.export_records(text, text, text, json, text, json, text),
    pgwright.export_file(text, text, text, json, text, json, text), pgwright.http_export(text, text, text, json, text, json, text),
    pgwright.eav_export(text, text, text, json, text, json, text)
    TO pgwright_user, pgwright_shim, pgwright_admin;

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' ' || path)::uuid, method, '/api/v1' || path, 'pgwright.' || function, body, status, 'pgwright', tag, summary
FROM (VALUES
    ('POST', '/dynamic-data/{entity}/import', 'import_records', 'content', 200, 'transfer', 'Import a whole file at once'),
    ('POST', '/dynamic-data/{entity}/import-jobs', 'create_import_job', NULL, 201, 'transfer', 'Begin an import'),
    ('GET', '/dynamic-data/{entity}/export', 'http_export', NULL, 200, 'transfer', 'Export records as a file'),
    ('POST', '/dynamic-data/{entity}/export', 'http_export', NULL, 200, 'transfer', 'Export records as a file, the request in the body'),
    ('POST', '/eav/export', 'eav_export', NULL, 200, 'transfer', 'Export records of an entity type as a file'),
    ('GET', '/import-jobs', 'list_import_jobs', NULL, 200, 'transfer', 'List imports'),
    ('GET', '/import-jobs/{job}', 'get_import_job', NULL, 200, 'transfer', 'Read an import'),
    ('PATCH', '/import-jobs/{job}', 'update_import_job', NULL, 200, 'transfer', 'Change an import that has not begun'),
    ('POST', '/import-jobs/{job}/data', 'add_import_data', 'content', 200, 'transfer', 'Add bytes to the file of an import'),
    ('GET', '/import-jobs/{job}/preview', 'preview_import_job', NULL, 200, 'transfer', 'Show what an import would do'),
    ('POST', '/import-jobs/{job}/validate', 'validate_import_job', NULL, 200, 'transfer', 'Check every row of an import'),
    ('POST', '/import-jobs/{job}/run', 'run_import_job', NULL, 200, 'transfer', 'Import the next rows'),
    ('POST', '/import-jobs/{job}/queue', 'queue_import_job', NULL, 200, 'transfer', 'Let an import go on by itself'),
    ('DELETE', '/import-jobs/{job}', 'delete_import_job', NULL, 204, 'transfer', 'Delete an import that is not under way'),
    ('POST', '/import-jobs/{job}/cancel', 'cancel_import_job', NULL, 200, 'transfer', 'End an import'),
    ('GET', '/import-jobs/{job}/errors', 'list_import_errors', NULL, 200, 'transfer', 'List what was wrong with rows'),
    ('POST', '/transfers/purge', 'purge_transfers', NULL, 200, 'transfer', 'Delete old imports and export records'))
    AS r (method, path, function, body, status, tag, summary);
