// Many renames in one name space, put in an order in which no name is ever taken twice.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace pgwright::core {

struct Rename {
    std::string from, to;
    friend bool operator==(const Rename&, const Rename&) = default;
};

// wanted: from and to each unique. occupied: the names in use now, those of `from` too. Chains go from
// their free end; of a circle one goes through a name that nobody can have given.
std::vector<Rename> order_renames(std::vector<Rename> wanted, std::set<std::string> occupied);

}  // namespace pgwright::core
