// Changes of a definition, one function each: the given members are merged into what is there, the
// result is checked as a whole, and every fault is told under the name the caller used. The definition
// is changed only when there is none. Nothing here looks at the catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

// Whether the entity has (or had) a table that its definition must keep fitting.
enum class Lifecycle { never_published, published };

void change_entity(EntityDefinition& definition, const Json& changes, Lifecycle lifecycle,
                   Faults& faults);

// The new field, with that id; at the end unless it says its display_order.
void add_field(EntityDefinition& definition, const Uuid& id, const Json& json, Faults& faults);
// A new name goes into formulas, rules, indexes and the entity's own settings. A new type drops the
// constraints that the new type does not know.
void change_field(EntityDefinition& definition, const Uuid& id, const Json& changes,
                  Faults& faults);
// CONFLICT, naming the users, while a formula, a rule of another field, an index or a setting of the entity uses the field.
void remove_field(EntityDefinition& definition, const Uuid& id);

void add_index(EntityDefinition& definition, const Uuid& id, const Json& json, Faults& faults);
void change_index(EntityDefinition& definition, const Uuid& id, const Json& changes,
                  Faults& faults);
void remove_index(EntityDefinition& definition, const Uuid& id);

// By name or id; RESOURCE_NOT_FOUND when there is none.
FieldDefinition& require_field(EntityDefinition& definition, std::string_view name_or_id);
IndexDefinition& require_index(EntityDefinition& definition, std::string_view name_or_id);

}  // namespace pgwright::core
