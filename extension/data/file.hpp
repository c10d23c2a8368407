// Files as records refer to them; their bytes are kept elsewhere.
#pragma once

#include "core/uuid.hpp"

namespace pgwright::data {

// Whether there is such a file of the tenant that is not deleted.
bool is_live_file(const core::Uuid& file, const core::Uuid& tenant);

}  // namespace pgwright::data
