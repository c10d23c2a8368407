// How the definition of an imported relation follows the relation; see core/import.hpp. What
// sync_schema does of it is planned and stored here.
#pragma once

#include <vector>

#include "core/import.hpp"
#include "schema/drift.hpp"

namespace pgwright::schema {

core::ImportUpdate plan_follow(const security::Identity& identity, const Subject& subject,
                               const std::vector<core::Difference>& differences);
void store_follow(const core::Uuid& entity, const core::ImportUpdate& update);

}  // namespace pgwright::schema
