-- Who wrote a record and when, soft and hard deletes, references, and the catalog's own records.
\ir setup.psql
SELECT plan(67);
SELECT make_role('pgwright_tap_stamps', '{pgwright_user}') \g /dev/null

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS ann FROM actor WHERE name = 'ann' \gset
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset
SELECT become('rob') \g /dev/null
SELECT pgwright.create_entity('{"name": "theirs", "fields": [{"name": "a", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.publish_entity('theirs') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "company", "fields": [{"name": "title", "field_type": "string", "is_unique": true}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "contact", "supports_soft_delete": false, "fields": [{"name": "title", "field_type": "string"},
    {"name": "employer", "field_type": "lookup", "reference_entity": "company"}, {"name": "boss", "field_type": "lookup", "reference_entity": "contact"},
    {"name": "keeper", "field_type": "lookup", "reference_entity": "users"}]}') \g /dev/null
SELECT pgwright.publish_entity(e) FROM unnest('{company,contact}'::text[]) e \g /dev/null
CREATE FUNCTION stamps(entity text, title text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT concat_ws('' '', c.name, u.name, r.created_at > now() - interval ''1 minute'', r.updated_at > now() - interval ''1 minute'')
        FROM t_acme.%I r LEFT JOIN tests.actor c ON c.user_id = r.created_by LEFT JOIN tests.actor u ON u.user_id = r.updated_by WHERE title = $1', entity) INTO found USING title;
    RETURN found;
END $$;

-- Stamps ------------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('company', '{"title": "Acme"}') ->> 'id' AS id \gset
SELECT is(stamps('company', 'Acme'), 'ann ann t t', 'a record says who made it');
SELECT become('bob') \g /dev/null
SELECT pgwright.update_record('company', :'id', '{"title": "Acme 2"}') \g /dev/null
SELECT is(stamps('company', 'Acme 2'), 'ann bob t t', 'and who changed it last');
SELECT is(faults_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'company', :'id', json_build_object('updated_by', :'ann', 'created_at', '2000-01-01'))),
    'PW400 updated_by: is read-only; created_at: is read-only', 'a payload cannot say otherwise');
SELECT pgwright.bulk_create_records('company', '[{"title": "Bulk"}]') \g /dev/null
SELECT is(stamps('company', 'Bulk'), 'bob bob t t', 'a bulk is stamped too');
SELECT is(error_of(as_role('pgwright_tap_stamps', format($$INSERT INTO t_acme.company (title, created_by, updated_by, created_at, updated_at)
    VALUES ('Direct', %L, %L, '2000-01-01', '2000-01-01')$$, :'ann', :'ann'))), NULL, 'direct SQL may give stamps');
SELECT is(stamps('company', 'Direct'), 'bob bob t t', 'but not forge them');
SELECT is(error_of(as_role('pgwright_tap_stamps', format($$UPDATE t_acme.company SET title = 'Acme 3', id = pgwright.uuid_v7(), created_by = %L, updated_by = %L,
    created_at = '2000-01-01', updated_at = '2000-01-01' WHERE id = %L$$, :'bob', :'ann', :'id'))), NULL, 'nor in an update');
SELECT is(stamps('company', 'Acme 3'), 'ann bob t t', 'who made a record stays');
SELECT is(pgwright.get_record('company', :'id') -> 'data' ->> 'title', 'Acme 3', 'and so does its id');
SELECT become('nobody') \g /dev/null
INSERT INTO t_acme.company (title, created_by) VALUES ('Maintained', :'ann');
SELECT is(stamps('company', 'Maintained'), 'ann t t', 'maintenance without an identity may say who made a record');
INSERT INTO t_acme.company (title, created_by, updated_by, created_at, updated_at, deleted_at, deleted_by)
    VALUES ('Restored', :'ann', :'bob', '2000-01-01', '2000-01-02', '2000-01-03', :'bob');
SELECT results_eq($$SELECT created_at, updated_at, deleted_at, deleted_by FROM t_acme.company WHERE title = 'Restored'$$,
    format($$VALUES (timestamptz '2000-01-01', timestamptz '2000-01-02', timestamptz '2000-01-03', %L::uuid)$$, :'bob'), 'and when: a restore brings the stamps back');
UPDATE t_acme.company SET title = 'Restored', created_at = now() WHERE title = 'Restored';
SELECT is((SELECT created_at = '2000-01-01' AND updated_at > now() - interval '1 minute' FROM t_acme.company WHERE title = 'Restored'), true, 'its changes are dated as all are');

-- Soft delete ---------------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT is(pgwright.delete_record('company', :'id')::jsonb, jsonb_build_object('id', :'id', 'deleted', true), 'delete_record() answers the id');
SELECT is(state_of(format('SELECT pgwright.get_record(%L, %L)', 'company', :'id')), 'PW404', 'a deleted record is gone from get_record()');
SELECT is(pgwright.list_records('company', filters => '{"title": "Acme 3"}') ->> 'total', '0', 'and from list_records()');
SELECT is(state_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'company', :'id', '{"title": "Back"}')), 'PW404', 'it cannot be changed');
SELECT is(state_of(format('SELECT pgwright.delete_record(%L, %L)', 'company', :'id')), 'PW404', 'nor deleted again');
SELECT results_eq($$SELECT deleted_by, deleted_at > now() - interval '1 minute', title FROM t_acme.company WHERE deleted_at IS NOT NULL AND title <> 'Restored'$$,
    format($$VALUES (%L::uuid, true, 'Acme 3')$$, :'bob'), 'the row stays, and says who deleted it');
SELECT is(state_of($$SELECT pgwright.create_record('company', '{"title": "Acme 3"}')$$), 'ok', 'its unique value may be used again');
SELECT is(faults_of($$SELECT pgwright.create_record('company', '{"title": "Acme 3"}')$$), 'PW409 title: must be unique', 'once');
SELECT is(error_of(as_role('pgwright_tap_stamps', format($$UPDATE t_acme.company SET deleted_at = '2000-01-01', deleted_by = %L WHERE title = 'Direct'$$, :'ann'))), NULL, 'direct SQL may delete softly');
SELECT is((SELECT name FROM t_acme.company JOIN actor ON user_id = deleted_by WHERE title = 'Direct'), 'bob', 'but not in another''s name') ;
SELECT is((SELECT deleted_at > now() - interval '1 minute' FROM t_acme.company WHERE title = 'Direct'), true, 'nor at another time');
SELECT become('ann') \g /dev/null
SELECT error_of(as_role('pgwright_tap_stamps', $$UPDATE t_acme.company SET deleted_at = '2000-01-01' WHERE title = 'Direct'$$)) \g /dev/null
SELECT is((SELECT name FROM t_acme.company JOIN actor ON user_id = deleted_by WHERE title = 'Direct'), 'bob', 'who deleted a record stays');
SELECT error_of(as_role('pgwright_tap_stamps', $$UPDATE t_acme.company SET deleted_at = NULL WHERE title = 'Direct'$$)) \g /dev/null
SELECT is((SELECT concat(deleted_at, deleted_by) FROM t_acme.company WHERE title = 'Direct'), '', 'until it lives again');
SELECT error_of(as_role('pgwright_tap_stamps', $$UPDATE t_acme.company SET deleted_at = now() WHERE title = 'Direct'$$)) \g /dev/null
SELECT become('bob') \g /dev/null

-- References ----------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('company', '{"title": "Employer"}') ->> 'id' AS employer \gset
SELECT pgwright.create_record('contact', json_build_object('title', 'Boss', 'employer', :'employer')) ->> 'id' AS boss \gset
SELECT pgwright.create_record('contact', json_build_object('title', 'Clerk', 'boss', :'boss')) ->> 'id' AS clerk \gset
SELECT is(faults_of($$SELECT pgwright.create_record('contact', '{"employer": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}')$$), 'PW409 employer: refers to a record that does not exist', 'a reference needs its record');
SELECT is(faults_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'contact', :'clerk', '{"boss": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}')), 'PW409 boss: refers to a record that does not exist', 'in an update too');
SELECT is(state_of(format('SELECT pgwright.delete_record(%L, %L)', 'contact', :'boss')), 'PW409', 'a record that others refer to is not deleted');
SELECT is(pgwright.get_record('contact', :'boss') -> 'data' ->> 'title', 'Boss', 'it is still there');
SELECT is(state_of(format('SELECT pgwright.delete_record(%L, %L)', 'contact', :'clerk')), 'ok', 'the other can be deleted');
SELECT is((SELECT count(*) FROM t_acme.contact WHERE title = 'Clerk'), 0::bigint, 'without soft delete its row is gone');
SELECT is(state_of(format('SELECT pgwright.delete_record(%L, %L)', 'contact', :'boss')), 'ok', 'and then the first');
SELECT is(state_of(format('SELECT pgwright.create_record(%L, %L)', 'contact', json_build_object('keeper', :'bob'))), 'ok', 'a user of the tenant can be referred to');
SELECT is(faults_of(format('SELECT pgwright.create_record(%L, %L)', 'contact', json_build_object('keeper', (SELECT user_id FROM actor WHERE name = 'rob')))), 'PW409 keeper: refers to a record that does not exist', 'another tenant''s user does not exist');
SELECT is(faults_of(format('SELECT pgwright.update_record(%L, %L, %L)', 'contact', (SELECT id FROM t_acme.contact WHERE keeper = :'bob'), json_build_object('keeper', (SELECT user_id FROM actor WHERE name = 'rob')))), 'PW409 keeper: refers to a record that does not exist', 'in an update neither');
SELECT is(state_of(as_role('pgwright_tap_stamps', format($$INSERT INTO t_acme.contact (keeper) VALUES (%L)$$, (SELECT user_id FROM actor WHERE name = 'rob')))), 'PW409', 'nor for direct SQL');

-- The catalog's own records -----------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT is(pgwright.get_record('users', :'bob') -> 'data' ->> 'email', 'bob@acme.example', 'system entities are served by get_record()');
SELECT is((SELECT jsonb_agg(i -> 'email') FROM json_array_elements(pgwright.list_records('users', sort => 'email') -> 'items') i), '["ann@acme.example", "bob@acme.example"]', 'and list_records(): the tenant''s users');
SELECT is((SELECT jsonb_agg(i -> 'slug') FROM json_array_elements(pgwright.list_records('tenants') -> 'items') i), '["acme"]', 'its own tenant');
SELECT is((SELECT jsonb_agg(i -> 'name' ORDER BY i ->> 'name') FROM json_array_elements(pgwright.list_records('entity_definitions', filters => '{"entity_type": "custom"}') -> 'items') i), '["company", "contact"]', 'its own entities');
SELECT is(pgwright.list_records('schema_ops', filters => '{"op_type": "publish_entity"}') ->> 'total', '2', 'its own log');
INSERT INTO pgwright.roles (tenant_id, name, label) SELECT id, 'clerk', 'Clerk' FROM pgwright.tenants WHERE slug = 'acme';
INSERT INTO pgwright.role_permissions (role_id, resource, action) SELECT id, 'company', 'read' FROM pgwright.roles WHERE name = 'clerk';
CREATE FUNCTION visible_rows(entity text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT count(*) FROM pgwright.%I t WHERE to_jsonb(t) ->> ''tenant_id'' IS NULL OR tenant_id = (SELECT id FROM pgwright.tenants WHERE slug = ''acme'')', entity) INTO found;
    RETURN found;
END $$;
SELECT is(pgwright.list_records(entity) ->> 'total', visible_rows(entity), format('of %s the tenant''s and the platform''s', entity))
  FROM unnest('{roles,user_roles,sessions,entity_definitions,field_definitions,entity_migrations}'::text[]) WITH ORDINALITY e (entity, n) ORDER BY n;
SELECT is(pgwright.list_records('role_permissions', filters => '{"resource": "company"}') ->> 'total', '13', 'and of role_permissions those of such roles and of built-in ones in the tenant');
SELECT is(pgwright.list_records('routes', filters => '{"module": "pgwright"}') ->> 'total', (SELECT count(*)::text FROM pgwright.routes), 'the routes');
SELECT is(pgwright.list_records('sessions', filters => json_build_object('user_id', :'bob')) ->> 'total', '1', 'an owner sees the sessions of the tenant');
SELECT is(state_of($$SELECT pgwright.list_records('users', filters => '{"password_hash": null}')$$), 'PW400', 'what is hidden cannot be filtered by');
SELECT is(state_of($$SELECT pgwright.list_records('users', sort => 'password_hash')$$), 'PW400', 'nor sorted by');
SELECT is(state_of(format('SELECT pgwright.create_record(%L, %L)', entity, '{}')) || state_of(format('SELECT pgwright.bulk_create_records(%L, %L)', entity, '[{}]'))
    || state_of(format('SELECT pgwright.update_record(%L, %L, %L)', entity, :'bob', '{}')) || state_of(format('SELECT pgwright.delete_record(%L, %L)', entity, :'bob')), 
    CASE entity WHEN 'tenants' THEN 'PW403PW403PW404PW403' ELSE 'PW403PW403PW403PW403' END, format('%s refuses writes', entity))
  FROM unnest('{users,tenants,user_roles,sessions,signing_keys,entity_definitions,field_definitions,entity_migrations,schema_ops,routes}'::text[]) WITH ORDINALITY e (entity, n) ORDER BY n;
SELECT become('bob') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.list_records(%L)', entity)), state, format('a member: %s %s', entity, state))
  FROM (VALUES (1, 'entity_definitions', 'ok'), (2, 'tenants', 'ok'), (3, 'users', 'PW403'), (4, 'sessions', 'PW403'), (5, 'roles', 'PW403')) AS e (n, entity, state) ORDER BY n;

SELECT drop_role('pgwright_tap_stamps') \g /dev/null
SELECT * FROM finish();
