#include "core/rename_plan.hpp"

#include <algorithm>

#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

// People's names begin with a letter.
std::string free_name(const std::string& name, const std::set<std::string>& occupied) {
    std::string free = derived_name({"_moving_" + name}, "");
    for (int i = 2; occupied.contains(free); ++i)
        free = derived_name({"_moving_" + name}, std::to_string(i));
    return free;
}

}  // namespace

std::vector<Rename> order_renames(std::vector<Rename> wanted, std::set<std::string> occupied) {
    std::vector<Rename> ordered;
    const auto make = [&](const std::string& from, const std::string& to) {
        ordered.push_back({from, to});
        occupied.erase(from);
        occupied.insert(to);
    };
    while (!wanted.empty()) {
        const auto possible = std::ranges::find_if(
            wanted, [&](const Rename& rename) { return !occupied.contains(rename.to); });
        if (possible != wanted.end()) {
            make(possible->from, possible->to);
            wanted.erase(possible);
        } else {
            const std::string aside = free_name(wanted.front().from, occupied);
            make(wanted.front().from, aside);
            wanted.front().from = aside;
        }
    }
    return ordered;
}

}  // namespace pgwright::core
