// What refers to an entity's records, from the catalog's rows; entity_reader.cpp calls it.
#pragma once

#include <vector>

#include "core/model.hpp"

namespace pgwright::catalog {

// Of published entities that the tenant sees, in the order of their claim to a name: relationships
// first, then what follows from lookups. A name that is taken, by a field of the entity too, is left
// out. Runs as the extension's owner, under the caller's Scope.
std::vector<core::Association> read_associations(const core::Uuid& tenant,
                                                 const core::Entity& entity);

}  // namespace pgwright::catalog
