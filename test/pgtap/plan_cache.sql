-- How often a statement finds its plan: nearly always, in a session that does all kinds of things. And that
-- the counters tell so.
\ir setup.psql
SELECT plan(8);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "client", "fields": [{"name": "name", "field_type": "string", "is_required": true, "is_unique": true}, {"name": "city", "field_type": "string", "is_indexed": true}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "invoice", "fields": [{"name": "number", "field_type": "integer"}, {"name": "total", "field_type": "decimal"}, {"name": "client_id", "field_type": "lookup", "reference_entity": "client"}]}') \g /dev/null
SELECT pgwright.publish_entities('["client", "invoice"]') \g /dev/null
SELECT pgwright.create_record('client', json_build_object('name', 'c' || i, 'city', 'city' || i % 7)) FROM generate_series(1, 50) i \g /dev/null
SELECT pgwright.create_record('invoice', json_build_object('number', i, 'total', i * 10, 'client_id', id)) FROM t_acme.client, generate_series(1, 3) i \g /dev/null

-- What a call adds to the counters.
CREATE FUNCTION used(calls text[], OUT hits int, OUT misses int) LANGUAGE plpgsql AS $$
DECLARE
    before json := pgwright.plan_cache_use();
    after json;
    call text;
BEGIN
    FOREACH call IN ARRAY calls LOOP EXECUTE call; END LOOP;
    after := pgwright.plan_cache_use();
    hits := (after ->> 'hits')::int - (before ->> 'hits')::int;
    misses := (after ->> 'misses')::int - (before ->> 'misses')::int;
END $$;
\set list 'SELECT pgwright.list_records(\'client\', sort => \'city\')'
\set count 'SELECT pgwright.list_records(\'client\', sort => \'city\', page_size => 7, count => \'none\')'

SELECT is(used(ARRAY[:'list'])::text, '(0,1)', 'a statement is prepared when it is first asked for');
SELECT is(used(ARRAY[:'list', :'list'])::text, '(2,0)', 'and found from then on');
SELECT is((pgwright.plan_cache_use() ->> 'plans')::int BETWEEN 1 AND (pgwright.plan_cache_use() ->> 'hits')::int + (pgwright.plan_cache_use() ->> 'misses')::int, true, 'the plans that are kept are told');
ALTER TABLE t_acme.client ADD COLUMN extra text;
SELECT is(used(ARRAY[:'list', :'list'])::text, '(1,1)', 'it is prepared anew after its table has changed');
SET pgwright.plan_cache_size = 1;
SELECT is(used(ARRAY[:'count', :'list', :'count', :'list'])::text, '(0,4)', 'and each time where there is no room');
SELECT is(pgwright.plan_cache_use() ->> 'plans', '1', 'for more than one');
RESET pgwright.plan_cache_size;

-- A working day: reads and writes of all kinds, with values of all kinds, in no particular order.
SELECT setseed(0.5) \g /dev/null
CREATE FUNCTION some_call() RETURNS text LANGUAGE sql AS $$
    SELECT CASE floor(random() * 12)::int
        WHEN 0 THEN format('SELECT pgwright.get_record(%L, %L)', 'client', client)
        WHEN 1 THEN format('SELECT pgwright.get_record(%L, %L, expand => %L)', 'invoice', invoice, 'client')
        WHEN 2 THEN format('SELECT pgwright.list_records(%L, page_size => %s, page => %s)', 'invoice', (ARRAY[10, 25, 50, 100])[1 + n % 4], 1 + n % 3)
        WHEN 3 THEN format('SELECT pgwright.list_records(%L, filters => %L, sort => %L)', 'client', json_build_object('city', 'city' || n % 9), 'name')
        WHEN 4 THEN format('SELECT pgwright.list_records(%L, filters => %L, expand => %L)', 'client', json_build_object('name', json_build_object('in', (SELECT json_agg('c' || i) FROM generate_series(1, 1 + n % 20) i))), 'invoice')
        WHEN 5 THEN format('SELECT pgwright.list_records(%L, filters => %L, count => %L)', 'invoice', json_build_object('client.city', 'city' || n % 9, 'total', json_build_object('gt', n)), 'none')
        WHEN 6 THEN format('SELECT pgwright.aggregate_records(%L, %L)', 'invoice', '{"group_by": ["client.city"], "aggregates": [{"function": "sum", "field": "total"}]}')
        WHEN 7 THEN format('SELECT pgwright.create_record(%L, %L)', 'invoice', json_build_object('number', n, 'client_id', client))
        WHEN 8 THEN format('SELECT pgwright.update_record(%L, %L, %L)', 'invoice', invoice, json_build_object('total', n))
        WHEN 9 THEN format('SELECT pgwright.upsert_record(%L, %L)', 'client', json_build_object('name', 'c' || n % 200, 'city', 'new'))
        WHEN 10 THEN format('SELECT pgwright.bulk_create_records(%L, %L)', 'invoice', (SELECT json_agg(json_build_object('number', n, 'total', i)) FROM generate_series(1, 1 + n % 15) i))
        ELSE format('SELECT pgwright.bulk_update_records(%L, %L)', 'invoice', json_build_array(json_build_object('id', invoice, 'number', n), json_build_object('id', other, 'number', n)))
    END FROM (SELECT floor(random() * 1000)::int AS n, (SELECT id FROM t_acme.client ORDER BY random() LIMIT 1) AS client, i[1] AS invoice, i[2] AS other
                FROM (SELECT array_agg(id) AS i FROM (SELECT id FROM t_acme.invoice ORDER BY random() LIMIT 2) s) s) v
$$;
CREATE TABLE day AS SELECT array_agg(tests.some_call()) AS calls FROM generate_series(1, 4000);
CREATE TABLE rate AS SELECT u.* FROM day, used(calls) u;
SELECT is((SELECT hits + misses >= 4000 FROM rate), true, 'each of thousands of calls asks for a plan');
SELECT cmp_ok((SELECT hits::numeric / (hits + misses) FROM rate), '>', 0.99, 'and more than 99 of 100 find it');

SELECT * FROM finish();
