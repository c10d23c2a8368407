-- From a description to a table: draft, preview, publish; and what is refused on the way, all of it
-- at once.
\ir setup.psql
SELECT plan(91);

-- Tenants and users -----------------------------------------------------------------------------------------

SELECT is(pgwright.create_tenant('acme', 'Acme Ltd')::jsonb - 'id', '{"slug": "acme", "name": "Acme Ltd", "schema_name": "t_acme", "status": "active"}', 'a tenant is told back');
SELECT is(pgwright.create_tenant('rival', 'Rival')->> 'slug', 'rival', 'there may be another');
SELECT schema_owner_is('t_acme', 'pgwright_owner', 'its schema belongs to pgwright_owner');
SELECT schema_privs_are('t_acme', 'pgwright_user', '{USAGE}', 'direct connections may only look into it');
SELECT is(faults_of($$SELECT pgwright.create_tenant('acme', 'Again')$$), 'PW409 slug: is taken', 'a slug is taken once');
SELECT is(faults_of($$SELECT pgwright.create_tenant('Not-Good', '')$$),
    'PW400 slug: must begin with a letter a-z and hold only a-z, 0-9 and _; name: must have 1 to 200 characters', 'faults of a tenant are told together');
SELECT is(faults_of(format('SELECT pgwright.create_tenant(%L, %L)', repeat('a', 62), 'x')), 'PW400 slug: must be at most 61 characters', 'a slug leaves room for t_');
SELECT lives_ok(format('SELECT pgwright.create_tenant(%L, %L)', repeat('a', 61), 'x'), '61 bytes do');
CREATE SCHEMA t_taken;
SELECT is(faults_of($$SELECT pgwright.create_tenant('taken', 'T')$$), 'PW409 slug: is taken by a schema', 'a schema that is there is not taken over');
SELECT is((SELECT count(*) FROM pgwright.tenants WHERE slug = 'taken'), 0::bigint, 'and no tenant is left of it');

SELECT is(pgwright.create_user(' Zoe@Acme.Example ', 'long enough', 'acme', display_name => 'Zoë')::jsonb - 'id',
    '{"email": "zoe@acme.example", "display_name": "Zoë", "status": "active"}', 'a user is told back, without a password; addresses are in lower case');
SELECT results_eq($$SELECT r.name FROM pgwright.user_roles m JOIN pgwright.roles r ON r.id = m.role_id JOIN pgwright.users u ON u.id = m.user_id WHERE u.email LIKE 'zoe@%'$$,
    '{member}'::text[], 'who is given no role is a member');
SELECT is(faults_of($$SELECT pgwright.create_user('ZOE@acme.example', 'long enough', 'acme')$$), 'PW409 email: is taken', 'an address is taken once, whatever its case');
SELECT is(faults_of($$SELECT pgwright.create_user('nonsense', 'short', 'acme', display_name => repeat('x', 201))$$),
    'PW400 email: must be an e-mail address; password: must be at least 8 characters; display_name: must be at most 200 characters', 'faults of a user are told together');
SELECT is(faults_of($$SELECT pgwright.create_user('b@acme.example', repeat('x', 1025), 'acme')$$), 'PW400 password: must be at most 1024 bytes', 'a password has an end');
SELECT is(faults_of($$SELECT pgwright.create_user('b@acme.example', 'long enough', 'nowhere')$$), 'PW400 tenant: does not exist', 'a user needs a tenant that is there');
SELECT is(faults_of($$SELECT pgwright.create_user('b@acme.example', 'long enough', 'acme', 'emperor')$$), 'PW400 role: does not exist', 'and a role that is there');
SELECT is((SELECT count(*) FROM pgwright.users WHERE email LIKE 'b@%'), 0::bigint, 'nothing is left of a refused user');

SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null

-- Draft -----------------------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "company", "fields": [{"name": "title", "field_type": "string", "is_required": true}]}') AS company \gset
SELECT is((:'company'::jsonb) - '{id,fields,created_at,updated_at,created_by,updated_by,tenant_id}'::text[],
    '{"name": "company", "label": "Company", "plural_label": null, "description": null, "icon": null, "entity_type": "custom", "category": null,
      "table_name": "company", "schema_name": "t_acme", "origin": "generated", "relation_kind": "table", "key_fields": ["id"], "is_readonly": false,
      "readonly_reason": null, "indexes": [], "draft_version": 1, "is_audited": true, "is_versioned": false, "supports_soft_delete": true,
      "supports_attachments": true, "supports_comments": true, "primary_field": null, "default_sort_field": null, "default_sort_order": "ASC",
      "search_language": null, "records_per_page": 25, "status": "draft", "is_active": true, "metadata": {}, "version": 1, "parent_version_id": null, "deleted_at": null,
      "is_deleted": false}', 'a new entity is a draft with the design''s columns and defaults');
SELECT results_eq($$SELECT created_by, updated_by, tenant_id, created_at = updated_at FROM pgwright.entity_definitions WHERE name = 'company'$$,
    $$SELECT user_id, user_id, t.id, true FROM actor, pgwright.tenants t WHERE actor.name = 'ann' AND slug = 'acme'$$, 'it says who made it, for whom');
SELECT is(jsonb_path_query_array(:'company'::jsonb, '$.fields[*].name'), '["title"]', 'its fields may be given inline');
SELECT is(pgwright.create_field('company', '{"name": "founded", "field_type": "date", "help_text": "Year is enough"}')::jsonb - '{id,entity_id,tenant_id,created_at,updated_at,created_by,updated_by}'::text[],
    '{"name": "founded", "label": "Founded", "description": null, "help_text": "Year is enough", "field_type": "date", "data_type": "date", "is_required": false,
      "is_unique": false, "is_indexed": false, "is_nullable": true, "max_length": null, "min_length": null, "max_value": null, "min_value": null,
      "decimal_places": null, "pattern": null, "default_value": null, "default_expression": null, "validation_rules": [], "allowed_values": null, "display_order": 2,
      "is_readonly": false, "is_system": false, "is_calculated": false, "calculation_formula": null, "item_type": null, "json_schema": null, "input_type": "date-picker", "placeholder": null,
      "prefix": null, "suffix": null, "reference_entity_id": null, "reference_field": null, "relationship_type": null, "on_delete": null, "on_update": null, "metadata": {},
      "is_deleted": false}',
    'a field may be added to the draft, by the entity''s name');
SELECT (:'company'::json) ->> 'id' AS id \gset
SELECT is(pgwright.create_field(:'id', '{"name": "site", "field_type": "url"}') ->> 'display_order', '3', 'and by its id');
SELECT is((SELECT jsonb_agg(f -> 'name') FROM json_array_elements(pgwright.list_fields('company')) f), '["title", "founded", "site"]', 'list_fields() lists them in order');
SELECT is(pgwright.get_entity('company') ->> 'id', :'id', 'get_entity() by name');
SELECT is(jsonb_array_length(pgwright.get_entity(:'id')::jsonb -> 'fields'), 3, 'get_entity() by id, with fields');
SELECT is(state_of(format('SELECT pgwright.%s', call)), 'PW404', format('a draft is not served: %s', call))
  FROM unnest(ARRAY['list_records(''company'')', 'create_record(''company'', ''{"title": "A"}'')',
                    'get_record(''company'', ''0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000'')']) call;
SELECT hasnt_table('t_acme', 'company', 'a draft has no table');

-- Preview ---------------------------------------------------------------------------------------------------

SELECT pgwright.preview_migration('company') AS preview \gset
SELECT is((SELECT array_agg(k ORDER BY k) FROM json_object_keys(:'preview') k), '{blockers,changes,down_script,entity_id,entity_name,estimated_impact,fingerprint,from_version,in_step,migration_type,to_version,up_script,warnings}', 'a preview has these members');
SELECT is((SELECT array_agg(DISTINCT k) FROM jsonb_array_elements(:'preview'::jsonb -> 'changes') c, jsonb_object_keys(c) k), '{down,field,findings,lock,object,operation,risk,rows_affected,summary,up}', 'each change has these');
SELECT is((SELECT array_agg(o) FROM (SELECT c ->> 'operation' AS o FROM jsonb_array_elements(:'preview'::jsonb -> 'changes') WITH ORDINALITY x (c, n) ORDER BY n) s),
    '{create_table,create_trigger,create_trigger,create_trigger,enable_row_security,create_policy,create_policy,create_policy,create_policy,grant,comment}', 'changes come in the order of their execution');
SELECT is(:'preview'::json -> 'estimated_impact' ->> 'risk', 'safe', 'making a table is safe');
SELECT hasnt_table('t_acme', 'company', 'a preview changes nothing');
SELECT is((SELECT count(*) FROM pgwright.entity_migrations), 0::bigint, 'and is not recorded');

-- Publish ---------------------------------------------------------------------------------------------------

SELECT pgwright.publish_entity('company', 'first version') AS migration \gset
SELECT is((:'migration'::jsonb) - '{id,tenant_id,created_at,created_by,executed_at,execution_time_ms,up_script,down_script,changes}'::text[],
    jsonb_build_object('entity_id', :'id', 'migration_name', 'company_v1', 'migration_type', 'create', 'from_version', NULL, 'to_version', 1,
                       'status', 'completed', 'error_message', NULL, 'commit_message', 'first version', 'risk', 'safe', 'batch_id', NULL,
                       'rolled_back_at', NULL, 'rolled_back_by', NULL, 'warnings', '[]'::jsonb), 'publishing returns the migration''s record, and what to know of it');
SELECT is(:'migration'::json ->> 'up_script', :'preview'::json ->> 'up_script', 'exactly the preview was executed');
SELECT ok((:'migration'::json ->> 'execution_time_ms')::int >= 0 AND (:'migration'::json ->> 'executed_at') IS NOT NULL, 'it says when and for how long');
SELECT table_owner_is('t_acme', 'company', 'pgwright_owner', 'the table belongs to pgwright_owner');
SELECT is(pgwright.get_entity('company') ->> 'status', 'published', 'the entity is published');
SELECT is(pgwright.list_records('company') ->> 'total', '0', 'and served');
SELECT is((SELECT jsonb_agg(m -> 'migration_name') FROM json_array_elements(pgwright.list_migrations('company')) m), '["company_v1"]', 'list_migrations() lists it');
SELECT results_eq($$SELECT op_type, status, error, actor_user_id = (SELECT user_id FROM actor WHERE name = 'ann') FROM pgwright.schema_ops ORDER BY created_at, id$$,
    $$VALUES ('create_entity', 'applied', NULL, true), ('create_field', 'applied', NULL, true), ('create_field', 'applied', NULL, true), ('publish_entity', 'applied', NULL, true)$$,
    'schema_ops logs each step');
SELECT is(state_of($$SELECT pgwright.publish_entity('company')$$), 'PW409', 'it is published once');
BEGIN;
SELECT is(pgwright.create_field('company', '{"name": "late", "field_type": "string"}') ->> 'name', 'late', 'a field of a published entity is drafted');
SELECT is(pgwright.get_entity('company') ->> 'draft_version', '2', 'in a version of its own');
ROLLBACK;
SELECT is(state_of($$SELECT pgwright.create_entity('{"name": "company"}')$$), 'PW409', 'its name is taken');
SELECT is(pgwright.preview_migration('company')::jsonb -> 'changes', '[]', 'the database is in step');
BEGIN;
SELECT lives_ok(:'migration'::json ->> 'down_script', 'the down script runs');
SELECT hasnt_table('t_acme', 'company', 'and takes the table away');
ROLLBACK;

-- A failed publish --------------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "clash", "fields": [{"name": "a", "field_type": "string", "is_indexed": true}]}') \g /dev/null
CREATE TYPE t_acme.clash AS ENUM ('in the way');
SELECT pgwright.publish_entity('clash', 'try') AS failed \gset
SELECT results_eq($$SELECT status, error_message, commit_message, executed_at IS NOT NULL FROM pgwright.entity_migrations WHERE migration_name = 'clash_v1'$$,
    $$VALUES ('failed', 'type "clash" already exists', 'try', true)$$, 'a failure is recorded with its error');
SELECT is(:'failed'::json ->> 'status', 'failed', 'and returned');
SELECT results_eq($$SELECT op_type, status, error FROM pgwright.schema_ops ORDER BY created_at DESC, id DESC LIMIT 1$$,
    $$VALUES ('publish_entity', 'failed', 'type "clash" already exists')$$, 'and logged');
SELECT is(pgwright.get_entity('clash') ->> 'status', 'draft', 'the entity is still a draft');
SELECT hasnt_table('t_acme', 'clash', 'nothing else is left');
SELECT is((SELECT status || (body -> 'error' ->> 'code') FROM pgwright.http_publish_entity('clash')), '409CONFLICT', 'the route answers it with 409');
DROP TYPE t_acme.clash;
-- The table can be made, but a later statement fails: the table goes with it.
CREATE FUNCTION fail_on_index() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF tg_tag = 'CREATE POLICY' THEN RAISE 'no policies today'; END IF; END $$;
CREATE EVENT TRIGGER no_policies ON ddl_command_end EXECUTE FUNCTION fail_on_index();
SELECT is(pgwright.publish_entity('clash') ->> 'error_message', 'no policies today', 'a failure in the middle');
DROP EVENT TRIGGER no_policies;
SELECT hasnt_table('t_acme', 'clash', 'undoes what came before it');
SELECT is(pgwright.publish_entity('clash') ->> 'status', 'completed', 'once the cause is gone it can be published');
SELECT is((SELECT array_agg(m ->> 'status') FROM json_array_elements(pgwright.list_migrations('clash')) m), '{completed,failed,failed,failed}', 'list_migrations() has the newest first');
CREATE TABLE t_acme.stray ();
SELECT pgwright.create_entity('{"name": "stray", "fields": [{"name": "a", "field_type": "string"}]}') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.publish_entity('stray')$$), 'PW409 table_name: is taken', 'a table that is there is not taken over');
SELECT pgwright.create_entity('{"name": "hollow"}') \g /dev/null
SELECT pgwright.create_entity('{"name": "husk"}') \g /dev/null
SELECT is(pgwright.publish_entity('husk') ->> 'status', 'completed', 'an entity may be published before it has fields');

-- Lookups -----------------------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "person", "fields": [{"name": "boss", "field_type": "lookup", "reference_entity": "person"},
    {"name": "employer", "field_type": "lookup", "reference_entity": "company", "is_required": true}, {"name": "team", "field_type": "lookup", "reference_entity": "hollow"}]}') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.publish_entity('person')$$), 'PW400 team: refers to hollow, which is not published; publish it first', 'a lookup''s target must be published');
SELECT is(faults_of($$SELECT pgwright.preview_migration('person')$$), 'PW400 team: refers to hollow, which is not published; publish it first', 'a preview says so too');
SELECT is((SELECT count(*) FROM pgwright.entity_migrations WHERE migration_name = 'person_v1'), 0::bigint, 'that is a fault, no failed migration');
SELECT pgwright.create_field('hollow', '{"name": "a", "field_type": "string"}') \g /dev/null
SELECT pgwright.publish_entity('hollow') \g /dev/null
SELECT is(pgwright.publish_entity('person') ->> 'status', 'completed', 'then it is published');
SELECT fk_ok('t_acme', 'person', 'boss', 't_acme', 'person', 'id', 'a lookup may refer to its own entity');
SELECT fk_ok('t_acme', 'person', 'employer', 't_acme', 'company', 'id', 'and to another');
SELECT is(array_agg(confdeltype::text), '{r,r,r}', 'which cannot be removed below it') FROM pg_constraint WHERE conrelid = 't_acme.person'::regclass AND contype = 'f';
SELECT has_index('t_acme', 'person', 'person_boss_idx', '{boss}'::name[], 'a lookup is indexed');

-- Another tenant -----------------------------------------------------------------------------------------------

SELECT become('rob') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.%s(%L)', f, e)), 'PW404', format('%s() does not find another tenant''s entity by %s', f, CASE e WHEN 'company' THEN 'name' ELSE 'id' END))
  FROM unnest('{get_entity,list_fields,list_migrations,preview_migration,publish_entity,list_records}'::text[]) WITH ORDINALITY f (f, n), unnest(ARRAY['company', :'id']) e ORDER BY n, e DESC;
SELECT is(faults_of(format('SELECT pgwright.create_entity(%L)', format('{"name": "spy", "fields": [{"name": "a", "field_type": "lookup", "reference_entity_id": "%s"}]}', :'id'))),
    'PW400 fields[0].reference_entity: there is no entity of that name', 'nor does a lookup');
SELECT is((SELECT count(*) FROM json_array_elements(pgwright.list_entities()) e WHERE e ->> 'entity_type' <> 'system'), 0::bigint, 'list_entities() does not list it');
SELECT is(pgwright.create_entity('{"name": "company"}') ->> 'schema_name', 't_rival', 'a name belongs to its tenant');
SELECT is((SELECT jsonb_agg(e -> 'name') FROM json_array_elements(pgwright.list_entities(status => 'draft')) e), '["company"]', 'list_entities() narrows by status');

-- Who may ------------------------------------------------------------------------------------------------------

SELECT become('vic') \g /dev/null
SELECT is(state_of($$SELECT pgwright.create_entity('{"name": "mine"}')$$), 'PW403', 'a viewer makes no entity');
SELECT is(state_of($$SELECT pgwright.publish_entity('stray')$$), 'PW403', 'and publishes none');
SELECT is(state_of($$SELECT pgwright.get_entity('company')$$), 'ok', 'but reads them');
SELECT become('nobody') \g /dev/null
SELECT is(state_of('SELECT pgwright.list_entities()'), 'PW401', 'the anonymous caller sees none');

SELECT * FROM finish();
