-- A tour of the record functions: what is asked and what is answered.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('records');
SELECT pg_temp.publish('{"name":"company","default_sort_field":"name","fields":[
    {"name":"name","field_type":"string","is_required":true,"is_unique":true,"max_length":60},
    {"name":"country","field_type":"string","max_length":2,"is_indexed":true},
    {"name":"founded","field_type":"date"},
    {"name":"revenue","field_type":"currency"},
    {"name":"status","field_type":"string","default_value":"lead","allowed_values":["lead","customer"]}]}');

-- Create. The server gives what the caller does not: the id, stamps, defaults.
SELECT pgwright.create_record('company', '{"name":"Ada & Söhne","country":"DE","founded":"1999-12-31","revenue":1234567890123456789.10}') AS ada \gset
SELECT :'ada'::json ->> 'id' AS ada_id \gset
SELECT pg_temp.tidy(:'ada');
SELECT :'ada'::json -> 'data' ->> 'id' = :'ada_id' AS same_id,
       :'ada'::json -> 'data' ->> 'created_by' = pgwright.user_id()::text AS mine,
       :'ada'::json -> 'data' ->> 'created_at' = :'ada'::json -> 'data' ->> 'updated_at' AS new;

-- Read. An unknown id and one of another entity look the same.
SELECT pgwright.get_record('company', :'ada_id')::text = :'ada' AS as_created;
SELECT pg_temp.try($$SELECT pgwright.get_record('company', '00000000-0000-7000-8000-000000000000')$$);
SELECT pg_temp.try(format($$SELECT pgwright.get_record('company', %L)$$, pgwright.user_id()));
SELECT pg_temp.try($$SELECT pgwright.get_record('company', '12')$$);
SELECT pg_temp.try($$SELECT pgwright.get_record('nothing', '00000000-0000-7000-8000-000000000000')$$);

-- Change. Only what is given changes; null is a value; stamps are the server's.
SELECT pg_temp.tidy(pgwright.update_record('company', :'ada_id', '{"status":"customer","country":null}')::text);
SELECT pg_temp.tidy(pgwright.update_record('company', :'ada_id', '{}')::text);
SELECT pg_temp.try(format($$SELECT pgwright.update_record('company', %L, '{"created_at":"2000-01-01T00:00:00Z","id":"00000000-0000-7000-8000-000000000000"}')$$, :'ada_id'));

-- Many at once: all or none, ids in the order of the records.
SELECT pgwright.bulk_create_records('company', '[{"name":"Bolt","country":"FR","revenue":10},{"name":"Cog","country":"DE","status":"customer"},{"country":"FR","name":"Dynamo","revenue":30.5}]') AS bulk \gset
SELECT pg_temp.tidy(:'bulk');
SELECT i.n, pgwright.get_record('company', i.id) -> 'data' ->> 'name' AS name, pgwright.get_record('company', i.id) -> 'data' ->> 'status' AS status
  FROM json_array_elements_text(:'bulk'::json -> 'ids') WITH ORDINALITY AS i (id, n) ORDER BY i.n;
SELECT pg_temp.try($$SELECT pgwright.bulk_create_records('company', '[{"name":"Eel"},{"name":"Bolt"}]')$$);
SELECT pg_temp.try($$SELECT pgwright.bulk_create_records('company', '[{"name":"Eel"},{"country":"FRA"},7]')$$);
SELECT pg_temp.try($$SELECT pgwright.bulk_create_records('company', '[]')$$);
SELECT pg_temp.try($$SELECT pgwright.bulk_create_records('company', '{"name":"Eel"}')$$);
SELECT pg_temp.try($$SELECT pgwright.bulk_create_records('company', (SELECT json_agg(json_build_object('name', n)) FROM generate_series(1, 1001) n))$$);

-- List: pages and totals; the entity's own order unless another is asked for; the id ends every order.
CREATE FUNCTION pg_temp.names(list json) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s | total %s, page %s of %s, page_size %s',
                  coalesce((SELECT string_agg(i.item ->> 'name', ', ' ORDER BY i.n) FROM json_array_elements($1 -> 'items') WITH ORDINALITY AS i (item, n)), '-'),
                  $1 ->> 'total', $1 ->> 'page', $1 ->> 'pages', $1 ->> 'page_size')
$$;
SELECT pg_temp.names(pgwright.list_records('company'));
SELECT pg_temp.names(pgwright.list_records('company', page_size => 3));
SELECT pg_temp.names(pgwright.list_records('company', page => 2, page_size => 3));
SELECT pg_temp.names(pgwright.list_records('company', page => 9, page_size => 3));
SELECT pg_temp.names(pgwright.list_records('company', filters => '{"name":"Nobody"}'));
SELECT pg_temp.tidy(json_extract_path(pgwright.list_records('company', page_size => 1), 'items')::text) AS items;
SELECT sort, pg_temp.names(pgwright.list_records('company', sort => sort)) FROM unnest(ARRAY[
    'name:desc', '-name', 'revenue', 'revenue:desc', 'country:asc,name:desc', ' country : DESC , name ', 'created_at', 'id:desc']) AS s (sort);
SELECT pg_temp.try(format($$SELECT pgwright.list_records('company', sort => %L)$$, sort)) AS fault FROM unnest(ARRAY[
    'nothing', 'name:up', 'name,name', ',', 'name;drop table x']) AS s (sort);
SELECT pg_temp.try(format('SELECT pgwright.list_records(''company'', page => %s, page_size => %s)', page, size)) AS fault
  FROM (VALUES (0, 10), (1, 0), (-1, 101)) AS v (page, size);
SELECT pg_temp.names(pgwright.list_records('company', NULL, NULL, NULL, NULL)) AS nulls_are_defaults;

-- Delete, softly: the row stays and is out of sight, and its unique values are free again.
SELECT pgwright.delete_record('company', :'ada_id') ->> 'deleted' AS deleted;
SELECT pg_temp.try(format($$SELECT pgwright.get_record('company', %L)$$, :'ada_id'));
SELECT pg_temp.try(format($$SELECT pgwright.update_record('company', %L, '{"country":"AT"}')$$, :'ada_id'));
SELECT pg_temp.try(format($$SELECT pgwright.delete_record('company', %L)$$, :'ada_id'));
SELECT pg_temp.names(pgwright.list_records('company'));
SELECT name, deleted_at IS NOT NULL AS deleted, deleted_by = pgwright.user_id() AS by_me FROM t_records.company WHERE id = :'ada_id';
SELECT pg_temp.try($$SELECT pgwright.create_record('company', '{"name":"Ada & Söhne"}') -> 'data' ->> 'name'$$);

-- What the roles may do. The viewer sees the record, so is told that the right is missing.
SELECT pg_temp.new_user('viewer', 'records', 'viewer'), pg_temp.new_user('member', 'records', 'member');
SELECT pgwright.list_records('company', filters => '{"name":"Bolt"}') -> 'items' -> 0 ->> 'id' AS bolt_id \gset
SELECT pg_temp.become('viewer', 'records');
SELECT pg_temp.names(pgwright.list_records('company'));
SELECT pg_temp.try($$SELECT pgwright.create_record('company', '{"name":"Eel"}')$$);
SELECT pg_temp.try($$SELECT pgwright.bulk_create_records('company', '[{"name":"Eel"}]')$$);
SELECT pg_temp.try(format($$SELECT pgwright.update_record('company', %L, '{"country":"AT"}')$$, :'bolt_id'));
SELECT pg_temp.try(format($$SELECT pgwright.delete_record('company', %L)$$, :'bolt_id'));
SELECT pg_temp.try(format($$SELECT pgwright.delete_record('company', %L)$$, :'ada_id'));
SELECT pg_temp.become('member', 'records');
SELECT pg_temp.try(format($$SELECT pgwright.update_record('company', %L, '{"country":"AT"}') -> 'data' ->> 'country'$$, :'bolt_id'));
SELECT pg_temp.try($$SELECT pgwright.publish_entity('company')$$);

-- Another tenant has no such entity; nor has the anonymous caller, who is told to sign in.
SELECT pg_temp.new_tenant('elsewhere');
SELECT pg_temp.try($$SELECT pgwright.list_records('company')$$);
SET pgwright.token = '';
SELECT pg_temp.try($$SELECT pgwright.list_records('company')$$);
SET pgwright.token = 'eyJhbGciOiJub25lIn0.e30.';
SELECT pg_temp.try($$SELECT pgwright.list_records('company')$$);

-- Direct SQL stands under the same rules: the same rows, the same refusals, the same stamps.
SELECT pg_temp.become('member', 'records');
SET ROLE pgwright_user;
SELECT name, country FROM t_records.company WHERE deleted_at IS NULL ORDER BY name;
INSERT INTO t_records.company (name, created_by) VALUES ('Fuse', '00000000-0000-7000-8000-000000000000') RETURNING created_by = pgwright.user_id() AS by_me, status;
UPDATE t_records.company SET status = 'gone' WHERE name = 'Fuse';
RESET ROLE;
SELECT pg_temp.become('viewer', 'records');
SET ROLE pgwright_user;
SELECT count(*) FROM t_records.company WHERE deleted_at IS NULL;
INSERT INTO t_records.company (name) VALUES ('Gear');
WITH done AS (UPDATE t_records.company SET country = 'XX' RETURNING 1) SELECT count(*) AS updated FROM done;
WITH done AS (DELETE FROM t_records.company RETURNING 1) SELECT count(*) AS deleted FROM done;
RESET ROLE;
SELECT pg_temp.become('owner', 'elsewhere');
SET ROLE pgwright_user;
SELECT count(*) FROM t_records.company;
SET pgwright.token = '';
SELECT count(*) FROM t_records.company;
RESET ROLE;

-- The system's own entities are served by the same functions, and written by none of them.
SELECT pg_temp.become('owner', 'records');
SELECT pg_temp.names(pgwright.list_records('roles', sort => 'name'));
SELECT json_agg(i ->> 'email' ORDER BY i ->> 'email') AS emails FROM json_array_elements(pgwright.list_records('users') -> 'items') i;
SELECT string_agg(k, ' ') AS members_of_a_user FROM json_object_keys(pgwright.list_records('users') -> 'items' -> 0) k;
SELECT pg_temp.names(pgwright.list_records('tenants'));
SELECT pg_temp.try($$SELECT pgwright.list_records('signing_keys')$$);
SELECT pg_temp.outcome($$SELECT pgwright.create_record('sessions', '{}')$$);
