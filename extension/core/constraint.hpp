// A field's CHECK constraints, made and read back. Used by the planner.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

struct Check {
    // Of the constraint's name: length, range, scale, format, pattern, allowed
    std::string_view suffix;
    // On the column; true or null for every value that check_value() accepts
    std::string condition;
};
std::vector<Check> checks_of(const Field& field);

}  // namespace pgwright::core
