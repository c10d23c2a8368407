-- How people want an entity shown, apart from what follows from its definition: a publish changes the
-- one and keeps the other (72_metadata.sql).

CREATE TABLE pgwright.entity_metadata (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id    uuid NOT NULL DEFAULT pgwright.tenant_id() REFERENCES pgwright.tenants (id),
    entity_id    uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    display_name text CHECK (char_length(display_name) <= 200),
    description  text CHECK (char_length(description) <= 10000),
    icon         text CHECK (char_length(icon) <= 50),
    table_config jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(table_config) = 'object'),
    form_config  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(form_config) = 'object'),
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    created_by   uuid REFERENCES pgwright.users (id),
    updated_by   uuid REFERENCES pgwright.users (id),
    UNIQUE (tenant_id, entity_id)
);
CREATE INDEX entity_metadata_entity_idx ON pgwright.entity_metadata (entity_id);
COMMENT ON TABLE pgwright.entity_metadata IS 'What is shown of an entity otherwise than its definition says: overrides of generated tables and forms';
