// What is wrong with the access of an entity without being an error.
#pragma once

#include <vector>

#include "core/alter.hpp"

namespace pgwright::schema {

struct AccessFinding {
    std::string kind;  // rule_never_matches, rule_without_permission, write_without_read,
                       // hides_required, column_without_index
    std::string role;  // empty where it is not about one
    std::string field;
    std::string message;
    core::Json repair;  // the index offered: a definition for create_index(); else null
};

// Columns that policies look at and that no index leads, neither one that is there nor one that the
// design brings.
std::vector<AccessFinding> columns_without_index(const core::Design& design,
                                                 const core::TableState& actual);

// The same in words: an array of texts that offer the index.
core::Json index_warnings(const core::Design& design, const core::TableState& actual);

core::Json findings_json(const std::vector<AccessFinding>& findings);

}  // namespace pgwright::schema
