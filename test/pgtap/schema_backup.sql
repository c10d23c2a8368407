-- Bundles: a tenant's definitions leave one tenant and rebuild another, tables and all; where there
-- are entities already they become changes of those, and nothing is lost.
\ir setup.psql
SELECT plan(39);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('beta', 'Beta') \g /dev/null
SELECT pgwright.create_tenant('gamma', 'Gamma') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'beta', 'owner') \g /dev/null
SELECT add_actor('cleo', 'gamma', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null

-- A tenant with a bit of everything ---------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "person", "label": "Person", "icon": "user", "fields": [
    {"name": "name", "field_type": "string", "is_required": true, "max_length": 80},
    {"name": "mail", "field_type": "email", "is_unique": true},
    {"name": "doc", "field_type": "json", "json_schema": {"type": "object"}, "default_value": {"a": 1}},
    {"name": "tags", "field_type": "array", "item_type": "string", "default_value": ["x"]}],
    "indexes": [{"name": "by_name", "field_names": [{"field": "name", "order": "desc"}]}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "team", "supports_soft_delete": false, "fields": [
    {"name": "title", "field_type": "string"},
    {"name": "price", "field_type": "currency"},
    {"name": "gross", "field_type": "currency", "is_calculated": true, "calculation_formula": "price * 2"},
    {"name": "state", "field_type": "enum", "allowed_values": [{"value": "new", "label": "New"}, {"value": "old", "label": "Old"}]},
    {"name": "lead_id", "field_type": "lookup", "reference_entity": "person", "on_delete": "SET NULL"}],
    "indexes": [{"name": "live", "field_names": ["title"], "condition": {"field": "state", "operator": "eq", "value": "new"}}]}') \g /dev/null
-- person and team refer to each other; a person to itself too.
SELECT pgwright.create_field('person', '{"name": "team_id", "field_type": "lookup", "reference_entity": "team"}') \g /dev/null
SELECT pgwright.create_field('person', '{"name": "boss_id", "field_type": "lookup", "reference_entity": "person"}') \g /dev/null
SELECT pgwright.create_relationship('{"name": "projects_people", "relationship_type": "many-to-many", "source_entity": "team", "target_entity": "person"}') ->> 'junction_table_name' AS junction \gset
SELECT pgwright.create_entity('{"name": "visit", "fields": [{"name": "day", "field_type": "date", "default_expression": "today"}]}') \g /dev/null
SELECT pgwright.create_relationship('{"name": "visits", "relationship_type": "one-to-many", "source_entity": "person", "target_entity": "visit"}') \g /dev/null
SELECT pgwright.publish_entities(json_build_array('person', 'team', 'visit', :'junction')) \g /dev/null
SELECT pgwright.update_field('visit', 'day', '{"is_required": true}') \g /dev/null
SELECT pgwright.create_entity('{"name": "idea", "fields": [{"name": "text", "field_type": "text"}]}') \g /dev/null

CREATE TABLE bundle AS SELECT pgwright.export_schema() AS doc;
SELECT is(doc ->> 'format' || ' ' || (doc ->> 'version') || ' ' || (doc ->> 'tenant'), 'pgwright-schema 1 acme', 'a bundle tells what it is') FROM bundle;
SELECT is((SELECT string_agg(e -> 'entity' ->> 'name', ' ' ORDER BY n) FROM bundle, json_array_elements(doc -> 'entities') WITH ORDINALITY x (e, n)),
    'idea person team ' || :'junction' || ' visit', 'it has every entity');
SELECT is((SELECT string_agg(e -> 'entity' ->> 'name', ' ') FROM bundle, json_array_elements(doc -> 'entities') e WHERE e ->> 'draft' IS NOT NULL), 'visit', 'and the open drafts');
SELECT unalike((SELECT doc::text FROM bundle), '%reference_entity_id%', 'and refers to entities by name');

-- Into an empty tenant -----------------------------------------------------------------------------------------

-- What a table is made of, without its schema's name.
CREATE FUNCTION made_of(schema name) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT replace(x, schema || '.', '') FROM (
        SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || a.attgenerated::text AS x
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = schema::text::regnamespace AND c.relkind = 'r' AND a.attnum > 0
        UNION ALL SELECT c.relname || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = schema::text::regnamespace
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = schema
        UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = schema::text::regnamespace AND NOT t.tgisinternal
        UNION ALL SELECT tablename || ' ' || policyname || ' ' || cmd FROM pg_policies WHERE schemaname = schema) s
$$;
-- The same bundle without what differs by place.
CREATE FUNCTION definitions(bundle json) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_set(jsonb_set(e - 'draft',
               '{fields}', (SELECT coalesce(jsonb_agg(f - 'id'), '[]') FROM jsonb_array_elements(e -> 'fields') f)),
               '{indexes}', (SELECT coalesce(jsonb_agg(i - 'id'), '[]') FROM jsonb_array_elements(e -> 'indexes') i))))
      FROM jsonb_array_elements((bundle -> 'entities')::jsonb) e
$$;

SELECT become('bob') \g /dev/null
CREATE TABLE report AS SELECT pgwright.import_schema((SELECT doc FROM bundle)) AS doc;
SELECT is(doc ->> 'created', '["idea","person","team","' || :'junction' || '","visit"]', 'an empty tenant gets every entity') FROM report;
SELECT is((doc ->> 'skipped') || (doc ->> 'updated') || (doc ->> 'untouched'), '[][][]', 'and that is all') FROM report;
SELECT is(definitions(pgwright.export_schema()), definitions((SELECT doc FROM bundle)), 'the definitions are the same, apart from ids');
SELECT is((SELECT string_agg(r ->> 'name', ' ' ORDER BY r ->> 'name') FROM json_array_elements(pgwright.list_relationships()) r), 'projects_people visits', 'the relationships are there');
SELECT is(r ->> 'target_field_id', pgwright.get_field('visit', r ->> 'target_field_name') ->> 'id', 'and know their lookup') FROM pgwright.get_relationship('visits') r;
SELECT is(pgwright.get_field('visit', 'day', 'draft') ->> 'is_required', 'true', 'a draft comes back as a draft');
SELECT is(pgwright.get_field('visit', 'day', 'published') ->> 'is_required', 'false', 'of what is published');
SELECT is(pgwright.get_entity('idea') ->> 'status', 'draft', 'what was never published is a draft');
SELECT set_eq('SELECT made_of(''t_beta'')', 'SELECT made_of(''t_acme'')', 'the tables are the same');
SELECT ok((pgwright.analyze_schema() ->> 'in_sync')::boolean, 'and in sync');
SELECT is(pgwright.create_record('team', '{"title": "A", "price": 2}') -> 'data' ->> 'gross', '4.00', 'calculated fields calculate');
SELECT pgwright.create_record('person', '{"name": "Eve", "tags": ["y"]}') ->> 'id' AS eve \gset
SELECT is(error_of($$SELECT pgwright.import_schema((SELECT doc FROM bundle))$$) ->> 'sqlstate', 'PW409', 'a draft that is open is not replaced');
SELECT pgwright.discard_draft('visit') \g /dev/null
SELECT is(pgwright.import_schema((SELECT doc FROM bundle)) ->> 'unchanged', '["idea","person","team","' || :'junction' || '","visit"]', 'what is the same stays as it is');

-- Over entities that are there ---------------------------------------------------------------------------------

SELECT pgwright.discard_draft('visit') \g /dev/null
SELECT pgwright.schema_backup_create('good', 'before the summer') ->> 'id' AS good \gset
SELECT is(b ->> 'name' || ' ' || (b ->> 'entities') || ' ' || (b ->> 'relationships') || ' ' || (b ->> 'is_automatic'), 'good 5 2 false', 'a backup is listed with its counts')
  FROM json_array_elements(pgwright.schema_backup_list()) b WHERE b ->> 'id' = :'good';
SELECT is((SELECT count(*)::int FROM json_array_elements(pgwright.schema_backup_list()) b WHERE b ->> 'bundle' IS NOT NULL), 0, 'and without its bundle');
SELECT pgwright.update_field('person', 'name', '{"name": "full_name"}') \g /dev/null
SELECT pgwright.delete_field('person', 'tags') \g /dev/null
SELECT pgwright.create_field('person', '{"name": "shoe", "field_type": "integer"}') \g /dev/null
SELECT pgwright.publish_entity('person', allow_destructive => true) \g /dev/null
SELECT pgwright.update_record('person', :'eve', '{"shoe": 40}') \g /dev/null
SELECT pgwright.create_entity('{"name": "later", "fields": [{"name": "a", "field_type": "integer"}]}') \g /dev/null
SELECT is(error_of($$SELECT pgwright.schema_backup_restore('good')$$) ->> 'sqlstate', 'PW409', 'a restoration that takes a field out of service must be allowed');
SELECT is(pgwright.get_field('person', 'shoe') ->> 'name', 'shoe', 'and changes nothing else');
SELECT is(pgwright.get_entity('person') ->> 'draft_version', NULL, 'not even a draft');
CREATE TABLE restored AS SELECT pgwright.schema_backup_restore('good', true) AS doc;
SELECT is((doc ->> 'updated') || (doc ->> 'untouched'), '["person"]["later"]', 'it says what it changed and what it does not know') FROM restored;
SELECT is(pgwright.get_record('person', :'eve') -> 'data' ->> 'name', 'Eve', 'a renamed field has its name and values again');
SELECT ok(EXISTS (SELECT FROM json_array_elements(pgwright.list_retired()) r WHERE r ->> 'name' = 'shoe' AND r ->> 'status' = 'retired'), 'what the bundle does not know is retired, not lost');
SELECT is(pgwright.get_entity('later') ->> 'name', 'later', 'an entity it does not know stays');
SELECT ok((pgwright.analyze_schema() ->> 'in_sync')::boolean, 'all is in sync');
SELECT ok(EXISTS (SELECT FROM pgwright.schema_backups WHERE is_automatic AND id::text = doc ->> 'backup_id'), 'and there is a backup of what was before') FROM restored;
SELECT is(error_of($$SELECT pgwright.schema_backup_restore('bad')$$) ->> 'sqlstate', 'PW404', 'there is no such backup');

-- Imported relations --------------------------------------------------------------------------------------------

SELECT become('cleo') \g /dev/null
CREATE TABLE t_gamma.old (n integer PRIMARY KEY, v text);
SELECT pgwright.import_entity('t_gamma.old') \g /dev/null
CREATE TABLE imported AS SELECT pgwright.export_schema() AS doc;
SELECT pgwright.unimport_entity('old') \g /dev/null
SELECT is(pgwright.import_schema(doc) ->> 'created', '["old"]', 'an imported relation is imported again') FROM imported;
SELECT become('bob') \g /dev/null
SELECT is(pgwright.import_schema(doc) -> 'skipped' -> 0 ->> 'reason', 'it was imported from "t_gamma"."old", which is not there', 'or skipped where it is not') FROM imported;

-- Bad bundles ---------------------------------------------------------------------------------------------------

CREATE FUNCTION changed(path text[], value jsonb) RETURNS json LANGUAGE sql AS $$
    SELECT jsonb_set(doc::jsonb, path, value)::json FROM tests.bundle
$$;
SELECT become('cleo') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.import_schema('[]')$$), 'PW400 bundle: must be an object', 'no bundle');
SELECT is(faults_of($$SELECT pgwright.import_schema('{"a": 1}')$$), 'PW400 format: must be pgwright-schema', 'not ours');
SELECT is(faults_of($$SELECT pgwright.import_schema(changed('{version}', '2'))$$), 'PW400 version: is not a version that can be read; this is version 1', 'of a later version');
SELECT is(faults_of(format($$SELECT pgwright.import_schema((SELECT jsonb_set(jsonb_set(jsonb_set(doc::jsonb,
    '{entities,1,fields,0,max_length}', '-1'), '{entities,3,entity,label}', '7'), '{entities,0,status}', '"gone"')::json FROM bundle))$$)),
    'PW400 entities[0].status: must be draft, published or archived; entities[1].fields[0].max_length: must be an integer from 1 to 10485760; entities[3].entity.label: must be a string, not number',
    'every fault is told with its path');
SELECT is(faults_of($$SELECT pgwright.import_schema((SELECT json_build_object('format', 'pgwright-schema', 'version', 1, 'entities', json_build_array(doc -> 'entities' -> 2)) FROM bundle))$$),
    'PW400 entities[0].fields[4].reference_entity: there is no entity of that name', 'a lookup of nothing');
SELECT is(pgwright.list_entities(status => 'draft')::text, '[]', 'nothing of a bad bundle stays');
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT pgwright.export_schema()$$), 'PW401', 'nobody exports');
SELECT is(state_of($$SELECT pgwright.import_schema('{}')$$), 'PW401', 'nor imports');

SELECT * FROM finish();
