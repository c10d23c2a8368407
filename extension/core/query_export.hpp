// The statement of an export: chosen columns of every record that a condition is true of, in order.
#pragma once

#include <string_view>
#include <vector>

#include "core/query.hpp"

namespace pgwright::core {

// The entity with these fields alone, in this order: what an export's statement selects. Empty: all of
// them. Faults: names that are no fields or repeat, as "columns[2]".
Entity with_columns(const Entity& entity, const std::vector<std::string>& columns, Faults& faults);

// `chosen` is with_columns() of the entity, and both must outlive the statement. The request's limit and
// offset do not count. Records of equal sort keys come by the key; without one as they lie.
Statement compile_export(const Entity& entity, const Entity& chosen, const ListRequest& request);

}  // namespace pgwright::core
