// Taking a table out of service with all its rows: what deleting an archived entity and rolling back
// a creation have in common.
#pragma once

#include <string>
#include <vector>

#include "core/alter.hpp"
#include "schema/draft.hpp"

namespace pgwright::schema {

struct Removal {
    core::Migration migration;
    core::TableState actual;
    std::string retired_name;  // of the table, in pgwright_retired
};

Removal plan_removal(const security::Identity& identity, const Draft& draft, int to);

// Foreign keys go before everything else, so that tables which refer to each other can go together.
std::vector<std::string> removal_scripts(const std::vector<Removal>& removals);

}  // namespace pgwright::schema
