-- The caches of a backend: what is kept, what is used again, and that nothing kept outlives what it was
-- made from.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('cache');
SELECT pg_temp.publish('{"name":"thing","supports_soft_delete":false,"fields":[
    {"name":"name","field_type":"string","is_required":true},
    {"name":"size","field_type":"integer"},
    {"name":"day","field_type":"date"}]}');

-- The kept plans are visible in the backend's memory, each beside the text of its statement.
CREATE FUNCTION pg_temp.kept() RETURNS TABLE (statement text) LANGUAGE sql AS $$
    SELECT replace(ident, 'r."created_at", r."updated_at", r."created_by", r."updated_by"', '...') FROM pg_backend_memory_contexts
     WHERE name = 'CachedPlanSource' AND ident LIKE '%"t\_cache".%' ORDER BY 1
$$;

-- One plan for one shape, whatever the values and the order in which they are given.
SELECT pgwright.create_record('thing', '{"name":"a","size":1}') ->> 'id' AS a \gset
SELECT pgwright.create_record('thing', '{"size":2,"name":"b"}') ->> 'id' AS b \gset
SELECT pgwright.create_record('thing', '{"name":"c","size":null}') IS NOT NULL AS created;
SELECT * FROM pg_temp.kept();
SELECT count(pgwright.get_record('thing', id)) AS got FROM unnest(ARRAY[:'a', :'b']) id;
SELECT count(pgwright.list_records('thing', filters => json_build_object('size', n))) AS listed FROM generate_series(1, 20) n;
SELECT * FROM pg_temp.kept();

-- Kept is not yet used: but from its sixth run on, the server runs a statement by a plan for any values,
-- which it keeps too. A statement prepared anew for each call would never come so far.
CREATE FUNCTION pg_temp.generic_plans() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'CachedPlan' AND ident LIKE 'SELECT r."id"%"t\_cache"."thing" r WHERE r."id" = $1'
$$;
SELECT pg_temp.generic_plans() AS after_2_calls;
SELECT count(pgwright.get_record('thing', :'a')) AS got FROM generate_series(3, 6);
SELECT pg_temp.generic_plans() AS after_6_calls;

-- The bound holds: the least recently used goes first.
SET pgwright.plan_cache_size = 2;
SELECT pgwright.get_record('thing', :'a') IS NOT NULL AS got;
SELECT pgwright.update_record('thing', :'a', '{"size":3}') IS NOT NULL AS changed;
SELECT * FROM pg_temp.kept();
RESET pgwright.plan_cache_size;
SET pgwright.entity_cache_size = 1;
SELECT pg_temp.publish('{"name":"other","fields":[{"name":"name","field_type":"string"}]}');
SELECT pgwright.list_records('thing') ->> 'total' AS things, pgwright.list_records('other') ->> 'total' AS others FROM generate_series(1, 3);
RESET pgwright.entity_cache_size;

-- Behind the engine's back: columns that the definition does not know are passed over.
ALTER TABLE t_cache.thing ADD COLUMN secret text DEFAULT 'hidden';
SELECT pg_temp.tidy((pgwright.get_record('thing', :'a') -> 'data')::text);
SELECT pg_temp.try($$SELECT pgwright.create_record('thing', '{"name":"d","secret":"x"}')$$);
ALTER TABLE t_cache.thing DROP COLUMN secret;
SELECT pg_temp.tidy((pgwright.get_record('thing', :'a') -> 'data')::text);

-- A column whose type has changed is read, written and compared as what it is now.
SELECT pg_temp.try($$SELECT pgwright.list_records('thing', filters => '{"size":3}') ->> 'total'$$);
ALTER TABLE t_cache.thing ALTER size TYPE bigint;
SELECT pg_temp.try(format($$SELECT pgwright.update_record('thing', %L, '{"size":2147483647}') -> 'data' ->> 'size'$$, :'a'));
SELECT pg_temp.try($$SELECT pgwright.list_records('thing', filters => '{"size":2147483647}') ->> 'total'$$);
SELECT pg_temp.try(format($$SELECT pgwright.update_record('thing', %L, '{"day":"2024-01-31"}') -> 'data' ->> 'day'$$, :'a'));
SELECT pgwright.get_record('thing', :'a') -> 'data' ->> 'day' AS day;
ALTER TABLE t_cache.thing ALTER day TYPE timestamptz USING day::timestamptz + interval '1 hour';
SELECT pgwright.get_record('thing', :'a') -> 'data' ->> 'day' AS day;
SELECT pg_temp.try(format($$SELECT pgwright.update_record('thing', %L, '{"day":"2024-02-29"}') -> 'data' ->> 'day'$$, :'a'));
ALTER TABLE t_cache.thing ALTER day TYPE date USING day::date;
SELECT pg_temp.try(format($$SELECT pgwright.get_record('thing', %L) -> 'data' ->> 'day'$$, :'a'));

-- A column that is gone is an error of the server; once it is back, so is the answer.
ALTER TABLE t_cache.thing RENAME COLUMN size TO breadth;
SELECT pg_temp.try(format($$SELECT pgwright.get_record('thing', %L)$$, :'a'));
ALTER TABLE t_cache.thing RENAME COLUMN breadth TO size;
SELECT pg_temp.try(format($$SELECT pgwright.get_record('thing', %L) -> 'data' ->> 'size'$$, :'a'));

-- A constraint that is added, or dropped, holds for the plan that was kept before.
CREATE UNIQUE INDEX thing_size_key ON t_cache.thing (size);
SELECT pg_temp.try($$SELECT pgwright.create_record('thing', '{"name":"twin","size":2147483647}')$$);
SELECT pg_temp.try($$SELECT pgwright.create_record('thing', '{"name":"twin","size":7}') -> 'data' ->> 'size'$$);
DROP INDEX t_cache.thing_size_key;
SELECT pg_temp.try($$SELECT pgwright.create_record('thing', '{"name":"twin","size":2147483647}') -> 'data' ->> 'size'$$);

-- A policy that is changed by hand holds for the kept plan.
SELECT pgwright.list_records('thing') ->> 'total' AS before;
CREATE POLICY only_twins ON t_cache.thing AS RESTRICTIVE FOR SELECT TO pgwright_runtime USING (name = 'twin');
SELECT pgwright.list_records('thing') ->> 'total' AS under_policy;
DROP POLICY only_twins ON t_cache.thing;
SELECT pgwright.list_records('thing') ->> 'total' AS after;

-- A definition that changes, by any hand, is known in the next statement; one that is rolled back is
-- not, neither within a transaction nor after it.
UPDATE pgwright.field_definitions SET max_length = 3 WHERE name = 'name' AND entity_id = (SELECT id FROM pgwright.entity_definitions WHERE name = 'thing' AND schema_name = 't_cache');
SELECT pg_temp.try($$SELECT pgwright.create_record('thing', '{"name":"four"}')$$);
BEGIN;
SAVEPOINT s;
UPDATE pgwright.field_definitions SET max_length = 9 WHERE name = 'name' AND entity_id = (SELECT id FROM pgwright.entity_definitions WHERE name = 'thing' AND schema_name = 't_cache');
UPDATE pgwright.entity_definitions SET default_sort_field = 'size', default_sort_order = 'DESC' WHERE name = 'thing' AND schema_name = 't_cache';
SELECT pg_temp.try($$SELECT pgwright.create_record('thing', '{"name":"seven"}') -> 'data' ->> 'name'$$);
SELECT pgwright.list_records('thing', page_size => 1, filters => '{"operator":"NOT","conditions":[{"field":"size","operator":"is_null"}]}') -> 'items' -> 0 ->> 'size' AS greatest;
ROLLBACK TO s;
SELECT pg_temp.try($$SELECT pgwright.create_record('thing', '{"name":"seven"}')$$);
UPDATE pgwright.entity_definitions SET status = 'archived' WHERE name = 'thing' AND schema_name = 't_cache';
SELECT pg_temp.try($$SELECT pgwright.list_records('thing')$$);
ROLLBACK;
SELECT pg_temp.try($$SELECT pgwright.list_records('thing') ->> 'total'$$);

-- A publish that is rolled back was never there, for the backend that did it either.
BEGIN;
SELECT pg_temp.publish('{"name":"ghost","fields":[{"name":"name","field_type":"string"}]}');
SELECT pgwright.create_record('ghost', '{"name":"boo"}') -> 'data' ->> 'name' AS created;
ROLLBACK;
SELECT pg_temp.try($$SELECT pgwright.list_records('ghost')$$), to_regclass('t_cache.ghost');
BEGIN;
SELECT pg_temp.publish('{"name":"ghost","fields":[{"name":"size","field_type":"integer"}]}');
SAVEPOINT s;
SELECT pg_temp.publish('{"name":"shade","fields":[{"name":"name","field_type":"string"}]}');
SELECT pgwright.create_record('shade', '{"name":"boo"}') -> 'data' ->> 'name' AS created;
ROLLBACK TO s;
SELECT pg_temp.try($$SELECT pgwright.list_records('shade')$$), to_regclass('t_cache.shade');
SELECT pgwright.create_record('ghost', '{"size":1}') -> 'data' ->> 'size' AS created;
COMMIT;
SELECT pgwright.list_records('ghost') ->> 'total' AS total, to_regclass('t_cache.shade');

-- Identities: another token is another caller at once, and the one before comes back with a rollback.
SELECT pg_temp.new_user('viewer', 'cache', 'viewer');
BEGIN;
SELECT pg_temp.become('viewer', 'cache');
SELECT pgwright.whoami() ->> 'email' AS me, pgwright.has_permission('thing:update') AS may_update;
SAVEPOINT s;
SET LOCAL pgwright.token = '';
SELECT pgwright.whoami() ->> 'authenticated' AS authenticated, pgwright.has_permission('thing:read') AS may_read, pgwright.user_id();
ROLLBACK TO s;
SELECT pgwright.whoami() ->> 'email' AS me, pgwright.has_permission('thing:update') AS may_update;
ROLLBACK;
SELECT pgwright.whoami() ->> 'email' AS me, pgwright.has_permission('thing:update') AS may_update;

-- A role that loses a permission loses it for those who are signed in, in the same transaction too.
BEGIN;
SELECT pg_temp.become('viewer', 'cache');
SELECT pgwright.has_permission('thing:read') AS may_read;
DELETE FROM pgwright.role_permissions WHERE role_id = (SELECT id FROM pgwright.roles WHERE name = 'viewer') AND resource = 'thing';
SELECT pgwright.has_permission('thing:read') AS may_read;
ROLLBACK;
SELECT pg_temp.become('viewer', 'cache');
SELECT pgwright.has_permission('thing:read') AS may_read;
