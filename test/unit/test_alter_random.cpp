// Properties of every plan, over designs at random.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "random_design.hpp"

using namespace pgwright::core;
using namespace pgwright::core::sample;

namespace {

// The plan between two designs, or none where a type has no way to the other.
std::optional<Migration> plan_between(const Design& before, const Design& after) {
    try {
        return alter(before, after);
    } catch (const Failure&) {
        return std::nullopt;
    }
}

int count(const Migration& migration, std::string_view operation) {
    int found = 0;
    for (const Change& change : migration.changes) found += change.operation == operation ? 1 : 0;
    return found;
}

bool is_made(const Change& change) {
    return change.operation.starts_with("add_") || change.operation.starts_with("create_");
}

}  // namespace

TEST_CASE("plans between random designs hold together", "[alter][random]") {
    int planned = 0;
    for (unsigned seed = 0; seed < 3000; ++seed) {
        RandomDesigns designs(seed);
        const Design before = designs.next();
        const Design after = designs.next();
        INFO("seed " << seed);
        REQUIRE(alter(before, before).changes.empty());
        const std::optional<Migration> there = plan_between(before, after);
        const std::optional<Migration> back = plan_between(after, before);
        REQUIRE(there.has_value() == back.has_value());
        if (!there) continue;
        ++planned;
        REQUIRE(alter(before, after).up_script() == there->up_script());  // deterministic

        std::set<std::string> names;
        for (const Change& change : there->changes) {
            REQUIRE(change.up.ends_with(';'));
            if (is_made(change)) REQUIRE(names.insert(change.operation + change.object).second);
        }
        for (const auto& [one, other] : std::map<std::string, std::string>{
                 {"add_column", "retire_column"},
                 {"set_not_null", "drop_not_null"},
                 {"rename_constraint", "rename_constraint"},
                 {"rename_index", "rename_index"}}) {
            if (one != "set_not_null") REQUIRE(count(*there, one) == count(*back, other));
        }
        for (const char* kind : {"check", "index", "foreign_key"}) {
            REQUIRE(count(*there, std::string("add_") + kind) ==
                    count(*back, std::string("drop_") + kind));
        }
    }
    CHECK(planned > 500);
}
