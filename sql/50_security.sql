-- Who may do what: row security, grants and triggers of the extension's own tables. The rules of
-- generated tables are made at publish by the planner (extension/core/policy.cpp).

DO $$
DECLARE
    t record;
BEGIN
    -- visible: the rows a caller of the tenant may see; every policy is for the engine's role alone.
    FOR t IN SELECT * FROM (VALUES
        ('users', '(SELECT pgwright.user_id()) = id OR (SELECT pgwright.has_permission(''users:read'')) AND (EXISTS (SELECT FROM pgwright.user_roles m WHERE m.user_id = users.id AND m.tenant_id = (SELECT pgwright.tenant_id())) OR EXISTS (SELECT FROM pgwright.tenant_members m WHERE m.user_id = users.id AND m.tenant_id = (SELECT pgwright.tenant_id())))'),
        ('tenants', 'id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''tenants:read''))'),
        ('roles', '(tenant_id = (SELECT pgwright.tenant_id()) OR tenant_id IS NULL) AND (SELECT pgwright.has_permission(''roles:read''))'),
        ('role_permissions', '(tenant_id = (SELECT pgwright.tenant_id()) OR tenant_id IS NULL) AND EXISTS (SELECT FROM pgwright.roles r WHERE r.id = role_id)'),
        ('user_groups', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''roles:read''))'),
        ('group_members', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''roles:read''))'),
        ('group_roles', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''roles:read''))'),
        ('row_rules', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''roles:read''))'),
        ('field_rules', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''roles:read''))'),
        ('user_roles', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''users:read''))'),
        ('sessions', 'tenant_id = (SELECT pgwright.tenant_id()) AND (user_id = (SELECT pgwright.user_id()) OR (SELECT pgwright.has_permission(''sessions:read'')))'),
        ('signing_keys', '(SELECT pgwright.has_permission(''signing_keys:read:all''))'),
        ('entity_definitions', '(tenant_id = (SELECT pgwright.tenant_id()) OR tenant_id IS NULL) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('field_definitions', '(tenant_id = (SELECT pgwright.tenant_id()) OR tenant_id IS NULL) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('relationship_definitions', '(tenant_id = (SELECT pgwright.tenant_id()) OR tenant_id IS NULL) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('index_definitions', '(tenant_id = (SELECT pgwright.tenant_id()) OR tenant_id IS NULL) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('entity_migrations', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('schema_ops', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''schema_ops:read''))'),
        ('entity_versions', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('retired_objects', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('schema_backups', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('attached_schemas', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('files', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''files:read''))'),
        ('entity_metadata', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''data_model:read''))'),
        ('identity_providers', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''security:read''))'),
        ('user_identities', 'EXISTS (SELECT FROM pgwright.identity_providers p WHERE p.id = provider_id)'),
        ('revoked_tokens', 'EXISTS (SELECT FROM pgwright.identity_providers p WHERE p.id = provider_id)'),
        -- An address belongs to no tenant, but the people who have it do.
        ('failed_logins', '(SELECT pgwright.has_permission(''security:read:all'')) OR (SELECT pgwright.has_permission(''security:read'')) AND EXISTS (SELECT FROM pgwright.users u WHERE u.id = user_id)'),
        ('security_policies', '(tenant_id = (SELECT pgwright.tenant_id()) OR tenant_id IS NULL) AND (SELECT pgwright.has_permission(''security:read''))'),
        ('tenant_members', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''users:read''))'),
        ('invitations', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''users:read''))'),
        ('api_keys', 'tenant_id = (SELECT pgwright.tenant_id()) AND (user_id = (SELECT pgwright.user_id()) OR (SELECT pgwright.has_permission(''api_keys:read'')))'),
        ('api_key_usage', 'EXISTS (SELECT FROM pgwright.api_keys k WHERE k.id = api_key_id)'),
        ('import_jobs', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''transfers:read''))'),
        ('import_errors', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''transfers:read''))'),
        ('export_jobs', 'tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''transfers:read''))'),
        -- What only the engine looks at.
        ('import_data', 'false'), ('import_keys', 'false'), ('import_cancellations', 'false'),
        ('refresh_tokens', 'false'), ('entity_access', 'false'), ('login_attempts', 'false'), ('password_history', 'false'),
        ('routes', '(SELECT pgwright.has_permission(''routes:read''))')) AS v (name, visible)
    LOOP
        EXECUTE format('ALTER TABLE pgwright.%I ENABLE ROW LEVEL SECURITY', t.name);
        EXECUTE format('ALTER TABLE pgwright.%I FORCE ROW LEVEL SECURITY', t.name);
        EXECUTE format('CREATE POLICY pgwright_read ON pgwright.%I FOR SELECT TO pgwright_runtime USING (%s)', t.name, t.visible);
        -- The registered columns, and no hidden one; and what tells the versions of a row apart.
        EXECUTE format('GRANT SELECT (xmin, ctid, %s) ON pgwright.%I TO pgwright_runtime',
            (SELECT string_agg(format('%I', f.name), ', ' ORDER BY f.display_order)
               FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id
              WHERE e.entity_type = 'system' AND e.name = t.name), t.name);
        IF EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = format('pgwright.%I', t.name)::regclass AND attname = 'created_by') THEN
            EXECUTE format('CREATE TRIGGER pgwright_stamp BEFORE INSERT OR UPDATE ON pgwright.%I FOR EACH ROW EXECUTE FUNCTION pgwright.stamp_record()', t.name);
        END IF;
    END LOOP;
END
$$;

-- Roles and what hangs on them are written through the record engine; what a writer may not give, the
-- triggers refuse.
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('roles', 'name, label, description, parent_role_id', 'name, label, description, parent_role_id', ' AND NOT is_system'),
        ('role_permissions', 'role_id, resource, action, scope', '', ''),
        ('user_groups', 'name, label, description', 'name, label, description', ''),
        ('group_members', 'group_id, user_id', '', ''),
        ('group_roles', 'group_id, role_id', '', ''),
        ('row_rules', 'role_id, entity_id, action, condition, description, is_active', 'condition, description, is_active', ''),
        ('field_rules', 'role_id, entity_id, field_id, mode, mask, mask_text, description, is_active', 'mode, mask, mask_text, description, is_active', '')) AS v (name, inserted, updated, more)
    LOOP
        EXECUTE format('GRANT INSERT (%s) ON pgwright.%I TO pgwright_runtime', t.inserted, t.name);
        EXECUTE format('CREATE POLICY pgwright_create ON pgwright.%I FOR INSERT TO pgwright_runtime WITH CHECK (tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(%L))%s)',
            t.name, CASE t.name WHEN 'roles' THEN 'roles:create' WHEN 'user_groups' THEN 'roles:create' ELSE 'roles:update' END, t.more);
        IF t.updated <> '' THEN
            EXECUTE format('GRANT UPDATE (%s) ON pgwright.%I TO pgwright_runtime', t.updated, t.name);
            EXECUTE format('CREATE POLICY pgwright_update ON pgwright.%I FOR UPDATE TO pgwright_runtime USING (tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(''roles:update''))%s)', t.name, t.more);
        END IF;
        EXECUTE format('GRANT DELETE ON pgwright.%I TO pgwright_runtime', t.name);
        EXECUTE format('CREATE POLICY pgwright_delete ON pgwright.%I FOR DELETE TO pgwright_runtime USING (tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission(%L))%s)',
            t.name, CASE t.name WHEN 'roles' THEN 'roles:delete' WHEN 'user_groups' THEN 'roles:delete' ELSE 'roles:update' END, t.more);
        EXECUTE format('CREATE TRIGGER pgwright_invalidate AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgwright.%I FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security()', t.name);
    END LOOP;
END
$$;

-- Files are written through the record engine by everyone who may.
GRANT INSERT (name, content_type, size_bytes, checksum, metadata) ON pgwright.files TO pgwright_runtime;
GRANT UPDATE (name, content_type, size_bytes, checksum, metadata, deleted_at, deleted_by) ON pgwright.files TO pgwright_runtime;
CREATE POLICY pgwright_create ON pgwright.files FOR INSERT TO pgwright_runtime
    WITH CHECK (tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission('files:create')));
CREATE POLICY pgwright_update ON pgwright.files FOR UPDATE TO pgwright_runtime
    USING (tenant_id = (SELECT pgwright.tenant_id())
           AND ((SELECT pgwright.has_permission('files:update')) OR (SELECT pgwright.has_permission('files:delete'))))
    WITH CHECK (tenant_id = (SELECT pgwright.tenant_id())
                AND CASE WHEN deleted_at IS NULL THEN (SELECT pgwright.has_permission('files:update'))
                         ELSE (SELECT pgwright.has_permission('files:delete')) END);

CREATE TRIGGER pgwright_delete_referrers AFTER UPDATE OF deleted_at ON pgwright.files
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION pgwright.delete_referrers();

-- How entities are shown, likewise.
GRANT INSERT (entity_id, display_name, description, icon, table_config, form_config, is_active) ON pgwright.entity_metadata TO pgwright_runtime;
GRANT UPDATE (display_name, description, icon, table_config, form_config, is_active) ON pgwright.entity_metadata TO pgwright_runtime;
GRANT DELETE ON pgwright.entity_metadata TO pgwright_runtime;
CREATE POLICY pgwright_create ON pgwright.entity_metadata FOR INSERT TO pgwright_runtime
    WITH CHECK (tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission('data_model:create')));
CREATE POLICY pgwright_update ON pgwright.entity_metadata FOR UPDATE TO pgwright_runtime
    USING (tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission('data_model:update')));
CREATE POLICY pgwright_delete ON pgwright.entity_metadata FOR DELETE TO pgwright_runtime
    USING (tenant_id = (SELECT pgwright.tenant_id()) AND (SELECT pgwright.has_permission('data_model:delete')));

-- Lookups of generated tables may refer to users, and files to files.
GRANT REFERENCES (id) ON pgwright.users, pgwright.files TO pgwright_owner;

CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.entity_definitions
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_catalog();
-- What is born published hides a platform entity of its name, which backends may have in their caches.
CREATE TRIGGER pgwright_invalidate_published AFTER INSERT ON pgwright.entity_definitions
    FOR EACH ROW WHEN (NEW.status = 'published') EXECUTE FUNCTION pgwright.invalidate_catalog();
CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.field_definitions
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_catalog();
CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.index_definitions
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_catalog();
CREATE TRIGGER pgwright_invalidate AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgwright.relationship_definitions
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_catalog();
CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.users
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.tenants
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
CREATE TRIGGER pgwright_invalidate AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgwright.user_roles
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.sessions
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
CREATE TRIGGER pgwright_invalidate AFTER UPDATE OR DELETE OR TRUNCATE ON pgwright.signing_keys
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
CREATE TRIGGER pgwright_invalidate AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgwright.identity_providers
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
CREATE TRIGGER pgwright_invalidate AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgwright.user_identities
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();
-- Rows go when their tokens have expired: nobody's cache is wrong for that.
CREATE TRIGGER pgwright_invalidate AFTER INSERT OR UPDATE ON pgwright.revoked_tokens
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.invalidate_security();

REVOKE ALL ON ALL TABLES IN SCHEMA pgwright FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pgwright FROM PUBLIC;

-- What policies, defaults and triggers of generated tables call.
GRANT EXECUTE ON FUNCTION pgwright.user_id(), pgwright.tenant_id(), pgwright.has_permission(text), pgwright.has_rule(text), pgwright.tenant_with(text), pgwright.tenant_with_some(text),
    pgwright.role_names(), pgwright.user_email(), pgwright.user_department(), pgwright.uuid_v7(),
    pgwright.is_list(anyarray), pgwright.items_have_length(text[], integer, integer), pgwright.items_have_scale(numeric[], integer),
    pgwright.items_match(text[], text), pgwright.matches_json_schema(jsonb, jsonb)
    TO pgwright_owner, pgwright_runtime, pgwright_user, pgwright_shim, pgwright_admin;
GRANT EXECUTE ON FUNCTION pgwright.stamp_record(), pgwright.guard_record(), pgwright.check_references(), pgwright.delete_referrers() TO pgwright_owner;
-- What a migration's statements call.
GRANT EXECUTE ON FUNCTION pgwright.is_convertible(text, text) TO pgwright_owner;

-- What the engine's statements ask of every row, whoever runs them.
GRANT EXECUTE ON FUNCTION pgwright.row_tag(xid, tid) TO pgwright_runtime;

-- What people and the shim call.
GRANT EXECUTE ON FUNCTION
    pgwright.whoami(), pgwright.me(), pgwright.login(text, text, text), pgwright.logout(),
    pgwright.create_tenant(text, text), pgwright.create_user(text, text, text, text, text),
    pgwright.sign_in_with_token(text), pgwright.revoke_outside_tokens(text), pgwright.rotate_signing_key(interval),
    pgwright.retire_signing_key(text), pgwright.list_signing_keys(), pgwright.create_identity_provider(json),
    pgwright.update_identity_provider(text, json), pgwright.delete_identity_provider(text), pgwright.get_identity_provider(text),
    pgwright.list_identity_providers(), pgwright.identity_provider_test(text), pgwright.link_identity(text, text, text),
    pgwright.unlink_identity(text, text),
    pgwright.create_entity(json), pgwright.list_entities(text, text, text), pgwright.get_entity(text, text),
    pgwright.update_entity(text, json), pgwright.rename_entity(text, text), pgwright.archive_entity(text),
    pgwright.unarchive_entity(text), pgwright.discard_draft(text), pgwright.delete_entity(text, boolean),
    pgwright.list_versions(text), pgwright.create_field(text, json), pgwright.list_fields(text, text), pgwright.list_all_fields(),
    pgwright.get_field(text, text, text), pgwright.update_field(text, text, json),
    pgwright.delete_field(text, text), pgwright.create_index(text, json), pgwright.list_indexes(text, text),
    pgwright.get_index(text, text, text), pgwright.update_index(text, text, json),
    pgwright.delete_index(text, text), pgwright.create_relationship(json), pgwright.list_relationships(text),
    pgwright.get_relationship(text), pgwright.update_relationship(text, json),
    pgwright.delete_relationship(text), pgwright.validate_entity_name(text),
    pgwright.validate_field_name(text, text), pgwright.preview_migration(text, json),
    pgwright.publish_entity(text, text, boolean, json, text),
    pgwright.publish_entities(json, text, boolean, json, text), pgwright.list_migrations(text),
    pgwright.get_migration(text), pgwright.rollback_migration(text), pgwright.list_retired(),
    pgwright.purge_retired(interval), pgwright.http_publish_entity(text, text, boolean, json, text),
    pgwright.http_publish_entities(json, text, boolean, json, text),
    pgwright.analyze_schema(text), pgwright.sync_schema(text, text, boolean, boolean),
    pgwright.schema_backup_create(text, text), pgwright.schema_backup_list(), pgwright.schema_backup_restore(text, boolean),
    pgwright.export_schema(), pgwright.import_schema(json, boolean),
    pgwright.introspect(text), pgwright.import_entity(text, json), pgwright.preview_import(text, json), pgwright.unimport_entity(text),
    pgwright.get_record(text, text, text, text, boolean), pgwright.list_records(text, integer, integer, text, json, json, text, text, text, text, boolean, boolean, text),
    pgwright.query_records(text, json), pgwright.aggregate_records(text, json),
    pgwright.describe_entity(text), pgwright.list_related_records(text, text, text, integer, integer, text, json, json, text, text, text, text, boolean, boolean, text),
    pgwright.get_public_record(text, text, text, text, text), pgwright.list_public_records(text, text, integer, integer, text, json, json, text, text, text, text, boolean, boolean, text),
    pgwright.record_tag(text, text), pgwright.create_record(text, json, boolean),
    pgwright.update_record(text, text, json, boolean, text, boolean), pgwright.delete_record(text, text, text, boolean),
    pgwright.restore_record(text, text, text, boolean), pgwright.purge_record(text, text, text, boolean),
    pgwright.upsert_record(text, json, text, boolean), pgwright.bulk_create_records(text, json, boolean, boolean),
    pgwright.write_through(text, text, text, jsonb), pgwright.create_related_record(text, text, text, json),
    pgwright.link_related_records(text, text, text, json), pgwright.unlink_related_records(text, text, text, json),
    pgwright.bulk_update_records(text, json, boolean, boolean), pgwright.bulk_delete_records(text, json, boolean, boolean),
    pgwright.update_records_where(text, json, json, boolean, boolean), pgwright.delete_records_where(text, json, boolean, boolean),
    pgwright.http_get_record(text, text, text, text, boolean, text), pgwright.http_create_record(text, json, text, boolean, text),
    pgwright.http_update_record(text, text, json, text, text, boolean, boolean, text), pgwright.http_delete_record(text, text, text, boolean),
    pgwright.http_restore_record(text, text, text, text, boolean), pgwright.http_purge_record(text, text, text, boolean),
    pgwright.http_upsert_record(text, json, text, text, boolean),
    pgwright.create_record_as(text, text, json, boolean), pgwright.bulk_upsert_records(text, json, text, boolean, boolean), pgwright.http_bulk_upsert_records(text, json, text, boolean, text, boolean),
    pgwright.bulk_update(text, json, json, json, boolean, boolean), pgwright.bulk_delete(text, json, json, boolean, boolean),
    pgwright.create_file(json), pgwright.get_file(text), pgwright.list_files(integer, integer), pgwright.update_file(text, json), pgwright.delete_file(text)
    TO pgwright_user, pgwright_shim, pgwright_admin;
GRANT EXECUTE ON FUNCTION pgwright.plan_cache_use() TO pgwright_user, pgwright_admin;
GRANT EXECUTE ON FUNCTION pgwright.act_as(text, text), pgwright.attach_schema(text, text), pgwright.detach_schema(text, text)
    TO pgwright_admin;

-- What generated columns, checks and queries that were compiled from expressions call.
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_catalog.pg_proc
              WHERE pronamespace = 'pgwright'::regnamespace AND starts_with(proname, 'expression_')
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_owner, pgwright_runtime, pgwright_user', f);
    END LOOP;
END
$$;

-- Leakproof operators: the engine's statements use them, and so may people's. They tell nothing but
-- what they answer, and the owner's tables have expressions that may want them.
GRANT EXECUTE ON FUNCTION pgwright.like_pattern(text, boolean, boolean),
    pgwright.numeric_eq(numeric, numeric), pgwright.numeric_lt(numeric, numeric), pgwright.numeric_le(numeric, numeric),
    pgwright.numeric_gt(numeric, numeric), pgwright.numeric_ge(numeric, numeric), pgwright.numeric_among(numeric, numeric[]),
    pgwright.contains_text(text, text), pgwright.starts_with_text(text, text), pgwright.ends_with_text(text, text),
    pgwright.search_matches(text, text), pgwright.search_matches_markup(text, text), pgwright.search_rank(text, text[]),
    pgwright.markup_text(text), pgwright.search_query(text, text), pgwright.search_languages()
    TO pgwright_owner, pgwright_runtime, pgwright_user;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_catalog.pg_proc
              WHERE pronamespace = 'pgwright'::regnamespace AND proname IN ('array_contains', 'array_overlaps')
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pgwright_owner, pgwright_runtime, pgwright_user', f);
    END LOOP;
END
$$;
