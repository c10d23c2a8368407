// Searches of lists, as the server is sent them.
#include <catch2/catch.hpp>

#include "core/error.hpp"
#include "core/list_request.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;

namespace {

Entity page() {
    Entity entity;
    entity.name = entity.table = "page";
    entity.schema = "t_a";
    entity.soft_delete = false;
    entity.search_language = "english";
    entity.fields = {sample::generated(sample::required(sample::field("id", FieldType::uuid))),
                     sample::field("title", FieldType::string),
                     sample::field("body", FieldType::rich_text),
                     sample::field("size", FieldType::integer)};
    return entity;
}

Entity indexed_page() {
    Entity entity = page();
    entity.search_fields = {"title", "body"};
    return entity;
}

ReadList read(const Entity& entity, const char* search, const char* sort = nullptr) {
    ListArguments arguments;
    arguments.search = search;
    arguments.count = "none";
    if (sort != nullptr) arguments.sort = Json::string(sort);
    return read_list(arguments, entity, {});
}

// What follows the source.
std::string sql(const Entity& entity, const char* search, const char* sort = nullptr) {
    const std::string text = compile_list(entity, read(entity, search, sort).request).sql;
    const std::size_t from = text.find(" FROM \"t_a\".\"page\" r");
    REQUIRE(from != std::string::npos);
    return text.substr(from + std::string_view(" FROM \"t_a\".\"page\" r").size());
}

std::string faults(const Entity& entity, const char* search) {
    try {
        read(entity, search);
    } catch (const Failure& failure) {
        std::string text;
        for (const Fault& fault : failure.faults())
            text += fault.field + ": " + fault.message + "\n";
        return text;
    }
    return "";
}

}  // namespace

TEST_CASE("a search without an index reads the texts of a record once") {
    const Entity entity = page();
    const std::string rank =
        R"(pgwright.search_rank($1, r."title"::text, pgwright.markup_text(r."body")))";
    CHECK(sql(entity, "red shoes") ==
          " WHERE " + rank + " > 0 ORDER BY " + rank + R"( DESC, r."id" ASC LIMIT 26)");
}

TEST_CASE("a search with an index asks every field for every word") {
    const Entity entity = indexed_page();
    CHECK(sql(entity, "red shoes", "title") ==
          R"( WHERE (r."title" OPERATOR(pgwright.@@@) $1 OR r."body" OPERATOR(pgwright.<@@@>) $1))"
          R"( AND (r."title" OPERATOR(pgwright.@@@) $2 OR r."body" OPERATOR(pgwright.<@@@>) $2))"
          R"( ORDER BY r."title" ASC NULLS LAST, r."id" ASC LIMIT 26)");
    const Statement statement = compile_list(entity, read(entity, "red -shoes").request);
    CHECK(statement.parameters.at(0).values.at(0).text() == "english:red");
    CHECK(statement.parameters.at(1).values.at(0).text() == "english:\"shoes\"");
    CHECK(statement.parameters.at(2).values.at(0).text() == "english:red -\"shoes\"");
    CHECK_THAT(statement.sql,
               Catch::Contains(R"((r."title" OPERATOR(pgwright.@@@) $2) IS NOT TRUE AND)"));
}

TEST_CASE("fields that are not read as they are, are not searched") {
    Entity entity = indexed_page();
    entity.fields.at(1).mask_sql = "'***'";
    CHECK_THAT(sql(entity, "red"), !Catch::Contains("r.\"title\" OPERATOR"));
    entity.fields.at(2).mask_sql = "'***'";
    CHECK(faults(entity, "red") == "search: records of this entity have no text to search in\n");
}

TEST_CASE("a blank search is none") {
    const Entity entity = page();
    CHECK_FALSE(read(entity, "").request.search);
    CHECK_FALSE(read(entity, "  ").request.search);
    CHECK(faults(entity, "!!") == "search: holds no word to look for\n");
}

TEST_CASE("another search has other cursors") {
    const Entity entity = page();
    const auto fingerprint = [&](const char* search) {
        ListArguments arguments;
        arguments.search = search;
        arguments.cursor = "";
        return read_list(arguments, entity, {}).fingerprint;
    };
    CHECK(fingerprint("red") == fingerprint("red"));
    CHECK(fingerprint("red") != fingerprint("blue"));
    CHECK(fingerprint("red") != fingerprint(""));
}
