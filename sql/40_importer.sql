-- The importer: describes an existing relation in the catalog without touching it. The extension's
-- own tables go through it first, so that one engine serves them as it serves everybody's.

CREATE FUNCTION pgwright.import_relation(relation regclass, entity_type text, entity_tenant uuid, entity_metadata jsonb, hidden text[] DEFAULT '{}') RETURNS uuid
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    source  record;
    -- Ids of system rows follow from their names: they are not dumped, but referred to by what is.
    stable  boolean := entity_type = 'system';
    entity  uuid;
BEGIN
    SELECT c.oid, c.relname::text AS name, n.nspname::text AS schema, obj_description(c.oid, 'pg_class') AS description,
           EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'deleted_at' AND NOT attisdropped)
           AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'deleted_by' AND NOT attisdropped) AS soft_delete
      INTO STRICT source
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = relation;
    entity := CASE WHEN stable THEN md5('pgwright:entity:' || source.name)::uuid ELSE pgwright.uuid_v7() END;

    INSERT INTO pgwright.entity_definitions
        (id, tenant_id, name, label, plural_label, description, entity_type, schema_name, table_name,
         supports_soft_delete, supports_attachments, supports_comments, status, metadata, key_fields)
    VALUES (entity, entity_tenant, source.name, initcap(replace(source.name, '_', ' ')), initcap(replace(source.name, '_', ' ')),
            source.description, entity_type, source.schema, source.name,
            source.soft_delete, false, false, 'published', entity_metadata,
            (SELECT coalesce(jsonb_agg(a.attname ORDER BY k.n), '[]')
               FROM pg_constraint c
               CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
              WHERE c.conrelid = relation AND c.contype = 'p'));

    INSERT INTO pgwright.field_definitions
        (id, entity_id, tenant_id, name, label, field_type, data_type, is_required, is_nullable, is_unique, is_indexed,
         display_order, is_readonly, is_system, reference_entity_id, relationship_type)
    SELECT CASE WHEN stable THEN md5(format('pgwright:field:%s:%s', source.name, a.attname))::uuid ELSE pgwright.uuid_v7() END,
           entity, entity_tenant, a.attname, initcap(replace(a.attname, '_', ' ')),
           CASE WHEN target.id IS NOT NULL THEN 'lookup' ELSE pgwright.field_type_of(a.atttypid) END,
           format_type(a.atttypid, a.atttypmod), a.attnotnull AND NOT a.atthasdef, NOT a.attnotnull,
           coalesce(i.is_unique, false), coalesce(i.is_indexed, false),
           a.attnum, own.is_stamp, own.is_stamp, target.id, CASE WHEN target.id IS NOT NULL THEN 'many-to-one' END
      FROM pg_attribute a
      CROSS JOIN LATERAL (SELECT a.attname IN ('id', 'created_at', 'updated_at', 'created_by', 'updated_by', 'deleted_at', 'deleted_by', 'is_deleted') AS is_stamp) own
      LEFT JOIN LATERAL (
           SELECT bool_or(x.indisunique AND x.indnkeyatts = 1 AND x.indpred IS NULL) AS is_unique, true AS is_indexed
             FROM pg_index x WHERE x.indrelid = a.attrelid AND x.indkey[0] = a.attnum
           HAVING count(*) > 0) i ON true
      LEFT JOIN LATERAL (
           SELECT e.id FROM pg_constraint k
             JOIN pg_class tc ON tc.oid = k.confrelid
             JOIN pg_namespace tn ON tn.oid = tc.relnamespace
             JOIN pgwright.entity_definitions e ON e.schema_name = tn.nspname AND e.table_name = tc.relname AND NOT e.is_deleted
            WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] AND a.atttypid = 'uuid'::regtype
            LIMIT 1) target ON true
     WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attname = ANY (hidden);
    RETURN entity;
END
$$;
COMMENT ON FUNCTION pgwright.import_relation(regclass, text, uuid, jsonb, text[]) IS 'Describes an existing table in the catalog as a published entity, without the hidden columns, and returns the entity''s id. The table is not changed';

-- In the order of their references. resource is the platform area that guards the entity.
SELECT pgwright.import_relation(relation::regclass, 'system', NULL, jsonb_build_object('resource', resource), hidden)
  FROM (VALUES
    (1, 'pgwright.users', 'users', '{password_hash,tokens_valid_after}'::text[]),
    (2, 'pgwright.tenants', 'tenants', '{}'),
    (3, 'pgwright.roles', 'roles', '{}'),
    (5, 'pgwright.user_roles', 'users', '{}'),
    (6, 'pgwright.sessions', 'sessions', '{}'),
    (7, 'pgwright.signing_keys', 'signing_keys', '{secret}'),
    (8, 'pgwright.entity_definitions', 'data_model', '{}'),
    (9, 'pgwright.field_definitions', 'data_model', '{}'),
    (10, 'pgwright.relationship_definitions', 'data_model', '{}'),
    (11, 'pgwright.index_definitions', 'data_model', '{}'),
    (12, 'pgwright.entity_migrations', 'data_model', '{down_probes}'),
    (13, 'pgwright.schema_ops', 'schema_ops', '{}'),
    (14, 'pgwright.routes', 'routes', '{}'),
    (15, 'pgwright.entity_versions', 'data_model', '{}'),
    (16, 'pgwright.retired_objects', 'data_model', '{}'),
    (17, 'pgwright.schema_backups', 'data_model', '{}'),
    (18, 'pgwright.attached_schemas', 'data_model', '{}'),
    (19, 'pgwright.files', 'files', '{}'),
    (39, 'pgwright.entity_metadata', 'data_model', '{}'),
    (20, 'pgwright.user_groups', 'roles', '{}'),
    (21, 'pgwright.group_members', 'roles', '{}'),
    (22, 'pgwright.group_roles', 'roles', '{}'),
    (23, 'pgwright.row_rules', 'roles', '{field_ids,entity_ids}'),
    (24, 'pgwright.field_rules', 'roles', '{}'),
    (28, 'pgwright.role_permissions', 'roles', '{}'),
    (29, 'pgwright.entity_access', 'security', '{}'),
    (25, 'pgwright.identity_providers', 'security', '{}'),
    (26, 'pgwright.user_identities', 'security', '{}'),
    (27, 'pgwright.revoked_tokens', 'security', '{token_hash}'),
    (30, 'pgwright.failed_logins', 'security', '{}'),
    (31, 'pgwright.security_policies', 'security', '{}'),
    (32, 'pgwright.tenant_members', 'users', '{}'),
    (33, 'pgwright.invitations', 'users', '{token_hash}'),
    (34, 'pgwright.api_keys', 'api_keys', '{key_hash}'),
    (35, 'pgwright.api_key_usage', 'api_keys', '{}'),
    (36, 'pgwright.refresh_tokens', 'security', '{token_hash}'),
    (37, 'pgwright.login_attempts', 'security', '{email_hash}'),
    (38, 'pgwright.password_history', 'security', '{password_hash}'),
    (40, 'pgwright.import_jobs', 'transfers', '{processed_lines,processed_records,reported_errors}'),
    (41, 'pgwright.import_data', 'transfers', '{content}'),
    (42, 'pgwright.import_errors', 'transfers', '{}'),
    (43, 'pgwright.export_jobs', 'transfers', '{}'),
    (44, 'pgwright.import_keys', 'transfers', '{}'),
    (45, 'pgwright.import_cancellations', 'transfers', '{}')) AS s (n, relation, resource, hidden)
 ORDER BY n;

-- Files are written by people, all but where they belong and where their bytes are.
UPDATE pgwright.entity_definitions SET metadata = metadata || '{"writable": ["create", "update", "delete"]}'
 WHERE entity_type = 'system' AND name = 'files';
UPDATE pgwright.field_definitions f
   SET is_readonly = f.name IN ('tenant_id', 'storage_key') OR f.is_system,
       min_length = CASE f.name WHEN 'name' THEN 1 END,
       max_length = CASE WHEN f.name IN ('name', 'content_type') THEN 255 WHEN f.name = 'checksum' THEN 64 END,
       min_value = CASE f.name WHEN 'size_bytes' THEN 0 END
  FROM pgwright.entity_definitions e
 WHERE e.id = f.entity_id AND e.entity_type = 'system' AND e.name = 'files';

-- How entities are shown is written by those who shape them.
UPDATE pgwright.entity_definitions SET metadata = metadata || '{"writable": ["create", "update", "delete"]}'
 WHERE entity_type = 'system' AND name = 'entity_metadata';
UPDATE pgwright.field_definitions f
   SET is_readonly = f.name = 'tenant_id' OR f.is_system,
       is_required = f.is_required AND f.name <> 'tenant_id',
       max_length = CASE f.name WHEN 'display_name' THEN 200 WHEN 'description' THEN 10000 WHEN 'icon' THEN 50 END
  FROM pgwright.entity_definitions e
 WHERE e.id = f.entity_id AND e.entity_type = 'system' AND e.name = 'entity_metadata';

-- Who may do what is written by those who may say so, all but where it belongs and what follows.
UPDATE pgwright.entity_definitions SET metadata = metadata || '{"writable": ["create", "update", "delete"]}'
 WHERE entity_type = 'system' AND name IN ('roles', 'user_groups', 'row_rules', 'field_rules');
UPDATE pgwright.entity_definitions SET metadata = metadata || '{"writable": ["create", "delete"]}'
 WHERE entity_type = 'system' AND name IN ('role_permissions', 'group_members', 'group_roles');
UPDATE pgwright.field_definitions f
   SET is_readonly = f.name IN ('tenant_id', 'is_system') OR (e.name = 'role_permissions' AND f.name = 'entity_id') OR f.is_system,
       is_required = f.is_required AND f.name <> 'tenant_id'
  FROM pgwright.entity_definitions e
 WHERE e.id = f.entity_id AND e.entity_type = 'system'
   AND e.name IN ('roles', 'user_groups', 'row_rules', 'field_rules', 'role_permissions', 'group_members', 'group_roles');
