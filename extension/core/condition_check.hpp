// Conditions that can never be true, as far as the condition itself and its fields' rules tell.
#pragma once

#include <optional>
#include <string>

#include "core/condition.hpp"

namespace pgwright::core {

// Why no record can match, for a person; nothing when one may. Looks at each comparison alone and at
// those that must hold together: two values for one field, a null where a value is demanded, a value that
// the field may not have, a lower bound above the upper.
std::optional<std::string> why_never(const Condition& condition);

}  // namespace pgwright::core
