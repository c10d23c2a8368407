-- Records written together with those they are related to.
\ir setup.psql
SELECT no_plan();

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{owner,viewer}'::text[]) r \g /dev/null
SELECT become('owner') \g /dev/null
SELECT pgwright.create_entity('{"name": "company", "fields": [{"name": "name", "field_type": "string", "is_required": true, "is_unique": true}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "tag", "fields": [{"name": "label", "field_type": "string", "is_required": true}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "orders", "fields": [{"name": "number", "field_type": "string", "is_required": true, "is_unique": true}, {"name": "company_id", "field_type": "lookup", "reference_entity": "company", "is_required": true}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "line", "fields": [{"name": "order_id", "field_type": "lookup", "reference_entity": "orders", "is_required": true}, {"name": "pos", "field_type": "integer"}, {"name": "total", "field_type": "decimal", "min_value": 0},
    {"name": "code", "field_type": "string", "is_unique": true}]}') \g /dev/null
SELECT pgwright.create_relationship('{"name": "order_tags", "relationship_type": "many-to-many", "source_entity": "orders", "target_entity": "tag"}') \g /dev/null
SELECT pgwright.publish_entities((SELECT json_agg(name ORDER BY name) FROM pgwright.entity_definitions WHERE entity_type = 'custom' AND status = 'draft')) \g /dev/null

CREATE FUNCTION fault(statement text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$ SELECT tests.faults_of(format(statement, VARIADIC arguments)) $$;
CREATE FUNCTION lines() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(concat_ws('/', o.number, l.pos, l.total, l.code), ' ' ORDER BY o.number, l.pos) FROM t_acme.line l JOIN t_acme.orders o ON o.id = l.order_id WHERE l.deleted_at IS NULL $$;

-- Create -----------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('orders', '{"number": "O1", "company": {"name": "Acme"}, "line": [{"pos": 1, "total": 10}, {"pos": 2, "code": "c"}]}') AS o1 \gset
SELECT is(lines(), 'O1/1/10 O1/2/c', 'the lines are created with their order');
SELECT is((SELECT name FROM t_acme.company), 'Acme', 'and the company that it refers to');
SELECT is((:'o1'::json -> 'data' ->> 'company_id'), (SELECT id::text FROM t_acme.company), 'by its lookup');
SELECT is((SELECT string_agg(l ->> 'pos', ' ') FROM json_array_elements(:'o1'::json -> 'data' -> 'line') l) || (:'o1'::json -> 'data' -> 'company' ->> 'name'), '1 2Acme', 'the answer has them all');
SELECT pgwright.create_record('company', '{"name": "Beta", "orders": [{"number": "O2", "line": [{"pos": 1}, {"pos": 2}]}, {"number": "O3", "line": [{"pos": 1}]}, {"number": "O4"}]}') AS beta \gset
SELECT is(lines(), 'O1/1/10 O1/2/c O2/1 O2/2 O3/1', 'over two levels');
SELECT is((SELECT string_agg(json_array_length(o -> 'line')::text, ' ' ORDER BY n) FROM json_array_elements(:'beta'::json -> 'data' -> 'orders') WITH ORDINALITY x (o, n)), '2 1', 'told in the order they were given');
SELECT is(pgwright.bulk_create_records('orders', (SELECT json_agg(json_build_object('number', 'B' || i, 'company', json_build_object('id', :'beta'::json -> 'id'), 'line', json_build_array(json_build_object('pos', i)))) FROM generate_series(1, 3) i)) ->> 'created', '3', 'in bulk');
SELECT is(lines(), 'B1/1 B2/2 B3/3 O1/1/10 O1/2/c O2/1 O2/2 O3/1', 'each with its own');

-- Faults -----------------------------------------------------------------------------------------------------

SELECT is(fault('SELECT pgwright.create_record(%L, %L)', 'orders', data), f, f) FROM (VALUES
    (1, '{"company": {"name": "C"}, "line": [{"pos": 1}, {"total": -1, "size": 2}]}', 'PW400 number: is required; line[1].total: must be at least 0; line[1].size: is not a field of line'),
    (2, '{"number": "X", "company": {}, "line": {}}', 'PW400 line: must be an array; company.name: is required'),
    (3, '{"number": "X", "company": [], "line": [1, {"id": "x"}]}', 'PW400 company: must be an object; line[0]: must be an object; company_id: is required; line[1].id: must be a UUID'),
    (4, '{"number": "X", "company": {"name": "C"}, "company_id": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}', 'PW400 company: is given twice, also as company_id'),
    (5, '{"number": "X", "company": {"name": "C"}, "line": [{"order_id": null}]}', 'PW400 line[0].order_id: is given by the record that this one stands in'),
    (6, '{"number": "X", "company": {"name": "C"}, "line": [{"$delete": true}]}', 'PW400 line[0].id: is required'),
    (7, '{"number": "X", "company": {"name": "C"}, "line": [{"pos": 1, "code": "n"}, {"pos": 2, "code": "c"}]}', 'PW409 line[1].code: must be unique'),
    (8, '{"number": "X", "company": {"name": "Acme"}}', 'PW409 company.name: must be unique'),
    (9, '{"number": "X", "company": {"name": "C", "orders": [{"number": "Y", "company": {"name": "D", "orders": [{"number": "Z", "company": {"name": "E", "orders": [{"number": "ZZ"}]}}]}}]}}',
        'PW400 company.orders[0].company: is given by the record that this one stands in') ) AS x (n, data, f) WHERE n < 9 ORDER BY n;
SELECT is(fault('SELECT pgwright.bulk_create_records(%L, %L)', 'orders', '[{"number": "X", "company": {"name": "C"}}, {"number": "Y", "company": {"name": "Acme"}, "line": [{"total": "x"}]}]'), 'PW400 [1] line[0].total: must be a number', 'of a bulk by the record');
SELECT is((SELECT count(*) FROM t_acme.company), 2::bigint, 'nothing of what failed is there');

-- Update ------------------------------------------------------------------------------------------------------

SELECT id AS l1 FROM t_acme.line WHERE code = 'c' \gset
SELECT :'o1'::json ->> 'id' AS id \gset
SELECT is(pgwright.update_record('orders', :'id', json_build_object('line', json_build_array(json_build_object('id', :'l1', 'pos', 9), json_build_object('pos', 3)))) -> 'data' ->> 'number', 'O1', 'an update of lines alone');
SELECT is(lines(), 'B1/1 B2/2 B3/3 O1/1/10 O1/3 O1/9/c O2/1 O2/2 O3/1', 'changes, creates, and leaves what is not mentioned');
SELECT is(pgwright.update_record('orders', :'id', json_build_object('number', 'O1b', 'company', json_build_object('id', (SELECT id FROM t_acme.company WHERE name = 'Acme'), 'name', 'Acme Ltd'), 'line', json_build_array(json_build_object('id', :'l1', '$delete', true)))) -> 'data' -> 'company' ->> 'name', 'Acme Ltd', 'what is referred to may be changed');
SELECT is(lines(), 'B1/1 B2/2 B3/3 O1b/1/10 O1b/3 O2/1 O2/2 O3/1', 'and what refers be deleted');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L)', 'orders', :'id', json_build_object('line', json_build_array(json_build_object('id', (SELECT l.id FROM t_acme.line l JOIN t_acme.orders o ON o.id = order_id WHERE number = 'O3'), '$delete', true)))::text),
    'PW404 line[0].id: there is no such record here', 'but only through its own record');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L)', 'orders', :'id', '{"line": [{"id": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000", "pos": 1}]}'), 'PW404 line[0].id: there is no such record, or it may not be changed', 'what is not there');
SELECT pgwright.record_tag('orders', :'id') AS tag \gset
SELECT pgwright.update_record('orders', :'id', '{"number": "O1"}') \g /dev/null
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'orders', :'id', '{"line": [{"pos": 77}]}', :'tag'), 'PW412 ', 'a version that is gone');
SELECT is(lines(), 'B1/1 B2/2 B3/3 O1/1/10 O1/3 O2/1 O2/2 O3/1', 'undoes all of it');
SELECT is((d ->> 'dry_run') || (d -> 'data' -> 'line' -> 0 ->> 'pos'), 'true5', 'a dry run tells all of it') FROM pgwright.update_record('orders', :'id', '{"line": [{"pos": 5}]}', dry_run => true) d;
SELECT is(lines(), 'B1/1 B2/2 B3/3 O1/1/10 O1/3 O2/1 O2/2 O3/1', 'and leaves nothing');

-- Sets of updates ------------------------------------------------------------------------------------------------

CREATE FUNCTION company(wanted text) RETURNS text LANGUAGE sql AS $$ SELECT id::text FROM t_acme.company WHERE name = wanted $$;
CREATE FUNCTION order_id(wanted text) RETURNS text LANGUAGE sql AS $$ SELECT id::text FROM t_acme.orders WHERE number = wanted AND deleted_at IS NULL $$;
CREATE FUNCTION line_id(wanted text, at int) RETURNS text LANGUAGE sql AS $$ SELECT l.id::text FROM t_acme.line l JOIN t_acme.orders o ON o.id = l.order_id WHERE o.number = wanted AND l.pos = at AND l.deleted_at IS NULL $$;
CREATE FUNCTION answer(answer json) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', answer ->> 'created', answer ->> 'updated', answer ->> 'failed', (SELECT string_agg(format('[%s] %s', e ->> 'index', e ->> 'code') || coalesce((SELECT string_agg(concat(' ', d ->> 'field', ': ', d ->> 'message'), ';') FROM json_array_elements(e -> 'details') d), ''), ', ' ORDER BY o) FROM json_array_elements(answer -> 'errors') WITH ORDINALITY x (e, o))) $$;
SELECT is(answer(pgwright.bulk_update_records('orders', json_build_array(
    json_build_object('id', order_id('O2'), 'company', '{"name": "Gamma"}'::json, 'line', json_build_array(json_build_object('id', line_id('O2', 1), 'total', 1), json_build_object('id', line_id('O2', 2), '$delete', true), '{"pos": 3}'::json)),
    json_build_object('id', order_id('O3'), 'number', 'O3b', 'line', json_build_array('{"pos": 2, "total": 2}'::json)),
    json_build_object('id', order_id('O4'), 'number', 'O4b')))), '3 0', 'a set of updates with nested records');
SELECT is(lines(), 'B1/1 B2/2 B3/3 O1/1/10 O1/3 O2/1/1 O2/3 O3b/1 O3b/2/2', 'changes, deletes and creates of each');
SELECT is((SELECT c.name FROM t_acme.orders o JOIN t_acme.company c ON c.id = company_id WHERE number = 'O2'), 'Gamma', 'with what it refers to');
SELECT is(fault('SELECT pgwright.bulk_update_records(%L, %L)', 'orders', json_build_array(
    json_build_object('id', order_id('B1'), 'line', '[{"total": -1}]'::json), json_build_object('id', order_id('B2'), 'line', '[{"pos": 1}, {"total": "x", "size": 1}]'::json), json_build_object('line', '[]'::json, 'number', null))::text),
    'PW400 [0] line[0].total: must be at least 0; [1] line[1].total: must be a number; [1] line[1].size: is not a field of line; [2] number: is required; [2] id: is required', 'faults have the record''s index and a path');
SELECT is(fault('SELECT pgwright.bulk_update_records(%L, %L)', 'orders', json_build_array(
    json_build_object('id', order_id('B1'), 'line', '[{"pos": 5}]'::json), json_build_object('id', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', 'company', '{"name": "Lost"}'::json, 'line', '[{"pos": 1}]'::json), json_build_object('id', order_id('B2'), 'line', json_build_array(json_build_object('id', line_id('B3', 3), '$delete', true))))::text),
    'PW404 [1] id: there is no such record; [2] line[0].id: there is no such record here', 'what only the database knows too');
SELECT pgwright.bulk_update_records('orders', json_build_array(
    json_build_object('id', order_id('B1'), 'line', '[{"pos": 5, "code": "five"}]'::json), json_build_object('id', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', 'company', '{"name": "Lost"}'::json, 'line', '[{"pos": 1}]'::json),
    json_build_object('id', order_id('B2'), 'company', '{"name": "Delta"}'::json, 'line', '[{"pos": 1}, {"pos": 6, "code": "five"}]'::json), json_build_object('id', order_id('B3'), 'company', '{"name": "Delta"}'::json)), partial => true) AS part \gset
SELECT is(answer(:'part'), '2 2 [1] RESOURCE_NOT_FOUND id: there is no such record, [2] CONFLICT line[1].code: must be unique', 'in part');
SELECT is(company('Lost'), NULL, 'nothing of a record that failed is there');
SELECT is(lines(), 'B1/1 B1/5/five B2/2 B3/3 O1/1/10 O1/3 O2/1/1 O2/3 O3b/1 O3b/2/2', 'all of the others');
SELECT is(company('Delta') IS NOT NULL, true, 'with what they refer to');
SELECT is((d -> 'records' -> 0 ->> 'number') || lines(), 'B9B1/1 B1/5/five B2/2 B3/3 O1/1/10 O1/3 O2/1/1 O2/3 O3b/1 O3b/2/2', 'a dry run leaves nothing')
  FROM pgwright.bulk_update_records('orders', json_build_array(json_build_object('id', order_id('B1'), 'number', 'B9', 'line', '[{"pos": 9}]'::json)), dry_run => true) d;

-- By a unique key -----------------------------------------------------------------------------------------------------

SELECT is((u ->> 'created') || (u -> 'data' -> 'line' -> 1 ->> 'pos') || (u -> 'data' -> 'company' ->> 'name'), 'true2Epsilon', 'an upsert creates with nested records')
  FROM pgwright.upsert_record('orders', '{"number": "U1", "company": {"name": "Epsilon"}, "line": [{"pos": 1}, {"pos": 2}]}') u;
SELECT is((u ->> 'created') || (u ->> 'id' = order_id('U1')) || (u -> 'data' ->> 'company_id' = company('Gamma')), 'falsetruetrue', 'and changes')
  FROM pgwright.upsert_record('orders', json_build_object('number', 'U1', 'company', json_build_object('id', company('Gamma')), 'line', json_build_array(json_build_object('id', line_id('U1', 1), 'pos', 11), '{"pos": 3}'::json))) u;
SELECT is(lines() LIKE '%U1/2 U1/3 U1/11', true, 'what is there, what is new, and what is not mentioned stays');
SELECT is(fault('SELECT pgwright.upsert_record(%L, %L)', 'orders', '{"number": "U1", "company": {"name": "Zeta"}, "line": [{"pos": 1}, {"total": -1}]}'), 'PW400 line[1].total: must be at least 0', 'faults have paths');
SELECT is(fault('SELECT pgwright.upsert_record(%L, %L)', 'orders', '{"number": "U1", "company": {"name": "Zeta"}, "line": [{"pos": 1}, {"code": "five"}]}'), 'PW409 line[1].code: must be unique', 'of the database too');
SELECT is(company('Zeta'), NULL, 'and nothing of it is there');
SELECT is(answer(pgwright.bulk_upsert_records('orders', json_build_array(
    json_build_object('number', 'U2', 'company', '{"name": "Eta"}'::json, 'line', '[{"pos": 1}, {"pos": 2}]'::json, 'order_tags', '[{"label": "bulk"}]'::json),
    json_build_object('number', 'U1', 'company_id', company('Gamma'), 'line', json_build_array(json_build_object('id', line_id('U1', 11), '$delete', true), '{"pos": 4, "total": 4}'::json)),
    json_build_object('number', 'U3', 'company', json_build_object('id', company('Gamma'), 'name', 'Gamma'))))), '2 1 0', 'a set of upserts with nested records');
SELECT is((SELECT string_agg(w, ' ') FROM regexp_split_to_table(lines(), ' ') w WHERE w LIKE 'U%'), 'U1/2 U1/3 U1/4/4 U2/1 U2/2', 'each with its own');
SELECT is((SELECT string_agg(t.label, ' ') FROM t_acme.orders_tag x JOIN t_acme.tag t ON t.id = x.tag_id JOIN t_acme.orders o ON o.id = x.orders_id WHERE o.number = 'U2'), 'bulk', 'linked');
SELECT pgwright.bulk_upsert_records('orders', json_build_array(
    json_build_object('number', 'U4', 'company', '{"name": "Theta"}'::json, 'line', '[{"pos": 1}, {"pos": 2, "code": "five"}]'::json), json_build_object('number', 'U1', 'company', '{"name": "Iota"}'::json, 'line', '[{"pos": 5}]'::json),
    json_build_object('number', 'U5', 'company', '{"name": "Iota"}'::json, 'line', '[{"pos": "x"}]'::json), json_build_object('number', 'U1', 'company', '{"name": "Kappa"}'::json)), partial => true) AS part \gset
SELECT is(answer(:'part'), '0 1 3 [0] CONFLICT line[1].code: must be unique, [2] VALIDATION_ERROR line[0].pos: must be an integer, [3] VALIDATION_ERROR number: is given more than once, first in records[1]', 'in part');
SELECT is((SELECT string_agg(w, ' ') FROM regexp_split_to_table(lines(), ' ') w WHERE w LIKE 'U%') || coalesce(company('Theta'), company('Kappa'), ''), 'U1/2 U1/3 U1/4/4 U1/5 U2/1 U2/2', 'nothing of a record that failed is there');

-- Links ------------------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('tag', '{"label": "old"}') ->> 'id' AS tag_id \gset
SELECT is((SELECT string_agg(t ->> 'label', ' ') FROM json_array_elements(pgwright.update_record('orders', :'id', json_build_object('order_tags', json_build_array(json_build_object('id', :'tag_id'), json_build_object('label', 'new')))) -> 'data' -> 'order_tags') t), 'old new', 'records at the other end of a junction are linked');
SELECT pgwright.update_record('orders', :'id', json_build_object('order_tags', json_build_array(json_build_object('id', :'tag_id')))) \g /dev/null
SELECT is((SELECT count(*) FROM t_acme.orders_tag WHERE orders_id = :'id'), 2::bigint, 'once');

-- Who may -------------------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('roles', '{"name": "clerk", "label": "Clerk"}') ->> 'id' AS clerk \gset
SELECT pgwright.grant_permission(:'clerk', p) FROM unnest('{orders:read,orders:create,orders:update,line:read,line:create,company:read}'::text[]) p \g /dev/null
SELECT become('nobody') \g /dev/null
SELECT add_actor('clerk', 'acme', 'clerk') \g /dev/null
SELECT become('clerk') \g /dev/null
SELECT is(error_of(format('SELECT pgwright.create_record(%L, %L)', 'orders', '{"number": "K", "company": {"name": "K"}}')) ->> 'message', 'permission denied: company:create:tenant', 'each entity takes its own right');
SELECT is(error_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'orders', :'id', json_build_object('line', json_build_array(json_build_object('id', (SELECT max(id::text) FROM t_acme.line), 'pos', 1))))) ->> 'message', 'permission denied: line:update:tenant', 'to change');
SELECT is(error_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'orders', :'id', json_build_object('line', json_build_array(json_build_object('id', (SELECT max(id::text) FROM t_acme.line), '$delete', true))))) ->> 'message', 'permission denied: line:delete:tenant', 'to delete');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L)', 'orders', :'id', '{"order_tags": [{"label": "x"}]}'), 'PW400 order_tags: is not a field of orders', 'where one may not read there is no way');
SELECT is(pgwright.create_record('orders', json_build_object('number', 'K', 'company', json_build_object('id', (SELECT id FROM t_acme.company LIMIT 1)), 'line', '[{"pos": 1}]'::json)) -> 'data' -> 'line' -> 0 ->> 'pos', '1', 'what he may is done');

SELECT * FROM finish();
