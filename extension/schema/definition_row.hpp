// From a parsed definition to the members of its catalog row.
#pragma once

#include "core/model.hpp"

namespace pgwright::schema {

core::Json entity_row(const core::EntityDefinition& definition);
// Every field gives the same members, so that a bulk insert sets them all.
core::Json field_row(const core::FieldDefinition& definition, const core::Entity& entity,
                     int display_order);

}  // namespace pgwright::schema
