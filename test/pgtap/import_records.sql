-- Every relation of a schema that pgwright did not make is adopted, served and edited through the record
-- functions, whatever its key; and no row of it is touched by the adoption.
\ir setup.psql
\set owner pgwright_tap_records_owner
\set clerk pgwright_tap_records_clerk
\ir rental_schema.psql
SELECT plan(71);
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ada', 'acme', 'admin') \g /dev/null
SELECT pgwright.attach_schema('rental', 'acme') \g /dev/null

-- All rows of all relations, in their own text and order.
CREATE FUNCTION fingerprint() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    each regclass; digest text; all_of jsonb := '{}';
BEGIN
    FOR each IN SELECT oid FROM pg_class WHERE relnamespace = 'rental'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') LOOP
        EXECUTE format('SELECT md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text), '''')) FROM %s t', each) INTO digest;
        all_of := all_of || jsonb_build_object(each::text, digest);
    END LOOP;
    RETURN all_of;
END $$;
SELECT fingerprint() AS before \gset

SELECT become('ada') \g /dev/null
CREATE TEMPORARY TABLE adopted AS
    SELECT x ->> 'relation' AS relation, (x ->> 'estimated_rows')::bigint AS estimate, x ->> 'read_only_reason' AS reason,
           pgwright.import_entity(x ->> 'relation') AS entity
      FROM json_array_elements(pgwright.introspect('rental')) x;
SELECT is(count(*), 20::bigint, 'every relation of the schema is adopted') FROM adopted;
SELECT is(fingerprint(), :'before', 'no row has changed');
SELECT is((SELECT array_agg(e ->> 'name' ORDER BY e ->> 'name') FROM (SELECT entity FROM adopted) a (e)),
    '{actor,category,customer,disc,film,film_actor,film_category,film_list,inventory,language,medium,payment,payment_2026_01,payment_2026_02,place,rental,sales,staff_notes,store,visit_log}',
    'entities are named as the relations are, in snake case');
SELECT results_eq($$SELECT entity ->> 'name', entity ->> 'readonly_reason' FROM adopted WHERE (entity ->> 'is_readonly')::boolean ORDER BY 1$$,
    $$VALUES ('film_list', 'it is a view, which holds no records of its own'),
             ('payment_2026_01', 'it is a partition of rental.payment, through which its records are managed'),
             ('payment_2026_02', 'it is a partition of rental.payment, through which its records are managed'),
             ('sales', 'it is a materialized view, whose records change when it is refreshed'),
             ('visit_log', 'it has no primary key and no unique key of required columns')$$,
    'what cannot be managed is read-only, with the reason');

-- Listing says what the table says.
CREATE FUNCTION listed(entity text) RETURNS bigint LANGUAGE sql AS $$ SELECT (pgwright.list_records(entity) ->> 'total')::bigint $$;
CREATE FUNCTION held(relation text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; BEGIN EXECUTE format('SELECT count(*) FROM %s', relation) INTO n; RETURN n; END $$;
SELECT is(array_agg(listed(entity ->> 'name') ORDER BY relation), array_agg(held(relation) ORDER BY relation), 'a list counts the rows of each') FROM adopted;

-- What is served, as jsonb, and the faults of a call.
CREATE FUNCTION got(entity text, id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT (pgwright.get_record(entity, id) -> 'data')::jsonb $$;
CREATE FUNCTION made(entity text, data json) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.create_record(entity, data) ->> 'id' $$;
CREATE FUNCTION changed(entity text, id text, data json) RETURNS jsonb LANGUAGE sql AS $$ SELECT (pgwright.update_record(entity, id, data) -> 'data')::jsonb $$;
CREATE FUNCTION faults(call text, VARIADIC args text[]) RETURNS text LANGUAGE sql AS $$
    SELECT tests.faults_of(format('SELECT pgwright.%s(%s)', call, (SELECT string_agg(quote_literal(a), ', ' ORDER BY n) FROM unnest(args) WITH ORDINALITY x (a, n)))) $$;

-- Every record of every keyed relation is found by the id that a list would make of it.
CREATE FUNCTION unfound() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    a record; item jsonb; id text; missing text[] := '{}';
BEGIN
    FOR a IN SELECT entity ->> 'name' AS name, (entity ->> 'key_fields')::jsonb AS key FROM adopted WHERE json_array_length(entity -> 'key_fields') > 0 LOOP
        FOR item IN SELECT * FROM jsonb_array_elements((pgwright.list_records(a.name, page_size => 100) -> 'items')::jsonb) LOOP
            id := (SELECT string_agg(CASE WHEN jsonb_array_length(a.key) = 1 THEN item ->> k
                                          ELSE replace(replace(item ->> k, '\', '\\'), ',', '\,') END, ',' ORDER BY n)
                     FROM jsonb_array_elements_text(a.key) WITH ORDINALITY AS x (k, n));
            IF got(a.name, id) <> item THEN missing := missing || format('%s %s', a.name, id); END IF;
        END LOOP;
    END LOOP;
    RETURN missing;
END $$;
SELECT is(unfound(), '{medium 2}', 'each record is found by its id, but for a key that an inheritance tree has twice');

-- Serial and identity keys come from the server, and from nobody else.
SELECT is(made('actor', '{"first_name": "Ada", "last_name": "Byron"}'), '41', 'a serial key is the next of its sequence');
SELECT is(got('actor', '41') ->> 'full_name', 'Ada Byron', 'a generated column is served');
SELECT is(faults('create_record', 'actor', '{"actor_id": 99, "first_name": "A", "last_name": "B", "full_name": "C"}'),
    'PW400 actor_id: is read-only; full_name: is read-only', 'neither serial nor generated column is written');
SELECT is(made('film', '{"title": "Blow-Up", "language_id": 1, "rating": "PG-13"}'), '61', 'an identity is too');
SELECT is(got('film', '61') - '{description,release_year,language_id,title}'::text[],
    '{"film_id": 61, "rental_rate": 4.99, "length": null, "rating": "PG-13", "special_features": null, "fulltext": "''blow'':2 ''blow-up'':1 ''up'':3", "last_update": "2026-01-01T00:00:00"}',
    'defaults and triggers of the table hold');
SELECT is(changed('film', '61', '{"rental_rate": 0.5, "release_year": 1966}') - '{description,language_id,title,length,fulltext,last_update,special_features}'::text[],
    '{"film_id": 61, "rental_rate": 0.50, "rating": "PG-13", "release_year": 1966}', 'an update answers with the record');
SELECT is(faults('update_record', 'film', '61', '{"release_year": 1700}'), 'PW400 ', 'a domain refuses what it does not hold');
SELECT is(faults('update_record', 'film', '61', '{"rating": "X"}'), 'PW400 rating: must be one of: G, PG, PG-13, R, NC-17', 'an enum has its labels');
SELECT is(faults('update_record', 'film', '61', '{"length": -5}'), 'PW400 length: is refused by a constraint of the table', 'a check names its field');
SELECT is(faults('update_record', 'film', '61', '{"length": 40000}'), 'PW400 length: must be an integer from -32768 to 32767', 'a smallint has its range');
SELECT is(faults('update_record', 'film', '61', json_build_object('title', repeat('x', 81))::text), 'PW400 title: must be at most 80 characters', 'a varchar(80) has its length');
SELECT is(faults('update_record', 'film', '61', '{"rental_rate": 1.234}'), 'PW400 rental_rate: must have at most 2 decimal places', 'a numeric(4,2) has its scale');
SELECT is(faults('update_record', 'film', '61', '{"fulltext": "x", "film_id": 1}'), 'PW400 fulltext: is read-only; film_id: is read-only', 'what no field type carries is read-only');
SELECT is(faults('update_record', 'film', '61', '{"special_features": "x"}'), 'PW400 special_features: must be an array', 'an array is one');
SELECT is(changed('film', '61', '{"special_features": ["Trailers", "Deleted {Scenes}"]}') -> 'special_features', '["Trailers", "Deleted {Scenes}"]', 'whose items are written');
SELECT is(changed('film', '61', '{"special_features": null}') ->> 'special_features', NULL, 'or nothing');
SELECT is(faults('update_record', 'film', '61', '{"language_id": 77}'), 'PW409 language_id: refers to a record that does not exist', 'a foreign key names its field');
SELECT is(faults('delete_record', 'film', '1'), 'PW409 ', 'what is referred to stays');
SELECT is(faults('get_record', 'film', 'x'), 'PW400 film_id: must be an integer', 'a malformed id is told');
SELECT is(faults('get_record', 'film', '4711'), 'PW404 ', 'an unknown one is not found');
SELECT is(pgwright.delete_record('film', '61')::jsonb, '{"id": "61", "deleted": true}', 'a record is deleted');
SELECT is(faults('get_record', 'film', '61'), 'PW404 ', 'and gone');

-- Conditions over enums, domains and lookups.
SELECT is((pgwright.list_records('film', filters => '{"rating": "R"}') ->> 'total')::int, 12, 'a filter of an enum');
SELECT is((pgwright.list_records('film', filters => '{"field": "rating", "operator": "contains", "value": "pg"}') ->> 'total')::int, 24, 'a pattern sees an enum''s labels');
SELECT is((pgwright.list_records('film', filters => '{"field": "rating", "operator": "in", "value": ["G", "R"]}') ->> 'total')::int, 24, 'a list of labels');
SELECT is((pgwright.list_records('film', filters => '{"field": "release_year", "operator": "lt", "value": 1960}') ->> 'total')::int, 9, 'a filter of a domain');
SELECT is((pgwright.list_records('film', filters => '{"language_id": 2}') ->> 'total')::int, 20, 'a filter of a lookup, which is of its column''s type');
SELECT is(pgwright.list_records('film', sort => 'rating:desc,title', page_size => 1) #>> '{items,0,title}', 'Film 14', 'an enum sorts as the server has it');

-- Composite keys.
SELECT is(made('film_actor', '{"actor_id": 41, "film_id": 1, "billing": 3}'), '41,1', 'a composite key is given, and joined by a comma');
SELECT is(got('film_actor', '41,1'), '{"actor_id": 41, "film_id": 1, "billing": 3}', 'and read by it');
SELECT is(changed('film_actor', '41,1', '{"billing": 1}') ->> 'billing', '1', 'and updated by it');
SELECT is(faults('update_record', 'film_actor', '41,1', '{"film_id": 2}'), 'PW400 film_id: identifies the record and cannot be changed', 'a key does not change');
SELECT is(faults('create_record', 'film_actor', '{"actor_id": 41}'), 'PW400 film_id: is required', 'nor is it left out');
SELECT is(faults('create_record', 'film_actor', '{"actor_id": 41, "film_id": 1}'), 'PW409 ', 'nor given twice');
SELECT is(faults('get_record', 'film_actor', '41'), 'PW400 id: must have 2 parts: actor_id,film_id', 'one part is not two');
SELECT is(faults('get_record', 'film_actor', '41,1,2'), 'PW400 id: must have 2 parts: actor_id,film_id', 'nor three');
SELECT is(faults('get_record', 'film_actor', 'a,b'), 'PW400 actor_id: must be an integer; film_id: must be an integer', 'each part is of its type');
SELECT is(got('film_category', '3,a\,b\\c') ->> 'category', 'a,b\c', 'commas and backslashes of a value are escaped');
SELECT is(got('category', 'a,b\c') ->> 'name', 'A,B\C', 'a key of one column is the value as it is');
SELECT is(pgwright.bulk_create_records('film_category', '[{"film_id": 1, "category": "action"}, {"film_id": 2, "category": "a,b\\c"}]') ->> 'ids',
    '["1,action","2,a\\,b\\\\c"]', 'bulk answers with the same ids');
SELECT is(pgwright.delete_record('film_actor', '41,1')::jsonb, '{"id": "41,1", "deleted": true}', 'and deleted by it');
SELECT is(got('place', 'AT,GRZ') ->> 'label', 'Graz', 'a unique key of required columns will do');
SELECT is((SELECT array_agg(x ->> 'film_id') FROM json_array_elements(pgwright.list_records('film_actor', page_size => 3) -> 'items') x),
    (SELECT array_agg(film_id::text) FROM (SELECT film_id FROM rental.film_actor ORDER BY actor_id, film_id LIMIT 3) f), 'a list ends its order with the whole key');

-- Partitions: written through the parent, which routes.
SELECT is(made('payment', '{"rental_id": 1, "amount": 3.5, "paid_at": "2026-02-03T10:00:00+02:00"}'), '201,2026-02-03T08:00:00Z', 'a part of the key that has a plain default may be given');
SELECT is(got('payment_2026_02', '201,2026-02-03T08:00:00Z') ->> 'amount', '3.50', 'the partition serves it, read-only');
SELECT is(faults('update_record', 'payment_2026_02', '201,2026-02-03T08:00:00Z', '{"amount": 1}'), 'PW403 ', 'and does not write it');
SELECT is(faults('create_record', 'payment', '{"rental_id": 9999, "amount": 3.5, "paid_at": "2026-02-03T10:00:00Z"}'), 'PW409 rental_id: refers to a record that does not exist', 'what a partition refuses is told of the field');
SELECT is(changed('payment', '201,2026-02-03T08:00:00Z', '{"amount": 4}') ->> 'amount', '4.00', 'the parent writes it');

-- A key that two tables of an inheritance tree have names no single record.
SELECT is(faults('update_record', 'medium', '2', '{"name": "both"}'), 'PW409 ', 'an update of two records is refused');
SELECT is((SELECT array_agg(name ORDER BY name) FROM rental.medium WHERE medium_id = 2), '{laser disc,reel}', 'and undone');
SELECT is(changed('disc', '10', '{"layers": 1}') ->> 'layers', '1', 'a child with a key of its own is managed by itself');

-- Without a key.
SELECT is(pgwright.list_records('visit_log', page => 2, page_size => 5) #>> '{items,0,note}', 'visit 6', 'a table without a key is listed in order');
SELECT is(faults('get_record', 'visit_log', '1'), 'PW400 id: records of this entity have no key', 'its records cannot be named');
SELECT is(faults('delete_record', 'film_list', '1'), 'PW400 id: records of this entity have no key', 'nor those of a view');
SELECT is(faults('create_record', 'visit_log', '{"note": "x"}'), 'PW403 ', 'nor written');

-- Defaults that the server alone knows survive a bulk in which some records give the column and some do not.
SELECT pgwright.bulk_create_records('inventory',
    '[{"film_id": 1, "store_id": 1}, {"film_id": 1, "store_id": 2, "shelf_no": 7000}, {"film_id": 2, "store_id": 2}]') -> 'ids' AS ids \gset
SELECT is((SELECT array_agg(concat_ws('/', film_id, store_id, shelf_no) ORDER BY n) FROM json_array_elements_text(:'ids') WITH ORDINALITY x (i, n)
             JOIN rental.inventory ON inventory_id = i::int),
    '{1/1/121,1/2/7000,2/2/122}', 'each record has its own, and ids come in the records'' order');

-- Mixed case, reserved words and whatever a column may be called.
SELECT is(made('staff_notes', '{"Store": 1, "Select": "lamp", "Über, alles": "é"}'), '6', 'names are the columns'' own');
SELECT is((got('staff_notes', '6')) ->> 'Über, alles', 'é', 'a name is');
SELECT md5(string_agg(concat(f ->> 'name', f ->> 'data_type'), ',' ORDER BY f ->> 'id')) AS columns FROM json_array_elements(pgwright.list_fields('staff_notes')) f \gset
SELECT is(pgwright.update_field('staff_notes', 'Über, alles', '{"label": "Remarks"}') ->> 'label', 'Remarks', 'a column gets another label');
SELECT is(faults_of($$SELECT pgwright.update_field('staff_notes', 'Über, alles', '{"is_required": true}')$$),
    'PW400 is_required: cannot be changed, because the table was imported', 'and keeps its rules');
SELECT is(pgwright.publish_entity('staff_notes') ->> 'status', 'completed', 'the label is published');
SELECT is((SELECT md5(string_agg(concat(f ->> 'name', f ->> 'data_type'), ',' ORDER BY f ->> 'id')) FROM json_array_elements(pgwright.list_fields('staff_notes')) f),
    :'columns', 'the columns are what they were');
SELECT is((got('staff_notes', '6')) ->> 'Über, alles', 'é', 'and served as before');

-- Soft delete where the table has the columns for it.
SELECT pgwright.delete_record('customer', '30') \g /dev/null
SELECT is(deleted_by, (SELECT user_id FROM actor WHERE name = 'ada'), 'a delete marks the record') FROM rental.customer WHERE customer_id = 30;
SELECT is(faults('get_record', 'customer', '30'), 'PW404 ', 'which is gone for the engine');

DROP SCHEMA rental CASCADE;
SELECT drop_role(:'owner'), drop_role(:'clerk') \g /dev/null
SELECT * FROM finish();
