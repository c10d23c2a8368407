// Making entities; the other ways to describe one (relationships' junctions, backups, collections) share it.
#pragma once

#include "core/json.hpp"
#include "schema/draft.hpp"

namespace pgwright::schema {

// The draft of a new entity in the caller's tenant, with its fields and indexes. Needs
// data_model:create. VALIDATION_ERROR with every fault; CONFLICT for a taken name.
Draft create_entity(const security::Identity& identity, const core::Json& json);

}  // namespace pgwright::schema
