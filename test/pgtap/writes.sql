-- Writes of one record: versions, replacing, restoring and purging, by a unique key, on trial; who may.
\ir setup.psql
SELECT no_plan();

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{owner,member,viewer}'::text[]) r \g /dev/null
SELECT become('owner') \g /dev/null
SELECT pgwright.create_entity('{"name": "company", "fields": [
    {"name": "name", "field_type": "string", "is_required": true},
    {"name": "code", "field_type": "string", "is_unique": true},
    {"name": "size", "field_type": "integer", "min_value": 0, "default_value": 7},
    {"name": "city", "field_type": "string"}, {"name": "zip", "field_type": "string"},
    {"name": "fixed", "field_type": "string", "is_readonly": true, "default_value": "F"},
    {"name": "parent", "field_type": "lookup", "reference_entity": "company"}],
    "indexes": [{"name": "place", "field_names": ["city", "zip"], "is_unique": true}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "note", "supports_soft_delete": false, "fields": [{"name": "body", "field_type": "string"}, {"name": "company", "field_type": "lookup", "reference_entity": "company"}]}') \g /dev/null
SELECT pgwright.publish_entity(e) FROM unnest('{company,note}'::text[]) e \g /dev/null

CREATE FUNCTION make(data text) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.create_record('company', data::json) ->> 'id' $$;
CREATE FUNCTION value(id text, field text) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.get_record('company', id) -> 'data' ->> field $$;
CREATE FUNCTION fault(statement text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$ SELECT tests.faults_of(format(statement, VARIADIC arguments)) $$;
CREATE FUNCTION live() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM t_acme.company WHERE deleted_at IS NULL $$;

-- Versions --------------------------------------------------------------------------------------------------

SELECT make('{"name": "A", "code": "a"}') AS a \gset
SELECT pgwright.record_tag('company', :'a') AS v1 \gset
SELECT matches(:'v1'::text, '^[0-9a-f]{16}$', 'a version''s tag is sixteen digits');
SELECT is(pgwright.record_tag('company', :'a'), :'v1', 'the same as long as the record is not changed');
SELECT is(pgwright.update_record('company', :'a', '{}', if_match => :'v1') -> 'data' ->> 'name', 'A', 'an update of nothing in the right version');
SELECT is(pgwright.record_tag('company', :'a'), :'v1', 'leaves it');
SELECT is(pgwright.update_record('company', :'a', '{"size": 1}', if_match => :'v1') -> 'data' ->> 'size', '1', 'an update of the right version');
SELECT pgwright.record_tag('company', :'a') AS v2 \gset
SELECT isnt(:'v2'::text, :'v1'::text, 'makes another one');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'company', :'a', '{"size": 2}', :'v1'), 'PW412 ', 'an update of a version that is gone is refused');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'company', :'a', '{}', :'v1'), 'PW412 ', 'one that changes nothing too');
SELECT is(fault('SELECT pgwright.delete_record(%L, %L, if_match => %L)', 'company', :'a', :'v1'), 'PW412 ', 'a deletion too');
SELECT is(value(:'a', 'size'), '1', 'and nothing was written');
SELECT is(pgwright.update_record('company', :'a', '{"size": 3}', if_match => format('"%s", W/"%s", "%s"', :'v1', :'v1', :'v2')) -> 'data' ->> 'size', '3', 'one of several tags is enough');
SELECT is(pgwright.update_record('company', :'a', '{"size": 4}', if_match => '*') -> 'data' ->> 'size', '4', '* is any version');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'company', :'a', '{"size": 5}', 'W/"' || pgwright.record_tag('company', :'a') || '"'), 'PW412 ', 'a weak tag is none to write by');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'company', :'a', '{"size": 5}', ''' OR true'), 'PW400 if_match: must be * or entity tags such as "0123456789abcdef"', 'what is no tag is refused');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'company', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', '{"size": 5}', :'v1'), 'PW404 ', 'no record, no version');
SELECT pgwright.update_record('company', :'a', '{"size": 1}') \g /dev/null
SELECT is(value(:'a', 'size') || (pgwright.record_tag('company', :'a') IN (:'v1', :'v2'))::text, '1false', 'a record changed back has a version of its own');

-- RETURNING tells the version that is stored, whatever triggers did to the row.
SELECT (r).headers ->> 'ETag' AS told FROM pgwright.http_update_record('company', :'a', '{"size": 2}') r \gset
SELECT is(format('"%s"', pgwright.record_tag('company', :'a')), :'told', 'the version that an update tells is the record''s');
SELECT (r).headers ->> 'ETag' AS told, (r).body ->> 'id' AS id FROM pgwright.http_create_record('company', '{"name": "E"}') r \gset
SELECT is(format('"%s"', pgwright.record_tag('company', :'id')), :'told', 'so is the one that a creation tells');
SELECT (r).headers ->> 'ETag' AS told FROM pgwright.http_upsert_record('company', '{"name": "A", "code": "a"}') r \gset
SELECT is(format('"%s"', pgwright.record_tag('company', :'a')), :'told', 'and the one of an upsert that changes');
SELECT matches(pgwright.record_tag('roles', (SELECT id::text FROM pgwright.roles WHERE name = 'owner')), '^[0-9a-f]{16}$', 'records of system entities have versions too');

-- A table with columns that are out of service is granted by columns.
SELECT pgwright.delete_field('note', 'body'); SELECT pgwright.publish_entity('note', allow_destructive => true) \g /dev/null
SELECT pgwright.create_record('note', '{}') ->> 'id' AS note \gset
SELECT matches(pgwright.record_tag('note', :'note'), '^[0-9a-f]{16}$', 'versions are told where columns are retired');

-- Replacing ---------------------------------------------------------------------------------------------------

SELECT make('{"name": "R", "code": "r", "size": 1, "city": "X", "zip": "1"}') AS r \gset
SELECT is((pgwright.update_record('company', :'r', '{"name": "S"}', replace => true)::jsonb -> 'data') - '{id,created_at,updated_at,created_by,updated_by}'::text[],
    '{"name": "S", "code": null, "size": 7, "city": null, "zip": null, "fixed": "F", "parent": null}', 'what a replacement does not give takes its default');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L, replace => true)', 'company', :'r', '{"size": 2, "fixed": "G"}'), 'PW400 fixed: is read-only; name: is required', 'what is required must be given');
SELECT is(value(:'r', 'size'), '7', 'else nothing is written');

-- Deleting, restoring, purging -----------------------------------------------------------------------------------

SELECT is(pgwright.delete_record('company', :'r')::jsonb, jsonb_build_object('id', :'r', 'deleted', true), 'a deletion answers the id');
SELECT is(fault('SELECT pgwright.get_record(%L, %L)', 'company', :'r'), 'PW404 ', 'and the record is gone');
SELECT is(fault('SELECT pgwright.update_record(%L, %L, %L)', 'company', :'r', '{"size": 1}'), 'PW404 ', 'also for writers');
SELECT is((pgwright.restore_record('company', :'r')::jsonb -> 'data') ->> 'name', 'S', 'until it is restored');
SELECT is((SELECT concat(deleted_at, deleted_by) FROM t_acme.company WHERE id = :'r'), '', 'without a mark');
SELECT is(fault('SELECT pgwright.restore_record(%L, %L)', 'company', :'r'), 'PW409 ', 'a live record is not restored');
SELECT is(fault('SELECT pgwright.purge_record(%L, %L)', 'company', :'r'), 'PW409 ', 'nor purged');
SELECT is(fault('SELECT pgwright.%I(%L, %L)', f, 'note', :'note'), 'PW400 ', f || '() needs soft delete') FROM unnest('{restore_record,purge_record}'::text[]) f;
SELECT is(fault('SELECT pgwright.%I(%L, %L)', f, 'company', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000'), 'PW404 ', f || '() of no record') FROM unnest('{restore_record,purge_record}'::text[]) f;
SELECT pgwright.update_record('company', :'r', '{"code": "taken"}') \g /dev/null
SELECT pgwright.delete_record('company', :'r') \g /dev/null
SELECT make('{"name": "T", "code": "taken"}') AS t \gset
SELECT is(fault('SELECT pgwright.restore_record(%L, %L)', 'company', :'r'), 'PW409 code: must be unique', 'a value that was taken meanwhile is in the way');
SELECT make(format('{"name": "child", "parent": "%s"}', :'t')) AS child \gset
SELECT pgwright.delete_record('company', id) FROM unnest(ARRAY[:'child', :'t']) id \g /dev/null
SELECT is(fault('SELECT pgwright.restore_record(%L, %L)', 'company', :'child'), 'PW409 parent: refers to a record that does not exist', 'so is a record referred to that is deleted');
SELECT is(fault('SELECT pgwright.purge_record(%L, %L)', 'company', :'t'), 'PW409 ', 'what is referred to is not purged');
SELECT is(pgwright.purge_record('company', :'child')::jsonb, jsonb_build_object('id', :'child', 'purged', true), 'what is deleted and not referred to is');
SELECT is(pgwright.purge_record('company', :'t')::jsonb ->> 'purged', 'true', 'then the other too');
SELECT is((SELECT count(*) FROM t_acme.company WHERE id IN (:'child', :'t')), 0::bigint, 'for good');

-- By a unique key ----------------------------------------------------------------------------------------------------

SELECT pgwright.upsert_record('company', '{"name": "U", "code": "u", "size": 1}') AS u \gset
SELECT is(:'u'::json ->> 'created', 'true', 'a record with a new key is created');
SELECT is((u ->> 'created') || (u ->> 'id' = :'u'::json ->> 'id') || (u -> 'data' ->> 'name') || (u -> 'data' ->> 'size'), 'falsetrueV1', 'with the same key it is changed, what is not given stays')
  FROM pgwright.upsert_record('company', '{"name": "V", "code": "u"}') u;
SELECT is(pgwright.upsert_record('company', '{"name": "W", "city": "Y", "zip": "2"}') ->> 'created', 'true', 'of several fields');
SELECT is(pgwright.upsert_record('company', '{"name": "W2", "city": "Y", "zip": "2", "code": "w"}', key) ->> 'created', 'false', format('key %s', key)) FROM unnest('{"city,zip","zip,city",place}'::text[]) key;
SELECT is(fault('SELECT pgwright.upsert_record(%L, %L)', 'company', '{"name": "x"}'), 'PW400 key: is required: the data gives no unique key', 'the data has to give a key');
SELECT is(fault('SELECT pgwright.upsert_record(%L, %L)', 'company', '{"name": "x", "code": "u", "city": "Y", "zip": "2"}'), 'PW400 key: is required: the data gives several unique keys', 'and one only, or it is named');
SELECT is(fault('SELECT pgwright.upsert_record(%L, %L, %L)', 'company', '{"name": "x", "code": "u"}', k), 'PW400 key: is no unique key of company', format('key %s', k)) FROM unnest(ARRAY['name', 'city', '', 'code,name', 'code) DO NOTHING --']) k;
SELECT is(fault('SELECT pgwright.upsert_record(%L, %L, %L)', 'company', '{"name": "x", "code": null}', 'code'), 'PW400 code: is required: it is part of the key', 'a key without a value');
SELECT is(fault('SELECT pgwright.upsert_record(%L, %L)', 'company', '{"code": "u", "size": -1}'), 'PW400 size: must be at least 0; name: is required', 'the data is checked as a new record''s');
SELECT pgwright.delete_record('company', :'u'::json ->> 'id') \g /dev/null
SELECT is((u ->> 'created') || (u ->> 'id' = :'u'::json ->> 'id'), 'truefalse', 'a deleted record has no key') FROM pgwright.upsert_record('company', '{"name": "U", "code": "u"}') u;

-- On trial ------------------------------------------------------------------------------------------------------------

SELECT live() AS live \gset
SELECT is((d ->> 'dry_run') || (d -> 'data' ->> 'name') || (d -> 'data' ->> 'size'), 'trueD7', 'a dry run tells the record') FROM pgwright.create_record('company', '{"name": "D"}', dry_run => true) d;
SELECT is((d ->> 'dry_run') || (d -> 'data' ->> 'size'), 'true99', 'of an update too') FROM pgwright.update_record('company', :'a', '{"size": 99}', dry_run => true) d;
SELECT is(pgwright.delete_record('company', :'a', dry_run => true)::jsonb - 'data', jsonb_build_object('dry_run', true, 'id', :'a', 'deleted', true), 'of a deletion');
SELECT is(pgwright.delete_record('company', :'a', dry_run => true) -> 'data' ->> 'name', 'A', 'with the record that would go');
SELECT is((d ->> 'created') || (d -> 'data' ->> 'code'), 'truedry', 'of an upsert') FROM pgwright.upsert_record('company', '{"name": "D", "code": "dry"}', dry_run => true) d;
SELECT is(fault('SELECT pgwright.create_record(%L, %L, true)', 'company', '{"name": "D", "code": "u"}'), 'PW409 code: must be unique', 'and what the database would say');
SELECT is(live() || value(:'a', 'size'), :'live' || '2', 'and nothing of it stays');

-- Who may ---------------------------------------------------------------------------------------------------------------

SELECT become('viewer') \g /dev/null
SELECT is(left(fault(s, :'a'), 5), 'PW403', s) FROM unnest(ARRAY['SELECT pgwright.update_record(''company'', %L, ''{"size": 1}'', replace => true)', 'SELECT pgwright.delete_record(''company'', %L, if_match => ''*'')',
    'SELECT pgwright.restore_record(''company'', %L)', 'SELECT pgwright.purge_record(''company'', %L)', 'SELECT pgwright.upsert_record(''company'', ''{"name": "x", "code": "u"}'')']) s;
SELECT is(left(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'company', :'a', '{"size": 1}', :'v1'), 5), 'PW403', 'who may not write learns nothing of versions');
SELECT become('nobody') \g /dev/null
SELECT is(state_of(format(s, :'a')), 'PW401', s) FROM unnest(ARRAY['SELECT pgwright.record_tag(''company'', %L)', 'SELECT pgwright.restore_record(''company'', %L)', 'SELECT pgwright.purge_record(''company'', %L)',
    'SELECT pgwright.upsert_record(''company'', ''{}'')', 'SELECT pgwright.http_get_record(''company'', %L)']) s;

-- Whoever writes his own.
SELECT become('owner') \g /dev/null
SELECT pgwright.create_record('roles', '{"name": "author", "label": "Author"}') ->> 'id' AS author \gset
SELECT pgwright.grant_permission(:'author', p) FROM unnest('{company:read,company:create,company:update:own,company:delete:own}'::text[]) p \g /dev/null
SELECT become('nobody') \g /dev/null
SELECT add_actor('author', 'acme', 'author') \g /dev/null
SELECT become('author') \g /dev/null
SELECT is(left(fault('SELECT pgwright.upsert_record(%L, %L)', 'company', '{"name": "mine", "code": "u"}'), 5), 'PW403', 'an upsert does not reach another''s record');
SELECT is(pgwright.upsert_record('company', '{"name": "mine", "code": "mine"}') ->> 'created', 'true', 'it makes one''s own');
SELECT is(pgwright.upsert_record('company', '{"name": "mine 2", "code": "mine"}') ->> 'created', 'false', 'and changes it');
SELECT is(left(fault('SELECT pgwright.update_record(%L, %L, %L, if_match => %L)', 'company', :'a', '{"size": 1}', pgwright.record_tag('company', :'a')), 5), 'PW403', 'another''s record in the right version is refused for the right');
SELECT is(left(fault('SELECT pgwright.restore_record(%L, %L)', 'company', :'r'), 5), 'PW403', 'nor is another''s restored');
SELECT is(left(fault('SELECT pgwright.purge_record(%L, %L)', 'company', :'r'), 5), 'PW403', 'nor purged');

SELECT * FROM finish();
