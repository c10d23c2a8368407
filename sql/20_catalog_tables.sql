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
    -- generated: pgwright makes and changes the table; imported: it was there before and is only described
    origin               text NOT NULL DEFAULT 'generated' CHECK (origin IN ('generated', 'imported')),
    relation_kind        text NOT NULL DEFAULT 'table' CHECK (relation_kind IN ('table', 'partitioned_table', 'view', 'materialized_view', 'foreign_table')),
    key_fields           jsonb NOT NULL DEFAULT '["id"]',   -- the columns that identify a record, in order
    is_readonly          boolean NOT NULL DEFAULT false,
    readonly_reason      text,
    is_audited           boolean NOT NULL DEFAULT true,
    is_versioned         boolean NOT NULL DEFAULT false,
    supports_soft_delete boolean NOT NULL DEFAULT true,
    supports_attachments boolean NOT NULL DEFAULT true,
    supports_comments    boolean NOT NULL DEFAULT true,
    primary_field        text,
    default_sort_field   text,
    default_sort_order   text NOT NULL DEFAULT 'ASC' CHECK (default_sort_order IN ('ASC', 'DESC')),
    search_language      text CHECK (search_language ~ '^[a-z_]{1,50}$'),  -- of its texts; null: words are searched as they are
    records_per_page     integer NOT NULL DEFAULT 25 CHECK (records_per_page BETWEEN 1 AND 100),
    status               text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'migrating', 'archived')),
    is_active            boolean NOT NULL DEFAULT true,
    metadata             jsonb NOT NULL DEFAULT '{}',
    version              integer NOT NULL DEFAULT 1,
    parent_version_id    uuid,                              -- of entity_versions: what this version was made from
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
    pattern             text,                               -- of a text field: a regular expression
    default_value       text,
    default_expression  text,
    validation_rules    jsonb NOT NULL DEFAULT '[]',
    allowed_values      jsonb,
    display_order       integer NOT NULL DEFAULT 0,
    is_readonly         boolean NOT NULL DEFAULT false,
    is_system           boolean NOT NULL DEFAULT false,
    is_calculated       boolean NOT NULL DEFAULT false,
    calculation_formula text,
    item_type           text,                               -- of an array's items
    json_schema         jsonb,                              -- of a json field
    input_type          text CHECK (char_length(input_type) <= 50),
    placeholder         text,
    prefix              text,
    suffix              text,
    reference_entity_id uuid REFERENCES pgwright.entity_definitions (id),
    reference_field     text,
    relationship_type   text CHECK (relationship_type IN ('many-to-one', 'one-to-one')),
    on_delete           text CHECK (on_delete IN ('CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION')),
    on_update           text CHECK (on_update IN ('CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION')),
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
    target_field_id       uuid,                             -- of the lookup; of no row while it is only drafted
    junction_table_name   text,
    junction_source_field text,
    junction_target_field text,
    junction_entity_id    uuid REFERENCES pgwright.entity_definitions (id),
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
CREATE INDEX relationship_definitions_junction_idx ON pgwright.relationship_definitions (junction_entity_id);
CREATE INDEX relationship_definitions_target_idx ON pgwright.relationship_definitions (target_entity_id);

CREATE TABLE pgwright.index_definitions (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    entity_id    uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    tenant_id    uuid REFERENCES pgwright.tenants (id),
    name         text NOT NULL,
    index_type   text NOT NULL DEFAULT 'btree' CHECK (index_type IN ('btree', 'hash', 'gin', 'gist', 'search')),
    field_names  jsonb NOT NULL,
    is_unique    boolean NOT NULL DEFAULT false,
    is_partial   boolean NOT NULL DEFAULT false,
    condition    jsonb,                                     -- the condition tree of a partial index
    where_clause text,                                      -- the same in SQL, as published
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   uuid REFERENCES pgwright.users (id),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    updated_by   uuid REFERENCES pgwright.users (id),
    is_deleted   boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX index_definitions_name_key ON pgwright.index_definitions (entity_id, name) WHERE NOT is_deleted;
CREATE UNIQUE INDEX index_definitions_search_key ON pgwright.index_definitions (entity_id) WHERE index_type = 'search' AND NOT is_deleted;
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
    down_probes       jsonb NOT NULL DEFAULT '[]',          -- what a rollback asks of the records first
    risk              text CHECK (risk IN ('safe', 'caution', 'destructive')),
    batch_id          uuid,                                 -- entities published together
    rolled_back_at    timestamptz,
    rolled_back_by    uuid REFERENCES pgwright.users (id),
    created_at        timestamptz NOT NULL DEFAULT now(),
    created_by        uuid REFERENCES pgwright.users (id)
);
CREATE INDEX entity_migrations_entity_idx ON pgwright.entity_migrations (entity_id);
CREATE INDEX entity_migrations_status_idx ON pgwright.entity_migrations (status);
CREATE INDEX entity_migrations_tenant_idx ON pgwright.entity_migrations (tenant_id);

-- Definitions as documents: the draft of a published entity, and every version that was published,
-- with the state its publication left the table in. The rows of the tables above say what is published,
-- or, before the first time, what is drafted.
CREATE TABLE pgwright.entity_versions (
    id                uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    entity_id         uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    tenant_id         uuid REFERENCES pgwright.tenants (id),
    version           integer NOT NULL,
    status            text NOT NULL CHECK (status IN ('draft', 'published', 'superseded', 'rolled_back')),
    parent_version_id uuid REFERENCES pgwright.entity_versions (id),
    definition        jsonb NOT NULL,
    table_state       jsonb,
    published_at      timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    created_by        uuid REFERENCES pgwright.users (id),
    updated_by        uuid REFERENCES pgwright.users (id),
    UNIQUE (entity_id, version)
);
CREATE UNIQUE INDEX entity_versions_draft_key ON pgwright.entity_versions (entity_id) WHERE status = 'draft';
CREATE UNIQUE INDEX entity_versions_published_key ON pgwright.entity_versions (entity_id) WHERE status = 'published';
CREATE INDEX entity_versions_tenant_idx ON pgwright.entity_versions (tenant_id);

-- Columns and tables that were taken out of service with their data, until purge_retired().
CREATE TABLE pgwright.retired_objects (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id    uuid REFERENCES pgwright.tenants (id),
    entity_id    uuid NOT NULL REFERENCES pgwright.entity_definitions (id),
    migration_id uuid REFERENCES pgwright.entity_migrations (id),
    kind         text NOT NULL CHECK (kind IN ('column', 'table')),
    schema_name  text NOT NULL,
    table_name   text NOT NULL,
    column_name  text,                                      -- as it is called now; of a column
    name         text NOT NULL,                             -- what it was called in service
    status       text NOT NULL DEFAULT 'retired' CHECK (status IN ('retired', 'restored', 'purged')),
    retired_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz                                -- restored or purged
);
CREATE INDEX retired_objects_entity_idx ON pgwright.retired_objects (entity_id);
CREATE INDEX retired_objects_migration_idx ON pgwright.retired_objects (migration_id);
CREATE INDEX retired_objects_tenant_idx ON pgwright.retired_objects (tenant_id);

-- Bundles of a tenant's definitions.
CREATE TABLE pgwright.schema_backups (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id    uuid NOT NULL REFERENCES pgwright.tenants (id),
    name         text NOT NULL CHECK (char_length(name) <= 200),
    description  text,
    is_automatic boolean NOT NULL DEFAULT false,
    bundle       jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   uuid REFERENCES pgwright.users (id)
);
CREATE INDEX schema_backups_tenant_idx ON pgwright.schema_backups (tenant_id, created_at);

-- Which schemas beyond its own a tenant's designers may look at and import from; a DBA's decision.
CREATE TABLE pgwright.attached_schemas (
    id          uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id   uuid NOT NULL REFERENCES pgwright.tenants (id),
    schema_name text NOT NULL,
    usage_granted jsonb NOT NULL DEFAULT '[]',              -- roles that attaching let into the schema
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, schema_name)
);

-- What is known of a file; its bytes are kept elsewhere.
CREATE TABLE pgwright.files (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id    uuid NOT NULL REFERENCES pgwright.tenants (id),
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    content_type text NOT NULL CHECK (char_length(content_type) <= 255),
    size_bytes   bigint CHECK (size_bytes >= 0),
    checksum     text CHECK (checksum ~ '^[0-9a-f]{64}$'),   -- SHA-256, in hexadecimal
    storage_key  text,
    metadata     jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    created_by   uuid REFERENCES pgwright.users (id),
    updated_by   uuid REFERENCES pgwright.users (id),
    deleted_at   timestamptz,
    deleted_by   uuid REFERENCES pgwright.users (id)
);
CREATE INDEX files_tenant_idx ON pgwright.files (tenant_id);

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
    headers        jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(headers) = 'object'),  -- {"argument": "Header"}
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
COMMENT ON TABLE pgwright.entity_versions IS 'Versions of entity definitions as documents, the open draft among them';
COMMENT ON TABLE pgwright.retired_objects IS 'Columns and tables taken out of service with their data';
COMMENT ON TABLE pgwright.schema_backups IS 'Bundles of a tenant''s definitions';
COMMENT ON TABLE pgwright.attached_schemas IS 'Schemas a tenant may import from';
COMMENT ON TABLE pgwright.files IS 'What is known of files';
COMMENT ON TABLE pgwright.schema_ops IS 'Append-only log of schema operations';
COMMENT ON TABLE pgwright.routes IS 'HTTP routes: method and path to function';

-- Empty tables whose only job is to carry relation-cache invalidations to every backend.
CREATE TABLE pgwright.catalog_epoch ();
CREATE TABLE pgwright.security_epoch ();
COMMENT ON TABLE pgwright.catalog_epoch IS 'Empty: its invalidation tells backends to forget cached entities';
COMMENT ON TABLE pgwright.security_epoch IS 'Empty: its invalidation tells backends to forget cached identities and permissions';
