-- What there is: entities, fields, relationships, indexes, their migrations, the log of schema
-- operations, and the routes. Columns as in the data model's design (phase 1, section 1.2);
-- timestamps carry a zone, and platform and system entities have no tenant.

CREATE TABLE pgwright.entity_definitions (
    id                   uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id            uuid REFERENCES pgwright.tenants (id),
    name                 text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
    label                text NOT NULL CHECK (char_length(label) <= 200),
    plural_label         text CHECK (char_length(plural_label) <= 200),
    description          text,
    icon                 text CHECK (char_length(icon) <= 50),
    entity_type          text NOT NULL DEFAULT 'custom' CHECK (entity_type IN ('system', 'custom', 'virtual')),
    category             text CHECK (char_length(category) <= 100),
    table_name           text NOT NULL,
    schema_name          text NOT NULL,
    is_audited           boolean NOT NULL DEFAULT true,
    is_versioned         boolean NOT NULL DEFAULT false,
    supports_soft_delete boolean NOT NULL DEFAULT true,
    supports_attachments boolean NOT NULL DEFAULT true,
    supports_comments    boolean NOT NULL DEFAULT true,
    primary_field        text,
    default_sort_field   text,
    default_sort_order   text NOT NULL DEFAULT 'ASC' CHECK (default_sort_order IN ('ASC', 'DESC')),
    records_per_page     integer NOT NULL DEFAULT 25 CHECK (records_per_page BETWEEN 1 AND 100),
    status               text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'migrating', 'archived')),
    is_active            boolean NOT NULL DEFAULT true,
    metadata             jsonb NOT NULL DEFAULT '{}',
    version              integer NOT NULL DEFAULT 1,
    parent_version_id    uuid REFERENCES pgwright.entity_definitions (id),
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    created_by           uuid REFERENCES pgwright.users (id),
    updated_by           uuid REFERENCES pgwright.users (id),
    deleted_at           timestamptz,
    is_deleted           boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX entity_definitions_name_key ON pgwright.entity_definitions
    (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'), name) WHERE NOT is_deleted;
CREATE UNIQUE INDEX entity_definitions_table_key ON pgwright.entity_definitions (schema_name, table_name) WHERE NOT is_deleted;
CREATE INDEX entity_definitions_tenant_idx ON pgwright.entity_definitions (tenant_id);
CREATE INDEX entity_definitions_status_idx ON pgwright.entity_definitions (status);
CREATE INDEX entity_definitions_type_idx ON pgwright.entity_definitions (entity_type);

CREATE TABLE pgwright.field_definitions (
    id                  uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    entity_id           uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    tenant_id           uuid REFERENCES pgwright.tenants (id),
    name                text NOT NULL,
    label               text NOT NULL CHECK (char_length(label) <= 200),
    description         text,
    help_text           text,
    field_type          text NOT NULL,
    data_type           text NOT NULL,
    is_required         boolean NOT NULL DEFAULT false,
    is_unique           boolean NOT NULL DEFAULT false,
    is_indexed          boolean NOT NULL DEFAULT false,
    is_nullable         boolean NOT NULL DEFAULT true,
    max_length          integer,
    min_length          integer,
    max_value           numeric,
    min_value           numeric,
    decimal_places      integer,
    default_value       text,
    default_expression  text,
    validation_rules    jsonb NOT NULL DEFAULT '[]',
    allowed_values      jsonb,
    display_order       integer NOT NULL DEFAULT 0,
    is_readonly         boolean NOT NULL DEFAULT false,
    is_system           boolean NOT NULL DEFAULT false,
    is_calculated       boolean NOT NULL DEFAULT false,
    calculation_formula text,
    input_type          text CHECK (char_length(input_type) <= 50),
    placeholder         text,
    prefix              text,
    suffix              text,
    reference_entity_id uuid REFERENCES pgwright.entity_definitions (id),
    reference_field     text,
    relationship_type   text CHECK (relationship_type IN ('many-to-one', 'one-to-one')),
    metadata            jsonb NOT NULL DEFAULT '{}',
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    created_by          uuid REFERENCES pgwright.users (id),
    updated_by          uuid REFERENCES pgwright.users (id),
    is_deleted          boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX field_definitions_name_key ON pgwright.field_definitions (entity_id, name) WHERE NOT is_deleted;
CREATE INDEX field_definitions_type_idx ON pgwright.field_definitions (field_type);
CREATE INDEX field_definitions_reference_idx ON pgwright.field_definitions (reference_entity_id);
CREATE INDEX field_definitions_tenant_idx ON pgwright.field_definitions (tenant_id);

CREATE TABLE pgwright.relationship_definitions (
    id                    uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id             uuid REFERENCES pgwright.tenants (id),
    name                  text NOT NULL,
    label                 text NOT NULL CHECK (char_length(label) <= 200),
    description           text,
    relationship_type     text NOT NULL CHECK (relationship_type IN ('one-to-many', 'many-to-many', 'one-to-one')),
    source_entity_id      uuid NOT NULL REFERENCES pgwright.entity_definitions (id),
    source_field_name     text,
    target_entity_id      uuid NOT NULL REFERENCES pgwright.entity_definitions (id),
    target_field_name     text,
    junction_table_name   text,
    junction_source_field text,
    junction_target_field text,
    on_delete             text NOT NULL DEFAULT 'NO ACTION' CHECK (on_delete IN ('CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION')),
    on_update             text NOT NULL DEFAULT 'NO ACTION' CHECK (on_update IN ('CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION')),
    is_active             boolean NOT NULL DEFAULT true,
    display_in_source     boolean NOT NULL DEFAULT true,
    display_in_target     boolean NOT NULL DEFAULT true,
    metadata              jsonb NOT NULL DEFAULT '{}',
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    created_by            uuid REFERENCES pgwright.users (id),
    updated_by            uuid REFERENCES pgwright.users (id),
    is_deleted            boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX relationship_definitions_name_key ON pgwright.relationship_definitions (tenant_id, name) WHERE NOT is_deleted;
CREATE INDEX relationship_definitions_source_idx ON pgwright.relationship_definitions (source_entity_id);
CREATE INDEX relationship_definitions_target_idx ON pgwright.relationship_definitions (target_entity_id);

CREATE TABLE pgwright.index_definitions (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    entity_id    uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    tenant_id    uuid REFERENCES pgwright.tenants (id),
    name         text NOT NULL,
    index_type   text NOT NULL DEFAULT 'btree' CHECK (index_type IN ('btree', 'hash', 'gin', 'gist')),
    field_names  jsonb NOT NULL,
    is_unique    boolean NOT NULL DEFAULT false,
    is_partial   boolean NOT NULL DEFAULT false,
    where_clause text,
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   uuid REFERENCES pgwright.users (id),
    is_deleted   boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX index_definitions_name_key ON pgwright.index_definitions (entity_id, name) WHERE NOT is_deleted;
CREATE INDEX index_definitions_tenant_idx ON pgwright.index_definitions (tenant_id);

CREATE TABLE pgwright.entity_migrations (
    id                uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    entity_id         uuid NOT NULL REFERENCES pgwright.entity_definitions (id),
    tenant_id         uuid REFERENCES pgwright.tenants (id),
    migration_name    text NOT NULL,
    migration_type    text NOT NULL CHECK (migration_type IN ('create', 'alter', 'drop')),
    from_version      integer,
    to_version        integer NOT NULL,
    up_script         text NOT NULL,
    down_script       text,
    status            text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed', 'failed', 'rolled_back')),
    executed_at       timestamptz,
    execution_time_ms integer,
    error_message     text,
    commit_message    text,
    changes           jsonb,
    created_at        timestamptz NOT NULL DEFAULT now(),
    created_by        uuid REFERENCES pgwright.users (id)
);
CREATE INDEX entity_migrations_entity_idx ON pgwright.entity_migrations (entity_id);
CREATE INDEX entity_migrations_status_idx ON pgwright.entity_migrations (status);
CREATE INDEX entity_migrations_tenant_idx ON pgwright.entity_migrations (tenant_id);

-- Append-only: one row for each schema operation, applied or failed.
CREATE TABLE pgwright.schema_ops (
    id            uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id     uuid REFERENCES pgwright.tenants (id),
    entity_id     uuid REFERENCES pgwright.entity_definitions (id),
    op_type       text NOT NULL,
    payload_json  jsonb NOT NULL DEFAULT '{}',
    status        text NOT NULL CHECK (status IN ('applied', 'failed')),
    error         text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    actor_user_id uuid REFERENCES pgwright.users (id)
);
CREATE INDEX schema_ops_tenant_idx ON pgwright.schema_ops (tenant_id, created_at);
CREATE INDEX schema_ops_entity_idx ON pgwright.schema_ops (entity_id);

CREATE TABLE pgwright.routes (
    id             uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    method         text NOT NULL CHECK (method IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
    path           text NOT NULL CHECK (path ~ '^/api/[^?#\s]*$'),
    function_name  text NOT NULL,             -- schema.function, not overloaded
    constants      jsonb NOT NULL DEFAULT '{}',
    body_argument  text,
    success_status integer NOT NULL DEFAULT 200 CHECK (success_status BETWEEN 200 AND 299),
    module         text NOT NULL,             -- pgwright for the built-in ones
    tag            text,
    summary        text,
    is_active      boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (method, path)
);

COMMENT ON TABLE pgwright.entity_definitions IS 'Entities: drafts and what is published';
COMMENT ON TABLE pgwright.field_definitions IS 'Fields of entities';
COMMENT ON TABLE pgwright.relationship_definitions IS 'Relationships between entities';
COMMENT ON TABLE pgwright.index_definitions IS 'Indexes of entities beyond those of single fields';
COMMENT ON TABLE pgwright.entity_migrations IS 'Every publish with the SQL it executed and how it ended';
COMMENT ON TABLE pgwright.schema_ops IS 'Append-only log of schema operations';
COMMENT ON TABLE pgwright.routes IS 'HTTP routes: method and path to function';

-- Empty tables whose only job is to carry relation-cache invalidations to every backend.
CREATE TABLE pgwright.catalog_epoch ();
CREATE TABLE pgwright.security_epoch ();
COMMENT ON TABLE pgwright.catalog_epoch IS 'Empty: its invalidation tells backends to forget cached entities';
COMMENT ON TABLE pgwright.security_epoch IS 'Empty: its invalidation tells backends to forget cached identities and permissions';
