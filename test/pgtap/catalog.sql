-- The catalog's tables have the columns of the data model's design (phase 1, section 1.2; text for
-- varchar(n), timestamps with a zone), and describe themselves as system entities.
\ir setup.psql
SELECT plan(114);

-- Columns ---------------------------------------------------------------------------------------------

CREATE FUNCTION columns_of(relation text) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(concat_ws(' ', a.attname, replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz'),
                               CASE WHEN a.attnotnull THEN '!' END) ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = relation::regclass AND a.attnum > 0 AND NOT a.attisdropped
$$;

SELECT is(columns_of('pgwright.entity_definitions'), ARRAY['id uuid !', 'tenant_id uuid', 'name text !', 'label text !',
    'plural_label text', 'description text', 'icon text', 'entity_type text !', 'category text', 'table_name text !',
    'schema_name text !', 'origin text !', 'relation_kind text !', 'key_fields jsonb !', 'is_readonly boolean !',
    'readonly_reason text', 'is_audited boolean !', 'is_versioned boolean !', 'supports_soft_delete boolean !',
    'supports_attachments boolean !', 'supports_comments boolean !', 'primary_field text', 'default_sort_field text',
    'default_sort_order text !', 'search_language text', 'records_per_page integer !', 'status text !', 'is_active boolean !', 'metadata jsonb !',
    'version integer !', 'parent_version_id uuid', 'created_at timestamptz !', 'updated_at timestamptz !',
    'created_by uuid', 'updated_by uuid', 'deleted_at timestamptz', 'is_deleted boolean !'],
    'entity_definitions has the columns of 1.2.1, and those of imports');
SELECT is(columns_of('pgwright.field_definitions'), ARRAY['id uuid !', 'entity_id uuid !', 'tenant_id uuid', 'name text !',
    'label text !', 'description text', 'help_text text', 'field_type text !', 'data_type text !', 'is_required boolean !',
    'is_unique boolean !', 'is_indexed boolean !', 'is_nullable boolean !', 'max_length integer', 'min_length integer',
    'max_value numeric', 'min_value numeric', 'decimal_places integer', 'pattern text', 'default_value text', 'default_expression text',
    'validation_rules jsonb !', 'allowed_values jsonb', 'display_order integer !', 'is_readonly boolean !',
    'is_system boolean !', 'is_calculated boolean !', 'calculation_formula text', 'item_type text', 'json_schema jsonb', 'input_type text', 'placeholder text',
    'prefix text', 'suffix text', 'reference_entity_id uuid', 'reference_field text', 'relationship_type text',
    'on_delete text', 'on_update text', 'metadata jsonb !', 'created_at timestamptz !', 'updated_at timestamptz !', 'created_by uuid', 'updated_by uuid',
    'is_deleted boolean !'], 'field_definitions has the columns of 1.2.2, and those of the types beyond it');
SELECT is(columns_of('pgwright.relationship_definitions'), ARRAY['id uuid !', 'tenant_id uuid', 'name text !', 'label text !',
    'description text', 'relationship_type text !', 'source_entity_id uuid !', 'source_field_name text',
    'target_entity_id uuid !', 'target_field_name text', 'target_field_id uuid', 'junction_table_name text', 'junction_source_field text',
    'junction_target_field text', 'junction_entity_id uuid', 'on_delete text !', 'on_update text !', 'is_active boolean !',
    'display_in_source boolean !', 'display_in_target boolean !', 'metadata jsonb !', 'created_at timestamptz !',
    'updated_at timestamptz !', 'created_by uuid', 'updated_by uuid', 'is_deleted boolean !'],
    'relationship_definitions has the columns of 1.2.3');
SELECT is(columns_of('pgwright.index_definitions'), ARRAY['id uuid !', 'entity_id uuid !', 'tenant_id uuid', 'name text !',
    'index_type text !', 'field_names jsonb !', 'is_unique boolean !', 'is_partial boolean !', 'condition jsonb', 'where_clause text',
    'is_active boolean !', 'created_at timestamptz !', 'created_by uuid', 'updated_at timestamptz !', 'updated_by uuid', 'is_deleted boolean !'],
    'index_definitions has the columns of 1.2.4');
SELECT is(columns_of('pgwright.entity_migrations'), ARRAY['id uuid !', 'entity_id uuid !', 'tenant_id uuid',
    'migration_name text !', 'migration_type text !', 'from_version integer', 'to_version integer !', 'up_script text !',
    'down_script text', 'status text !', 'executed_at timestamptz', 'execution_time_ms integer', 'error_message text',
    'commit_message text', 'changes jsonb', 'down_probes jsonb !', 'risk text', 'batch_id uuid', 'rolled_back_at timestamptz',
    'rolled_back_by uuid', 'created_at timestamptz !', 'created_by uuid'],
    'entity_migrations has the columns of 1.2.5, and the commit message');
SELECT is(columns_of('pgwright.schema_ops'), ARRAY['id uuid !', 'tenant_id uuid', 'entity_id uuid', 'op_type text !',
    'payload_json jsonb !', 'status text !', 'error text', 'created_at timestamptz !', 'actor_user_id uuid'],
    'schema_ops says who did what to which entity, and how it ended');
SELECT is(columns_of('pgwright.routes'), ARRAY['id uuid !', 'method text !', 'path text !', 'function_name text !',
    'constants jsonb !', 'body_argument text', 'headers jsonb !', 'success_status integer !', 'module text !', 'tag text', 'summary text',
    'is_active boolean !', 'created_at timestamptz !'], 'routes maps a method and a path to a function');

-- Defaults, choices and keys of the design --------------------------------------------------------------

INSERT INTO pgwright.tenants (id, slug, name, schema_name) VALUES ('00000000-0000-0000-0000-0000000000aa', 'acme', 'Acme', 't_acme');
CREATE VIEW draft AS SELECT '00000000-0000-0000-0000-0000000000aa'::uuid AS tenant, '00000000-0000-0000-0000-0000000000e1'::uuid AS id;
INSERT INTO pgwright.entity_definitions (id, tenant_id, name, label, table_name, schema_name)
    SELECT id, tenant, 'gadget', 'Gadget', 'gadget', 't_acme' FROM draft;
INSERT INTO pgwright.field_definitions (entity_id, name, label, field_type, data_type) SELECT id, 'size', 'Size', 'string', 'text' FROM draft;
INSERT INTO pgwright.relationship_definitions (tenant_id, name, label, relationship_type, source_entity_id, target_entity_id)
    SELECT tenant, 'parts', 'Parts', 'one-to-many', id, id FROM draft;
INSERT INTO pgwright.index_definitions (entity_id, name, field_names) SELECT id, 'by_size', '["size"]' FROM draft;
INSERT INTO pgwright.entity_migrations (entity_id, migration_name, migration_type, to_version, up_script)
    SELECT id, 'gadget_v1', 'create', 1, 'SELECT' FROM draft;

SELECT results_eq($$SELECT entity_type, is_audited, is_versioned, supports_soft_delete, supports_attachments, supports_comments,
        default_sort_order, records_per_page, status, is_active, metadata, version, is_deleted FROM pgwright.entity_definitions JOIN draft USING (id)$$,
    $$VALUES ('custom', true, false, true, true, true, 'ASC', 25, 'draft', true, '{}'::jsonb, 1, false)$$, 'defaults of entity_definitions');
SELECT results_eq($$SELECT is_required, is_unique, is_indexed, is_nullable, validation_rules, display_order, is_readonly, is_system,
        is_calculated, metadata, is_deleted FROM pgwright.field_definitions JOIN draft ON entity_id = draft.id$$,
    $$VALUES (false, false, false, true, '[]'::jsonb, 0, false, false, false, '{}'::jsonb, false)$$, 'defaults of field_definitions');
SELECT results_eq($$SELECT on_delete, on_update, is_active, display_in_source, display_in_target, metadata, is_deleted FROM pgwright.relationship_definitions$$,
    $$VALUES ('NO ACTION', 'NO ACTION', true, true, true, '{}'::jsonb, false)$$, 'defaults of relationship_definitions');
SELECT results_eq($$SELECT index_type, is_unique, is_partial, is_active, is_deleted FROM pgwright.index_definitions$$,
    $$VALUES ('btree', false, false, true, false)$$, 'defaults of index_definitions');
SELECT is(status, 'pending', 'a migration begins as pending') FROM pgwright.entity_migrations;

-- Each column takes the design's choices and no other.
CREATE FUNCTION choices(relation text, col text, tried text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    value text; taken text[] := '{}';
BEGIN
    FOREACH value IN ARRAY tried LOOP
        BEGIN
            EXECUTE format('UPDATE pgwright.%I SET %I = $1', relation, col) USING value;
            taken := taken || value;
        EXCEPTION WHEN check_violation THEN NULL;
        END;
    END LOOP;
    RETURN taken;
END $$;
BEGIN;
DELETE FROM pgwright.entity_migrations; DELETE FROM pgwright.relationship_definitions; DELETE FROM pgwright.index_definitions;
INSERT INTO pgwright.relationship_definitions (tenant_id, name, label, relationship_type, source_entity_id, target_entity_id)
    SELECT tenant, 'parts', 'Parts', 'one-to-many', id, id FROM draft;
INSERT INTO pgwright.index_definitions (entity_id, name, field_names) SELECT id, 'by_size', '["size"]' FROM draft;
INSERT INTO pgwright.entity_migrations (entity_id, migration_name, migration_type, to_version, up_script)
    SELECT id, 'gadget_v1', 'create', 1, 'SELECT' FROM draft;
SELECT is(choices(relation, col, (allowed || ARRAY['', 'other', upper(allowed[1]) || '!'])), allowed, format('%s.%s is one of %s', relation, col, allowed))
  FROM (VALUES
    (1, 'entity_definitions', 'entity_type', ARRAY['custom', 'system', 'virtual']),
    (2, 'entity_definitions', 'status', ARRAY['draft', 'published', 'migrating', 'archived']),
    (3, 'entity_definitions', 'default_sort_order', ARRAY['ASC', 'DESC']),
    (4, 'field_definitions', 'relationship_type', ARRAY['many-to-one', 'one-to-one']),
    (5, 'relationship_definitions', 'relationship_type', ARRAY['one-to-many', 'many-to-many', 'one-to-one']),
    (6, 'relationship_definitions', 'on_delete', ARRAY['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION']),
    (7, 'relationship_definitions', 'on_update', ARRAY['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION']),
    (8, 'index_definitions', 'index_type', ARRAY['btree', 'hash', 'gin', 'gist', 'search']),
    (9, 'entity_migrations', 'migration_type', ARRAY['create', 'alter', 'drop']),
    (10, 'entity_migrations', 'status', ARRAY['pending', 'running', 'completed', 'failed', 'rolled_back'])) AS c (n, relation, col, allowed)
 ORDER BY n;
ROLLBACK;

SELECT bag_eq($$SELECT conrelid::regclass::text, a.attname::text, confrelid::regclass::text AS target
        FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
       WHERE contype = 'f' AND conrelid::regclass::text ~ '^pgwright\.(\w+_definitions|entity_migrations|schema_ops)$'
         AND a.attname NOT IN ('tenant_id', 'created_by', 'updated_by') ORDER BY 1, 2$$,
    $$VALUES ('pgwright.entity_migrations', 'entity_id', 'pgwright.entity_definitions'),
             ('pgwright.entity_migrations', 'rolled_back_by', 'pgwright.users'),
             ('pgwright.field_definitions', 'entity_id', 'pgwright.entity_definitions'),
             ('pgwright.field_definitions', 'reference_entity_id', 'pgwright.entity_definitions'),
             ('pgwright.index_definitions', 'entity_id', 'pgwright.entity_definitions'),
             ('pgwright.relationship_definitions', 'junction_entity_id', 'pgwright.entity_definitions'),
             ('pgwright.relationship_definitions', 'source_entity_id', 'pgwright.entity_definitions'),
             ('pgwright.relationship_definitions', 'target_entity_id', 'pgwright.entity_definitions'),
             ('pgwright.schema_ops', 'actor_user_id', 'pgwright.users'),
             ('pgwright.schema_ops', 'entity_id', 'pgwright.entity_definitions')$$, 'definitions refer to each other by foreign keys');
SELECT throws_ok($$INSERT INTO pgwright.entity_definitions (tenant_id, name, label, table_name, schema_name) SELECT tenant, 'gadget', 'G', 'other', 't_acme' FROM draft$$,
    '23505', NULL, 'an entity''s name is unique in its tenant');
SELECT throws_ok($$INSERT INTO pgwright.entity_definitions (tenant_id, name, label, table_name, schema_name) SELECT tenant, 'other', 'G', 'gadget', 't_acme' FROM draft$$,
    '23505', NULL, 'so is its table');
SELECT throws_ok($$INSERT INTO pgwright.entity_definitions (name, label, table_name, schema_name) VALUES ('users', 'U', 'u', 'pgwright_shared')$$,
    '23505', NULL, 'so is a platform entity''s name, which has no tenant');
SELECT throws_ok($$INSERT INTO pgwright.field_definitions (entity_id, name, label, field_type, data_type) SELECT id, 'size', 'S', 'string', 'text' FROM draft$$,
    '23505', NULL, 'a field''s name is unique in its entity');

-- The catalog describes itself --------------------------------------------------------------------------

CREATE VIEW hidden (relation, col) AS VALUES ('users', 'password_hash'), ('users', 'tokens_valid_after'), ('revoked_tokens', 'token_hash'), ('row_rules', 'field_ids'), ('row_rules', 'entity_ids'), ('refresh_tokens', 'token_hash'), ('login_attempts', 'email_hash'), ('password_history', 'password_hash'), ('invitations', 'token_hash'), ('api_keys', 'key_hash'), ('signing_keys', 'secret'), ('entity_migrations', 'down_probes'), ('import_jobs', 'processed_lines'), ('import_jobs', 'processed_records'), ('import_jobs', 'reported_errors'), ('import_data', 'content');
SELECT bag_eq($$SELECT name FROM pgwright.entity_definitions WHERE entity_type = 'system' AND status = 'published' AND tenant_id IS NULL
                        AND schema_name = 'pgwright' AND table_name = name ORDER BY name$$,
    $$SELECT relname::text FROM pg_class WHERE relnamespace = 'pgwright'::regnamespace AND relkind = 'r' AND relname NOT LIKE '%\_epoch' ORDER BY 1$$,
    'every table of the extension is a published system entity');
SELECT bag_eq($$SELECT e.name AS entity, f.name AS field, f.data_type FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id
                     WHERE e.entity_type = 'system' ORDER BY 1, 2$$,
    $$SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = 'pgwright'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
         AND (c.relname, a.attname) NOT IN (SELECT relation, col FROM hidden) ORDER BY 1, 2$$,
    'every column but the hidden ones is a field');
SELECT set_eq($$SELECT f.data_type, f.field_type FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id
                     WHERE e.entity_type = 'system' AND f.field_type <> 'lookup'$$,
    $$VALUES ('uuid', 'uuid'), ('text', 'text'), ('boolean', 'boolean'), ('integer', 'integer'), ('numeric', 'decimal'), ('jsonb', 'json'),
             ('timestamp with time zone', 'datetime'), ('bigint', 'biginteger')$$, 'each has the field type of its column''s');
SELECT bag_eq($$SELECT e.name AS entity, f.name AS field, t.name AS target FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id
        LEFT JOIN pgwright.entity_definitions t ON t.id = f.reference_entity_id WHERE f.field_type = 'lookup' ORDER BY 1, 2$$,
    $$SELECT c.relname::text, a.attname::text, t.relname::text AS target FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] WHERE k.contype = 'f' AND c.relnamespace = 'pgwright'::regnamespace ORDER BY 1, 2$$,
    'every foreign key is a lookup with its target');
SELECT is(has_column_privilege(role, 'pgwright.' || relation, col, 'SELECT'), false, format('%s cannot read %s.%s', role, relation, col))
  FROM hidden, unnest('{pgwright_runtime,pgwright_user}'::text[]) role ORDER BY relation, role;
SELECT bag_eq($$SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'pgwright'::regnamespace
        AND c.relkind = 'r' AND a.attnum > 0 AND NOT has_column_privilege('pgwright_runtime', c.oid, a.attnum, 'SELECT') ORDER BY 1, 2$$,
    $$SELECT * FROM hidden ORDER BY 1, 2$$, 'the engine reads every other column');

-- Built-in roles ------------------------------------------------------------------------------------------

SELECT bag_eq($$SELECT name, is_system, tenant_id IS NULL FROM pgwright.roles ORDER BY name$$,
    $$VALUES ('admin', true, true), ('api_client', true, true), ('data_manager', true, true), ('member', true, true), ('owner', true, true), ('public', true, true), ('super_admin', true, true), ('viewer', true, true)$$,
    'the built-in roles belong to every tenant');
SELECT bag_eq($$SELECT r.name, string_agg(p.action, ',' ORDER BY p.action) FROM pgwright.role_permissions p JOIN pgwright.roles r ON r.id = p.role_id
                     WHERE p.resource = '*' AND p.scope = 'tenant' GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('admin', '*'), ('owner', '*')$$,
    'owner and admin may do everything with records; the others are granted each entity when it is made');
SELECT bag_eq($$SELECT r.name, string_agg(p.resource || ':' || p.action, ',' ORDER BY p.resource, p.action) FROM pgwright.role_permissions p JOIN pgwright.roles r ON r.id = p.role_id
                     WHERE p.scope = 'all' GROUP BY 1$$, $$VALUES ('super_admin', 'security:*,tenants:*,users:*')$$, 'one of them reaches beyond its tenant');
SELECT is((SELECT count(*) FROM pgwright.role_permissions WHERE resource = 'signing_keys'), 0::bigint, 'none reads signing keys');

-- Served by the engine that serves everybody's records ------------------------------------------------------

CREATE SCHEMA t_acme AUTHORIZATION pgwright_owner;
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT is(array_agg(i ->> 'name' ORDER BY i ->> 'name'), (SELECT array_agg(name ORDER BY name) FROM pgwright.entity_definitions WHERE entity_type = 'system'),
    'list_records(entity_definitions) lists the registered entities')
  FROM json_array_elements(pgwright.list_records('entity_definitions', page_size => 100, filters => '{"entity_type": "system"}') -> 'items') i;
SELECT is(state_of(format('SELECT pgwright.list_records(%L)', relation)), CASE relation WHEN 'signing_keys' THEN 'PW403' ELSE 'ok' END,
    format('an owner %s list_records(%s)', CASE relation WHEN 'signing_keys' THEN 'may not' ELSE 'may' END, relation))
  FROM (SELECT name AS relation FROM pgwright.entity_definitions WHERE entity_type = 'system' ORDER BY name) s;
SELECT is((SELECT array_agg(k ORDER BY k) FROM json_object_keys(pgwright.list_records('users') -> 'items' -> 0) k),
    '{created_at,created_by,display_name,email,id,is_deleted,status,updated_at,updated_by}', 'a served user has no password');

SELECT * FROM finish();
