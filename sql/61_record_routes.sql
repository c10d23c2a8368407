-- Routes that read and write single records and sets of them, with the headers they heed.

INSERT INTO pgwright.routes (id, method, path, function_name, headers, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /dynamic-data/{entity}/records' || path)::uuid, method, '/api/v1/dynamic-data/{entity}/records' || path, 'pgwright.' || function,
       headers::jsonb, status, 'pgwright', 'dynamic-data', summary
FROM (VALUES
    ('GET', '/{id}', 'http_get_record', '{"if_none_match": "If-None-Match"}', 200, 'Read a record'),
    ('POST', '', 'http_create_record', '{"if_none_match": "If-None-Match", "prefer": "Prefer"}', 201, 'Create a record'),
    ('PUT', '/{id}', 'http_update_record', '{"if_match": "If-Match", "if_none_match": "If-None-Match", "prefer": "Prefer"}', 200, 'Change a record'),
    ('PATCH', '/{id}', 'http_update_record', '{"if_match": "If-Match", "if_none_match": "If-None-Match", "prefer": "Prefer"}', 200, 'Change a record'),
    ('DELETE', '/{id}', 'http_delete_record', '{"if_match": "If-Match"}', 204, 'Delete a record'),
    ('POST', '/{id}/restore', 'http_restore_record', '{"if_match": "If-Match", "prefer": "Prefer"}', 200, 'Bring a deleted record back'),
    ('POST', '/{id}/purge', 'http_purge_record', '{"if_match": "If-Match"}', 204, 'Delete a deleted record for good'),
    ('POST', '/upsert', 'http_upsert_record', '{"prefer": "Prefer"}', 201, 'Create a record or change the one with the same key'),
    ('POST', '/bulk', 'bulk_create_records', '{}', 201, 'Create many records'),
    ('POST', '/bulk/upsert', 'http_bulk_upsert_records', '{"prefer": "Prefer"}', 200, 'Create many records or change those with the same key'),
    ('PUT', '/bulk', 'bulk_update', '{}', 200, 'Change many records'),
    ('PATCH', '/bulk', 'bulk_update', '{}', 200, 'Change many records'),
    ('DELETE', '/bulk', 'bulk_delete', '{}', 200, 'Delete many records'))
    AS r (method, path, function, headers, status, summary);

INSERT INTO pgwright.routes (id, method, path, function_name, body_argument, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /dynamic-data/{entity}/records' || path)::uuid, method, '/api/v1/dynamic-data/{entity}/records' || path, 'pgwright.' || function,
       body, 200, 'pgwright', 'dynamic-data', summary
FROM (VALUES
    ('POST', '/query', 'query_records', 'query', 'List records as a document says'),
    ('POST', '/aggregate', 'aggregate_records', 'query', 'Group, count and sum records'),
    ('GET', '/{id}/{relationship}', 'list_related_records', NULL, 'List records related to one'))
    AS r (method, path, function, body, summary);

INSERT INTO pgwright.routes (id, method, path, function_name, success_status, module, tag, summary)
SELECT md5('pgwright:route:' || method || ' /dynamic-data/{entity}/records/{id}/{relationship}')::uuid, method, '/api/v1/dynamic-data/{entity}/records/{id}/{relationship}',
       'pgwright.' || function, status, 'pgwright', 'dynamic-data', summary
FROM (VALUES
    ('POST', 'create_related_record', 201, 'Create a record related to one'),
    ('PUT', 'link_related_records', 200, 'Link records to one'),
    ('DELETE', 'unlink_related_records', 200, 'Unlink records from one'))
    AS r (method, function, status, summary);
