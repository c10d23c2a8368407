-- Who may do what: permissions of roles, groups, row rules and field rules. The rows are served and
-- written by the record functions as any other; triggers check what they mean and make the policies of
-- the entities concerned again in the same transaction (extension/schema/access.cpp).

ALTER TABLE pgwright.roles ALTER COLUMN tenant_id SET DEFAULT pgwright.tenant_id();

CREATE TABLE pgwright.role_permissions (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    role_id    uuid NOT NULL REFERENCES pgwright.roles (id) ON DELETE CASCADE,
    tenant_id  uuid DEFAULT pgwright.tenant_id() REFERENCES pgwright.tenants (id),  -- NULL: in every tenant, of a role that is built in
    entity_id  uuid REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    resource   text NOT NULL,                 -- the entity's name, a platform area, or * for every entity of the tenant
    action     text NOT NULL CHECK (action IN ('create', 'read', 'update', 'delete', 'execute', 'export', 'bulk', '*')),
    scope      text NOT NULL DEFAULT 'tenant' CHECK (scope IN ('own', 'tenant', 'all')),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid REFERENCES pgwright.users (id)
);
CREATE UNIQUE INDEX role_permissions_key ON pgwright.role_permissions
    (role_id, coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'), coalesce(entity_id, '00000000-0000-0000-0000-000000000000'), resource, action, scope);
CREATE INDEX role_permissions_entity_idx ON pgwright.role_permissions (entity_id);
CREATE INDEX role_permissions_tenant_idx ON pgwright.role_permissions (tenant_id);

CREATE TABLE pgwright.user_groups (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id   uuid NOT NULL DEFAULT pgwright.tenant_id() REFERENCES pgwright.tenants (id),
    name        text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
    label       text NOT NULL CHECK (char_length(label) <= 200),
    description text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid REFERENCES pgwright.users (id),
    updated_by  uuid REFERENCES pgwright.users (id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE pgwright.group_members (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id  uuid NOT NULL DEFAULT pgwright.tenant_id() REFERENCES pgwright.tenants (id),
    group_id   uuid NOT NULL REFERENCES pgwright.user_groups (id) ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES pgwright.users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid REFERENCES pgwright.users (id),
    UNIQUE (group_id, user_id)
);
CREATE INDEX group_members_user_idx ON pgwright.group_members (user_id);
CREATE INDEX group_members_tenant_idx ON pgwright.group_members (tenant_id);

CREATE TABLE pgwright.group_roles (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id  uuid NOT NULL DEFAULT pgwright.tenant_id() REFERENCES pgwright.tenants (id),
    group_id   uuid NOT NULL REFERENCES pgwright.user_groups (id) ON DELETE CASCADE,
    role_id    uuid NOT NULL REFERENCES pgwright.roles (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid REFERENCES pgwright.users (id),
    UNIQUE (group_id, role_id)
);
CREATE INDEX group_roles_role_idx ON pgwright.group_roles (role_id);
CREATE INDEX group_roles_tenant_idx ON pgwright.group_roles (tenant_id);

-- Which rows of an entity a role's permission for an action reaches: those its condition is true of. For
-- create and update the row must satisfy it afterwards, for update before it too.
CREATE TABLE pgwright.row_rules (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id   uuid NOT NULL DEFAULT pgwright.tenant_id() REFERENCES pgwright.tenants (id),
    role_id     uuid NOT NULL REFERENCES pgwright.roles (id) ON DELETE CASCADE,
    entity_id   uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    action      text NOT NULL CHECK (action IN ('create', 'read', 'update', 'delete')),
    condition   jsonb NOT NULL,
    description text,
    is_active   boolean NOT NULL DEFAULT true,
    field_ids   uuid[] NOT NULL DEFAULT '{}', -- that the condition uses, other entities' too
    entity_ids  uuid[] NOT NULL DEFAULT '{}', -- that it looks into beyond its own
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid REFERENCES pgwright.users (id),
    updated_by  uuid REFERENCES pgwright.users (id),
    UNIQUE (tenant_id, role_id, entity_id, action)
);
CREATE INDEX row_rules_entity_idx ON pgwright.row_rules (entity_id);
CREATE INDEX row_rules_role_idx ON pgwright.row_rules (role_id);

-- What of an entity's fields a role sees and writes. Somebody with several roles that read the entity is
-- restricted by what all of them restrict.
CREATE TABLE pgwright.field_rules (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id   uuid NOT NULL DEFAULT pgwright.tenant_id() REFERENCES pgwright.tenants (id),
    role_id     uuid NOT NULL REFERENCES pgwright.roles (id) ON DELETE CASCADE,
    entity_id   uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    field_id    uuid NOT NULL REFERENCES pgwright.field_definitions (id) ON DELETE CASCADE,
    mode        text NOT NULL CHECK (mode IN ('hidden', 'masked', 'readonly', 'write_once')),
    mask        text CHECK (mask IN ('last4', 'email', 'hash', 'constant')),
    mask_text   text CHECK (char_length(mask_text) <= 200),  -- of the mask constant
    description text,
    is_active   boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid REFERENCES pgwright.users (id),
    updated_by  uuid REFERENCES pgwright.users (id),
    CHECK ((mode = 'masked') = (mask IS NOT NULL)),
    CHECK (mask_text IS NULL OR mask = 'constant'),
    UNIQUE (tenant_id, role_id, field_id)
);
CREATE INDEX field_rules_entity_idx ON pgwright.field_rules (entity_id);
CREATE INDEX field_rules_field_idx ON pgwright.field_rules (field_id);
CREATE INDEX field_rules_role_idx ON pgwright.field_rules (role_id);

-- What was last made of all that for an entity's table; internal.
CREATE TABLE pgwright.entity_access (
    id        uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    entity_id uuid NOT NULL UNIQUE REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    script    text NOT NULL
);

COMMENT ON TABLE pgwright.role_permissions IS 'Permissions resource:action:scope that roles hold';
COMMENT ON TABLE pgwright.user_groups IS 'Groups of a tenant''s users, who hold the groups'' roles';
COMMENT ON TABLE pgwright.group_members IS 'Users in groups';
COMMENT ON TABLE pgwright.group_roles IS 'Roles that groups hold';
COMMENT ON TABLE pgwright.row_rules IS 'Conditions that narrow a role''s permission to some of an entity''s rows';
COMMENT ON TABLE pgwright.field_rules IS 'Fields of entities that are hidden, masked or read-only for a role';
COMMENT ON TABLE pgwright.entity_access IS 'The policies, guard and grants last made of an entity''s access';

INSERT INTO pgwright.role_permissions (id, role_id, tenant_id, resource, action, scope)
SELECT md5(pg_catalog.format('pgwright:permission:%s:%s:%s:%s', role, resource, action, scope))::uuid,
       md5('pgwright:role:' || role)::uuid, NULL, resource, action, scope
FROM (VALUES
    ('owner', 'files', '*', 'tenant'), ('admin', 'files', '*', 'tenant'), ('data_manager', 'files', '*', 'tenant'),
    ('member', 'files', 'create', 'tenant'), ('member', 'files', 'read', 'tenant'), ('member', 'files', 'update', 'tenant'),
    ('member', 'files', 'delete', 'tenant'), ('viewer', 'files', 'read', 'tenant'),
    ('owner', 'transfers', '*', 'tenant'), ('admin', 'transfers', '*', 'tenant'),
    ('owner', '*', '*', 'tenant'), ('owner', 'data_model', '*', 'tenant'), ('owner', 'users', '*', 'tenant'),
    ('owner', 'roles', '*', 'tenant'), ('owner', 'sessions', '*', 'tenant'), ('owner', 'tenants', 'read', 'tenant'),
    ('owner', 'tenants', 'update', 'tenant'), ('owner', 'routes', 'read', 'tenant'), ('owner', 'schema_ops', 'read', 'tenant'),
    ('admin', '*', '*', 'tenant'), ('admin', 'data_model', '*', 'tenant'), ('admin', 'users', '*', 'tenant'),
    ('admin', 'roles', 'read', 'tenant'), ('admin', 'tenants', 'read', 'tenant'), ('admin', 'routes', 'read', 'tenant'),
    ('admin', 'schema_ops', 'read', 'tenant'),
    ('data_manager', 'data_model', 'read', 'tenant'), ('data_manager', 'tenants', 'read', 'tenant'),
    ('member', 'data_model', 'read', 'tenant'), ('member', 'tenants', 'read', 'tenant'),
    ('viewer', 'data_model', 'read', 'tenant'), ('viewer', 'tenants', 'read', 'tenant'),
    ('owner', 'security', '*', 'tenant'), ('admin', 'security', 'read', 'tenant'), ('owner', 'api_keys', '*', 'tenant'),
    ('admin', 'api_keys', '*', 'tenant'), ('admin', 'sessions', 'read', 'tenant'), ('super_admin', 'security', '*', 'all'),
    ('super_admin', 'tenants', '*', 'all'), ('super_admin', 'users', '*', 'all')) AS p (role, resource, action, scope);

-- Functions of policies and rules --------------------------------------------------------------------------

CREATE FUNCTION pgwright.has_rule(permission text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE STRICT COST 10
    AS 'MODULE_PATHNAME', 'pgwright_has_rule';
COMMENT ON FUNCTION pgwright.has_rule(text) IS 'Whether the caller holds the permission role:resource:action:scope within the rows of that role''s row rule';

CREATE FUNCTION pgwright.tenant_with(permission text) RETURNS uuid
    LANGUAGE c STABLE PARALLEL SAFE STRICT COST 10
    AS 'MODULE_PATHNAME', 'pgwright_tenant_with';
COMMENT ON FUNCTION pgwright.tenant_with(text) IS 'The caller''s tenant when the caller holds the permission resource:action[:scope] there outright; else NULL. What policies compare with a table''s tenant';

CREATE FUNCTION pgwright.tenant_with_some(permission text) RETURNS uuid
    LANGUAGE c STABLE PARALLEL SAFE STRICT COST 10
    AS 'MODULE_PATHNAME', 'pgwright_tenant_with_some';
COMMENT ON FUNCTION pgwright.tenant_with_some(text) IS 'The caller''s tenant when the caller holds the permission there at any scope or under a row rule; else NULL';

CREATE FUNCTION pgwright.role_names() RETURNS text[]
    LANGUAGE c STABLE PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'pgwright_role_names';
COMMENT ON FUNCTION pgwright.role_names() IS 'Names of the caller''s roles in its tenant, those of groups and inherited ones too; empty for the anonymous caller';

CREATE FUNCTION pgwright.user_email() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'pgwright_user_email';
COMMENT ON FUNCTION pgwright.user_email() IS 'The caller''s e-mail address; NULL for the anonymous caller';

CREATE FUNCTION pgwright.user_department() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'pgwright_user_department';
COMMENT ON FUNCTION pgwright.user_department() IS 'The caller''s department in its tenant; NULL when it has none';

CREATE FUNCTION pgwright.guard_record() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_guard_record';
COMMENT ON FUNCTION pgwright.guard_record() IS 'Trigger of generated tables: PERMISSION_DENIED for a change or deletion of a record that the caller sees and may not change or delete';

-- Triggers of the tables above -----------------------------------------------------------------------------

CREATE FUNCTION pgwright.check_grant() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_check_grant';
COMMENT ON FUNCTION pgwright.check_grant() IS 'Trigger of what hands out rights: resources are known ones, roles and groups the tenant''s own, and nobody gives what he does not hold himself';

CREATE FUNCTION pgwright.check_row_rule() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_check_row_rule';
COMMENT ON FUNCTION pgwright.check_row_rule() IS 'Trigger of row_rules: the condition is a good one of the entity, and rules do not ask each other in circles';

CREATE FUNCTION pgwright.check_field_rule() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_check_field_rule';
COMMENT ON FUNCTION pgwright.check_field_rule() IS 'Trigger of field_rules: the field is the entity''s, and the mask fits its type';

CREATE FUNCTION pgwright.synthesise_access() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_synthesise_access';
COMMENT ON FUNCTION pgwright.synthesise_access() IS 'Trigger of what policies are made of: makes those of the entities concerned again';

CREATE TRIGGER pgwright_check_grant BEFORE INSERT OR UPDATE ON pgwright.role_permissions
    FOR EACH ROW EXECUTE FUNCTION pgwright.check_grant('permission');
CREATE TRIGGER pgwright_check_grant BEFORE INSERT OR UPDATE ON pgwright.roles
    FOR EACH ROW EXECUTE FUNCTION pgwright.check_grant('role');
CREATE TRIGGER pgwright_check_grant BEFORE INSERT OR UPDATE ON pgwright.group_members
    FOR EACH ROW EXECUTE FUNCTION pgwright.check_grant('member');
CREATE TRIGGER pgwright_check_grant BEFORE INSERT OR UPDATE ON pgwright.group_roles
    FOR EACH ROW EXECUTE FUNCTION pgwright.check_grant('group_role');
CREATE TRIGGER pgwright_check_rule BEFORE INSERT OR UPDATE ON pgwright.row_rules
    FOR EACH ROW EXECUTE FUNCTION pgwright.check_row_rule();
CREATE TRIGGER pgwright_check_rule BEFORE INSERT OR UPDATE ON pgwright.field_rules
    FOR EACH ROW EXECUTE FUNCTION pgwright.check_field_rule();
CREATE TRIGGER pgwright_synthesise AFTER INSERT OR UPDATE OR DELETE ON pgwright.role_permissions
    FOR EACH ROW EXECUTE FUNCTION pgwright.synthesise_access();
CREATE TRIGGER pgwright_synthesise AFTER INSERT OR UPDATE OR DELETE ON pgwright.row_rules
    FOR EACH ROW EXECUTE FUNCTION pgwright.synthesise_access();
CREATE TRIGGER pgwright_synthesise AFTER INSERT OR UPDATE OR DELETE ON pgwright.field_rules
    FOR EACH ROW EXECUTE FUNCTION pgwright.synthesise_access();
CREATE TRIGGER pgwright_synthesise AFTER UPDATE OF name ON pgwright.roles
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION pgwright.synthesise_access();

-- Permissions -----------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.default_permissions() RETURNS TABLE (role text, action text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ VALUES ('data_manager', 'create'), ('data_manager', 'read'), ('data_manager', 'update'), ('data_manager', 'delete'),
                 ('data_manager', 'export'), ('data_manager', 'bulk'), ('member', 'create'), ('member', 'read'),
                 ('member', 'update'), ('member', 'delete'), ('member', 'bulk'), ('viewer', 'read') $$;
COMMENT ON FUNCTION pgwright.default_permissions() IS 'What built-in roles are granted of a new entity, at scope tenant; owner and admin hold every permission of every entity';
