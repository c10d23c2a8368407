-- How many statements a request is: one, where it reads, and where it writes the same number for any number
-- of records. The test module's hook counts what the executor is started for, inside of functions and triggers too.
\ir setup.psql
SELECT no_plan();

CREATE FUNCTION pgwright_test_count_statements() RETURNS void AS '$libdir/pgwright_test' LANGUAGE c;
CREATE FUNCTION pgwright_test_counted_statements() RETURNS json AS '$libdir/pgwright_test' LANGUAGE c;

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity(d::json) FROM (VALUES
    ('{"name": "country", "supports_soft_delete": false, "fields": [{"name": "name", "field_type": "string"}]}'),
    ('{"name": "client", "fields": [{"name": "name", "field_type": "string", "is_required": true, "is_unique": true}, {"name": "country_id", "field_type": "lookup", "reference_entity": "country"}]}'),
    ('{"name": "invoice", "fields": [{"name": "number", "field_type": "integer", "is_required": true}, {"name": "client_id", "field_type": "lookup", "reference_entity": "client"}]}'),
    ('{"name": "line", "fields": [{"name": "amount", "field_type": "decimal"}, {"name": "invoice_id", "field_type": "lookup", "reference_entity": "invoice", "is_required": true}]}'),
    ('{"name": "tag", "fields": [{"name": "label", "field_type": "string"}]}')) AS d (d) \g /dev/null
SELECT pgwright.create_relationship('{"name": "tags", "relationship_type": "many-to-many", "source_entity": "invoice", "target_entity": "tag"}') \g /dev/null
SELECT pgwright.publish_entities('["country", "client", "invoice", "line", "tag", "invoice_tag"]') \g /dev/null

-- An analysis in the background would have the caches filled again in the middle of a count.
SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', oid::regclass) FROM pg_class WHERE relnamespace = 't_acme'::regnamespace AND relkind = 'r' \gexec

-- What a call begins, without the call itself and the server's own look at a foreign key, which it takes for
-- each row whoever writes. The first call fills the caches; it is given apart, since a write is not made twice.
CREATE FUNCTION begun(first text, call text) RETURNS TABLE (statement text, times bigint) LANGUAGE plpgsql AS $$
DECLARE
    counted json;
BEGIN
    EXECUTE first;
    PERFORM pgwright_test_count_statements();
    EXECUTE call;
    counted := pgwright_test_counted_statements();
    RETURN QUERY SELECT key, value::bigint FROM json_each_text(counted)
                  WHERE key <> call AND key NOT LIKE 'SELECT 1 FROM ONLY %' ORDER BY key;
END $$;
CREATE FUNCTION begun(call text) RETURNS SETOF text LANGUAGE sql AS $$ SELECT concat(times, ' x ', statement) FROM begun(call, call) $$;
CREATE FUNCTION number_begun(call text) RETURNS bigint LANGUAGE sql AS $$ SELECT coalesce(sum(times), 0)::bigint FROM begun(call, call) $$;
CREATE FUNCTION number_begun(first text, call text) RETURNS bigint LANGUAGE sql AS $$ SELECT coalesce(sum(times), 0)::bigint FROM begun(first, call) $$;

SELECT is(number_begun('SELECT count(tests.state_of(''SELECT 1'')) FROM generate_series(1, 3)') >= 3, true, 'what runs inside of functions is counted');

-- Reads: one statement, whatever they bring, of few records and of many ------------------------------------------

CREATE TABLE request (name text, call text);
INSERT INTO request VALUES
    ('a page', $$SELECT pgwright.list_records('invoice')$$),
    ('a page with a filter over a relation', $$SELECT pgwright.list_records('invoice', filters => '{"client.country.name": "c1"}')$$),
    ('a page sorted over a relation', $$SELECT pgwright.list_records('invoice', sort => 'client.country.name,-client.name')$$),
    ('a page by cursor', $$SELECT pgwright.list_records('invoice', cursor => '', sort => 'client.name', count => 'exact')$$),
    ('a page with what its records refer to', $$SELECT pgwright.list_records('invoice', expand => 'client.country', page_size => 100)$$),
    ('a page with those that refer to its records', $$SELECT pgwright.list_records('client', expand => '{"invoice": {"sort": "-number", "limit": 2, "expand": {"line": true, "tags": true}}}', page_size => 100)$$),
    ('a page of distinct records', $$SELECT pgwright.list_records('invoice', fields => 'number', "distinct" => true)$$),
    ('a page without a count', $$SELECT pgwright.list_records('invoice', count => 'none')$$),
    ('groups', $$SELECT pgwright.aggregate_records('invoice', '{"group_by": ["client.country.name"], "aggregates": [{"function": "count"}, {"function": "sum", "field": "number"}], "having": {"field": "count", "operator": "gt", "value": 0}}')$$),
    ('a document', $$SELECT pgwright.query_records('client', '{"expand": "invoice.line", "filters": {"field": "invoice", "operator": "any", "conditions": [{"number": {"gt": 0}}]}}')$$);

-- The faces are written in SQL over these, and begin a few statements of their own: as many for a page of 100
-- as for one of none.
CREATE TABLE face (name text, call text);
INSERT INTO face VALUES
    ('a page of dynamic data, related to a record', $$SELECT pgwright.list_related_records('client', (SELECT id::text FROM t_acme.client LIMIT 1), 'invoice', expand => 'line', page_size => 100)$$),
    ('a page of data by its old path', $$SELECT pgwright.list_records_deprecated('invoice', '{"expand": "client,line", "page_size": 100}')$$),
    ('a page of entities', $$SELECT pgwright.eav_list_entities('invoice', "limit" => 100, sort => '-number')$$),
    ('a search of entities', $$SELECT pgwright.eav_search_entities('invoice', '[{"attribute": "number", "operator": "greater_than", "value": 0}]', pagination => '{"limit": 100}')$$),
    ('a page of a project''s records', $$SELECT pgwright.list_project_records('acme', 'invoice', "limit" => 100, expand => 'client,line')$$),
    ('the next page of a project''s records', $$SELECT pgwright.list_project_records('acme', 'invoice', "limit" => 2, cursor => coalesce(pgwright.list_project_records('acme', 'invoice', "limit" => 1) ->> 'next_cursor', ''))$$),
    ('the metadata of an entity', $$SELECT pgwright.get_entity_metadata('invoice')$$),
    ('the metadata of all entities', $$SELECT pgwright.list_entity_metadata()$$),
    ('groups over relations', $$SELECT pgwright.aggregate_records('line', '{"group_by": ["invoice.client.country.name"], "aggregates": [{"function": "avg", "field": "amount"}], "page_size": 100}')$$);
CREATE TABLE face_counted (stage text, name text, number bigint);
CREATE FUNCTION count_faces(stage text) RETURNS void LANGUAGE sql AS $$ INSERT INTO tests.face_counted SELECT stage, name, tests.number_begun(call) FROM tests.face $$;

CREATE FUNCTION sow(clients int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO t_acme.country (name) SELECT 'c' || i FROM generate_series(1, 5) i;
    INSERT INTO t_acme.client (name, country_id) SELECT gen_random_uuid(), id FROM generate_series(1, clients / 5) i, t_acme.country;
    INSERT INTO t_acme.invoice (number, client_id) SELECT i, id FROM generate_series(1, 4) i, t_acme.client;
    INSERT INTO t_acme.line (amount, invoice_id) SELECT i, id FROM generate_series(1, 3) i, t_acme.invoice;
    INSERT INTO t_acme.tag (label) VALUES ('t');
    INSERT INTO t_acme.invoice_tag (invoice_id, tag_id) SELECT i.id, t.id FROM t_acme.invoice i, t_acme.tag t ON CONFLICT DO NOTHING;
$$;
SELECT is(number_begun(call), 1::bigint, name || ' is one statement, of none') FROM request;
SELECT sow(5) \g /dev/null
SELECT count_faces('few') \g /dev/null
SELECT is(number_begun(call), 1::bigint, name || ' is one statement, of few') FROM request;
SELECT sow(50) \g /dev/null
SELECT is(number_begun(call), 1::bigint, name || ' is one statement, of many') FROM request;
SELECT count_faces('many') \g /dev/null
SELECT is(many.number, few.number, name || ' begins as many statements of many as of few')
  FROM face_counted few JOIN face_counted many USING (name) WHERE few.stage = 'few' AND many.stage = 'many';
SELECT cmp_ok(number, '<=', 20::bigint, name || ' begins few of them') FROM face_counted WHERE stage = 'many';
SELECT is(number_begun(format('SELECT pgwright.get_record(%L, %L, expand => %L)', 'client', id, 'invoice.line,country')), 1::bigint, 'a record with what is related to it is one statement')
  FROM t_acme.client LIMIT 1;
-- The count that the planner estimates takes an EXPLAIN of the statement that would count.
SELECT is(number_begun($$SELECT pgwright.list_records('invoice', count => 'planned')$$), 2::bigint, 'an estimated count is a second one, and no more');

-- Writes: the same statements for 2 records and for 40 -----------------------------------------------------------

CREATE SEQUENCE next_name;
-- Clients with their invoices, each with lines and a tag.
CREATE FUNCTION clients(clients int, invoices int, lines int) RETURNS json LANGUAGE sql AS $$
    SELECT json_agg(json_build_object('name', 'n' || nextval('tests.next_name'), 'country', json_build_object('name', 'new'), 'invoice', (
        SELECT coalesce(json_agg(json_build_object('number', i, 'tags', json_build_array(json_build_object('label', 'new')), 'line', (
            SELECT coalesce(json_agg(json_build_object('amount', l)), '[]') FROM generate_series(1, lines) l))), '[]')
          FROM generate_series(1, invoices) i))) FROM generate_series(1, clients) c
$$;
-- The same with the names of clients that are there, of every other one.
CREATE FUNCTION some_there(clients json) RETURNS json LANGUAGE sql AS $$
    SELECT json_agg(CASE o % 2 WHEN 0 THEN c ELSE c || jsonb_build_object('name', name) END ORDER BY o)
      FROM jsonb_array_elements(clients::jsonb) WITH ORDINALITY AS x (c, o)
      LEFT JOIN (SELECT name, row_number() OVER (ORDER BY id) AS n FROM t_acme.client WHERE deleted_at IS NULL) t ON n = o
$$;
-- The calls that write so many records: new ones, or those behind the first `past`.
CREATE FUNCTION writes(records int, past int) RETURNS TABLE (name text, call text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY VALUES
        ('a set of records', format('SELECT pgwright.bulk_create_records(%L, %L)', 'client', (SELECT json_agg(json_build_object('name', 'n' || nextval('tests.next_name'))) FROM generate_series(1, records)))),
        ('a set of records that refer', format('SELECT pgwright.bulk_create_records(%L, %L)', 'invoice', (SELECT json_agg(json_build_object('number', i, 'client_id', c.id)) FROM generate_series(1, records) i, (SELECT id FROM t_acme.client LIMIT 1) c))),
        ('a set that may fail in part', format('SELECT pgwright.bulk_create_records(%L, %L, partial => true)', 'client', (SELECT json_agg(json_build_object('name', 'n' || nextval('tests.next_name'))) FROM generate_series(1, records)))),
        ('a record with many', format('SELECT pgwright.create_record(%L, %L)', 'client', tests.clients(1, records, 2) -> 0)),
        ('a record with many levels down', format('SELECT pgwright.create_record(%L, %L)', 'client', tests.clients(1, 2, records) -> 0)),
        ('a set of records with many', format('SELECT pgwright.bulk_create_records(%L, %L)', 'client', tests.clients(records, 2, 2))),
        ('changes of records with many', format('SELECT pgwright.bulk_update_records(%L, %L)', 'client', (SELECT json_agg(c::jsonb - 'name' || jsonb_build_object('id', id)) FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM t_acme.client WHERE deleted_at IS NULL ORDER BY id LIMIT records OFFSET past) i, json_array_elements(tests.clients(records, 2, 2)) WITH ORDINALITY AS x (c, o) WHERE o = n - past))),
        ('a record by its key with many', format('SELECT pgwright.upsert_record(%L, %L)', 'client', tests.clients(1, records, 2) -> 0)),
        ('records by their keys', format('SELECT pgwright.bulk_upsert_records(%L, %L)', 'client', tests.some_there(tests.clients(records, 0, 0)))),
        ('records by their keys that give different fields', format('SELECT pgwright.bulk_upsert_records(%L, %L)', 'client', (SELECT json_agg(CASE o % 4 / 2 WHEN 0 THEN c - 'country' - 'invoice' ELSE jsonb_build_object('name', c -> 'name', 'country_id', NULL) END) FROM jsonb_array_elements(tests.some_there(tests.clients(records, 0, 0))::jsonb) WITH ORDINALITY AS x (c, o)))),
        ('records by their keys with many', format('SELECT pgwright.bulk_upsert_records(%L, %L)', 'client', tests.some_there(tests.clients(records, 2, 2)))),
        ('changes of records', format('SELECT pgwright.bulk_update_records(%L, %L)', 'invoice', (SELECT json_agg(json_build_object('id', id, 'number', 7)) FROM (SELECT id FROM t_acme.invoice WHERE deleted_at IS NULL ORDER BY id LIMIT records OFFSET past) i))),
        ('changes of what records refer to', format('SELECT pgwright.bulk_update_records(%L, %L)', 'invoice', (SELECT json_agg(json_build_object('id', i.id, 'client_id', c.id)) FROM (SELECT id FROM t_acme.invoice WHERE deleted_at IS NULL ORDER BY id LIMIT records OFFSET past) i, (SELECT id FROM t_acme.client ORDER BY id OFFSET 1 LIMIT 1) c))),
        ('changes by condition', format('SELECT pgwright.update_records_where(%L, %L, %L)', 'line', (SELECT json_build_object('id', json_build_object('in', json_agg(id))) FROM (SELECT id FROM t_acme.line WHERE deleted_at IS NULL ORDER BY id LIMIT records OFFSET past) i), '{"amount": 9}')),
        ('deletions', format('SELECT pgwright.bulk_delete_records(%L, %L)', 'line', (SELECT json_agg(id) FROM (SELECT id FROM t_acme.line WHERE deleted_at IS NULL ORDER BY id LIMIT records OFFSET past) i)));
END $$;

CREATE TABLE few AS SELECT w.name, number_begun(f.call, w.call) AS number FROM writes(2, 0) f JOIN writes(2, 2) w USING (name);
CREATE TABLE many AS SELECT w.name, number_begun(f.call, w.call) AS number FROM writes(40, 10) f JOIN writes(40, 50) w USING (name);
SELECT is(many.number, few.number, name || ': as many statements for 40 as for 2') FROM few JOIN many USING (name);

-- One that asks for each record is found.
CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM FROM tests.request; RETURN NULL; END $$;
CREATE TRIGGER ask AFTER INSERT ON t_acme.client FOR EACH ROW EXECUTE FUNCTION ask();
SELECT is(number_begun(f.call, w.call), few.number + 40, 'a trigger that asks for each record is seen to do so')
  FROM writes(40, 0) f JOIN writes(40, 0) w USING (name) JOIN few USING (name) WHERE name = 'a set of records';

SELECT * FROM finish();
