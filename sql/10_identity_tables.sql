-- Who there is: tenants, users, their roles and sessions, and the keys that sign tokens.

CREATE FUNCTION pgwright.uuid_v7() RETURNS uuid
    LANGUAGE c VOLATILE PARALLEL SAFE STRICT COST 1
    AS 'MODULE_PATHNAME', 'pgwright_uuid_v7';
COMMENT ON FUNCTION pgwright.uuid_v7() IS 'A new time-ordered identifier: UUID version 7 (RFC 9562)';

CREATE TABLE pgwright.users (
    id            uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    email         text NOT NULL CHECK (email = lower(email) AND char_length(email) BETWEEN 3 AND 254),
    display_name  text CHECK (char_length(display_name) <= 200),
    password_hash text,                       -- argon2id, as crypto_pwhash_str writes it; never served
    status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    tokens_valid_after timestamptz,           -- tokens of identity providers issued up to then prove nothing; never served
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    created_by    uuid REFERENCES pgwright.users (id),
    updated_by    uuid REFERENCES pgwright.users (id),
    is_deleted    boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX users_email_key ON pgwright.users (email) WHERE NOT is_deleted;

CREATE TABLE pgwright.tenants (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9_]{0,60}$'),
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    schema_name text NOT NULL UNIQUE,         -- t_<slug>
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    settings    jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid REFERENCES pgwright.users (id),
    updated_by  uuid REFERENCES pgwright.users (id),
    is_deleted  boolean NOT NULL DEFAULT false
);

CREATE TABLE pgwright.roles (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id   uuid REFERENCES pgwright.tenants (id),  -- NULL: built in, for every tenant
    name        text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
    label       text NOT NULL,
    description text,
    parent_role_id uuid REFERENCES pgwright.roles (id),  -- whose permissions it inherits
    is_system   boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid REFERENCES pgwright.users (id),
    updated_by  uuid REFERENCES pgwright.users (id)
);
CREATE INDEX roles_parent_idx ON pgwright.roles (parent_role_id);
CREATE UNIQUE INDEX roles_name_key ON pgwright.roles (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'), name);
CREATE INDEX roles_tenant_idx ON pgwright.roles (tenant_id);

CREATE TABLE pgwright.user_roles (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    user_id    uuid NOT NULL REFERENCES pgwright.users (id) ON DELETE CASCADE,
    role_id    uuid NOT NULL REFERENCES pgwright.roles (id) ON DELETE CASCADE,
    tenant_id  uuid NOT NULL REFERENCES pgwright.tenants (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid REFERENCES pgwright.users (id),
    UNIQUE (user_id, tenant_id, role_id)
);
CREATE INDEX user_roles_tenant_idx ON pgwright.user_roles (tenant_id);
CREATE INDEX user_roles_role_idx ON pgwright.user_roles (role_id);

CREATE TABLE pgwright.sessions (
    id                 uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    user_id            uuid NOT NULL REFERENCES pgwright.users (id) ON DELETE CASCADE,
    tenant_id          uuid NOT NULL REFERENCES pgwright.tenants (id),
    kind               text NOT NULL DEFAULT 'login' CHECK (kind IN ('login', 'act_as')),
    ip                 text CHECK (char_length(ip) <= 64),            -- as the shim saw it; NULL in SQL
    user_agent         text CHECK (char_length(user_agent) <= 256),   -- as the client says; untrusted
    created_at         timestamptz NOT NULL DEFAULT now(),
    expires_at         timestamptz NOT NULL,
    revoked_at         timestamptz
);
CREATE INDEX sessions_user_idx ON pgwright.sessions (user_id);
CREATE INDEX sessions_tenant_idx ON pgwright.sessions (tenant_id);

-- The first key is made when the first token is signed, so every installation has its own. Keys are
-- dumped with the database: whoever holds a dump can sign tokens until the keys are retired.
CREATE TABLE pgwright.signing_keys (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    key_id     text NOT NULL UNIQUE,
    algorithm  text NOT NULL DEFAULT 'HS256' CHECK (algorithm = 'HS256'),
    secret     bytea NOT NULL CHECK (octet_length(secret) >= 32),  -- never served
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz                    -- verifies nothing from then on; signs nothing once it is set, though it lie in the future
);

COMMENT ON TABLE pgwright.users IS 'People who may sign in; a user belongs to tenants through user_roles';
COMMENT ON TABLE pgwright.tenants IS 'Tenants; each has its own schema for the tables of its entities';
COMMENT ON TABLE pgwright.roles IS 'Roles, built in or of one tenant';
COMMENT ON TABLE pgwright.user_roles IS 'Roles that users hold in tenants';
COMMENT ON TABLE pgwright.sessions IS 'Sessions; an access token is good while its session is';
COMMENT ON TABLE pgwright.signing_keys IS 'Keys that sign access tokens, readable by the extension alone';

-- Deterministic ids: rows of the installation are the same in every database, so a restored dump's
-- references to them hold.
INSERT INTO pgwright.roles (id, name, label, description, is_system)
SELECT md5('pgwright:role:' || name)::uuid, name, label, description, true
FROM (VALUES
    ('owner', 'Owner', 'Everything in the tenant'),
    ('admin', 'Administrator', 'Data model, users and all records'),
    ('data_manager', 'Data manager', 'Reads, writes, imports and exports records'),
    ('member', 'Member', 'Reads and writes records'),
    ('viewer', 'Viewer', 'Reads records'),
    ('api_client', 'API client', 'What it is granted, and nothing else'),
    ('public', 'Public', 'What everybody may do, signed in or not'),
    ('super_admin', 'Platform administrator', 'Creates tenants and users')) AS r (name, label, description);
