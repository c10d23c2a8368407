// Properties of every plan, over designs at random.
#include <catch2/catch.hpp>

#include <optional>
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
        REQUIRE(count(*there, "add_column") == count(*back, "retire_column"));
        REQUIRE(count(*there, "rename_constraint") == count(*back, "rename_constraint"));
        REQUIRE(count(*there, "rename_index") == count(*back, "rename_index"));
        for (const char* kind : {"check", "index", "foreign_key"}) {
            REQUIRE(count(*there, std::string("add_") + kind) ==
                    count(*back, std::string("drop_") + kind));
        }
    }
    CHECK(planned > 500);
}
