// Whether rows' versions can be told apart by pgwright.row_tag().
#pragma once

#include "core/model.hpp"

namespace pgwright::data {

// True of plain tables. A view has no rows of its own, a foreign table none that we see the place of, and
// a row of a partitioned table may move to where another one's tag came from.
bool has_versions(const core::Entity& entity);

}  // namespace pgwright::data
