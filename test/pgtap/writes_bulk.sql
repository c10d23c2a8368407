-- Writes of many records: by ids and by conditions, all or nothing or in part, and every fault of every row.
\ir setup.psql
SELECT no_plan();

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{owner,member,viewer}'::text[]) r \g /dev/null
SELECT become('owner') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "fields": [
    {"name": "n", "field_type": "integer", "is_required": true}, {"name": "code", "field_type": "string", "is_unique": true},
    {"name": "state", "field_type": "string", "default_value": "new"}, {"name": "tags", "field_type": "array", "item_type": "string"},
    {"name": "up", "field_type": "lookup", "reference_entity": "item"}]}') \g /dev/null
SELECT pgwright.publish_entity('item') \g /dev/null

CREATE FUNCTION fault(statement text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$ SELECT tests.faults_of(format(statement, VARIADIC arguments)) $$;
CREATE FUNCTION items() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(concat_ws('/', n, code, state), ' ' ORDER BY n, code) FROM t_acme.item WHERE deleted_at IS NULL $$;
CREATE FUNCTION id(number int) RETURNS text LANGUAGE sql AS $$ SELECT id::text FROM t_acme.item WHERE n = number AND deleted_at IS NULL $$;
-- The faults of an answer, as faults_of() writes them.
CREATE FUNCTION errors(answer json) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('[%s] %s', e ->> 'index', e ->> 'code') || coalesce((SELECT string_agg(concat(' ', d ->> 'field', ': ', d ->> 'message'), ';') FROM json_array_elements(e -> 'details') d), ''), ', ' ORDER BY o)
      FROM json_array_elements(answer -> 'errors') WITH ORDINALITY x (e, o)
$$;
CREATE FUNCTION counts(answer json, verb text) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', answer ->> verb, answer ->> 'failed') $$;

-- Create ----------------------------------------------------------------------------------------------------

SELECT pgwright.bulk_create_records('item', '[{"n": 1, "code": "a"}, {"n": 2, "code": "b", "tags": ["x", "y,z"]}, {"n": 3}]') AS made \gset
SELECT is(counts(:'made', 'created') || json_array_length(:'made'::json -> 'ids'), '3 03', 'all are created');
SELECT is(items(), '1/a/new 2/b/new 3/new', 'with their defaults');
SELECT is(faults_of($$SELECT pgwright.bulk_create_records('item', '[{"n": 4, "code": "c"}, {"n": 5, "code": "a"}, {"n": 6, "code": "d", "up": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}, {"n": 7, "code": "c"}]')$$),
    'PW409 [1] code: must be unique; [2] up: refers to a record that does not exist; [3] code: must be unique', 'all or nothing: what the database refuses is told of every record');
SELECT is(items(), '1/a/new 2/b/new 3/new', 'and nothing is created');
SELECT pgwright.bulk_create_records('item', '[{"n": 4, "code": "c"}, {"n": 5, "code": "a"}, {"n": "x", "color": 1}, {"code": "e"}, {"n": 7, "code": "c"}, {"n": 8, "code": "f"}]', partial => true) AS part \gset
SELECT is(counts(:'part', 'created'), '2 4', 'in part: what is good is created');
SELECT is(errors(:'part'), '[1] CONFLICT code: must be unique, [2] VALIDATION_ERROR n: must be an integer; color: is not a field of item, [3] VALIDATION_ERROR n: is required, [4] CONFLICT code: must be unique', 'and the rest is told');
SELECT is((SELECT string_agg((i IS NULL)::text, ' ' ORDER BY o) FROM json_array_elements_text(:'part'::json -> 'ids') WITH ORDINALITY x (i, o)), 'false true true true true false', 'ids keep the records'' positions');
SELECT is(items(), '1/a/new 2/b/new 3/new 4/c/new 8/f/new', 'that is what is there');
SELECT is(counts(pgwright.bulk_create_records('item', json_agg(json_build_object('n', 1000 + i, 'code', CASE WHEN i % 250 = 7 THEN 'a' ELSE 'k' || i END)), partial => true), 'created'), '996 4', 'four bad among a thousand') FROM generate_series(1, 1000) i;
SELECT is(counts(pgwright.delete_records_where('item', '{"field": "n", "operator": "gt", "value": 1000}'), 'deleted'), '996 0', 'by condition they go again');
SELECT is(fault($$SELECT pgwright.bulk_create_records('item', %L)$$, records), f, left(records, 40)) FROM (VALUES
    (1, '[]', 'PW400 records: must hold at least one record'), (2, '{}', 'PW400 records: must be an array'), (3, '[1]', 'PW400 [0] : must be an object'),
    (4, (SELECT json_agg('{}'::json)::text FROM generate_series(1, 1001)), 'PW400 records: must hold at most 1000 records')) AS x (o, records, f) ORDER BY o;

-- Update -----------------------------------------------------------------------------------------------------

SELECT is(counts(pgwright.bulk_update_records('item', json_build_array(json_build_object('id', id(1), 'state', 'x'), json_build_object('id', id(2), 'code', NULL, 'tags', json_build_array()), json_build_object('id', id(3), 'n', 33))), 'updated'), '3 0', 'records are changed');
SELECT is(items(), '1/a/x 2/new 4/c/new 8/f/new 33/new', 'each in the fields it gives');
SELECT is((SELECT tags::text FROM t_acme.item WHERE n = 2), '{}', 'lists too');
SELECT is(fault('SELECT pgwright.bulk_update_records(%L, %L)', 'item', json_build_array(json_build_object('id', id(1), 'n', NULL), json_build_object('n', 1), json_build_object('id', 'x'), json_build_object('id', id(2)), json_build_object('id', id(2), 'up', 'x'), json_build_object('id', true))::text),
    'PW400 [0] n: is required; [1] id: is required; [2] id: must be a UUID; [4] up: must be a UUID; [4] id: is given more than once; [5] id: must be text', 'every fault of every record');
SELECT json_build_array(json_build_object('id', id(4), 'state', 'y'), json_build_object('id', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', 'state', 'y'), json_build_object('id', id(8), 'code', 'a')) AS changes \gset
SELECT is(fault('SELECT pgwright.bulk_update_records(%L, %L)', 'item', :'changes'), 'PW404 [1] id: there is no such record; [2] code: must be unique', 'what is not there, and what the database refuses');
SELECT is(items(), '1/a/x 2/new 4/c/new 8/f/new 33/new', 'all or nothing');
SELECT pgwright.bulk_update_records('item', :'changes', partial => true) AS part \gset
SELECT is(counts(:'part', 'updated') || ' ' || errors(:'part'), '1 2 [1] RESOURCE_NOT_FOUND id: there is no such record, [2] CONFLICT code: must be unique', 'or in part');
SELECT is(:'part'::json -> 'errors' -> 0 ->> 'id', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', 'with the id');
SELECT is(items(), '1/a/x 2/new 4/c/y 8/f/new 33/new', 'that is what is there');
SELECT is(counts(pgwright.bulk_update_records('item', json_build_array(json_build_object('id', id(4)))), 'updated'), '1 0', 'a record that changes nothing is found');

-- Delete -----------------------------------------------------------------------------------------------------

SELECT is(fault('SELECT pgwright.bulk_delete_records(%L, %L)', 'item', json_build_array(id(4), id(8), id(4), 5)::text), 'PW400 [2] id: is given more than once; [3] id: must be a UUID', 'ids are checked');
SELECT is(counts(pgwright.bulk_delete_records('item', json_build_array(id(4), '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', id(8)), partial => true), 'deleted'), '2 1', 'what is there is deleted');
SELECT is(items(), '1/a/x 2/new 33/new', 'softly');
SELECT is((SELECT count(*) FROM t_acme.item WHERE n IN (4, 8) AND deleted_by IS NOT NULL), 2::bigint, 'with a mark');

-- By condition -------------------------------------------------------------------------------------------------

SELECT is(counts(pgwright.update_records_where('item', '{"field": "n", "operator": "lt", "value": 10}', '{"state": "low"}'), 'updated'), '2 0', 'what a condition is true of is changed');
SELECT is(items(), '1/a/low 2/low 33/new', 'and nothing else');
SELECT is(fault('SELECT pgwright.update_records_where(%L, %L, %L)', 'item', filters, data), f, f) FROM (VALUES
    (1, '{}', '{"state": "z"}', 'PW400 filters: must have a condition'), (2, '{"operator": "AND", "conditions": []}', '{"state": "z"}', 'PW400 filters: must have a condition'),
    (3, '{"n": 1}', '{}', 'PW400 data: must have at least one member'), (4, '{"n": 1}', '{"n": "x", "id": 1}', 'PW400 n: must be an integer; id: is read-only'),
    (5, '{"none": 1}', '{"n": 1}', 'PW400 filters.none: unknown field')) AS x (o, filters, data, f) ORDER BY o;
SELECT is(faults_of($$SELECT pgwright.update_records_where('item', '{"field": "n", "operator": "lt", "value": 10}', '{"code": "same"}')$$), 'PW409 code: must be unique', 'all or nothing');
SELECT pgwright.update_records_where('item', '{"field": "n", "operator": "lt", "value": 10}', '{"code": "same"}', partial => true) AS part \gset
SELECT is(counts(:'part', 'updated') || ' ' || errors(:'part'), '1 1 [1] CONFLICT code: must be unique', 'or in part');
SELECT is(counts(pgwright.delete_records_where('item', '{"n": 77}'), 'deleted'), '0 0', 'none found, none deleted');
SELECT is(counts(pgwright.delete_records_where('item', '{"state": "low"}', partial => true), 'deleted'), '2 0', 'deleted by condition');

-- On trial -------------------------------------------------------------------------------------------------------

SELECT is((d ->> 'dry_run') || (d ->> 'created') || (d -> 'records' -> 1 ->> 'state'), 'true2new', 'a dry run tells the records') FROM pgwright.bulk_create_records('item', '[{"n": 50}, {"n": 51}]', dry_run => true) d;
SELECT is((d ->> 'updated') || (d -> 'records' -> 0 ->> 'state'), '1q', 'of an update') FROM pgwright.bulk_update_records('item', json_build_array(json_build_object('id', id(33), 'state', 'q')), dry_run => true) d;
SELECT is((d ->> 'updated') || (d -> 'records' -> 0 ->> 'state'), '1q', 'of one by condition') FROM pgwright.update_records_where('item', '{"n": 33}', '{"state": "q"}', dry_run => true) d;
SELECT is(pgwright.delete_records_where('item', '{"n": 33}', dry_run => true) ->> 'deleted', '1', 'of a deletion');
SELECT is(pgwright.bulk_delete_records('item', json_build_array(id(33)), dry_run => true) ->> 'deleted', '1', 'of one by ids');
SELECT is(errors(pgwright.bulk_create_records('item', '[{"n": 50}, {"n": null}]', true, true)), '[1] VALIDATION_ERROR n: is required', 'in part too');
SELECT is(items(), '33/new', 'and nothing of it stays');

-- Who may ----------------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('roles', '{"name": "single", "label": "Single"}') ->> 'id' AS single \gset
SELECT pgwright.grant_permission(:'single', p) FROM unnest('{item:read,item:create,item:update,item:delete}'::text[]) p \g /dev/null
SELECT pgwright.create_record('roles', '{"name": "author", "label": "Author"}') ->> 'id' AS author \gset
SELECT pgwright.grant_permission(:'author', p) FROM unnest('{item:read,item:create,item:update:own,item:delete:own,item:bulk}'::text[]) p \g /dev/null
SELECT become('nobody') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{single,author}'::text[]) r \g /dev/null
CREATE VIEW bulk (o, statement) AS VALUES
    (1, 'SELECT pgwright.bulk_create_records(''item'', ''[{"n": 1}]'')'), (2, format('SELECT pgwright.bulk_update_records(''item'', ''[{"id": "%s", "state": "s"}]'')', id(33))),
    (3, format('SELECT pgwright.bulk_delete_records(''item'', ''["%s"]'')', id(33))), (4, 'SELECT pgwright.update_records_where(''item'', ''{"n": 33}'', ''{"state": "s"}'')'), (5, 'SELECT pgwright.delete_records_where(''item'', ''{"n": 33}'')');
SELECT become(who) FROM unnest('{single}'::text[]) who \g /dev/null
SELECT is((error_of(statement) ->> 'message'), 'permission denied: item:bulk:tenant', 'bulk is a right of its own: ' || statement) FROM bulk ORDER BY o;
SELECT become('viewer') \g /dev/null
SELECT is(state_of(statement), 'PW403', 'a viewer does not: ' || statement) FROM bulk ORDER BY o;
SELECT become('author') \g /dev/null
SELECT is(state_of(statement), s, 'an author, of what is another''s: ' || statement) FROM bulk JOIN (VALUES (1, 'ok'), (2, 'PW403'), (3, 'PW403'), (4, 'PW403'), (5, 'PW403')) x (o, s) USING (o) ORDER BY o;
SELECT pgwright.bulk_update_records('item', json_build_array(json_build_object('id', id(33), 'state', 'mine'), json_build_object('id', id(1), 'state', 'mine')), partial => true) AS part \gset
SELECT is(counts(:'part', 'updated') || errors(:'part'), '1 1[0] PERMISSION_DENIED', 'in part he changes his own');
SELECT is(items(), '1/mine 33/new', 'and no other');
SELECT become('nobody') \g /dev/null
SELECT is(state_of(statement), 'PW401', 'nobody: ' || statement) FROM bulk ORDER BY o;

SELECT * FROM finish();
