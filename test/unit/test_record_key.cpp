// Keys of records: their text, and the statements over tables whose key is not one "id".
#include <catch2/catch.hpp>

#include "core/error.hpp"
#include "core/query_write.hpp"
#include "core/record_key.hpp"
#include "core/value_check.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;

namespace {

Field typed(std::string_view name, FieldType type, std::uint32_t type_oid) {
    Field field = sample::field(name, type);
    field.type_oid = type_oid;
    return field;
}

// As a shop's order lines may be: keyed by order and article, with a lookup that is a number.
Entity line() {
    Entity entity;
    entity.name = "line";
    entity.schema = "shop";
    entity.table = "Lines";
    entity.resource = "line";
    entity.soft_delete = false;
    entity.generated = false;
    entity.key = {"order_no", "Article"};
    entity.fields = {typed("note", FieldType::text, 25),
                     sample::required(typed("Article", FieldType::string, 1043)),
                     sample::required(typed("order_no", FieldType::lookup, 23)),
                     typed("position", FieldType::integer, 23)};
    entity.fields[3].default_in_database = true;
    return entity;
}

Entity keyed_by(FieldType type, std::uint32_t type_oid) {
    Entity entity = sample::tag();
    entity.fields[0] = typed("id", type, type_oid);
    return entity;
}

Entity unkeyed() {
    Entity entity = sample::tag();
    entity.key.clear();
    entity.fields = {sample::field("label", FieldType::text),
                     sample::field("extra", FieldType::json),
                     sample::field("size", FieldType::integer)};
    return entity;
}

std::string faults_of(const Entity& entity, std::string_view text) {
    try {
        (void)parse_key(entity, text);
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::validation_error);
        std::string faults;
        for (const Fault& fault : failure.faults())
            faults += (faults.empty() ? "" : "; ") + fault.field + ": " + fault.message;
        return faults;
    }
    return "none";
}

std::string joined(std::vector<std::string> parts) { return join_key(parts); }

}  // namespace

TEST_CASE("a key of one column is the value as it is", "[record_key]") {
    CHECK(joined({R"(a,b\c)"}) == R"(a,b\c)");
    CHECK(parse_key(keyed_by(FieldType::text, 25), R"(a,b\c)") == Json::string(R"(a,b\c)"));
    CHECK(parse_key(keyed_by(FieldType::integer, 23), "42") == Json::string("42"));
    CHECK(parse_key(keyed_by(FieldType::boolean, 16), "true") == Json::boolean(true));
    CHECK(parse_key(keyed_by(FieldType::json, 3802), R"({"a":1})").dump() == R"({"a":1})");
    CHECK(parse_key(keyed_by(FieldType::text, 25), "") == Json::string(""));
}

TEST_CASE("a key of several columns joins them by commas, and comes apart again", "[record_key]") {
    CHECK(joined({"7", R"(a,b\)"}) == R"(7,a\,b\\)");
    for (const std::string article : {"x", "", ",", R"(\)", R"(\,)", R"(,,\\)", "a b"}) {
        const Json key = parse_key(line(), joined({"7", article}));
        CHECK(key == Json::array({Json::string("7"), Json::string(article)}));
    }
    CHECK(key_part(line(), parse_key(line(), "7,x"), 1) == Json::string("x"));
}

TEST_CASE("a malformed key tells each part that is wrong", "[record_key]") {
    CHECK(faults_of(line(), "7") == "id: must have 2 parts: order_no,Article");
    CHECK(faults_of(line(), "7,x,y") == "id: must have 2 parts: order_no,Article");
    CHECK(faults_of(line(), "") == "id: must have 2 parts: order_no,Article");
    CHECK(faults_of(line(), R"(7\,x)") == "id: must have 2 parts: order_no,Article");
    CHECK(faults_of(line(), "a,x") == "order_no: must be an integer");
    CHECK(faults_of(keyed_by(FieldType::uuid, 2950), "1") == "id: must be a UUID");
    CHECK(faults_of(keyed_by(FieldType::boolean, 16), "yes") == "id: must be true or false");
    CHECK(faults_of(keyed_by(FieldType::json, 3802), "{") == "id: must be JSON");
    CHECK(faults_of(unkeyed(), "1") == "id: records of this entity have no key");
}

TEST_CASE("records are read and written by all columns of the key, in its order", "[record_key]") {
    const Entity entity = line();
    const Json key = parse_key(entity, "7,x");
    const std::string where = R"( WHERE r."order_no" = $1 AND r."Article" = $2)";
    const Statement exists = compile_exists(entity, key);
    CHECK(exists.sql == R"(SELECT 1 FROM "shop"."Lines" r)" + where);
    REQUIRE(exists.parameters.size() == 2);
    CHECK(exists.parameters[0].type_oid == 23);
    CHECK(exists.parameters[1].type_oid == 1043);
    CHECK(exists.parameters[1].values.at(0) == Json::string("x"));
    const Statement removal = compile_delete(entity, key);
    CHECK(removal.sql ==
          R"(DELETE FROM "shop"."Lines" AS r)" + where + R"( RETURNING r."order_no", r."Article")");
    CHECK(removal.columns == std::vector<const Field*>{&entity.fields[2], &entity.fields[1]});
    CHECK(
        compile_update(entity, key, parse_json(R"({"note": "n"})")).sql ==
        R"(UPDATE "shop"."Lines" AS r SET "note" = $1 WHERE r."order_no" = $2 AND r."Article" = $3)"
        R"( RETURNING r."note", r."Article", r."order_no", r."position")");
}

TEST_CASE("a key column of a type that nothing carries is compared as text", "[record_key]") {
    const Entity entity = keyed_by(FieldType::other, 869);
    CHECK(compile_exists(entity, parse_key(entity, "10.0.0.1")).sql ==
          R"(SELECT 1 FROM "t_demo"."tag" r WHERE r."id"::text = $1)");
}

TEST_CASE("a list ends its order with the columns of the key that it lacks", "[record_key]") {
    const auto order = [](const Entity& entity, std::string_view sort) {
        ListRequest request;
        request.sort = parse_sort(sort, entity);
        const std::string sql = compile_list(entity, request).sql;
        const std::size_t start = sql.find(" ORDER BY ") + 10;
        return sql.substr(start, sql.find(" LIMIT") - start);
    };
    CHECK(order(line(), "") == R"(r."order_no" ASC, r."Article" ASC)");
    CHECK(order(line(), "-Article") == R"(r."Article" DESC, r."order_no" DESC)");
    CHECK(order(line(), "note") == R"(r."note" ASC NULLS LAST, r."order_no" ASC, r."Article" ASC)");
    // Without a key: all that can be sorted by.
    CHECK(order(unkeyed(), "-size") == R"(r."size" DESC NULLS LAST, r."label" DESC NULLS LAST)");
}

TEST_CASE("a key is written on create and never changed", "[record_key]") {
    const auto faults = [](WriteKind kind, std::string_view data) {
        Faults found;
        check_record(line(), parse_json(data), kind, found);
        std::string text;
        for (const Fault& fault : found.list()) text += fault.field + ": " + fault.message + "; ";
        return text;
    };
    CHECK(faults(WriteKind::create, R"({"order_no": 1, "Article": "x"})").empty());
    CHECK(faults(WriteKind::create, R"({"order_no": 1})") == "Article: is required; ");
    CHECK(faults(WriteKind::update, R"({"Article": "x"})") ==
          "Article: identifies the record and cannot be changed; ");
}

TEST_CASE("records that take different defaults of the server's are inserted apart",
          "[record_key]") {
    const auto groups = [](const Entity& entity, std::string_view records) {
        std::string text;
        for (const BulkGroup& group : group_by_defaults(entity, parse_json(records))) {
            text += group.records.dump() + " at";
            for (const std::size_t position : group.positions)
                text += " " + std::to_string(position);
            text += "; ";
        }
        return text;
    };
    CHECK(groups(line(), R"([{"position":1},{"note":"n"},{"position":null},{}])") ==
          R"([{"note":"n"},{}] at 1 3; [{"position":1},{"position":null}] at 0 2; )");
    CHECK(groups(sample::tag(), R"([{"label":"a"},{}])") == R"([{"label":"a"},{}] at 0 1; )");
}

TEST_CASE("patterns over an enum's column see its labels", "[record_key]") {
    Entity entity = line();
    entity.fields[0].type_oid = 99999;
    ListRequest request;
    request.filter = parse_condition(
        parse_json(R"({"field":"note","operator":"contains","value":"a"})"), entity, "filters");
    CHECK(compile_list(entity, request).sql.find(R"(r."note"::text ILIKE $1)") !=
          std::string::npos);
}
