// Which type becomes which, and how.
#include <catch2/catch.hpp>

#include <string>

#include "core/conversion.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;
using sample::field;

namespace {

Conversion between(FieldType from, FieldType to) {
    return convert(field("c", from), field("c", to), "\"c\"");
}

Field array_of(FieldType item) {
    Field made = field("c", item);
    made.item_type = item;
    return made;
}

// "in place", "copy" or "-"; a test marks what may be refused, an exact one what may be lost.
std::string way(FieldType from, FieldType to) {
    const Conversion conversion = between(from, to);
    if (!conversion.possible) return "-";
    return std::string(conversion.in_place ? "in place" : "copy") +
           (conversion.test.empty() ? "" : ", tested") +
           (conversion.exact.empty() ? "" : ", compared");
}

}  // namespace

TEST_CASE("types that take every value change in place", "[conversion]") {
    CHECK(way(FieldType::integer, FieldType::biginteger) == "in place");
    CHECK(way(FieldType::integer, FieldType::currency) == "in place");
    CHECK(way(FieldType::biginteger, FieldType::decimal) == "in place");
    for (const FieldType type : {FieldType::integer, FieldType::biginteger, FieldType::boolean,
                                 FieldType::time, FieldType::uuid, FieldType::json})
        CHECK(way(type, FieldType::text) == "in place");
    // The years that people may write, and no infinity.
    for (const FieldType type : {FieldType::date, FieldType::datetime, FieldType::decimal})
        CHECK(way(type, FieldType::string) == "in place, tested");
}

TEST_CASE("other types are copied", "[conversion]") {
    CHECK(way(FieldType::biginteger, FieldType::integer) == "copy, tested");
    CHECK(way(FieldType::decimal, FieldType::integer) == "copy, tested");
    CHECK(way(FieldType::decimal, FieldType::biginteger) == "copy, tested");
    CHECK(way(FieldType::integer, FieldType::boolean) == "copy, tested");
    CHECK(way(FieldType::boolean, FieldType::biginteger) == "copy");
    CHECK(way(FieldType::date, FieldType::datetime) == "copy, tested");
    CHECK(way(FieldType::datetime, FieldType::date) == "copy, tested, compared");
    for (const FieldType type :
         {FieldType::integer, FieldType::biginteger, FieldType::decimal, FieldType::boolean,
          FieldType::date, FieldType::datetime, FieldType::time, FieldType::uuid, FieldType::json,
          FieldType::lookup})
        CHECK(way(FieldType::text, type) == "copy, tested, compared");
}

TEST_CASE("types without a way are refused", "[conversion]") {
    CHECK(way(FieldType::date, FieldType::integer) == "-");
    CHECK(way(FieldType::json, FieldType::boolean) == "-");
    CHECK(way(FieldType::uuid, FieldType::integer) == "-");
    CHECK(way(FieldType::other, FieldType::text) == "-");
    CHECK(way(FieldType::string, FieldType::email) == "-");  // there is nothing to convert
}

TEST_CASE("what converts one way converts back", "[conversion]") {
    for (const auto& from : field_types()) {
        for (const auto& to : field_types()) {
            INFO(from.name << " to " << to.name);
            CHECK(between(from.type, to.type).possible == between(to.type, from.type).possible);
            CHECK(convert(array_of(from.type), array_of(to.type), "c").possible ==
                  between(from.type, to.type).possible);
        }
    }
}

TEST_CASE("forms do not depend on the session", "[conversion]") {
    CHECK(between(FieldType::date, FieldType::text).sql == R"sql(to_char("c", 'YYYY-MM-DD'))sql");
    CHECK(
        between(FieldType::datetime, FieldType::text).sql ==
        R"sql(regexp_replace(to_char("c" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '[.]?0+Z$', 'Z'))sql");
    CHECK(
        between(FieldType::text, FieldType::datetime).sql ==
        R"sql(CASE WHEN substr("c", 11) ~ '[Zz+-]' THEN "c"::timestamptz ELSE "c"::timestamp AT TIME ZONE 'UTC' END)sql");
    CHECK(between(FieldType::datetime, FieldType::date).sql ==
          R"sql(("c" AT TIME ZONE 'UTC')::date)sql");
    CHECK(between(FieldType::biginteger, FieldType::integer).guarded() ==
          R"sql(CASE WHEN "c" BETWEEN -2147483648 AND 2147483647 THEN "c"::integer END)sql");
}

TEST_CASE("one value becomes a list of one, and back", "[conversion]") {
    const Field one = field("c", FieldType::integer);
    const Conversion there = convert(one, array_of(FieldType::integer), "\"c\"");
    CHECK(there.sql == R"sql(CASE WHEN "c" IS NOT NULL THEN ARRAY["c"] END)sql");
    const Conversion back = convert(array_of(FieldType::integer), one, "\"c\"");
    CHECK(back.sql == R"sql(("c")[1])sql");
    CHECK(back.test == R"sql(cardinality("c") <= 1)sql");
    CHECK_FALSE(convert(one, array_of(FieldType::text), "\"c\"").possible);
}

TEST_CASE("a text converts when a client could send it", "[conversion]") {
    CHECK(is_convertible_text("2147483647", "integer"));
    CHECK_FALSE(is_convertible_text("2147483648", "integer"));
    CHECK(is_convertible_text("2147483648", "biginteger"));
    CHECK_FALSE(is_convertible_text(" 1", "integer"));
    CHECK_FALSE(is_convertible_text("", "integer"));
    CHECK(is_convertible_text("-1.50", "decimal"));
    CHECK_FALSE(is_convertible_text("NaN", "decimal"));
    CHECK(is_convertible_text("true", "boolean"));
    CHECK_FALSE(is_convertible_text("yes", "boolean"));
    CHECK(is_convertible_text("2024-02-29", "date"));
    CHECK_FALSE(is_convertible_text("2023-02-29", "date"));
    CHECK(is_convertible_text("2024-02-29T10:00:00+02:00", "datetime"));
    CHECK(is_convertible_text("10:00", "time"));
    CHECK(is_convertible_text("{\"a\": [1]}", "json"));
    CHECK_FALSE(is_convertible_text("{\"a\": [1}", "json"));
    CHECK_FALSE(is_convertible_text("null", "json"));
    CHECK_FALSE(is_convertible_text("x", "uuid"));
    CHECK_FALSE(is_convertible_text("x", "no such type"));
}
