// Who refers to an entity: what stands on it and keeps it from going.
#pragma once

#include <vector>

#include "core/error.hpp"
#include "core/uuid.hpp"

namespace pgwright::schema {

// The fields of other entities that refer to it, published ones and drafted ones, as
// {"<entity>.<field>", "refers to the entity"}.
std::vector<core::Fault> dependants_of(const core::Uuid& entity);
// Raises CONFLICT with the list when there are any; `act` ends "cannot be ".
void require_no_dependants(const core::Uuid& entity, const char* act);

}  // namespace pgwright::schema
