// From a parsed definition to the members of its catalog row.
#pragma once

#include "core/model.hpp"

namespace pgwright::core {

Json entity_row(const EntityDefinition& definition);
// Every field gives the same members, so that a bulk insert sets them all.
Json field_row(const FieldDefinition& definition, const Entity& entity, int display_order);

}  // namespace pgwright::core
