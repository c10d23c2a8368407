// What the functions on definitions share: references, the log, and definitions read back as records
// of the catalog, under the caller's rights.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

// Fills Field::reference of every lookup from its reference_entity; what cannot be found is a fault
// under `path` ("fields[2]." with the index put in, or "" for the only field).
// `self` is the entity being defined, which its fields may refer to before it is stored.
void resolve_references(const core::Uuid& tenant, core::EntityDefinition& definition,
                        core::Faults& faults);
void resolve_reference(const core::Uuid& tenant, const core::Entity& self,
                       core::FieldDefinition& field, std::string_view path, core::Faults& faults);

// One row of schema_ops; the nil id stands for an entity that was not made.
void log_operation(const security::Identity& identity, const core::Uuid& entity,
                   std::string_view operation, const core::Json& payload,
                   std::string_view error = {});

// Answers, as JSON texts. `records` names a system entity (field_definitions, entity_migrations, ...).
std::string definition_json(std::string_view records, const core::Uuid& id);
std::string definition_list_json(std::string_view records, const core::Json& filter,
                                 std::string_view sort);

// A filter for these: the field has that value.
core::Json where(std::string_view field, const core::Uuid& value);

}  // namespace pgwright::schema
