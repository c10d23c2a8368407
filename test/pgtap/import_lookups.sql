-- Lookups of generated entities that refer to imported tables, whose keys are of the tables' own types.
\ir setup.psql
\set owner pgwright_tap_lookups_owner
SELECT make_role(:'owner') \g /dev/null
SELECT plan(45);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
CREATE SCHEMA shop AUTHORIZATION :"owner";
SET ROLE :"owner";
CREATE TABLE shop.country (code varchar(2) PRIMARY KEY, name text NOT NULL);
CREATE TABLE shop.brand (brand_id serial PRIMARY KEY, name text NOT NULL, seen timestamptz DEFAULT now());
CREATE TABLE shop.stock (shelf integer, place integer, PRIMARY KEY (shelf, place));
CREATE TABLE shop.spot (at point, n money PRIMARY KEY);
CREATE TABLE shop.log (line text);
CREATE VIEW shop.names AS SELECT name FROM shop.brand;
CREATE MATERIALIZED VIEW shop.names_kept AS SELECT brand_id FROM shop.brand;
CREATE TABLE shop.pile (n bigint PRIMARY KEY, deleted_at timestamptz, deleted_by uuid);
INSERT INTO shop.country VALUES ('de', 'Germany'), ('fr', 'France');
INSERT INTO shop.brand (name) VALUES ('Acme'), ('Bolt'), ('Cog');
INSERT INTO shop.pile VALUES (1, NULL, NULL), (2, now(), NULL);
RESET ROLE;
SELECT pgwright.attach_schema('shop', 'acme') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.import_entity(r) FROM unnest('{shop.country,shop.brand,shop.stock,shop.spot,shop.log,shop.names,shop.names_kept,shop.pile}'::text[]) r \g /dev/null

-- What can be referred to ---------------------------------------------------------------------------------------

SELECT is(faults_of(format($$SELECT pgwright.create_entity('{"name": "part", "fields": [{"name": "x", "field_type": "lookup", "reference_entity": "%s"}]}')$$, e)),
          'PW400 fields[0].reference_entity: ' || why, format('%s cannot be referred to', e))
  FROM (VALUES ('stock', 'refers to stock, whose key is of 2 columns; a lookup holds one'),
               ('spot', 'refers to spot, whose key is of a type that no lookup can hold'),
               ('log', 'refers to log, whose records have no key'),
               ('names', 'refers to names, which is no table'),
               ('names_kept', 'refers to names_kept, which is no table'),
               ('nothing', 'there is no entity of that name')) v (e, why);

SELECT pgwright.create_entity('{"name": "part", "fields": [
    {"name": "title", "field_type": "string"},
    {"name": "country", "field_type": "lookup", "reference_entity": "country", "reference_field": "name"},
    {"name": "brand", "field_type": "lookup", "reference_entity": "brand", "is_required": true, "on_delete": "RESTRICT"}]}') \g /dev/null
SELECT alike(pgwright.preview_migration('part') ->> 'up_script', '%"brand"%integer%NOT NULL%', 'the column is of the key''s type');
SELECT is(pgwright.publish_entity('part') ->> 'status', 'completed', 'the entity is published');
SELECT is((SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attname) FROM pg_attribute WHERE attrelid = 't_acme.part'::regclass AND attname IN ('brand', 'country')), 'integer, character varying', 'as the preview showed');
SELECT is((SELECT string_agg(pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE conrelid = 't_acme.part'::regclass AND contype = 'f' AND confrelid::regclass::text LIKE 'shop.%'),
    'FOREIGN KEY (brand) REFERENCES shop.brand(brand_id) ON DELETE RESTRICT; FOREIGN KEY (country) REFERENCES shop.country(code) ON DELETE RESTRICT', 'with foreign keys to the tables'' own keys');
SELECT ok((pgwright.analyze_schema('part') ->> 'in_sync')::boolean, 'which is in sync');
SELECT is((SELECT data_type FROM pgwright.field_definitions f WHERE name = 'brand' AND reference_entity_id IS NOT NULL AND NOT is_deleted), 'integer', 'and described so');

-- Records ---------------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('part', '{"title": "Nut", "brand": 1, "country": "de"}') -> 'data' ->> 'id' AS nut \gset
SELECT is(pgwright.get_record('part', :'nut') -> 'data' ->> 'brand', '1', 'a key is a value like others');
SELECT is(pgwright.get_record('part', :'nut') -> 'data' ->> 'country', 'de', 'of its own type');
SELECT is(pgwright.create_record('part', '{"title": "Cap", "brand": 3}') -> 'data' ->> 'country', NULL, 'or is not given');
SELECT is(state_of($$SELECT pgwright.create_record('part', '{"title": "Bad", "brand": 99}')$$), 'PW409', 'what is not there cannot be referred to');
SELECT is(state_of($$SELECT pgwright.create_record('part', '{"title": "Bad", "brand": 1, "country": "xx"}')$$), 'PW409', 'by a text neither');
SELECT is(faults_of($$SELECT pgwright.create_record('part', '{"title": "Bad", "brand": "x"}')$$), 'PW400 brand: must be an integer', 'a value of another type is told with its field');
SELECT is(state_of($$SELECT pgwright.create_record('part', '{"title": "Bad"}')$$), 'PW400', 'a required one must be given');
SELECT is((SELECT string_agg(i ->> 'title', ', ') FROM json_array_elements(pgwright.list_records('part', filters => '{"field": "brand", "operator": "eq", "value": 3}') -> 'items') i), 'Cap', 'records are found by it');
SELECT is((SELECT string_agg(i ->> 'title', ', ') FROM json_array_elements(pgwright.list_records('part', filters => '{"field": "brand", "operator": "in", "value": [1, 2]}') -> 'items') i), 'Nut', 'and by a list');
SELECT is((SELECT string_agg(i ->> 'title', ', ') FROM json_array_elements(pgwright.list_records('part', filters => '{"field": "country", "operator": "eq", "value": "de"}') -> 'items') i), 'Nut', 'by a text too');
SELECT is(state_of(format($$SELECT pgwright.update_record('part', %L, '{"brand": 2}')$$, :'nut')), 'ok', 'they are changed');
SELECT is(state_of($$SELECT pgwright.delete_record('brand', '2')$$), 'PW409', 'a record that is referred to is not deleted');
SELECT is(state_of($$SELECT pgwright.delete_record('country', 'de')$$), 'PW409', 'by a text neither');
SELECT is(state_of($$SELECT pgwright.delete_record('country', 'fr')$$), 'ok', 'another is');
SELECT is(pgwright.bulk_create_records('part', '[{"title": "A", "brand": 1}, {"title": "B", "brand": 1}]') ->> 'created', '2', 'many are written at once');

-- A table that marks its rows deleted: what is deleted is not referred to.
SELECT pgwright.create_entity('{"name": "heap", "fields": [{"name": "pile", "field_type": "lookup", "reference_entity": "pile"}]}') \g /dev/null
SELECT pgwright.publish_entity('heap') \g /dev/null
SELECT is(state_of($$SELECT pgwright.create_record('heap', '{"pile": 1}')$$), 'ok', 'a live row is referred to');
SELECT is(state_of($$SELECT pgwright.create_record('heap', '{"pile": 2}')$$), 'PW409', 'a deleted one is not');

-- Changes ------------------------------------------------------------------------------------------------------------

SELECT pgwright.create_field('part', '{"name": "maker", "field_type": "lookup", "reference_entity": "brand"}') \g /dev/null
SELECT is(pgwright.publish_entity('part') ->> 'status', 'completed', 'a lookup is added to a table with rows');
SELECT pgwright.update_field('part', 'maker', '{"name": "made_by", "on_delete": "SET NULL"}') \g /dev/null
SELECT is(pgwright.publish_entity('part') ->> 'status', 'completed', 'and changed');
SELECT ok((pgwright.analyze_schema('part') ->> 'in_sync')::boolean, 'in sync');
SELECT is(state_of(format($$SELECT pgwright.update_record('part', %L, '{"made_by": 3}')$$, :'nut')), 'ok', 'a value of it');
SELECT is(state_of($$DELETE FROM t_acme.part WHERE title = 'Cap'$$), 'ok', 'when nothing else refers to its target');
SELECT is(state_of($$SELECT pgwright.delete_record('brand', '3')$$), 'ok', 'the target may go');
SELECT is(pgwright.get_record('part', :'nut') -> 'data' ->> 'made_by', NULL, 'and the value goes with it');
SELECT pgwright.update_field('part', 'made_by', '{"reference_entity": "country"}') \g /dev/null
SELECT is(state_of($$SELECT pgwright.publish_entity('part')$$), 'PW400', 'a lookup does not change to a key of another type');
SELECT pgwright.discard_draft('part') \g /dev/null
SELECT pgwright.update_field('part', 'brand', '{"field_type": "text"}') \g /dev/null
SELECT is(state_of($$SELECT pgwright.publish_entity('part')$$), 'PW400', 'nor to something else');
SELECT pgwright.discard_draft('part') \g /dev/null

-- Drift, and what stands in the way of letting go ------------------------------------------------------------------------

ALTER TABLE t_acme.part DROP CONSTRAINT part_brand_fkey;
SELECT is(pgwright.sync_schema('database', 'part') ->> 'in_sync', 'true', 'a foreign key that is gone comes back');
SELECT is((SELECT count(*)::int FROM pg_constraint WHERE conname = 'part_brand_fkey'), 1, 'to the same table');
SELECT is(state_of($$SELECT pgwright.unimport_entity('brand')$$), 'PW409', 'an entity that is referred to is not unimported');
SELECT is(faults_of($$SELECT pgwright.unimport_entity('brand')$$), 'PW409 part.brand: refers to the entity; part.made_by: refers to the entity', 'the users are named');
SELECT pgwright.archive_entity('part'), pgwright.delete_entity('part', true) \g /dev/null
SELECT is(state_of($$SELECT pgwright.unimport_entity('brand')$$), 'ok', 'when nothing does, it is');
SELECT is((SELECT count(*)::int FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = 'shop.brand'::regclass AND a.grantee = 'pgwright_owner'::regrole), 0, 'and nothing is left that was given for it');
SELECT is((SELECT count(*)::int FROM pg_constraint WHERE confrelid = 'shop.brand'::regclass), 0, 'nor refers to it');
SELECT pgwright.purge_retired('0 seconds') \g /dev/null
SELECT * FROM finish();
SELECT become('nobody') \g /dev/null
DROP SCHEMA shop CASCADE;
SELECT drop_role(:'owner') \g /dev/null
