// The catalog's rows of one entity as a document, and back. Runs with the engine's rights: the caller
// has authorised and locked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model.hpp"

namespace pgwright::schema {

// SQL: the rows of the entity "e" as its document, definition_document() of core.
inline constexpr std::string_view kDocumentSql = R"(
       jsonb_build_object(
           'entity', to_jsonb(e),
           'fields', coalesce((SELECT jsonb_agg(to_jsonb(f) ORDER BY f.display_order, f.name)
                                 FROM pgwright.field_definitions f
                                WHERE f.entity_id = e.id AND NOT f.is_deleted), '[]'),
           'indexes', coalesce((SELECT jsonb_agg(to_jsonb(i) ORDER BY i.name)
                                  FROM pgwright.index_definitions i
                                 WHERE i.entity_id = e.id AND NOT i.is_deleted), '[]'))::text)";

struct StoredEntity {
    core::Uuid id;
    std::optional<core::Uuid> tenant_id;  // none: a platform or system entity
    std::string name;
    std::string status;                           // draft, published, archived
    int version = 0;                              // of the rows
    int last_version = 0;                         // the highest that entity_versions holds; 0: none
    core::EntityDefinition definition;            // the rows
    std::optional<core::EntityDefinition> draft;  // of the open draft version
    int draft_version = 0;                        // 0: none is open
};

// The entity of that name or id in the tenant's sight, its own before a platform one.
std::optional<StoredEntity> read_stored_entity(const core::Uuid& tenant,
                                               std::string_view name_or_id);

// Makes the rows say what the definition says: fields and indexes that are gone are marked deleted,
// unchanged ones are not touched. The entity's row is there already.
void write_rows(const core::EntityDefinition& definition);
void insert_rows(const core::EntityDefinition& definition);  // a new entity's

void set_status(const core::Uuid& entity, std::string_view status, int version);

// Versions.
void write_draft_version(const core::EntityDefinition& definition, int version, int parent);
void delete_draft_version(const core::Uuid& entity);
// Closes the version that was published before, and opens or turns the draft into this one.
void write_published_version(const core::EntityDefinition& definition, int version,
                             const core::Json& table_state);
void set_version_status(const core::Uuid& entity, int version, std::string_view status);
// The document of a version; RESOURCE_NOT_FOUND when there is none.
core::EntityDefinition read_version(const core::Uuid& entity, int version);

}  // namespace pgwright::schema
