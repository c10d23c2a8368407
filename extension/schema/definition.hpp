// Definitions of entities and fields as records of the catalog: written through the record engine,
// under the caller's rights, and read back the same way.
#pragma once

#include <string>
#include <string_view>

#include "catalog/entity_reader.hpp"
#include "core/model.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

// The entity definition of that name or id, in the caller's own tenant. RESOURCE_NOT_FOUND when there
// is none; PERMISSION_DENIED for a system or platform entity, which is visible but not the tenant's.
catalog::LoadedEntity require_own_entity(const security::Identity& identity,
                                         std::string_view name_or_id);

// The tenant's draft of that name or id, locked to the end of the transaction so that nobody else
// changes or publishes it meanwhile. CONFLICT when it is not a draft (any more).
catalog::LoadedEntity lock_draft(const security::Identity& identity, std::string_view name_or_id);

// Fills Field::reference of every lookup from its reference_entity; what cannot be found is a fault.
// `self` is the entity being defined, which its fields may refer to before it is stored.
void resolve_references(const security::Identity& identity, const core::Entity& self,
                        std::vector<core::FieldDefinition>& fields, bool with_index,
                        core::Faults& faults);

// One row of schema_ops.
void log_operation(const security::Identity& identity, const core::Uuid& entity,
                   std::string_view operation, const core::Json& payload,
                   std::string_view error = {});

// Answers, as JSON texts. `records` names a system entity (field_definitions, entity_migrations, ...).
std::string entity_json(std::string_view name_or_id);  // with its fields
std::string definition_json(std::string_view records, const core::Uuid& id);
std::string definition_list_json(std::string_view records, const core::Json& filter,
                                 std::string_view sort);

// A filter for these: the field has that value.
core::Json where(std::string_view field, const core::Uuid& value);

}  // namespace pgwright::schema
