-- Imports: what goes in, what does not and why, whose right it is, and that a job goes on where it was.
\ir setup.psql
SELECT plan(73);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('dan', 'acme', 'data_manager') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann FROM actor WHERE name = 'ann' \gset
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "maker", "fields": [{"name": "title", "field_type": "string", "is_unique": true}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "fields": [
    {"name": "title", "field_type": "string", "is_required": true, "is_unique": true, "max_length": 20},
    {"name": "stock", "field_type": "integer", "default_value": 7, "min_value": 0},
    {"name": "price", "field_type": "currency"}, {"name": "active", "field_type": "boolean"}, {"name": "born", "field_type": "date"},
    {"name": "seen", "field_type": "datetime"}, {"name": "tags", "field_type": "array", "item_type": "string"},
    {"name": "extra", "field_type": "json"}, {"name": "note", "field_type": "rich_text"},
    {"name": "maker", "field_type": "lookup", "reference_entity": "maker"},
    {"name": "worth", "field_type": "currency", "is_calculated": true, "calculation_formula": "price * stock"}]}') \g /dev/null
SELECT pgwright.publish_entity(e) FROM unnest('{maker,item}'::text[]) e \g /dev/null
SELECT pgwright.create_record('maker', '{"title": "Oak Ltd"}') ->> 'id' AS maker \gset

-- What a job says: status and numbers.
CREATE FUNCTION outcome(job json) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', job ->> 'status', job ->> 'processed_rows', job ->> 'successful_rows', job ->> 'failed_rows')
$$;
CREATE FUNCTION errors(job json) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', e ->> 'line', nullif(e ->> 'field', '') || ':', e ->> 'message'), '; ' ORDER BY n)
      FROM json_array_elements(job -> 'error_details') WITH ORDINALITY AS x (e, n)
$$;
CREATE FUNCTION titles() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(title, ',' ORDER BY id), '') FROM t_acme.item
$$;
CREATE FUNCTION import(content text, mode text DEFAULT 'all', format text DEFAULT 'csv', mapping json DEFAULT NULL, options json DEFAULT NULL) RETURNS json LANGUAGE sql AS $$
    SELECT pgwright.import_records('item', convert_to(content, 'UTF8'), format => format, mode => mode, mapping => mapping, options => options)
$$;

-- At once ------------------------------------------------------------------------------------------------------

SELECT is(outcome(import(format(E'title,stock,price,active,born,seen,tags,extra,note,maker\r\nChair,1,2.50,yes,2024-02-29,2024-01-01T10:00:00+01:00,"[""a"",""b""]","{""x"": 1}",<b>x</b><script>y</script>,%s\r\n', :'maker'))),
    'completed 1 1 0', 'a value of each type goes in');
SELECT is((SELECT to_jsonb(i) - '{id,created_at,updated_at,created_by,updated_by,deleted_at,deleted_by,maker}'::text[] FROM t_acme.item i),
    '{"title": "Chair", "stock": 1, "price": 2.50, "active": true, "born": "2024-02-29", "seen": "2024-01-01T09:00:00+00:00", "tags": ["a", "b"],
      "extra": {"x": 1}, "note": "<b>x</b>", "worth": 2.50}'::jsonb, 'as create_record would have put it');
SELECT is((SELECT created_by = :'ann' AND updated_by = :'ann' AND created_at > now() - interval '1 minute' FROM t_acme.item), true, 'and stamped');

SELECT is(outcome(import(E'title,stock\nTable,x\nBed,-1\n,1\nChair,1\nA title of more than twenty characters,1\n')), 'failed 5 0 5', 'all: one bad row refuses them all');
SELECT is(titles(), 'Chair', 'and nothing is written');
SELECT is(outcome(import(E'title,stock\nTable,1\nChair,1\nBed,x\n')), 'failed 3 0 2', 'also when it is the database that refuses');
SELECT is(errors(import(E'title,stock\nTable,1\nChair,1\nBed,x\n')), '3 title: must be unique; 4 stock: must be an integer', 'each fault has its line and field');
SELECT is((SELECT error_message FROM pgwright.import_jobs ORDER BY created_at DESC, id DESC LIMIT 1), '2 rows are not valid; none was imported', 'the job says what that means');
SELECT is(titles(), 'Chair', 'still nothing is written');

SELECT is(outcome(import(E'title,stock\nTable,1\nChair,1\nBed,x\nBench,2\nTable,3\n', 'partial')), 'completed 5 2 3', 'partial: the good rows go in');
SELECT is(titles(), 'Chair,Table,Bench', 'in their order');
SELECT is((SELECT string_agg(concat_ws(' ', e.line, e.row_number, e.field, e.message), '; ' ORDER BY e.line) FROM pgwright.import_errors e
            WHERE job_id = (SELECT id FROM pgwright.import_jobs ORDER BY created_at DESC, id DESC LIMIT 1)),
    '3 2 title must be unique; 4 3 stock must be an integer; 6 5 title must be unique', 'the others are reported, repeats within the file too');
SELECT is(errors(import(format(E'title,maker\nLost,%s\nFound,%s\n', pgwright.uuid_v7(), :'maker'), 'partial')), '2 maker: refers to a record that does not exist', 'references are looked at');

SELECT is(outcome(import(E'title\nPlain\n')), 'completed 1 1 0', 'columns may be missing');
SELECT is((SELECT stock FROM t_acme.item WHERE title = 'Plain'), 7, 'then defaults hold');
SELECT is(outcome(import(E'title,stock\nNone,\n')), 'completed 1 1 0', 'an empty cell');
SELECT is((SELECT stock FROM t_acme.item WHERE title = 'None'), NULL, 'is no value');
SELECT is(outcome(import(E'{"title":"J1","stock":3}\n\n{"title":"J2"}\n{"title":"J3","stock":null}\n', 'all', 'jsonl')), 'completed 3 3 0', 'JSON lines');
SELECT is((SELECT string_agg(format('%s=%s', title, stock), ' ' ORDER BY title) FROM t_acme.item WHERE title LIKE 'J_'), 'J1=3 J2=7 J3=', 'where a default holds for what is not given');
SELECT is(outcome(import('[{"title":"A1","extra":{"a":[1,2]}},{"title":"A2","tags":["x"]}]', 'all', 'json')), 'completed 2 2 0', 'a JSON array');
SELECT is(outcome(import('[{"title":"B1"},{"title":', 'partial', 'json')), 'failed 1 1 0', 'an array that does not end');
SELECT is((SELECT error_message FROM pgwright.import_jobs ORDER BY created_at DESC, id DESC LIMIT 1), 'the array does not end', 'is told');
SELECT is(outcome(import(E'Name;Preis\nSofa;"1,50"\n', 'all', 'csv', '{"Name": "title", "Preis": "price"}', '{"decimal_comma": true}')), 'completed 1 1 0', 'another country''s file');
SELECT is((SELECT price FROM t_acme.item WHERE title = 'Sofa'), 1.50, 'is understood');
SELECT is(outcome(import(E'title\n')), 'completed 0 0 0', 'a file of a header only');
SELECT is(faults_of($$SELECT tests.import('')$$), 'PW400 content: the file is empty', 'an empty file is a fault');
SELECT is(faults_of($$SELECT tests.import(E'title,nope\nx,y\n')$$), 'PW400 mapping.nope: matches no field; map it, or map it to null to leave it out', 'so is a column that would vanish');
SELECT is(faults_of($$SELECT tests.import(E'title,worth\nx,1\n', mapping => '{"title":"title","worth":"worth"}')$$), 'PW400 mapping.worth: worth is calculated', 'and one that nobody writes');
SELECT is(faults_of($$SELECT pgwright.import_records('item', 'x', format => 'zip', mode => 'some', mapping => '[]', options => '{"x":1,"encoding":"latin1"}')$$),
    'PW400 format: must be one of: csv, jsonl, json; mode: must be one of: all, partial; mapping: must be an object of columns and fields; options.x: is not an option; options.encoding: must be UTF-8: nothing else is read or written',
    'every fault of a request is told');
SELECT is(faults_of($$SELECT pgwright.import_records('item', 'x')$$), 'PW400 format: is required: csv, jsonl or json, or a file_name that ends so', 'the format has to be known');
SELECT is(outcome(pgwright.import_records('item', E'\\xEFBBBF7469746c650a426f6d0a', 'a.csv')), 'completed 1 1 0', 'a byte order mark is no part of the first name');
SELECT is(errors(pgwright.import_records('item', E'\\x7469746c650a42fc6d0a', 'a.csv')), '2 is not UTF-8 at byte 2; save the file as UTF-8', 'Latin-1 is told');

-- By a job -------------------------------------------------------------------------------------------------------

SELECT pgwright.create_import_job('item', 'items.csv', mode => 'partial') ->> 'id' AS job \gset
SELECT is(pgwright.get_import_job(:'job') ->> 'status', 'pending', 'a job begins');
SELECT is((pgwright.add_import_data(:'job', E'title,sto') ->> 'total_bytes')::int, 9, 'takes bytes');
SELECT is(faults_of(format('SELECT pgwright.add_import_data(%L, %L, 5)', :'job', 'x')), 'PW409 offset: must be 9', 'which are not taken twice');
SELECT pgwright.add_import_data(:'job', convert_to(E'ck\n' || string_agg(format('Row %s,%s', i, CASE WHEN i % 100 = 0 THEN 'x' ELSE i::text END), E'\n' ORDER BY i) || E'\nRow 1,1', 'UTF8'), 9)
  FROM generate_series(1, 12000) i \g /dev/null
SELECT is(pgwright.preview_import_job(:'job', 1)::jsonb, '{"format": "csv", "delimiter": ",", "problems": [],
    "columns": [{"name": "title", "field": "title", "label": "Title", "field_type": "string"}, {"name": "stock", "field": "stock", "label": "Stock", "field_type": "integer"}],
    "rows": [{"line": 2, "data": {"title": "Row 1", "stock": "1"}, "errors": []}]}'::jsonb, 'shows what it would do');
SELECT is((pgwright.validate_import_job(:'job') -> 'validation')::jsonb, '{"total_rows": 12001, "valid_rows": 11880, "invalid_rows": 121}', 'is validated');
SELECT is((SELECT count(*) FROM t_acme.item WHERE title LIKE 'Row %'), 0::bigint, 'which writes nothing');
SELECT is(pgwright.list_import_errors(:'job', 1, 1) #>> '{items,0}', '{"line":101,"row_number":100,"field":"stock","message":"must be an integer"}', 'and tells the faults');
SELECT is((pgwright.list_import_errors(:'job') ->> 'total')::int, 121, 'all of them');
SELECT is(outcome(pgwright.run_import_job(:'job', 5000)), 'processing 5000 4950 50', 'a run imports a part');
SELECT is((SELECT count(*) FROM t_acme.item WHERE title LIKE 'Row %'), 4950::bigint, 'which is there');
SELECT is(faults_of(format('SELECT pgwright.add_import_data(%L, %L)', :'job', 'x')), 'PW409 ', 'a job under way takes no more bytes');
SELECT is(state_of(format('SELECT pgwright.update_import_job(%L, mode => %L)', :'job', 'all')), 'PW409', 'and is not changed');
SELECT is(state_of(format('SELECT pgwright.validate_import_job(%L)', :'job')), 'PW409', 'nor validated');
DO $$ BEGIN PERFORM pgwright.run_import_job((SELECT id::text FROM pgwright.import_jobs WHERE status = 'processing'), 5000); RAISE EXCEPTION 'undo'; EXCEPTION WHEN raise_exception THEN NULL; END $$;
SELECT is(outcome(pgwright.get_import_job(:'job')), 'processing 5000 4950 50', 'what a failed transaction did is undone with its progress');
SELECT is(outcome(pgwright.run_import_job(:'job', 5000)), 'processing 10000 9900 100', 'the job goes on');
SELECT is(outcome(pgwright.run_import_job(:'job')), 'completed 12001 11880 121', 'to its end');
SELECT is((SELECT format('%s %s %s', count(*), count(DISTINCT title), sum(stock)) FROM t_acme.item WHERE title LIKE 'Row %'), '11880 11880 71280000', 'no row is lost, none is there twice');
SELECT is(errors(json_build_object('error_details', (SELECT jsonb_agg(d) FROM (SELECT jsonb_build_object('line', line, 'field', field, 'message', message) d FROM pgwright.import_errors WHERE job_id = :'job' ORDER BY line DESC LIMIT 1) x))),
    '12002 title: must be unique', 'lines are counted through');
SELECT is((SELECT count(*) FROM pgwright.import_data), 0::bigint, 'a file that is in is deleted');
SELECT is(state_of(format('SELECT pgwright.run_import_job(%L)', :'job')), 'PW409', 'a job that is over is not run');

SELECT pgwright.create_import_job('item', 'x.csv') ->> 'id' AS job \gset
SELECT pgwright.add_import_data(:'job', E'Was,stock\nfixed,x\n') \g /dev/null
SELECT is((pgwright.preview_import_job(:'job') -> 'problems')::jsonb, '[{"field": "mapping.Was", "message": "matches no field; map it, or map it to null to leave it out"}, {"field": "title", "message": "is required, and no column gives it"}]',
    'a preview tells what is wrong with the mapping');
SELECT is((pgwright.preview_import_job(:'job') #> '{rows,0,errors}')::jsonb, '[{"field": "stock", "message": "must be an integer"}]', 'and with rows');
SELECT pgwright.update_import_job(:'job', mapping => '{"Was": "title", "stock": "stock"}') \g /dev/null
SELECT is(outcome(pgwright.run_import_job(:'job')), 'failed 1 0 1', 'a job that failed');
SELECT pgwright.update_import_job(:'job', mapping => '{"Was": "title"}') \g /dev/null
SELECT is(outcome(pgwright.run_import_job(:'job')), 'completed 1 1 0', 'is mended and run again');
SELECT pgwright.create_import_job('item', 'x.csv') ->> 'id' AS job \gset
SELECT pgwright.add_import_data(:'job', E'title\nnever\n') \g /dev/null
SELECT is(outcome(pgwright.cancel_import_job(:'job')), 'cancelled 0 0 0', 'a job is cancelled');
SELECT is(state_of(format('SELECT pgwright.run_import_job(%L)', :'job')), 'PW409', 'and then not run');

-- Whose right it is -----------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT is(outcome(import(E'title\nby bob\n')), 'completed 1 1 0', 'a member imports');
SELECT is(state_of(format('SELECT pgwright.get_import_job(%L)', :'job')), 'PW404', 'and sees no jobs of others');
SELECT is((pgwright.list_import_jobs() ->> 'total')::int, 1, 'only his own');
SELECT is(state_of(format('SELECT pgwright.run_import_job(%L)', 'nonsense')), 'PW404', 'what is no id is no job');
SELECT become('ann') \g /dev/null
SELECT ok((pgwright.list_import_jobs('item', 'completed', 1, 5) ->> 'total')::int > 5, 'whoever reads transfers sees the tenant''s');
SELECT ok((pgwright.list_records('import_jobs') ->> 'total')::int > 5, 'also as records');
SELECT is((pgwright.list_records('import_errors', filters => '{"line": 12002}') ->> 'total')::int, 1, 'and the errors');
SELECT become('vic') \g /dev/null
SELECT is(state_of($$SELECT tests.import(E'title\nx\n')$$), 'PW403', 'a viewer does not import');
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT tests.import(E'title\nx\n')$$), 'PW401', 'nor does nobody');
SELECT become('rob') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.cancel_import_job(%L)', :'job')), 'PW404', 'another tenant knows nothing of it');
SELECT is((pgwright.list_import_jobs() ->> 'total')::int, 0, 'and sees none');
SELECT become('ann') \g /dev/null
SELECT is(state_of($$SELECT pgwright.import_records('users', E'email\nx@y.z\n', 'a.csv')$$), 'PW403', 'what the record functions do not write no import writes');
SELECT pgwright.create_record('field_rules', json_build_object('role_id', md5('pgwright:role:member')::uuid, 'entity_id', (SELECT id FROM pgwright.entity_definitions WHERE name = 'item'),
    'field_id', (SELECT f.id FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id WHERE e.name = 'item' AND f.name = 'price'), 'mode', 'hidden')) \g /dev/null
SELECT become('bob') \g /dev/null
SELECT is(faults_of($$SELECT tests.import(E'title,price\nx,1\n')$$), 'PW400 mapping.price: matches no field; map it, or map it to null to leave it out', 'a hidden field does not exist for an import');
SELECT become('ann') \g /dev/null
SELECT is(pgwright.purge_transfers('1 day'), 0::bigint, 'nothing is old');
SELECT ok(pgwright.purge_transfers('-1 hour') > 5, 'what is old is deleted');
SELECT become('nobody') \g /dev/null
SELECT * FROM finish();
