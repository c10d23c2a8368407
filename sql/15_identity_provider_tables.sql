-- Identity providers: whose tokens a tenant believes beside ours, who their subjects are here, and which
-- of their tokens were ended before their time (docs/identity.md).

CREATE TABLE pgwright.identity_providers (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id  uuid NOT NULL REFERENCES pgwright.tenants (id),
    definition jsonb NOT NULL,                -- complete, as the engine checked it; public keys only
    name       text NOT NULL GENERATED ALWAYS AS (definition ->> 'name') STORED,
    issuer     text NOT NULL GENERATED ALWAYS AS (definition ->> 'issuer') STORED,
    audience   text NOT NULL GENERATED ALWAYS AS (definition ->> 'audience') STORED,
    is_active  boolean NOT NULL GENERATED ALWAYS AS ((definition ->> 'is_active')::boolean) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid REFERENCES pgwright.users (id),
    updated_by uuid REFERENCES pgwright.users (id),
    UNIQUE (tenant_id, name),
    UNIQUE (issuer, audience)                 -- so that a token picks one
);

CREATE TABLE pgwright.user_identities (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    provider_id  uuid NOT NULL REFERENCES pgwright.identity_providers (id) ON DELETE CASCADE,
    subject      text NOT NULL CHECK (octet_length(subject) BETWEEN 1 AND 255),
    user_id      uuid NOT NULL REFERENCES pgwright.users (id) ON DELETE CASCADE,
    email        text,                        -- what the provider said at the last sign-in, as the next two
    display_name text,
    department   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider_id, subject),
    UNIQUE (provider_id, user_id)             -- an address that a provider gives to somebody new opens no old account
);
CREATE INDEX user_identities_user_idx ON pgwright.user_identities (user_id);

CREATE TABLE pgwright.revoked_tokens (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    provider_id uuid NOT NULL REFERENCES pgwright.identity_providers (id) ON DELETE CASCADE,
    token_hash  bytea NOT NULL UNIQUE,        -- SHA-256 of what was signed; never served
    revoked_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL          -- of the token; the row may go then
);
CREATE INDEX revoked_tokens_provider_idx ON pgwright.revoked_tokens (provider_id);
CREATE INDEX revoked_tokens_expiry_idx ON pgwright.revoked_tokens (expires_at);

COMMENT ON TABLE pgwright.identity_providers IS 'Outside identity providers of tenants, with their public keys and what their tokens mean here';
COMMENT ON TABLE pgwright.user_identities IS 'Which user somebody is of whom an identity provider tells';
COMMENT ON TABLE pgwright.revoked_tokens IS 'Tokens of identity providers that were signed out before they expired';

