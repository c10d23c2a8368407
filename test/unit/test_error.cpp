// Failures and the JSON their faults travel as.
#include <catch2/catch.hpp>

#include "core/error.hpp"

using namespace pgwright::core;

TEST_CASE("faults become an array of field, message and index", "[error]") {
    CHECK(
        faults_to_json({{"email", "must be unique"}, {"", "say \"please\"", 0}}) ==
        R"([{"field":"email","message":"must be unique"},{"field":"","message":"say \"please\"","index":0}])");
}

TEST_CASE("no faults are no text", "[error]") { CHECK(faults_to_json({}).empty()); }

TEST_CASE("collected faults are raised together, and none raise nothing", "[error]") {
    Faults faults;
    CHECK_NOTHROW(faults.raise("invalid record"));
    faults.add("a", "is required");
    faults.add("b", "must be an integer", 3);
    try {
        faults.raise("invalid record");
        FAIL("nothing was thrown");
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::validation_error);
        CHECK(failure.message() == "invalid record");
        REQUIRE(failure.faults().size() == 2);
        CHECK(failure.faults()[1].index == 3);
    }
}
