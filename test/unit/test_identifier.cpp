// Names: which ones people may give, how generated ones are made, and how both reach SQL text.
#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "core/identifier.hpp"

using namespace pgwright::core;

namespace {

bool is_whole_utf8(std::string_view text) {
    std::size_t follow = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) == 0x80U) {
            if (follow-- == 0) return false;
        } else {
            if (follow != 0) return false;
            follow = byte >= 0xF0U ? 3 : byte >= 0xE0U ? 2 : byte >= 0xC0U ? 1 : 0;
        }
    }
    return follow == 0;
}

}  // namespace

TEST_CASE("a name is lower-case letters, digits and underscores, and begins with a letter",
          "[identifier]") {
    for (const auto* name : {"company", "a", "order_2", "x__y_"}) {
        CAPTURE(name);
        CHECK_FALSE(entity_name_fault(name));
        CHECK_FALSE(field_name_fault(name));
        CHECK_FALSE(slug_fault(name));
    }
    for (const auto* name :
         {"Company", "1st", "_x", "a-b", "a b", "a.b", "a\"b", "a;drop", "größe", "a\n"}) {
        CAPTURE(name);
        CHECK(entity_name_fault(name) ==
              "must begin with a letter a-z and hold only a-z, 0-9 and _");
        CHECK(field_name_fault(name).has_value());
        CHECK(slug_fault(name).has_value());
    }
    CHECK(entity_name_fault("") == "is required");
    CHECK(field_name_fault(std::string_view("a\0b", 3)).has_value());
}

TEST_CASE("a name fits PostgreSQL's 63 bytes, a slug leaves room for t_", "[identifier]") {
    CHECK_FALSE(entity_name_fault(std::string(63, 'a')));
    CHECK(entity_name_fault(std::string(64, 'a')) == "must be at most 63 characters");
    CHECK_FALSE(field_name_fault(std::string(63, 'a')));
    CHECK(field_name_fault(std::string(64, 'a')).has_value());
    CHECK_FALSE(slug_fault(std::string(61, 'a')));
    CHECK(slug_fault(std::string(62, 'a')) == "must be at most 61 characters");
}

TEST_CASE("a fault never repeats a name that may be a megabyte long", "[identifier]") {
    CHECK(entity_name_fault(std::string(1000000, 'A'))->size() < 100);
    CHECK(field_name_fault(std::string(1000000, '\n'))->size() < 100);
}

TEST_CASE("reserved words of SQL are refused for entities and fields", "[identifier]") {
    for (const auto* word : {"all", "user", "order", "select", "with", "window", "left",
                             "tablesample", "system_user"}) {
        CAPTURE(word);
        CHECK(is_reserved_word(word));
        CHECK(entity_name_fault(word) == "is a reserved word of SQL");
        CHECK(field_name_fault(word) == "is a reserved word of SQL");
    }
    for (const auto* word :
         {"name", "value", "date", "text", "status", "position", "timestamp", "", "orders"}) {
        CAPTURE(word);
        CHECK_FALSE(is_reserved_word(word));
    }
    CHECK_FALSE(slug_fault("order"));  // the schema is t_order
}

TEST_CASE("entities do not take a name of the platform", "[identifier]") {
    for (const auto* name :
         {"tenants", "users", "sessions", "signing_keys", "roles", "role_permissions", "user_roles",
          "entity_definitions", "field_definitions", "relationship_definitions",
          "index_definitions", "entity_migrations", "schema_ops", "routes", "data_model"}) {
        CAPTURE(name);
        CHECK(entity_name_fault(name) == "is the name of a part of the platform");
        CHECK_FALSE(field_name_fault(name));
    }
    for (const auto* name : {"pg_class", "pgwright", "pgwright_shared", "pgwrightx"}) {
        CAPTURE(name);
        CHECK(entity_name_fault(name) == "must not begin with pg_ or pgwright");
    }
    CHECK_FALSE(entity_name_fault("pgx"));
    CHECK_FALSE(entity_name_fault("tenant"));
}

TEST_CASE("fields do not take the name of a generated or a system column", "[identifier]") {
    for (const auto* name : {"id", "tenant_id", "created_at", "updated_at", "created_by",
                             "updated_by", "deleted_at", "deleted_by"}) {
        CAPTURE(name);
        CHECK(field_name_fault(name) == "is the name of a generated column");
    }
    for (const auto* name : {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}) {
        CAPTURE(name);
        CHECK(field_name_fault(name) == "is the name of a system column of PostgreSQL");
    }
    CHECK_FALSE(field_name_fault("oid"));  // an ordinary name since PostgreSQL 12
}

TEST_CASE("identifiers and literals are quoted so that nothing escapes", "[identifier]") {
    CHECK(quote_identifier("company") == "\"company\"");
    CHECK(quote_identifier("a\"; DROP TABLE x; --") == "\"a\"\"; DROP TABLE x; --\"");
    CHECK(quote_qualified("t_demo", "a.b") == "\"t_demo\".\"a.b\"");
    CHECK(quote_literal("") == "''");
    CHECK(quote_literal("it's") == "'it''s'");
    CHECK(quote_literal("a\\b") == "E'a\\\\b'");
    CHECK(quote_literal("\\'; --") == "E'\\\\''; --'");
}

TEST_CASE("generated names are the parts and the suffix joined", "[identifier]") {
    CHECK(derived_name({"company", "email"}, "key") == "company_email_key");
    CHECK(derived_name({"company"}, "pkey") == "company_pkey");
    CHECK(derived_name({"company", "email"}, "") == "company_email");
    CHECK(derived_name({std::string(29, 'a'), std::string(29, 'b')}, "key").size() == 63);
    CHECK(derived_name({std::string(29, 'a'), std::string(29, 'b')}, "key") ==
          std::string(29, 'a') + "_" + std::string(29, 'b') + "_key");
}

TEST_CASE("generated names over 63 bytes keep their ends and stay different", "[identifier]") {
    const std::string table(63, 't');
    const std::string name = derived_name({table, "email"}, "key");
    CHECK(name.size() == 63);
    CHECK(name == derived_name({table, "email"}, "key"));
    CHECK(name.starts_with("tttttttt"));
    CHECK(name.ends_with("_key"));

    std::set<std::string> names;
    for (int i = 0; i < 2000; ++i) {
        const std::string field = std::string(40, 'f') + std::to_string(i);
        for (const auto* suffix : {"key", "idx", "range"})
            names.insert(derived_name({table, field}, suffix));
    }
    CHECK(names.size() == 6000);
    for (const auto& each : names) REQUIRE(each.size() == 63);
}

TEST_CASE("parts that join to the same text differ in the hashed form", "[identifier]") {
    CHECK(derived_name({"sale", "line_no"}, "key") == derived_name({"sale_line", "no"}, "key"));
    const std::string first = hashed_name({"sale", "line_no"}, "key");
    CHECK(first != hashed_name({"sale_line", "no"}, "key"));
    CHECK(first.starts_with("sale_line_no_"));
    CHECK(first.ends_with("_key"));
    CHECK(first.size() == std::string("sale_line_no_12345678_key").size());
}

TEST_CASE("generated names of imported tables cut no character in two", "[identifier]") {
    for (std::size_t length = 20; length < 40; ++length) {
        std::string table;
        for (std::size_t i = 0; i < length; ++i) table += i % 3 == 0 ? "ü" : i % 3 == 1 ? "€" : "😀";
        const std::string name = derived_name({table, "größe"}, "idx");
        CAPTURE(name);
        CHECK(name.size() <= 63);
        CHECK(is_whole_utf8(name));
        CHECK(name.ends_with("_idx"));
    }
    CHECK(derived_name({"t"}, std::string(200, 's')).size() <= 63);
}
