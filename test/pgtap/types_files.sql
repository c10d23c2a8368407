-- Files: a system entity that people write through the record engine, and fields that refer to them.
\ir setup.psql
SELECT plan(33);
SELECT make_role('pgwright_tap_files', '{pgwright_user}') \g /dev/null
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "post", "fields": [{"name": "title", "field_type": "string"}, {"name": "photo", "field_type": "file"}]}') \g /dev/null
SELECT is(pgwright.publish_entity('post') ->> 'status', 'completed', 'an entity with a file is published');
SELECT is((SELECT confrelid::regclass::text FROM pg_constraint WHERE conname = 'post_photo_fkey'), 'pgwright.files', 'its field is a foreign key to the files');

-- Their functions ---------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT pgwright.create_file('{"name": "a.png", "content_type": "image/png", "size_bytes": 10, "metadata": {"w": 1}}') AS made \gset
SELECT :'made'::json ->> 'id' AS file \gset
SELECT is(:'made'::jsonb -> 'data' ->> 'name', 'a.png', 'a member registers a file');
SELECT is(:'made'::jsonb -> 'data' ->> 'created_by', :'bob', 'it is stamped');
SELECT is((SELECT t.slug FROM pgwright.files f JOIN pgwright.tenants t ON t.id = f.tenant_id WHERE f.id = :'file'), 'acme', 'and belongs to the tenant');
SELECT is(faults_of($$SELECT pgwright.create_file('{"name": "", "size_bytes": -1, "tenant_id": "01893d1c-0000-7000-8000-000000000001", "storage_key": "x", "other": 1}')$$),
    'PW400 name: must be between 1 and 255 characters; size_bytes: must be at least 0; tenant_id: is read-only; storage_key: is read-only; '
    'other: is not a field of files; content_type: is required', 'where its bytes are and whose it is, nobody says');
SELECT is(faults_of($$SELECT pgwright.create_file('{"name": "a", "content_type": "x", "checksum": "zz"}')$$) LIKE 'PW400 checksum:%', true, 'a checksum is one');
SELECT is(pgwright.update_file(:'file', '{"name": "b.png"}') -> 'data' ->> 'name', 'b.png', 'it is changed');
SELECT is(pgwright.get_file(:'file') -> 'data' ->> 'name', 'b.png', 'read');
SELECT is(pgwright.list_files() ->> 'total', '1', 'and listed');
SELECT is(pgwright.list_files(2, 5) ->> 'page', '2', 'in pages');
SELECT become('vic') \g /dev/null
SELECT is(pgwright.get_file(:'file') -> 'data' ->> 'name', 'b.png', 'a viewer reads it');
SELECT is(state_of($$SELECT pgwright.create_file('{"name": "a", "content_type": "x"}')$$), 'PW403', 'registers none');
SELECT is(state_of(format($$SELECT pgwright.update_file(%L, '{"name": "c"}')$$, :'file')), 'PW403', 'changes none');
SELECT is(state_of(format($$SELECT pgwright.delete_file(%L)$$, :'file')), 'PW403', 'deletes none');
SELECT become('rob') \g /dev/null
SELECT is(state_of(format($$SELECT pgwright.get_file(%L)$$, :'file')), 'PW404', 'for another tenant there is no such file');
SELECT is(state_of(format($$SELECT pgwright.update_file(%L, '{"name": "c"}')$$, :'file')), 'PW404', 'not to change');
SELECT is(state_of(format($$SELECT pgwright.delete_file(%L)$$, :'file')), 'PW404', 'nor to delete');
SELECT pgwright.create_file('{"name": "r", "content_type": "x"}') ->> 'id' AS theirs \gset
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT pgwright.list_files()$$), 'PW401', 'and for nobody there are none');

-- Fields that refer to them -----------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT pgwright.create_record('post', json_build_object('title', 'one', 'photo', :'file')) ->> 'id' AS post \gset
SELECT is(pgwright.get_record('post', :'post') -> 'data' ->> 'photo', :'file', 'a record refers to a file');
SELECT is(faults_of(format($$SELECT pgwright.create_record('post', '{"photo": "%s"}')$$, :'theirs')), 'PW409 photo: refers to a record that does not exist', 'of the tenant''s own');
SELECT is(faults_of(format($$SELECT pgwright.update_record('post', %L, '{"photo": "%s"}')$$, :'post', :'theirs')), 'PW409 photo: refers to a record that does not exist', 'also when it changes');
SELECT is(faults_of(as_role('pgwright_tap_files', format('INSERT INTO t_acme.post (photo) VALUES (%L)', :'theirs'))), 'PW409 photo: refers to a record that does not exist', 'whoever writes');
SELECT is(faults_of($$SELECT pgwright.create_record('post', '{"photo": "x"}')$$), 'PW400 photo: must be a UUID', 'by its id');
SELECT is(error_of(format('SELECT pgwright.delete_file(%L)', :'file')), '{"sqlstate": "PW409", "message": "the record is still referred to by other records, in Post"}', 'a file that is referred to is not deleted');
SELECT is(pgwright.get_file(:'file') -> 'data' ->> 'deleted_at', NULL, 'and stays');
SELECT pgwright.update_record('post', :'post', '{"photo": null}') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.delete_file(%L)', :'file')), 'ok', 'when nothing refers to it, it is');
SELECT is(state_of(format('SELECT pgwright.get_file(%L)', :'file')), 'PW404', 'and is gone');
SELECT isnt((SELECT deleted_at FROM pgwright.files WHERE id = :'file'), NULL, 'softly');
SELECT is((SELECT deleted_by::text FROM pgwright.files WHERE id = :'file'), :'bob', 'by whom is known');
SELECT is(faults_of(format($$SELECT pgwright.create_record('post', '{"photo": "%s"}')$$, :'file')), 'PW409 photo: refers to a record that does not exist', 'nothing refers to it again');
SELECT become('nobody') \g /dev/null
SELECT is(faults_of(format('INSERT INTO t_acme.post (photo) VALUES (%L)', :'file')), 'PW409 photo: refers to a record that does not exist', 'not even by maintenance');
SELECT become('ann') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "bad", "fields": [{"name": "a", "field_type": "file", "reference_entity": "users", "on_delete": "CASCADE"}]}')$$),
    'PW400 fields[0].reference_entity: is for lookups only; fields[0].on_delete: is for lookups only', 'what a file refers to is known');

SELECT drop_role('pgwright_tap_files') \g /dev/null
SELECT * FROM finish();
