// A field's CHECK constraints, made and read back. Used by the planner.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

struct Check {
    std::string_view
        suffix;  // of the constraint's name: length, range, scale, format, pattern, allowed
    // On the column; true or null for every value that check_value() accepts
    std::string condition;
};
std::vector<Check> checks_of(const Field& field);

}  // namespace pgwright::core
