-- References where deleting is soft: what a lookup may be set to, and what becomes of what refers to a
-- record that is deleted; whoever writes.
\ir setup.psql
SELECT plan(61);
SELECT make_role('pgwright_tap_references', '{pgwright_user}') \g /dev/null
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset
SELECT become('ann') \g /dev/null

-- company <- contact (CASCADE), <- visit (CASCADE, no soft delete), <- note (SET NULL), <- deal (RESTRICT),
-- <- bill (NO ACTION); contact <- call (CASCADE); node <- node (CASCADE)
CREATE FUNCTION entity(entity text, fields text, soft boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pgwright.create_entity(json_build_object('name', entity, 'supports_soft_delete', soft, 'fields',
        ('[{"name": "title", "field_type": "string"}' || fields || ']')::json));
    IF pgwright.publish_entity(entity) ->> 'status' <> 'completed' THEN RAISE EXCEPTION '% is not published', entity; END IF;
END $$;
CREATE FUNCTION lookup(name text, target text, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT format(', {"name": "%s", "field_type": "lookup", "reference_entity": "%s" %s}', name, target, more) $$;
SELECT entity('company', '') \g /dev/null
SELECT entity('contact', lookup('company', 'company', ', "on_delete": "CASCADE"')) \g /dev/null
SELECT entity('visit', lookup('company', 'company', ', "on_delete": "CASCADE"'), false) \g /dev/null
SELECT entity('note', lookup('company', 'company', ', "on_delete": "SET NULL"')) \g /dev/null
SELECT entity('deal', lookup('company', 'company')) \g /dev/null
SELECT entity('bill', lookup('company', 'company', ', "on_delete": "NO ACTION", "is_required": true')) \g /dev/null
SELECT entity('call', lookup('contact', 'contact', ', "on_delete": "CASCADE", "on_update": "CASCADE"')) \g /dev/null
SELECT entity('node', lookup('parent', 'node', ', "on_delete": "CASCADE"')) \g /dev/null

CREATE FUNCTION make(entity text, title text, field text DEFAULT NULL, target uuid DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
    SELECT (pgwright.create_record(entity, CASE WHEN field IS NULL THEN json_build_object('title', title)
                                               ELSE json_build_object('title', title, field, target) END) ->> 'id')::uuid $$;
-- "title" of the live ones, "title-" of the deleted ones.
CREATE FUNCTION state(entity text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT string_agg(title || CASE WHEN deleted_at IS NULL THEN '''' ELSE ''-'' END, '' '' ORDER BY title) FROM t_acme.%I', entity) INTO found;
    RETURN found;
END $$;
CREATE FUNCTION deletion(entity text, id uuid) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(error_of(format('SELECT pgwright.delete_record(%L, %L)', entity, id)) ->> 'message', 'ok') $$;

CREATE FUNCTION triggers(relation regclass) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal $$;

-- The foreign keys ----------------------------------------------------------------------------------------------

SELECT is((SELECT string_agg(concat_ws(' ', conrelid::regclass, confdeltype, confupdtype), ', ' ORDER BY conname) FROM pg_constraint WHERE contype = 'f' AND connamespace = 't_acme'::regnamespace),
    't_acme.bill a a, t_acme.call c c, t_acme.contact c a, t_acme.deal r a, t_acme.node c a, t_acme.note n a, t_acme.visit c a', 'a lookup''s actions are those of its foreign key');
SELECT is((SELECT concat_ws(' ', f ->> 'on_delete', f ->> 'on_update') FROM json_array_elements(pgwright.list_fields('call')) f WHERE f ->> 'name' = 'contact'), 'CASCADE CASCADE', 'its definition says them');
SELECT is((SELECT concat_ws(' ', f ->> 'on_delete', f ->> 'on_update') FROM json_array_elements(pgwright.list_fields('deal')) f WHERE f ->> 'name' = 'company'), 'RESTRICT NO ACTION', 'those that were not said too');
SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "bad", "fields": [{"name": "a", "field_type": "lookup", "reference_entity": "company", "is_required": true, "on_delete": "SET NULL"},
    {"name": "b", "field_type": "lookup", "reference_entity": "company", "on_delete": "vanish"}, {"name": "c", "field_type": "text", "on_update": "CASCADE"}]}')$$),
    'PW400 fields[0].on_delete: cannot be SET NULL, because the field is required; fields[1].on_delete: must be one of: CASCADE, SET NULL, RESTRICT, NO ACTION; '
    'fields[2].on_update: is for lookups only', 'what cannot be is told');
SELECT is(triggers('t_acme.contact'),
    'pgwright_check_references_insert pgwright_check_references_update pgwright_delete_referrers pgwright_guard_record pgwright_stamp_record', 'a table with lookups and soft delete has its triggers');
SELECT is(triggers('t_acme.company'),
    'pgwright_delete_referrers pgwright_guard_record pgwright_stamp_record', 'one without lookups fewer');
SELECT is(triggers('t_acme.visit'),
    'pgwright_check_references_insert pgwright_check_references_update pgwright_guard_record pgwright_stamp_record', 'and one without soft delete');

-- A lookup is set to live records only ------------------------------------------------------------------------------

SELECT make('company', 'gone') AS gone, make('company', 'here') AS here \gset
SELECT deletion('company', :'gone') \g /dev/null
SELECT is(faults_of(format($$SELECT make('contact', 'x', 'company', %L)$$, :'gone')), 'PW409 company: refers to a record that does not exist', 'not to one that is deleted');
SELECT is(faults_of(format($$SELECT make('contact', 'x', 'company', %L)$$, pgwright.uuid_v7())), 'PW409 company: refers to a record that does not exist', 'which looks as one that never was');
SELECT is(state_of(format($$SELECT make('contact', 'c1', 'company', %L)$$, :'here')), 'ok', 'to one that lives');
SELECT is(state_of($$SELECT make('contact', 'c0')$$), 'ok', 'or to none');
SELECT is(faults_of(format($$SELECT pgwright.bulk_create_records('contact', '[{"title": "x", "company": "%s"}, {"title": "y", "company": "%s"}, {"title": "z"}]')$$, :'here', :'gone')),
    'PW409 [1] company: refers to a record that does not exist', 'in a bulk');
SELECT is(state('contact'), 'c0 c1', 'of which nothing is kept');
SELECT is(faults_of(as_role('pgwright_tap_references', format($$INSERT INTO t_acme.contact (title, company) VALUES ('x', %L)$$, :'gone'))), 'PW409 company: refers to a record that does not exist', 'by direct SQL');
SELECT is(faults_of(as_role('pgwright_tap_references', format($$UPDATE t_acme.contact SET company = %L$$, :'gone'))), 'PW409 company: refers to a record that does not exist', 'in an update');
SELECT id AS c0 FROM t_acme.contact WHERE title = 'c0' \gset
SELECT is(faults_of(format($$SELECT pgwright.update_record('contact', %L, '{"company": "%s"}')$$, :'c0', :'gone')), 'PW409 company: refers to a record that does not exist', 'through the functions too');
SELECT is(faults_of(format($$WITH a AS (UPDATE t_acme.contact SET company = %L WHERE id = %L RETURNING 1) SELECT * FROM a$$, :'gone', :'c0')), 'PW409 company: refers to a record that does not exist', 'or in a part of a statement');
SELECT become('nobody') \g /dev/null
SELECT is(faults_of(format($$INSERT INTO t_acme.contact (title, company) VALUES ('x', %L)$$, :'gone')), 'PW409 company: refers to a record that does not exist', 'not even by maintenance');
SELECT is(state_of(format($$INSERT INTO t_acme.contact (title, company, deleted_at) VALUES ('old', %L, now())$$, :'gone')), 'ok', 'but by a record that is deleted itself, as a restore brings it');
SELECT is(faults_of($$UPDATE t_acme.contact SET deleted_at = NULL WHERE title = 'old'$$), 'PW409 company: refers to a record that does not exist', 'which then does not come back to life');
SELECT become('ann') \g /dev/null
DELETE FROM t_acme.contact WHERE title IN ('old', 'c0', 'c1');
SELECT is(state_of(format($$INSERT INTO t_acme.node (id, title, parent) VALUES (%L, 'self', %L)$$, :'here', :'here')), 'ok', 'a record may refer to itself');

-- What refers to a record that is deleted -----------------------------------------------------------------------------

SELECT make('company', 'a') AS a \gset
SELECT make('contact', 'a1', 'company', :'a') AS a1, make('contact', 'a2', 'company', :'a') AS a2, make('visit', 'v1', 'company', :'a') AS v1,
       make('note', 'n1', 'company', :'a') AS n1, make('contact', 'h1', 'company', :'here') AS h1 \gset
SELECT make('call', 'call1', 'contact', :'a1') AS call1, make('call', 'call2', 'contact', :'h1') AS call2, make('visit', 'v2', 'company', :'here') AS v2 \gset
SELECT become('bob') \g /dev/null
SELECT is(deletion('company', :'a'), 'ok', 'a record with nothing that holds it is deleted');
SELECT is(state('company'), 'a- gone- here', 'softly');
SELECT is(state('contact'), 'a1- a2- h1', 'CASCADE: with what refers to it');
SELECT is(state('call'), 'call1- call2', 'and with what refers to that');
SELECT is((SELECT string_agg(title, ' ') FROM t_acme.visit), 'v2', 'where deleting is not soft, for good');
SELECT is((SELECT company FROM t_acme.note WHERE title = 'n1'), NULL, 'SET NULL: what refers to it lets go');
SELECT is(state('note'), 'n1', 'and lives');
SELECT is((SELECT count(*) FROM t_acme.contact WHERE deleted_by = :'bob' AND updated_by = :'bob' AND deleted_at = (SELECT deleted_at FROM t_acme.company WHERE title = 'a')), 2::bigint, 'who deleted is who deleted the first');
SELECT is((SELECT deleted_by::text FROM t_acme.call WHERE title = 'call1'), :'bob', 'all the way down');
SELECT is((SELECT updated_by::text FROM t_acme.note WHERE title = 'n1'), :'bob', 'and who changed what let go');
SELECT is((SELECT company::text FROM t_acme.contact WHERE title = 'a1'), :'a', 'a deleted record keeps its reference');

SELECT make('company', 'b') AS b \gset
SELECT make('deal', 'd1', 'company', :'b') AS d1, make('contact', 'b1', 'company', :'b') AS b1 \gset
SELECT is(deletion('company', :'b'), 'the record is still referred to by other records, in Deal', 'RESTRICT: it is not deleted, and by what it is held is told');
SELECT is(state('company') || state('contact'), 'a- b gone- herea1- a2- b1 h1', 'nothing has changed, what would have gone with it neither');
SELECT pgwright.delete_record('deal', :'d1') \g /dev/null
SELECT is(deletion('company', :'b'), 'ok', 'a deleted record holds nobody');
SELECT is(state('contact'), 'a1- a2- b1- h1', 'then the rest goes');
SELECT make('company', 'c') AS c \gset
SELECT make('bill', 'bill1', 'company', :'c') AS bill1 \gset
SELECT is(deletion('company', :'c'), 'the record is still referred to by other records, in Bill', 'NO ACTION refuses likewise');
SELECT is(error_of(as_role('pgwright_tap_references', format('UPDATE t_acme.company SET deleted_at = now() WHERE id = %L', :'c'))) ->> 'sqlstate', 'PW409', 'direct SQL is refused');
SELECT become('nobody') \g /dev/null
SELECT is(error_of(format('UPDATE t_acme.company SET deleted_at = now() WHERE id = %L', :'c')) ->> 'sqlstate', 'PW409', 'and maintenance');
INSERT INTO pgwright.roles (tenant_id, name, label) SELECT id, 'janitor', 'Janitor' FROM pgwright.tenants;
INSERT INTO pgwright.role_permissions (role_id, resource, action) SELECT r.id, 'company', a FROM pgwright.roles r, unnest('{read,delete}'::text[]) a WHERE r.name = 'janitor';
SELECT add_actor('jan', 'acme', 'janitor') \g /dev/null
SELECT become('jan') \g /dev/null
SELECT is(deletion('company', :'c'), 'the record is still referred to by other records', 'who may not see what holds it is not told its name');
SELECT become('ann') \g /dev/null
SELECT make('company', 'd') AS d \gset
SELECT make('contact', 'd1', 'company', :'d') AS x, make('visit', 'vd', 'company', :'d') AS y, make('note', 'nd', 'company', :'d') AS z \gset
SELECT become('jan') \g /dev/null
SELECT is(deletion('company', :'d'), 'ok', 'what goes with it does, whatever the caller may do to it alone');
SELECT is(state('contact') || ' ' || (SELECT string_agg(title, ' ' ORDER BY title) FROM t_acme.visit), 'a1- a2- b1- d1- h1 v2', 'as with the server''s own foreign keys');
SELECT become('ann') \g /dev/null
SELECT is(state_of(format($$UPDATE t_acme.company SET deleted_at = NULL WHERE id = %L$$, :'d')), 'ok', 'a record may come back');
SELECT is(state('contact'), 'a1- a2- b1- d1- h1', 'alone');
SELECT is(deletion('company', :'d'), 'ok', 'and go again');

-- Trees, cycles, many at once -------------------------------------------------------------------------------------------

DELETE FROM t_acme.node;
INSERT INTO t_acme.node (id, title, parent) SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n::text,
    CASE WHEN n > 1 THEN ('00000000-0000-7000-8000-' || lpad((n - 1)::text, 12, '0'))::uuid END FROM generate_series(1, 3000) n;
SELECT is(deletion('node', '00000000-0000-7000-8000-000000000002'), 'ok', 'a chain of thousands goes');
SELECT is((SELECT count(*) FROM t_acme.node WHERE deleted_at IS NULL), 1::bigint, 'to its end');
DELETE FROM t_acme.node;
INSERT INTO t_acme.node (id, title, parent) VALUES ('00000000-0000-7000-8000-000000000001', 'p', NULL), ('00000000-0000-7000-8000-000000000002', 'q', '00000000-0000-7000-8000-000000000001');
UPDATE t_acme.node SET parent = '00000000-0000-7000-8000-000000000002' WHERE title = 'p';
SELECT is(deletion('node', '00000000-0000-7000-8000-000000000001'), 'ok', 'a cycle ends');
SELECT is(state('node'), 'p- q-', 'with all of it');
DELETE FROM t_acme.bill; DELETE FROM t_acme.deal;
SELECT make('company', 'm1') AS m1, make('company', 'm2') AS m2 \gset
SELECT make('deal', 'dm1', 'company', :'m1') AS x \gset
SELECT is(error_of($$UPDATE t_acme.company SET deleted_at = now() WHERE title LIKE 'm_'$$) ->> 'sqlstate', 'PW409', 'of many in one statement each is looked at');
SELECT is((SELECT count(*) FROM t_acme.company WHERE title LIKE 'm_' AND deleted_at IS NULL), 2::bigint, 'all or none');
SELECT is(state_of($$DELETE FROM t_acme.company WHERE title = 'm1'$$), '23503', 'a real deletion is the foreign key''s matter');
SELECT is(state_of($$DELETE FROM t_acme.company WHERE title = 'm2'$$), 'ok', 'as ever');

-- A definition that changes is met ------------------------------------------------------------------------------------

ALTER TABLE t_acme.contact RENAME COLUMN company TO employer;
SELECT is(faults_of(as_role('pgwright_tap_references', format($$INSERT INTO t_acme.contact (title, employer) VALUES ('x', %L)$$, :'gone'))), 'PW409 employer: refers to a record that does not exist', 'a renamed column is found');
ALTER TABLE t_acme.company RENAME TO firm;
SELECT is(faults_of(as_role('pgwright_tap_references', format($$INSERT INTO t_acme.contact (title, employer) VALUES ('x', %L)$$, :'gone'))), 'PW409 employer: refers to a record that does not exist', 'and a renamed table');
UPDATE t_acme.firm SET deleted_at = now() WHERE title = 'here';
SELECT is((SELECT string_agg(title, ' ' ORDER BY title) FROM t_acme.contact WHERE deleted_at IS NULL), NULL, 'cascades find them too');
ALTER TABLE t_acme.contact DROP CONSTRAINT contact_company_fkey;
SELECT is(state_of(format($$INSERT INTO t_acme.contact (title, employer) VALUES ('free', %L)$$, :'gone')), 'ok', 'without the foreign key there is no rule');

-- Tables with keys of their own -----------------------------------------------------------------------------------------

CREATE TABLE tests.country (code text, number integer, deleted_at timestamptz, PRIMARY KEY (code, number));
CREATE TABLE tests.city (name text, code text, number bigint, deleted_at timestamptz, FOREIGN KEY (code, number) REFERENCES tests.country ON DELETE CASCADE);
CREATE TRIGGER pgwright_check_references_insert AFTER INSERT ON tests.city REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION pgwright.check_references();
CREATE TRIGGER pgwright_check_references_update AFTER UPDATE ON tests.city REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION pgwright.check_references();
CREATE TRIGGER pgwright_delete_referrers AFTER UPDATE OF deleted_at ON tests.country FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION pgwright.delete_referrers();
INSERT INTO tests.country VALUES ('x', 1, NULL), ('y', 2, now()), ('z', 3, NULL);
SELECT is(state_of($$INSERT INTO tests.city VALUES ('a', 'x', 1), ('b', 'x', NULL), ('c', 'z', 3)$$), 'ok', 'keys of several columns and types');
SELECT is(faults_of($$INSERT INTO tests.city VALUES ('d', 'x', 1), ('d', 'y', 2)$$), 'PW409 number: refers to a record that does not exist', 'are checked');
SELECT is(faults_of($$UPDATE tests.city SET code = 'y', number = 2 WHERE name = 'a'$$), 'PW409 number: refers to a record that does not exist', 'when they change');
UPDATE tests.country SET deleted_at = now() WHERE code = 'x';
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM tests.city WHERE deleted_at IS NOT NULL), 'a', 'and followed');

SELECT drop_role('pgwright_tap_references') \g /dev/null
SELECT * FROM finish();
