-- Imports that change records which are there: by which key, what stays, what is refused and told, with whose rights;
-- and lookups that a file names by a field of the other entity.
\ir setup.psql
SELECT plan(84);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('dan', 'acme', 'data_manager') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "maker", "primary_field": "title", "fields": [{"name": "title", "field_type": "string"}, {"name": "vat", "field_type": "integer", "is_unique": true},
    {"name": "secret", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "fields": [
    {"name": "sku", "field_type": "string", "is_unique": true}, {"name": "title", "field_type": "string", "is_required": true, "max_length": 20},
    {"name": "stock", "field_type": "integer", "default_value": 7, "min_value": 0}, {"name": "price", "field_type": "currency"},
    {"name": "code", "field_type": "integer", "is_unique": true}, {"name": "maker", "field_type": "lookup", "reference_entity": "maker"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "part", "fields": [
    {"name": "a", "field_type": "string", "is_required": true}, {"name": "b", "field_type": "decimal", "is_required": true}, {"name": "c", "field_type": "string"}],
    "indexes": [{"name": "ab", "field_names": ["a", "b"], "is_unique": true}]}') \g /dev/null
SELECT pgwright.publish_entity(e) FROM unnest('{maker,item,part}'::text[]) e \g /dev/null

CREATE FUNCTION outcome(job json) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', job ->> 'status', job ->> 'processed_rows', job ->> 'inserted_rows', job ->> 'updated_rows', job ->> 'failed_rows')
$$;
CREATE FUNCTION errors(job json) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', e ->> 'line', nullif(e ->> 'field', '') || ':', e ->> 'message'), '; ' ORDER BY n)
      FROM json_array_elements(job -> 'error_details') WITH ORDINALITY AS x (e, n)
$$;
CREATE FUNCTION items() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', sku, title, stock, price, code), '; ' ORDER BY sku) FROM t_acme.item WHERE deleted_at IS NULL
$$;
CREATE FUNCTION import(content text, action text, key text DEFAULT NULL, mode text DEFAULT 'all', format text DEFAULT 'csv', mapping json DEFAULT NULL, entity text DEFAULT 'item') RETURNS json LANGUAGE sql AS $$
    SELECT pgwright.import_records(entity, convert_to(content, 'UTF8'), format => format, mode => mode, mapping => mapping, action => action, key => key)
$$;
CREATE FUNCTION latest() RETURNS json LANGUAGE sql AS $$ SELECT pgwright.list_import_jobs(page_size => 1) #> '{items,0}' $$;

-- Upsert ----------------------------------------------------------------------------------------------------------

SELECT is(outcome(import(E'sku,title,stock\na,Chair,1\nb,Table,2\n', 'upsert')), 'completed 2 2 0 0', 'what is not there goes in');
SELECT is(outcome(import(E'sku,title,price\nb,Desk,5.50\nc,Bed,9\n', 'upsert')), 'completed 2 1 1 0', 'what is there is changed, and counted apart');
SELECT is(items(), 'a Chair 1; b Desk 2 5.50; c Bed 7 9', 'fields that the file does not give stay, or take their default');
SELECT is((SELECT successful_rows FROM pgwright.import_jobs ORDER BY created_at DESC, id DESC LIMIT 1), 2::bigint, 'both are successful');
SELECT is(import(E'sku,title\na,Chair\n', 'upsert') ->> 'action', 'upsert', 'the job says what it does');
SELECT is(outcome(import(E'{"sku":"a","title":"Chair","stock":4}\n{"sku":"b","title":"Desk"}\n{"sku":"d","title":"Sofa"}\n{"sku":"c","title":"Bed","price":null}\n', 'upsert', 'sku', 'all', 'jsonl')),
    'completed 4 1 3 0', 'records of a JSON file give what they like');
SELECT is(items(), 'a Chair 4; b Desk 2 5.50; c Bed 7; d Sofa 7', 'and each changes that alone, a null included');
SELECT is(outcome(import(E'sku,title\na,X\nb,Y\na,Z\nz,New\nz,Again\n', 'upsert', NULL, 'partial')), 'completed 5 1 2 2', 'rows that repeat a key are refused');
SELECT is(errors(latest()), '4 sku: repeats the key of line 2; 6 sku: repeats the key of line 5', 'by line, with the line that counts');
SELECT is(items(), 'a X 4; b Y 2 5.50; c Bed 7; d Sofa 7; z New 7', 'the first one counts');
SELECT is(outcome(import(E'sku,title\na,Q\nn,N\na,R\n', 'upsert')), 'failed 3 0 0 1', 'all or nothing');
SELECT is(items(), 'a X 4; b Y 2 5.50; c Bed 7; d Sofa 7; z New 7', 'is nothing then');
SELECT is(outcome(import(E'sku,title\na,Chair\n,None\nb,A title of more than twenty characters\nc,\n', 'upsert', NULL, 'partial')), 'completed 4 0 1 3', 'rows are checked as for an insert');
SELECT is(errors(latest()), '3 sku: is required: it is part of the key; 4 title: must be at most 20 characters; 5 title: is required', 'and must have their key');
SELECT is(outcome(import(E'sku,title,stock\na,Chair,-1\nm,Mat,-1\nb,Desk,3\n', 'upsert', NULL, 'partial')), 'completed 3 0 1 2', 'what breaks a rule is refused');
SELECT is(outcome(import(E'code,sku,title\n1,a,Chair\n2,b,Desk\n', 'upsert', 'sku')), 'completed 2 0 2 0', 'of several keys one is named');
SELECT is(outcome(import(E'code,sku,title\n2,a,Chair\n3,c,Bed\n4,b,Desk\n', 'upsert', 'sku', 'partial')), 'completed 3 0 2 1', 'the others still have to be unique');
SELECT is(errors(latest()), '2 code: must be unique', 'and are told');
SELECT is(faults_of($$SELECT tests.import(E'code,sku,title\n1,a,Chair\n', 'upsert')$$), 'PW400 key: is required: the data gives several unique keys', 'which one cannot be guessed');
SELECT is(faults_of($$SELECT tests.import(E'title\nChair\n', 'upsert')$$), 'PW400 key: is required: the data gives no unique key', 'without one there is no upsert');
SELECT is(faults_of($$SELECT tests.import(E'title\nChair\n', 'upsert', 'sku')$$), 'PW400 sku: is required: it is part of the key, and no column gives it', 'its columns must be there');
SELECT is(faults_of($$SELECT tests.import(E'sku,title\na,Chair\n', 'upsert', 'title')$$), 'PW400 key: is no unique key of item', 'what is not unique is no key');
SELECT is(faults_of($$SELECT pgwright.create_import_job('item', 'a.csv', action => 'upsert', key => 'nope')$$), 'PW400 key: is no unique key of item', 'which a job is told at once');
SELECT is(faults_of($$SELECT tests.import(E'sku,title\na,Chair\n', 'insert', 'sku')$$), 'PW400 key: is for action upsert or update alone', 'an insert has no key');
SELECT is(faults_of($$SELECT tests.import(E'sku,title\na,Chair\n', 'merge')$$), 'PW400 action: must be one of: insert, upsert, update', 'an action that is none');
SELECT is(outcome(import(E'a,b,c\nx,1,one\nx,2,two\nx,1.0,three\n', 'upsert', 'a,b', 'partial', entity => 'part')), 'completed 3 2 0 1', 'keys of several fields; equal is what the type says');
SELECT is(outcome(import(E'b,a,c\n1.00,x,uno\n', 'upsert', 'ab', entity => 'part')), 'completed 1 0 1 0', 'named by their index');
SELECT is((SELECT string_agg(c, ' ' ORDER BY b) FROM t_acme.part), 'uno two', 'and found');
SELECT pgwright.delete_record('item', (SELECT id FROM t_acme.item WHERE sku = 'z')::text) \g /dev/null
SELECT is(outcome(import(E'sku,title\nz,Fresh\n', 'upsert')), 'completed 1 1 0 0', 'a deleted record is not there');

-- Update ----------------------------------------------------------------------------------------------------------

SELECT is(outcome(import(E'sku,stock\na,10\nb,20\n', 'update')), 'completed 2 0 2 0', 'an update need not give what is required');
SELECT is(items(), 'a Chair 10 1; b Desk 20 5.50 4; c Bed 7 3; d Sofa 7; z Fresh 7', 'and changes what it gives');
SELECT is(outcome(import(E'sku,stock\na,11\nnope,1\nb,21\n', 'update', NULL, 'partial')), 'completed 3 0 2 1', 'it makes no records');
SELECT is(errors(latest()), '3 sku: no record has this key', 'and tells which are missing');
SELECT is(outcome(import(E'sku,stock\na,12\nnope,1\n', 'update')), 'failed 2 0 0 1', 'all or nothing');
SELECT is(items(), 'a Chair 11 1; b Desk 21 5.50 4; c Bed 7 3; d Sofa 7; z Fresh 7', 'is nothing');
SELECT is(outcome(import(E'sku,stock\na,1\na,2\n', 'update', NULL, 'partial')), 'completed 2 0 1 1', 'repeats are refused');
SELECT is((SELECT stock FROM t_acme.item WHERE sku = 'a'), 1, 'and the first one counts');
SELECT is(outcome(import(E'id,sku\n' || string_agg(id || ',new ' || sku, E'\n'), 'update')), 'completed 5 0 5 0', 'a record is named by its id, which nobody writes')
  FROM t_acme.item WHERE deleted_at IS NULL LIMIT 1;
SELECT is((SELECT string_agg(sku, ',' ORDER BY sku) FROM t_acme.item WHERE deleted_at IS NULL), 'new a,new b,new c,new d,new z', 'so its other keys change');
SELECT is(outcome(import(E'id,sku\n' || string_agg(id || ',' || substr(sku, 5), E'\n'), 'update')), 'completed 5 0 5 0', 'and back') FROM t_acme.item WHERE deleted_at IS NULL;
SELECT is(outcome(import(E'{"sku":"a","price":3}\n{"sku":"b","stock":22}\n', 'update', 'sku', 'all', 'jsonl')), 'completed 2 0 2 0', 'JSON records change what they give');
SELECT is(items(), 'a Chair 1 3 1; b Desk 22 5.50 4; c Bed 7 3; d Sofa 7; z Fresh 7', 'and nothing else');
SELECT is(faults_of($$SELECT tests.import(E'sku\na\n', 'update')$$), 'PW400 mapping: gives the key alone, and nothing to change', 'there must be something to change');

-- By a job ----------------------------------------------------------------------------------------------------------

SELECT pgwright.create_import_job('item', 'items.csv', mode => 'partial', action => 'upsert', key => 'sku') ->> 'id' AS job \gset
SELECT pgwright.add_import_data(:'job', convert_to(E'sku,title,stock\n' || string_agg(format('%s,Row %s,%s', CASE i WHEN 9000 THEN 'r1' WHEN 1 THEN 'a' ELSE 'r' || i % 10000 END, i, i), E'\n' ORDER BY i), 'UTF8')) FROM generate_series(1, 12000) i \g /dev/null
SELECT is((pgwright.preview_import_job(:'job', 2) -> 'rows')::jsonb, '[{"line": 2, "data": {"sku": "a", "title": "Row 1", "stock": "1"}, "action": "update", "errors": []},
    {"line": 3, "data": {"sku": "r2", "title": "Row 2", "stock": "2"}, "action": "insert", "errors": []}]'::jsonb, 'a preview says which records are there');
SELECT is((pgwright.validate_import_job(:'job') -> 'validation')::jsonb, '{"total_rows": 12000, "valid_rows": 10000, "invalid_rows": 2000, "new_rows": 9999, "changed_rows": 1}', 'so does a validation');
SELECT is(outcome(pgwright.run_import_job(:'job', 9500)), 'processing 9500 9499 1 0', 'a part');
SELECT is((SELECT count(*) FROM pgwright.import_keys), 9500::bigint, 'whose keys are kept');
SELECT is(outcome(pgwright.run_import_job(:'job')), 'completed 12000 9999 1 2000', 'the rest knows them');
SELECT is(pgwright.list_import_errors(:'job', 1, 1) #>> '{items,0}', '{"line":10002,"row_number":10001,"field":"sku","message":"repeats the key of line 9001"}', 'and tells the line of another run');
SELECT is((SELECT count(*) FROM pgwright.import_keys), 0::bigint, 'nothing of it is left');
SELECT pgwright.create_import_job('item', 'items.csv', action => 'update', key => 'code') ->> 'id' AS job \gset
SELECT pgwright.add_import_data(:'job', E'sku,stock\na,1\nnope,2\na,3\n') \g /dev/null
SELECT is((pgwright.preview_import_job(:'job') -> 'problems')::jsonb, '[{"field": "code", "message": "is required: it is part of the key, and no column gives it"}]', 'a preview tells what is wrong with the key');
SELECT is(faults_of(format('SELECT pgwright.update_import_job(%L, key => %L)', :'job', 'stock')), 'PW400 key: is no unique key of item', 'a wrong key is not taken');
SELECT is(pgwright.update_import_job(:'job', key => 'sku') ->> 'key', 'sku', 'a right one is');
SELECT is((SELECT string_agg(concat_ws(' ', r ->> 'line', r ->> 'action', r #>> '{errors,0,message}'), '; ') FROM json_array_elements(pgwright.preview_import_job(:'job') -> 'rows') r),
    '2 update; 3 no record has this key; 4 repeats the key of line 2', 'and the rows show it');

-- Lookups by a field of the other entity -----------------------------------------------------------------------------

SELECT pgwright.create_record('maker', m) FROM unnest('{"{\"title\": \"Oak\", \"vat\": 1}","{\"title\": \"Elm\", \"vat\": 2}","{\"title\": \"Elm\", \"vat\": 3}","{\"title\": \"Ash\", \"vat\": 4}"}'::json[]) m \g /dev/null
CREATE FUNCTION made() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', i.title, m.vat), '; ' ORDER BY i.title) FROM t_acme.item i LEFT JOIN t_acme.maker m ON m.id = i.maker WHERE i.title LIKE 'L%'
$$;
SELECT is(outcome(import(E'title,Made by\nL1,Oak\nL2,Ash\nL3,\n', 'insert', mapping => '{"title": "title", "Made by": "maker.title"}')), 'completed 3 3 0 0', 'a column may name a lookup''s record by another field');
SELECT is(made(), 'L1 1; L2 4; L3', 'which is found');
SELECT is(outcome(import(E'title,maker.vat\nL4,2\n', 'insert')), 'completed 1 1 0 0', 'as a header too');
SELECT is(outcome(import(E'title,maker.title\nL5,Oak\nL6,Pine\nL7,Elm\nL8,Ash\n', 'insert', mode => 'partial')), 'completed 4 2 0 2', 'values that find nothing or too much');
SELECT is(errors(latest()), '3 maker.title: there is no maker with the title "Pine"; 4 maker.title: 2 records of maker have the title "Elm"', 'are told by line');
SELECT is(outcome(import(E'title,maker.title\nL9,Oak\nLX,Pine\n', 'insert')), 'failed 2 0 0 1', 'all or nothing holds for them');
SELECT is(outcome(import(E'title,maker.vat\nLY,x\n', 'insert', mode => 'partial')), 'completed 1 0 0 1', 'values are those of the field');
SELECT is(errors(latest()), '2 maker.vat: must be an integer', 'and checked as such');
SELECT is(outcome(import(E'{"sku":"a","maker.title":"Ash"}\n', 'update', 'sku', 'all', 'jsonl')), 'completed 1 0 1 0', 'JSON lines and updates do it too');
SELECT is((SELECT m.title FROM t_acme.item i JOIN t_acme.maker m ON m.id = i.maker WHERE i.sku = 'a'), 'Ash', 'and find it');
SELECT pgwright.create_import_job('item', 'x.csv') ->> 'id' AS job \gset
SELECT pgwright.add_import_data(:'job', E'title,maker.title\nP1,Oak\nP2,Pine\n') \g /dev/null
SELECT is((pgwright.preview_import_job(:'job') -> 'rows')::jsonb, '[{"line": 2, "data": {"title": "P1", "maker": "Oak"}, "errors": []},
    {"line": 3, "data": {"title": "P2", "maker": "Pine"}, "errors": [{"field": "maker.title", "message": "there is no maker with the title \"Pine\""}]}]'::jsonb, 'a preview looks as well');

-- Whose right it is ---------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('roles', '{"name": "clerk", "label": "Clerk"}') ->> 'id' AS clerk \gset
SELECT pgwright.grant_permission(:'clerk', p) FROM unnest('{item:read:tenant,item:update:own,item:bulk:tenant}'::text[]) p \g /dev/null
SELECT add_actor('cleo', 'acme', 'clerk') \g /dev/null
SELECT user_id AS cleo FROM actor WHERE name = 'cleo' \gset
SET session_replication_role = replica;  -- else the author stays
UPDATE t_acme.item SET created_by = :'cleo' WHERE sku = 'b';
UPDATE t_acme.maker SET created_by = :'cleo' WHERE vat IN (2, 4);
RESET session_replication_role;
SELECT become('cleo') \g /dev/null
SELECT is(state_of($$SELECT tests.import(E'sku,title\na,Chair\n', 'upsert')$$), 'PW403', 'an upsert takes the right to create');
SELECT is(state_of($$SELECT tests.import(E'sku,title\na,Chair\n', 'insert')$$), 'PW403', 'and an insert');
SELECT is(outcome(import(E'sku,stock\na,77\nb,78\nnope,79\n', 'update', mode => 'partial')), 'completed 3 0 1 2', 'an update does not, and writes what the caller may write');
SELECT is(errors(latest()), '2 permission denied: item:update of this record; 4 sku: no record has this key', 'what he sees and may not change is told apart');
SELECT is((SELECT string_agg(stock::text, ' ' ORDER BY sku) FROM t_acme.item WHERE sku IN ('a', 'b')), '1 78', 'and stays');
SELECT is(faults_of($$SELECT tests.import(E'sku,maker.title\nb,Oak\n', 'update')$$), 'PW400 mapping.maker.title: matches no field; map it, or map it to null to leave it out', 'an entity that one may not read is no way to a lookup');
SELECT become('ann') \g /dev/null
SELECT pgwright.grant_permission(:'clerk', 'maker:read:own') \g /dev/null
SELECT become('cleo') \g /dev/null
SELECT is(outcome(import(E'sku,maker.title\nb,Elm\n', 'update')), 'completed 1 0 1 0', 'of two of a name the one that the caller sees is found');
SELECT is(outcome(import(E'sku,maker.title\nb,Oak\n', 'update')), 'failed 1 0 0 1', 'and none that he does not see');
SELECT is(errors(latest()), '2 maker.title: there is no maker with the title "Oak"', 'as if it were not there');
SELECT become('ann') \g /dev/null
SELECT pgwright.create_record('field_rules', json_build_object('role_id', :'clerk', 'mode', m, 'entity_id', e.id, 'field_id', f.id, 'mask', k))
  FROM (VALUES ('item', 'price', 'write_once', NULL), ('item', 'title', 'readonly', NULL), ('maker', 'vat', 'masked', 'hash'), ('maker', 'secret', 'hidden', NULL)) v (entity, field, m, k)
  JOIN pgwright.entity_definitions e ON e.name = v.entity JOIN pgwright.field_definitions f ON f.entity_id = e.id AND f.name = v.field \g /dev/null
SELECT become('cleo') \g /dev/null
SELECT is(faults_of($$SELECT tests.import(E'sku,title\nb,x\n', 'update', mapping => '{"sku": "sku", "title": "title"}')$$), 'PW400 mapping.title: title is read-only', 'what a rule keeps from the caller no import writes');
SELECT is(outcome(import(E'sku,price,stock\nb,5.5,1\nb2,1,1\n', 'update', mode => 'partial')), 'completed 2 0 1 1', 'what is written once may be given as it is');
SELECT is(outcome(import(E'sku,price,stock\nb,6,2\n', 'update')), 'failed 1 0 0 1', 'and not otherwise');
SELECT is(errors(latest()), '2 price: is written once and has a value', 'which is told');
SELECT become('ann') \g /dev/null
SELECT pgwright.grant_permission(:'clerk', 'item:create:tenant') \g /dev/null
SELECT pgwright.grant_permission(:'clerk', 'item:update:tenant') \g /dev/null
DELETE FROM pgwright.field_rules WHERE mode = 'readonly';
SELECT become('cleo') \g /dev/null
SELECT is(outcome(import(E'sku,title,price\nu1,New,1\nb,Desk,6\nu2,New,1\nu1,New,2\n', 'upsert', 'sku', 'partial')), 'completed 4 2 0 2', 'an upsert holds to it too');
SELECT is(errors(latest()), '3 price: is written once and has a value; 5 sku: repeats the key of line 2', 'and finds the row');
SELECT is(outcome(import(E'{"sku":"u1","title":"Old"}\n{"sku":"u2","title":"New","price":2}\n{"sku":"u3","title":"New","price":2}\n', 'upsert', 'sku', 'partial', 'jsonl')), 'completed 3 1 1 1', 'of each row what it gives');
SELECT is(faults_of($$SELECT tests.import(E'sku,s\nb,1\n', 'update', mapping => '{"sku": "sku", "s": "maker.secret"}')$$), 'PW400 mapping.s: maker.secret is not a field of item', 'records are not found by a hidden field');
SELECT is(faults_of($$SELECT tests.import(E'sku,s\nb,1\n', 'update', mapping => '{"sku": "sku", "s": "maker.vat"}')$$), 'PW400 mapping.s: records are not found by vat of maker', 'nor by a masked one');
SELECT become('vic') \g /dev/null
SELECT is(state_of($$SELECT tests.import(E'sku,stock\na,1\n', 'update')$$), 'PW403', 'a viewer updates nothing');
SELECT become('nobody') \g /dev/null
SELECT * FROM finish();
