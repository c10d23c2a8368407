-- Writes that require what is there: a new record only, under an id that the caller chooses too; and versions of
-- relations whose rows have none.
\ir setup.psql
SELECT no_plan();

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor(r, 'acme', r) FROM unnest('{owner,viewer}'::text[]) r \g /dev/null
SELECT become('owner') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "fields": [{"name": "code", "field_type": "string", "is_unique": true, "is_required": true}, {"name": "n", "field_type": "integer", "default_value": 7}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "part", "fields": [{"name": "name", "field_type": "string"}, {"name": "item_id", "field_type": "lookup", "reference_entity": "item", "is_required": true}]}') \g /dev/null
SELECT pgwright.publish_entities('["item", "part"]') \g /dev/null
\set u1 0189aaaa-bbbb-7ccc-8ddd-eeeeffff0001
\set u2 0189aaaa-bbbb-7ccc-8ddd-eeeeffff0002

CREATE FUNCTION fault(statement text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$ SELECT tests.faults_of(format(statement, VARIADIC arguments)) $$;
CREATE FUNCTION items() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(concat_ws('/', code, n), ' ' ORDER BY code) FROM t_acme.item WHERE deleted_at IS NULL $$;

-- Under an id of one's own ----------------------------------------------------------------------------------------

SELECT is(pgwright.create_record_as('item', :'u1', '{"code": "a"}') #>> '{data,id}', :'u1', 'a record is created under that id');
SELECT is(items(), 'a/7', 'with its defaults');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'item', :'u1', '{"code": "b"}'), 'PW412 ', 'a record that is there is not written over');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'item', :'u2', '{"code": "a"}'), 'PW409 code: must be unique', 'another one in the way is a conflict');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'item', i, d), f, f) FROM (VALUES ('x', '{"code": "b"}', 'PW400 id: must be a UUID'), (:'u2', '{"n": "x"}', 'PW400 n: must be an integer; code: is required'),
    (:'u2', '[]', 'PW400 : must be an object'), (:'u2', '{"code": "b", "id": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0002"}', 'PW400 id: is read-only')) x (i, d, f);
SELECT pgwright.delete_record('item', :'u1') \g /dev/null
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'item', :'u1', '{"code": "b"}'), 'PW412 ', 'one that is deleted is there too');
SELECT is((d ->> 'dry_run') || (d #>> '{data,part,0,name}'), 'truep', 'on trial') FROM pgwright.create_record_as('item', :'u2', '{"code": "b", "part": [{"name": "p"}]}', true) d;
SELECT is(pgwright.create_record_as('item', :'u2', '{"code": "b", "part": [{"name": "p"}]}') #>> '{data,part,0,item_id}', :'u2', 'with nested records');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'item', :'u2', '{"code": "c", "part": [{"name": "q"}]}') || (SELECT count(*) FROM t_acme.part), 'PW412 1', 'of which none is left where the record is there');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'roles', :'u2', '{"name": "x", "label": "X"}'), 'PW400 id: cannot be chosen: the database makes it', 'ids of system entities are not chosen');
SELECT become('viewer') \g /dev/null
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'item', :'u2', '{"code": "c"}'), 'PW403 ', 'it takes the right to create, whether the record is there or not');
SELECT become('nobody') \g /dev/null
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'item', :'u2', '{"code": "c"}'), 'PW401 ', 'nobody');
SELECT become('owner') \g /dev/null

-- If-None-Match -------------------------------------------------------------------------------------------------------

CREATE FUNCTION put(id text, data text, if_none_match text, if_match text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r pgwright.response;
BEGIN
    r := pgwright.http_update_record('item', id, data::json, if_match, if_none_match => if_none_match);
    RETURN r.status || ' ' || (r.body #>> '{data,code}') || ' ' || coalesce(r.headers ->> 'Location', 'no place');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
\set u3 0189aaaa-bbbb-7ccc-8ddd-eeeeffff0003
SELECT is(put(:'u3', '{"code": "c"}', '*'), '201 c /api/v1/dynamic-data/item/records/' || :'u3', 'PUT of what is not there creates it');
SELECT is(put(:'u3', '{"code": "d"}', '*'), 'PW412', 'and of what is there is refused');
SELECT is(put(:'u3', '{"code": "d"}', NULL), '200 d no place', 'which without it is changed');
SELECT is(put('0189aaaa-bbbb-7ccc-8ddd-eeeeffff0004', '{"code": "e"}', '*', '"0123456789abcdef"'), 'PW412', 'nothing is new and in a version');
SELECT is(put(:'u3', '{"code": "e"}', m), 'PW400', 'a write heeds no tag: ' || m) FROM unnest('{"\"0123456789abcdef\"",x,""}'::text[]) m;
SELECT (r).headers ->> 'ETag' AS told, (r).body ->> 'id' AS id, (r).status FROM pgwright.http_create_record('item', '{"code": "post"}', if_none_match => '*') r \gset
SELECT is(:'status' || ' ' || :'told', format('201 "%s"', pgwright.record_tag('item', :'id')), 'POST of what is new');
SELECT is(state_of($$SELECT pgwright.http_create_record('item', '{"code": "post", "n": 9}', if_none_match => '*')$$), 'PW412', 'of what is there by a unique value');
SELECT is(state_of($$SELECT pgwright.http_create_record('item', '{"code": "post", "part": [{"name": "q"}]}', if_none_match => '*')$$) || (SELECT count(*) FROM t_acme.part), 'PW4121', 'with nested records too');
SELECT is(items(), 'b/7 d/7 post/7', 'nothing was written over');

-- Rows without versions ---------------------------------------------------------------------------------------------------

CREATE SCHEMA shop;
CREATE TABLE shop.plain (code text PRIMARY KEY, note text);
CREATE TABLE shop.serial (number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
CREATE TABLE shop.reading (place integer, day date, note text, PRIMARY KEY (place, day)) PARTITION BY RANGE (day);
CREATE TABLE shop.reading_2026 PARTITION OF shop.reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW shop.seen AS SELECT code, note FROM shop.plain;
CREATE MATERIALIZED VIEW shop.kept AS SELECT code, note FROM shop.plain;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE shop.away (code text, note text) SERVER nowhere;
SELECT pgwright.attach_schema('shop', 'acme') \g /dev/null
SELECT pgwright.import_entity('shop.' || t) FROM unnest('{plain,serial,reading,seen,kept,away}'::text[]) t \g /dev/null
SELECT is(pgwright.create_record_as('plain', 'k 1', '{"note": "n"}') #>> '{data,code}', 'k 1', 'a key that people write is the id''s');
SELECT is(pgwright.create_record_as('plain', 'k2', '{"code": "k2"}') ->> 'id', 'k2', 'also when it is given');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'plain', 'k3', '{"code": "k4"}'), 'PW400 code: is not what the record''s id says', 'but not as another one');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'serial', '1', '{"note": "n"}'), 'PW400 id: cannot be chosen: the database makes it', 'numbers that the database gives are not chosen');
SELECT is(pgwright.create_record_as('reading', '1,2026-01-01', '{"note": "n"}') ->> 'id', '1,2026-01-01', 'in a partitioned table');
SELECT is(fault('SELECT pgwright.create_record_as(%L, %L, %L)', 'reading', '1,2026-01-01', '{"note": "o"}'), 'PW412 ', 'once');
SELECT is(pgwright.record_tag('reading', '1,2026-01-01'), NULL, 'a partitioned table''s records have no version');
SELECT is((r).headers ->> 'ETag', NULL, 'no tag is told') FROM pgwright.http_get_record('reading', '1,2026-01-01') r;
SELECT is((r).status, 200, 'and what a client says it knows is not known') FROM pgwright.http_get_record('reading', '1,2026-01-01', if_none_match => '"0123456789abcdef"') r;
SELECT is(fault(s, 'reading', '1,2026-01-01'), 'PW400 if_match: cannot be asked for: the versions of records of reading cannot be told apart', s) FROM unnest(ARRAY[
    $$SELECT pgwright.update_record(%L, %L, '{"note": "x"}', if_match => '0123456789abcdef')$$, $$SELECT pgwright.delete_record(%L, %L, if_match => '"0123456789abcdef"')$$,
    $$SELECT pgwright.http_update_record(%L, %L, '{"note": "x"}', if_match => '0123456789abcdef')$$]) s;
SELECT is(pgwright.update_record('reading', '1,2026-01-01', '{"note": "y"}', if_match => '*') #>> '{data,note}', 'y', '* is any record that is there');
-- Nor is one of their records named at all.
SELECT is(fault(s, e, 'k2'), 'PW400 id: records of this entity have no key', format('%s: %s', e, s)) FROM unnest('{seen,kept,away}'::text[]) e, unnest(ARRAY[
    $$SELECT pgwright.update_record(%L, %L, '{"note": "x"}', if_match => '0123456789abcdef')$$, $$SELECT pgwright.update_record(%L, %L, '{"note": "x"}', if_match => '*')$$,
    $$SELECT pgwright.delete_record(%L, %L, if_match => '0123456789abcdef')$$, 'SELECT pgwright.record_tag(%L, %L)', $$SELECT pgwright.http_get_record(%L, %L, if_none_match => '*')$$]) s;

SELECT * FROM finish();
