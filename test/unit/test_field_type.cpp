// The table of field types.
#include <catch2/catch.hpp>

#include <set>

#include "core/field_type.hpp"

using namespace pgwright::core;

TEST_CASE("every type of the data model is known by its name", "[field_type]") {
    for (const auto* name :
         {"string", "text", "integer", "biginteger", "decimal", "currency", "percentage", "boolean",
          "date", "datetime", "time", "email", "url", "phone", "json", "uuid", "lookup"}) {
        CAPTURE(name);
        REQUIRE(find_field_type(name) != nullptr);
        CHECK(find_field_type(name)->name == name);
        CHECK_FALSE(find_field_type(name)->sql_type.empty());
        CHECK_FALSE(find_field_type(name)->input_type.empty());
    }
    CHECK(find_field_type("String") == nullptr);
    CHECK(find_field_type("varchar") == nullptr);
    CHECK(find_field_type("") == nullptr);
}

TEST_CASE("names are unique and info() finds each type", "[field_type]") {
    std::set<std::string_view> names;
    for (const auto& each : field_types()) {
        names.insert(each.name);
        CHECK(&info(each.type) == &each);
    }
    CHECK(names.size() == field_types().size());
}

TEST_CASE("types say what they are in SQL and what may constrain them", "[field_type]") {
    const auto& email = info(FieldType::email);
    CHECK(email.sql_type == "text");
    CHECK(email.default_max_length == 254);
    CHECK(email.has_length);
    CHECK_FALSE(email.has_range);

    const auto& currency = info(FieldType::currency);
    CHECK(currency.sql_type == "numeric");
    CHECK(currency.default_decimal_places == 2);
    CHECK((currency.has_range && currency.has_scale));
    CHECK_FALSE(info(FieldType::decimal).default_decimal_places);

    CHECK(info(FieldType::datetime).sql_type == "timestamp with time zone");
    CHECK(info(FieldType::lookup).sql_type == "uuid");
    CHECK_FALSE(info(FieldType::json).sortable);
    CHECK(info(FieldType::other).sql_type.empty());
}

TEST_CASE("a column's type maps to the field type that represents it, or to other",
          "[field_type]") {
    CHECK(field_type_of(23) == FieldType::integer);
    CHECK(field_type_of(21) == FieldType::integer);     // smallint
    CHECK(field_type_of(1043) == FieldType::string);    // varchar
    CHECK(field_type_of(701) == FieldType::decimal);    // double precision
    CHECK(field_type_of(1114) == FieldType::datetime);  // timestamp without time zone
    CHECK(field_type_of(114) == FieldType::json);
    for (const std::uint32_t oid : {0U, 17U, 26U, 790U, 869U, 1009U, 1186U, 1266U, 600U, 99999U}) {
        CAPTURE(oid);
        CHECK(field_type_of(oid) == FieldType::other);
    }
    for (const auto& each : field_types()) {
        if (each.type_oid != 0) CHECK(info(field_type_of(each.type_oid)).type_oid == each.type_oid);
    }
}
