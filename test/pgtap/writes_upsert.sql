-- Records created or changed by a unique key, many at once: what each gives, repeated keys, rights, on trial.
\ir setup.psql
SELECT no_plan();

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{owner,viewer}'::text[]) r \g /dev/null
SELECT become('owner') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "fields": [
    {"name": "code", "field_type": "string", "is_unique": true}, {"name": "n", "field_type": "integer", "default_value": 7},
    {"name": "state", "field_type": "string", "default_value": "new"}, {"name": "tags", "field_type": "array", "item_type": "string"},
    {"name": "price", "field_type": "decimal", "is_unique": true}, {"name": "day", "field_type": "date"}, {"name": "slot", "field_type": "integer"},
    {"name": "up", "field_type": "lookup", "reference_entity": "item"}],
    "indexes": [{"name": "place", "field_names": ["day", "slot"], "is_unique": true}]}') \g /dev/null
SELECT pgwright.publish_entity('item') \g /dev/null

CREATE FUNCTION upsert(records text, key text DEFAULT NULL, partial boolean DEFAULT false, dry_run boolean DEFAULT false) RETURNS json LANGUAGE sql
    AS $$ SELECT pgwright.bulk_upsert_records('item', records::json, key, partial, dry_run) $$;
CREATE FUNCTION fault(records text, key text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$ SELECT tests.faults_of(format('SELECT pgwright.bulk_upsert_records(%L, %L, %L)', 'item', records, key)) $$;
CREATE FUNCTION items() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(concat_ws('/', code, n, state, tags), ' ' ORDER BY code) FROM t_acme.item WHERE deleted_at IS NULL $$;
CREATE FUNCTION id(wanted text) RETURNS text LANGUAGE sql AS $$ SELECT id::text FROM t_acme.item WHERE code = wanted AND deleted_at IS NULL $$;
-- "created updated failed: results; errors" of an answer.
CREATE FUNCTION told(answer json) RETURNS text LANGUAGE sql AS $$
    SELECT concat(answer ->> 'created', ' ', answer ->> 'updated', ' ', answer ->> 'failed', ': ', (SELECT string_agg(coalesce(r, '-'), ' ' ORDER BY o) FROM json_array_elements_text(answer -> 'results') WITH ORDINALITY x (r, o)),
        (SELECT '; ' || string_agg(format('[%s] %s', e ->> 'index', e ->> 'code') || coalesce((SELECT string_agg(concat(' ', d ->> 'field', ': ', d ->> 'message'), ';') FROM json_array_elements(e -> 'details') d), ''), ', ' ORDER BY o)
           FROM json_array_elements(answer -> 'errors') WITH ORDINALITY x (e, o)))
$$;

-- What each record gives -------------------------------------------------------------------------------------

SELECT is(told(upsert('[{"code": "a", "n": 1}, {"code": "b", "n": 2}]')), '2 0 0: created created', 'records with new keys are created');
SELECT upsert('[{"code": "c", "n": 3}, {"code": "a", "n": 10}, {"code": "b", "n": 20}]') AS some \gset
SELECT is(told(:'some'), '1 2 0: created updated updated', 'those with a key that is there are changed');
SELECT is((SELECT string_agg(i, ' ' ORDER BY o) FROM json_array_elements_text(:'some'::json -> 'ids') WITH ORDINALITY x (i, o)), concat_ws(' ', id('c'), id('a'), id('b')), 'ids in the records'' order');
SELECT is(items(), 'a/10/new b/20/new c/3/new', 'that is what is there');
SELECT is(told(upsert('[{"code": "d", "state": "x"}, {"code": "a", "state": null}, {"code": "b"}, {"code": "e"}, {"code": "c", "tags": ["p", "q,r"], "n": 30}, {"code": "f", "n": null, "tags": ["s"]}]')),
    '3 3 0: created updated updated created updated created', 'records that give different fields go together');
SELECT is(items(), 'a/10 b/20/new c/30/new/{p,"q,r"} d/7/x e/7/new f/new/{s}', 'each changes what it gives, null too; what a new one does not give takes its default');
SELECT is(told(upsert('[{"code": "a"}, {"code": "b"}]')) || items(), '0 2 0: updated updateda/10 b/20/new c/30/new/{p,"q,r"} d/7/x e/7/new f/new/{s}', 'records that change nothing are found');
SELECT is((u ->> 'created') || ' ' || (u ->> 'updated'), '1000 0', '1,000 records of two shapes') FROM upsert((SELECT json_agg(json_build_object('code', 'k' || i, CASE WHEN i % 3 = 0 THEN 'n' ELSE 'slot' END, i)) FROM generate_series(1, 1000) i)::text) u;
SELECT is((u ->> 'created') || ' ' || (u ->> 'updated'), '0 1000', 'again') FROM upsert((SELECT json_agg(json_build_object('code', 'k' || i, CASE WHEN i % 3 = 0 THEN 'slot' ELSE 'n' END, -i)) FROM generate_series(1, 1000) i)::text) u;
SELECT is((SELECT count(*) FROM t_acme.item WHERE code LIKE 'k%' AND (n, slot) = (CASE WHEN substr(code, 2)::int % 3 = 0 THEN substr(code, 2)::int ELSE -substr(code, 2)::int END, CASE WHEN substr(code, 2)::int % 3 = 0 THEN -substr(code, 2)::int ELSE substr(code, 2)::int END)), 1000::bigint, 'each kept what it did not give');
SELECT pgwright.delete_records_where('item', '{"code": {"starts_with": "k"}}') \g /dev/null

-- Keys -----------------------------------------------------------------------------------------------------------

SELECT is(told(upsert('[{"code": "p1", "day": "2026-01-01", "slot": 1}, {"code": "p2", "day": "2026-01-01", "slot": 2}]', 'day,slot')), '2 0 0: created created', 'a key of several fields');
SELECT is(told(upsert('[{"code": "p2b", "day": "2026-01-01", "slot": 2}, {"code": "p3", "day": "2026-01-02", "slot": 2, "n": 3}]', 'place')), '1 1 0: updated created', 'named by its index');
SELECT is(items() LIKE '%p1/7/new p2b/7/new p3/3/new', true, 'what is no part of it is changed');
SELECT is(fault('[{"code": "x", "n": 1}, {"code": "y", "n": 2}, {"code": "x", "n": 3}, {"code": "x", "n": 4}]'), 'PW400 [2] code: is given more than once, first in records[0]; [3] code: is given more than once, first in records[0]', 'a key may be given once');
SELECT is(fault('[{"price": 1.5}, {"price": "1.50", "code": "x"}]', 'price'), 'PW400 [1] price: is given more than once, first in records[0]', 'as the server compares its values');
SELECT is(fault('[{"day": "2026-01-01", "slot": 5}, {"day": "2026-01-01", "slot": 6}, {"day": "2026-01-01", "slot": 5}]'), 'PW400 [2] day: is given more than once, first in records[0]; [2] slot: is given more than once, first in records[0]', 'of several fields');
SELECT is(fault('[{"code": "x"}, {"n": 1}, {"code": null}]'), 'PW400 [1] code: is required: it is part of the key; [2] code: is required: it is part of the key', 'each record has to give the key');
SELECT is(fault('[{"n": 1}]'), 'PW400 key: is required: the data gives no unique key', 'that some give');
SELECT is(fault('[{"code": "x", "price": 1}, {"code": "y", "price": 2}]'), 'PW400 key: is required: the data gives several unique keys', 'one only');
SELECT is(told(upsert('[{"code": "x", "price": 1}, {"code": "y"}]')), '2 0 0: created created', 'or one that all give');
SELECT is(fault('[{"code": "x"}]', k), 'PW400 key: is no unique key of item', format('key %s', k)) FROM unnest(ARRAY['n', '', 'code) DO NOTHING --']) k;
SELECT is(fault(r), f, r) FROM (VALUES ('[]', 'PW400 records: must hold at least one record'), ('{}', 'PW400 records: must be an array'), ('[1, {"code": "x"}]', 'PW400 [0] : must be an object')) x (r, f);

-- Faults ---------------------------------------------------------------------------------------------------------------

SELECT items() AS before \gset
SELECT is(fault('[{"code": "z", "price": 1}, {"code": "a", "price": 9}, {"code": "b", "up": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}]', 'code'), 'PW409 [0] price: must be unique; [2] up: refers to a record that does not exist', 'what the database refuses is told of every record');
SELECT is(fault('[{"code": "z", "n": "x"}, {"code": "b", "colour": 1}, {"code": "b"}]'), 'PW400 [0] n: must be an integer; [1] colour: is not a field of item', 'what is wrong with the data before it is asked');
SELECT is(items(), :'before', 'and nothing is written');
SELECT is(told(upsert('[{"code": "z", "price": 1}, {"code": "a", "price": 9}, {"code": "a"}, {"n": 1}, {"code": "b", "n": "x"}, {"code": "w"}]', 'code', partial => true)),
    '1 1 4: - updated - - - created; [0] CONFLICT price: must be unique, [2] VALIDATION_ERROR code: is given more than once, first in records[1], [3] VALIDATION_ERROR code: is required: it is part of the key, [4] VALIDATION_ERROR n: must be an integer', 'in part: the good are written, the rest is told');
SELECT is(told(upsert('[{"n": "x"}, {"n": "y"}]', partial => true)), '0 0 2: - -; [0] VALIDATION_ERROR n: must be an integer, [1] VALIDATION_ERROR n: must be an integer', 'where none is good none is written');

-- On trial --------------------------------------------------------------------------------------------------------------

SELECT is((d ->> 'dry_run') || ' ' || told(d) || ' ' || (d -> 'records' -> 0 ->> 'n') || (d -> 'records' -> 1 ->> 'n'), 'true 1 1 0: updated created 997', 'a dry run tells the records') FROM upsert('[{"code": "a", "n": 99}, {"code": "dry"}]', dry_run => true) d;
SELECT is(id('dry'), NULL, 'and leaves nothing');
SELECT is((r).status || ' ' || ((r).headers ->> 'Preference-Applied') || coalesce((r).body::text, ' nothing'), '204 return=minimal nothing', 'by HTTP no body when none is preferred') FROM pgwright.http_bulk_upsert_records('item', '[{"code": "a", "n": 1}]', prefer => 'return=minimal') r;
SELECT is((r).status || ' ' || told((r).body), '200 0 1 1: updated -; [1] VALIDATION_ERROR n: must be an integer', 'but for what failed') FROM pgwright.http_bulk_upsert_records('item', '[{"code": "a", "n": 1}, {"code": "b", "n": "x"}]', prefer => 'return=minimal', partial => true) r;
SELECT is((r).status || ' ' || ((r).body -> 'records' -> 0 ->> 'n'), '200 2', 'and the records when they are') FROM pgwright.http_bulk_upsert_records('item', '[{"code": "a", "n": 2}]', prefer => 'return=representation') r;

-- Who may ------------------------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('roles', json_build_object('name', name, 'label', name)) FROM unnest('{single,creator,author,fixer}'::text[]) name \g /dev/null
SELECT pgwright.grant_permission((SELECT id::text FROM pgwright.roles r WHERE r.name = w.name AND tenant_id IS NOT NULL), 'item:' || p) FROM (VALUES ('single', '{read,create,update}'::text[]), ('creator', '{read,create,bulk}'),
    ('author', '{read,create,update:own,bulk}'), ('fixer', '{read,create,update,bulk}')) w (name, permissions), unnest(permissions) p \g /dev/null
SELECT pgwright.create_record('field_rules', json_build_object('role_id', r.id, 'entity_id', f.entity_id, 'field_id', f.id, 'mode', 'write_once'))
  FROM pgwright.roles r, pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id WHERE r.name = 'fixer' AND r.tenant_id IS NOT NULL AND e.name = 'item' AND f.name = 'n' \g /dev/null
SELECT become('nobody') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{single,creator,author,fixer}'::text[]) r \g /dev/null
CREATE FUNCTION refusal(records text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(tests.error_of(format('SELECT pgwright.bulk_upsert_records(%L, %L)', 'item', records)) ->> 'message', 'none') $$;
SELECT become('single') \g /dev/null
SELECT is(refusal('[{"code": "r"}]'), 'permission denied: item:bulk:tenant', 'bulk is a right of its own');
SELECT become('creator') \g /dev/null
SELECT is(refusal('[{"code": "r"}]'), 'permission denied: item:update:tenant', 'it takes the right to update');
SELECT become('viewer') \g /dev/null
SELECT is(refusal('[{"code": "r"}]'), 'permission denied: item:create:tenant', 'and to create');
SELECT become('author') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.bulk_upsert_records(%L, %L)', 'item', '[{"code": "own"}, {"code": "a", "n": 0}]')), 'PW403', 'an author, of what is another''s');
SELECT is(told(upsert('[{"code": "own"}, {"code": "a", "n": 0}, {"code": "b", "state": "0"}]', partial => true)), '1 0 2: created - -; [1] PERMISSION_DENIED, [2] PERMISSION_DENIED', 'in part he creates his own');
SELECT is(told(upsert('[{"code": "own", "n": 5}]')), '0 1 0: updated', 'and changes it');
SELECT is((SELECT concat_ws(' ', n, state) FROM t_acme.item WHERE code = 'a'), '2', 'the other''s is as it was');
SELECT become('fixer') \g /dev/null
SELECT is(told(upsert('[{"code": "once", "n": 1}, {"code": "f", "n": 6}, {"code": "own", "n": 6, "state": "s"}, {"code": "b", "state": "s"}, {"code": "c", "n": 30}]', partial => true)),
    '1 3 1: created updated - updated updated; [2] PERMISSION_DENIED n: is written once and has a value', 'what is written once may be given where it is empty or the same, and is told where not');
SELECT is((SELECT concat_ws(' ', n, state) FROM t_acme.item WHERE code = 'own'), '5 new', 'that record is as it was');
SELECT become('nobody') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.bulk_upsert_records(%L, %L)', 'item', '[{"code": "r"}]')), 'PW401', 'nobody');

-- Imported tables ---------------------------------------------------------------------------------------------------------

SELECT become('owner') \g /dev/null
CREATE SCHEMA shop;
CREATE TABLE shop.person (number serial PRIMARY KEY, email text NOT NULL UNIQUE, name text, born timestamptz DEFAULT now());
CREATE FUNCTION shop.normalise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.email := lower(NEW.email); RETURN NEW; END $$;
CREATE TRIGGER normalise BEFORE INSERT OR UPDATE ON shop.person FOR EACH ROW EXECUTE FUNCTION shop.normalise();
CREATE TABLE shop.reading (place integer, day date, value numeric, note text, PRIMARY KEY (place, day)) PARTITION BY RANGE (day);
CREATE TABLE shop.reading_2026 PARTITION OF shop.reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
SELECT pgwright.attach_schema('shop', 'acme') \g /dev/null
SELECT pgwright.import_entity(t) FROM unnest('{shop.person,shop.reading}'::text[]) t \g /dev/null
SELECT pgwright.bulk_upsert_records('person', '[{"email": "A@x", "name": "A"}, {"email": "b@x", "name": "B"}]') AS people \gset
SELECT is(told(:'people') || (:'people'::json ->> 'ids'), '2 0 0: created created["1","2"]', 'a table with a key of its own');
SELECT is(told(pgwright.bulk_upsert_records('person', '[{"email": "a@X", "name": "AA"}, {"email": "B@X"}, {"email": "c@x", "born": null}]')), '1 2 0: updated updated created', 'whose trigger changes the keys');
SELECT is((SELECT string_agg(concat_ws('/', email, name, born IS NULL), ' ' ORDER BY email) FROM shop.person), 'a@x/AA/f b@x/B/f c@x/t', 'each keeps what it does not give');
SELECT is(told(pgwright.bulk_upsert_records('reading', '[{"place": 1, "day": "2026-01-01", "value": 1}, {"place": 1, "day": "2026-01-02", "value": 2}]')), '2 0 0: created created', 'a partitioned table');
SELECT is(told(pgwright.bulk_upsert_records('reading', '[{"place": 1, "day": "2026-01-01", "note": "n"}, {"place": 2, "day": "2026-01-01", "value": 3}]')), '1 1 0: updated created', 'tells what is new too');
SELECT is((SELECT string_agg(concat_ws('/', place, value, note), ' ' ORDER BY place, day) FROM shop.reading), '1/1/n 1/2 2/3', 'and keeps what is not given');
SELECT is((u ->> 'created') || (u -> 'data' ->> 'value'), r, 'one record: ' || r) FROM (VALUES (1, 4, 'false4'), (9, 5, 'true5')) x (place, value, r), pgwright.upsert_record('reading', json_build_object('place', place, 'day', '2026-01-01', 'value', value)) u;

SELECT * FROM finish();
