-- What sign-in keeps beside users and sessions: refresh tokens, failed attempts, policies, former
-- passwords, memberships, invitations and API keys. Secrets are kept as hashes: SHA-256 of what has 256
-- random bits, argon2id of what people choose.

-- One row per refresh token ever given for a session: one that comes a second time was stolen or copied.
CREATE TABLE pgwright.refresh_tokens (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    session_id uuid NOT NULL REFERENCES pgwright.sessions (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    expires_at timestamptz NOT NULL
);
CREATE INDEX refresh_tokens_session_idx ON pgwright.refresh_tokens (session_id);

-- Per e-mail address, whether or not anybody has it, so that an answer tells nothing. The key is a hash,
-- because what is typed there may be anything.
CREATE TABLE pgwright.login_attempts (
    id             uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    email_hash     bytea NOT NULL UNIQUE,
    failures       integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    locked_until   timestamptz
);
CREATE INDEX login_attempts_age_idx ON pgwright.login_attempts (last_failed_at);

CREATE TABLE pgwright.failed_logins (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    user_id    uuid REFERENCES pgwright.users (id) ON DELETE CASCADE,  -- NULL: nobody has that address
    email      text NOT NULL CHECK (char_length(email) <= 254),
    ip         text CHECK (char_length(ip) <= 64),
    user_agent text CHECK (char_length(user_agent) <= 256),
    reason     text NOT NULL CHECK (reason IN ('unknown_user', 'wrong_password', 'no_tenant')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX failed_logins_user_idx ON pgwright.failed_logins (user_id);
CREATE INDEX failed_logins_age_idx ON pgwright.failed_logins (created_at);

CREATE TABLE pgwright.password_history (
    id            uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    user_id       uuid NOT NULL REFERENCES pgwright.users (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX password_history_user_idx ON pgwright.password_history (user_id, created_at);

-- The platform's row is for everybody; a tenant's row can only be stricter, so the stricter of both holds.
-- Lock-out happens before the tenant is known: it is the platform's alone.
CREATE TABLE pgwright.security_policies (
    id                       uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id                uuid REFERENCES pgwright.tenants (id),  -- NULL: the platform's
    password_min_length      integer NOT NULL DEFAULT 8 CHECK (password_min_length BETWEEN 8 AND 128),
    password_require_lower   boolean NOT NULL DEFAULT false,
    password_require_upper   boolean NOT NULL DEFAULT false,
    password_require_digit   boolean NOT NULL DEFAULT false,
    password_require_special boolean NOT NULL DEFAULT false,
    password_history         integer NOT NULL DEFAULT 3 CHECK (password_history BETWEEN 0 AND 24),
    lockout_max_attempts     integer NOT NULL DEFAULT 5 CHECK (lockout_max_attempts BETWEEN 1 AND 100),
    lockout_base_seconds     integer NOT NULL DEFAULT 30 CHECK (lockout_base_seconds BETWEEN 1 AND 3600),
    lockout_max_seconds      integer NOT NULL DEFAULT 3600 CHECK (lockout_max_seconds BETWEEN 1 AND 86400),
    lockout_reset_seconds    integer NOT NULL DEFAULT 86400 CHECK (lockout_reset_seconds BETWEEN 60 AND 2592000),
    session_lifetime_seconds integer NOT NULL DEFAULT 34560000 CHECK (session_lifetime_seconds BETWEEN 60 AND 34560000),
    session_max_concurrent   integer NOT NULL DEFAULT 100 CHECK (session_max_concurrent BETWEEN 1 AND 1000),
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now(),
    created_by               uuid REFERENCES pgwright.users (id),
    updated_by               uuid REFERENCES pgwright.users (id)
);
CREATE UNIQUE INDEX security_policies_tenant_key ON pgwright.security_policies (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX security_policies_tenant_idx ON pgwright.security_policies (tenant_id);

-- What a tenant knows of its people. Roles alone make a member too: a row that is missing says nothing,
-- one that is not active keeps its user out.
CREATE TABLE pgwright.tenant_members (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id   uuid NOT NULL REFERENCES pgwright.tenants (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES pgwright.users (id) ON DELETE CASCADE,
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('invited', 'active', 'suspended')),
    department  text CHECK (char_length(department) <= 200),
    attributes  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    invited_by  uuid REFERENCES pgwright.users (id) ON DELETE SET NULL,
    invited_at  timestamptz,
    accepted_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid REFERENCES pgwright.users (id),
    updated_by  uuid REFERENCES pgwright.users (id),
    UNIQUE (user_id, tenant_id)
);
CREATE INDEX tenant_members_tenant_idx ON pgwright.tenant_members (tenant_id);
CREATE INDEX tenant_members_invited_by_idx ON pgwright.tenant_members (invited_by);

CREATE TABLE pgwright.invitations (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id   uuid NOT NULL REFERENCES pgwright.tenants (id),
    email       text NOT NULL CHECK (email = lower(email) AND char_length(email) BETWEEN 3 AND 254),
    roles       jsonb NOT NULL,               -- names, resolved when it is accepted
    department  text CHECK (char_length(department) <= 200),
    token_hash  bytea NOT NULL UNIQUE,        -- SHA-256; never served
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid REFERENCES pgwright.users (id),  -- who invited
    updated_by  uuid REFERENCES pgwright.users (id)
);
CREATE UNIQUE INDEX invitations_open_key ON pgwright.invitations (tenant_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE pgwright.api_keys (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id    uuid NOT NULL REFERENCES pgwright.tenants (id),
    user_id      uuid NOT NULL REFERENCES pgwright.users (id) ON DELETE CASCADE,  -- whom it acts for
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    prefix       text NOT NULL UNIQUE CHECK (prefix ~ '^[0-9a-f]{16}$'),
    key_hash     bytea NOT NULL,              -- SHA-256 of the secret part; never served
    scopes       jsonb,                       -- ["resource:action:scope", ...]; NULL: all rights of the user
    expires_at   timestamptz,
    revoked_at   timestamptz,
    replaces     uuid REFERENCES pgwright.api_keys (id) ON DELETE SET NULL,
    rotated_to   uuid REFERENCES pgwright.api_keys (id) ON DELETE SET NULL,
    overlap_ends_at timestamptz,              -- when a key that was rotated stops to be good
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    created_by   uuid REFERENCES pgwright.users (id),
    updated_by   uuid REFERENCES pgwright.users (id)
);
CREATE INDEX api_keys_user_idx ON pgwright.api_keys (user_id);
CREATE INDEX api_keys_tenant_idx ON pgwright.api_keys (tenant_id);
CREATE INDEX api_keys_replaces_idx ON pgwright.api_keys (replaces);
CREATE INDEX api_keys_rotated_idx ON pgwright.api_keys (rotated_to);

-- Several rows per key and hour, because backends must not wait for each other here; readers add them up.
CREATE TABLE pgwright.api_key_usage (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id  uuid NOT NULL REFERENCES pgwright.tenants (id),
    api_key_id uuid NOT NULL REFERENCES pgwright.api_keys (id) ON DELETE CASCADE,
    hour       timestamptz NOT NULL,
    requests   bigint NOT NULL,
    last_at    timestamptz NOT NULL           -- of the latest of them, at most pgwright.api_key_usage_interval behind
);
CREATE INDEX api_key_usage_key_idx ON pgwright.api_key_usage (api_key_id, hour);
CREATE INDEX api_key_usage_tenant_idx ON pgwright.api_key_usage (tenant_id);

COMMENT ON TABLE pgwright.refresh_tokens IS 'Refresh tokens of sessions, also used ones, by their hashes';
COMMENT ON TABLE pgwright.login_attempts IS 'Failed attempts to sign in since the last success, per e-mail address';
COMMENT ON TABLE pgwright.failed_logins IS 'Log of failed attempts to sign in';
COMMENT ON TABLE pgwright.password_history IS 'Hashes of former passwords, which may not come back';
COMMENT ON TABLE pgwright.security_policies IS 'Rules of passwords, lock-out and sessions, of the platform and of tenants';
COMMENT ON TABLE pgwright.tenant_members IS 'What a tenant knows of its users';
COMMENT ON TABLE pgwright.invitations IS 'Invitations of e-mail addresses to a tenant';
COMMENT ON TABLE pgwright.api_keys IS 'API keys: what programs sign in with';
COMMENT ON TABLE pgwright.api_key_usage IS 'Requests made with API keys, by hour';
