// Compiled statements, asserted whole: this is what the server is sent.
#include <catch2/catch.hpp>

#include "core/default_sql.hpp"
#include "core/error.hpp"
#include "core/query_write.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;

namespace {

const Entity& product() {
    static const Entity entity = sample::product();
    return entity;
}

const Entity& tag() {
    static const Entity entity = sample::tag();
    return entity;
}

const Json kId = Json::string("0190a0b0-c0d0-7000-8000-000000000001");

// "oid:value" or "oid[element]:[values]" per parameter.
std::string parameters(const Statement& statement) {
    std::string text;
    for (const Parameter& parameter : statement.parameters) {
        if (!text.empty()) text += " ";
        text += std::to_string(parameter.type_oid);
        if (parameter.is_list) {
            text += "[" + std::to_string(parameter.element_oid) +
                    "]:" + Json::array(parameter.values).dump();
        } else {
            CHECK(parameter.values.size() == 1);
            text += ":" + parameter.values.at(0).dump();
        }
    }
    return text;
}

std::string column_names(const Statement& statement) {
    std::string text;
    for (const Field* field : statement.columns) text += (text.empty() ? "" : ",") + field->name;
    return text;
}

Statement list(const Entity& entity, std::string_view filter, std::string_view sort = "",
               std::int64_t limit = 0, std::int64_t offset = 0) {
    ListRequest request;
    if (!filter.empty()) request.filter = parse_condition(parse_json(filter), entity, "filters");
    request.sort = parse_sort(sort, entity);
    request.limit = limit;
    request.offset = offset;
    return compile_list(entity, request);
}

const std::string kTagColumns = R"(r."id", r."label")";

// The predicate a filter of tags compiles to; the statement holds it twice.
std::string predicate(std::string_view filter) {
    const std::string sql = list(tag(), filter).sql;
    const std::string before =
        R"(SELECT c.total, page.* FROM (SELECT count(*) AS total FROM "t_demo"."tag" r)";
    const std::string between =
        ") c LEFT JOIN (SELECT " + kTagColumns + R"( FROM "t_demo"."tag" r)";
    const std::string after = R"( ORDER BY r."id" ASC) page ON true)";
    const std::size_t length = (sql.size() - before.size() - between.size() - after.size()) / 2;
    std::string where = sql.substr(before.size(), length);
    CHECK(sql == before + where + between + where + after);
    return where;
}

std::string order(std::string_view sort) {
    const std::string sql = list(product(), "", sort).sql;
    const std::size_t start = sql.find(" ORDER BY ") + 10;
    return sql.substr(start, sql.find(") page ON true") - start);
}

std::string leaf(std::string_view op, std::string_view value) {
    return R"({"field":"label","operator":")" + std::string(op) + R"(","value":)" +
           std::string(value) + "}";
}

}  // namespace

TEST_CASE("a record is read by its id, while it lives", "[query]") {
    const Statement statement = compile_get(product(), kId);
    CHECK(
        statement.sql ==
        R"(SELECT r."id", r."name", r."stock", r."price", r."active", r."released", r."seen_at", r."opens", r."maker", r."extra", )"
        R"(r."shape"::text AS "shape", r."created_at", r."deleted_at", r."deleted_by" FROM "t_demo"."product" r )"
        R"(WHERE r."id" = $1 AND r."deleted_at" IS NULL)");
    CHECK(parameters(statement) == R"(2950:"0190a0b0-c0d0-7000-8000-000000000001")");
    CHECK(column_names(statement) ==
          "id,name,stock,price,active,released,seen_at,opens,maker,extra,shape,created_at,deleted_"
          "at,deleted_by");
}

TEST_CASE("without soft delete there is no live predicate", "[query]") {
    CHECK(compile_get(tag(), kId).sql ==
          R"(SELECT r."id", r."label" FROM "t_demo"."tag" r WHERE r."id" = $1)");
    CHECK(compile_exists(tag(), kId).sql == R"(SELECT 1 FROM "t_demo"."tag" r WHERE r."id" = $1)");
    CHECK(compile_exists(product(), kId).sql ==
          R"(SELECT 1 FROM "t_demo"."product" r WHERE r."id" = $1 AND r."deleted_at" IS NULL)");
}

TEST_CASE("a list is its total and its page", "[query]") {
    const Statement statement = list(tag(), leaf("eq", "\"red\""), "label:desc", 25, 50);
    CHECK(
        statement.sql ==
        R"(SELECT c.total, page.* FROM (SELECT count(*) AS total FROM "t_demo"."tag" r WHERE r."label" = $1) c )"
        R"(LEFT JOIN (SELECT r."id", r."label" FROM "t_demo"."tag" r WHERE r."label" = $1 )"
        R"(ORDER BY r."label" DESC NULLS LAST, r."id" DESC LIMIT 25 OFFSET $2) page ON true)");
    CHECK(parameters(statement) == R"(25:"red" 20:50)");
    CHECK(column_names(statement) == "id,label");
}

TEST_CASE("the first page has no offset, and limit 0 no limit", "[query]") {
    CHECK(list(tag(), "", "", 25).sql.ends_with(R"( ORDER BY r."id" ASC LIMIT 25) page ON true)"));
    CHECK(
        list(tag(), "").sql ==
        R"(SELECT c.total, page.* FROM (SELECT count(*) AS total FROM "t_demo"."tag" r) c )"
        R"(LEFT JOIN (SELECT r."id", r."label" FROM "t_demo"."tag" r ORDER BY r."id" ASC) page ON true)");
}

TEST_CASE("a list shows live records only, whatever the filter says", "[query]") {
    CHECK(
        list(product(), "")
            .sql.find(
                R"(count(*) AS total FROM "t_demo"."product" r WHERE r."deleted_at" IS NULL) c)") !=
        std::string::npos);
    CHECK(
        list(
            product(),
            R"({"operator":"OR","conditions":[{"field":"name","operator":"is_null"},{"field":"deleted_at","operator":"is_not_null"}]})")
            .sql.find(
                R"( WHERE r."deleted_at" IS NULL AND (r."name" IS NULL OR r."deleted_at" IS NOT NULL))") !=
        std::string::npos);
}

TEST_CASE("each operator has its predicate", "[query]") {
    CHECK(predicate(leaf("eq", "\"x\"")) == R"( WHERE r."label" = $1)");
    CHECK(predicate(leaf("ne", "\"x\"")) == R"( WHERE r."label" IS DISTINCT FROM $1)");
    CHECK(predicate(leaf("gt", "\"x\"")) == R"( WHERE r."label" > $1)");
    CHECK(predicate(leaf("gte", "\"x\"")) == R"( WHERE r."label" >= $1)");
    CHECK(predicate(leaf("lt", "\"x\"")) == R"( WHERE r."label" < $1)");
    CHECK(predicate(leaf("lte", "\"x\"")) == R"( WHERE r."label" <= $1)");
    CHECK(predicate(leaf("contains", "\"x\"")) == R"( WHERE r."label" OPERATOR(pgwright.~@~) $1)");
    CHECK(predicate(leaf("starts_with", "\"x\"")) ==
          R"( WHERE r."label" OPERATOR(pgwright.^@~) $1)");
    CHECK(predicate(leaf("ends_with", "\"x\"")) == R"( WHERE r."label" OPERATOR(pgwright.~@^) $1)");
    CHECK(predicate(leaf("in", "[\"x\"]")) == R"( WHERE r."label" = ANY ($1))");
    CHECK(predicate(leaf("not_in", "[\"x\"]")) == R"( WHERE (r."label" = ANY ($1)) IS NOT TRUE)");
    CHECK(predicate(leaf("is_null", "null")) == R"( WHERE r."label" IS NULL)");
    CHECK(predicate(leaf("is_not_null", "null")) == R"( WHERE r."label" IS NOT NULL)");
}

TEST_CASE(
    "numbers are compared by leakproof operators, as no index is reached below a policy otherwise",
    "[query]") {
    const auto price = [](std::string_view op, std::string_view value) {
        const std::string sql =
            list(product(), R"({"operator":"OR","conditions":[{"field":"price","operator":")" +
                                std::string(op) + R"(","value":)" + std::string(value) + "}]}")
                .sql;
        const std::size_t at = sql.find(R"(r."price")", sql.find(" WHERE "));
        return sql.substr(at, sql.find(") c ") - at);
    };
    CHECK(price("eq", "1") == R"(r."price" OPERATOR(pgwright.=) $1)");
    CHECK(price("gt", "1") == R"(r."price" OPERATOR(pgwright.>) $1)");
    CHECK(price("gte", "1") == R"(r."price" OPERATOR(pgwright.>=) $1)");
    CHECK(price("lt", "1") == R"(r."price" OPERATOR(pgwright.<) $1)");
    CHECK(price("lte", "1") == R"(r."price" OPERATOR(pgwright.<=) $1)");
    CHECK(price("in", "[1,2]") == R"(r."price" OPERATOR(pgwright.<@) $1)");
    CHECK(price("ne", "1") == R"(r."price" IS DISTINCT FROM $1)");
    CHECK(price("not_in", "[1,2]") == R"(r."price" OPERATOR(pgwright.<@) $1) IS NOT TRUE)");
}

TEST_CASE("groups are bracketed, and NOT takes unknown for false", "[query]") {
    const std::string x = leaf("eq", "\"x\"");
    const std::string y = leaf("eq", "\"y\"");
    CHECK(predicate(R"({"operator":"AND","conditions":[)" + x + "," + y + "]}") ==
          R"( WHERE (r."label" = $1 AND r."label" = $2))");
    CHECK(predicate(R"({"operator":"OR","conditions":[)" + x + "," + y + "]}") ==
          R"( WHERE (r."label" = $1 OR r."label" = $2))");
    CHECK(predicate(R"({"operator":"OR","conditions":[)" + x + "]}") == R"( WHERE r."label" = $1)");
    CHECK(predicate(R"({"operator":"NOT","conditions":[)" + x + "]}") ==
          R"( WHERE (r."label" = $1) IS NOT TRUE)");
    CHECK(predicate(R"({"operator":"NOT","conditions":[)" + x + "," + y + "]}") ==
          R"( WHERE ((r."label" = $1 AND r."label" = $2)) IS NOT TRUE)");
    CHECK(predicate(R"({"operator":"AND","conditions":[]})").empty());
    CHECK(predicate(R"({"operator":"OR","conditions":[{"operator":"AND","conditions":[]},)" + x +
                    "]}") == R"( WHERE (true OR r."label" = $1))");
}

TEST_CASE("values travel as parameters of the field's type", "[query]") {
    CHECK(
        parameters(list(
            product(),
            R"({"name":"x","stock":"42","price":1.50,"active":"true","released":"2026-01-31","opens":"10:00"})")) ==
        R"(25:"x" 23:"42" 1700:1.50 16:true 1082:"2026-01-31" 1083:"10:00")");
    CHECK(parameters(list(product(), R"({"field":"stock","operator":"in","value":[1,2,3]})")) ==
          "1007[23]:[1,2,3]");
    CHECK(parameters(list(product(), R"({"field":"maker","operator":"not_in","value":[]})")) ==
          "2951[2950]:[]");
}

TEST_CASE("a date and time without an offset is in UTC", "[query]") {
    const auto bound = [](std::string_view value) {
        return list(product(),
                    R"({"field":"seen_at","operator":"gte","value":")" + std::string(value) + "\"}")
            .parameters.at(0)
            .values.at(0)
            .text();
    };
    CHECK(bound("2026-01-31") == "2026-01-31T00:00:00Z");
    CHECK(bound("2026-01-31T10:00:00") == "2026-01-31T10:00:00Z");
    CHECK(bound("2026-01-31T10:00:00Z") == "2026-01-31T10:00:00Z");
    CHECK(bound("2026-01-31T10:00:00+02:00") == "2026-01-31T10:00:00+02:00");
    CHECK(bound("2026-01-31T10:00:00-02:00") == "2026-01-31T10:00:00-02:00");
    const Statement insert = compile_insert(
        product(), parse_json(R"({"name":"x","seen_at":"2026-01-31","released":"2026-01-31"})"));
    CHECK(parameters(insert) == R"(25:"x" 1082:"2026-01-31" 1184:"2026-01-31T00:00:00Z")");
}

TEST_CASE("a needle travels as it is; in a pattern the wildcards of LIKE stand for themselves",
          "[query]") {
    const auto needle = [](std::string_view op, std::string_view value) {
        return parameters(list(tag(), leaf(op, value)));
    };
    CHECK(needle("contains", R"("50%_\\x")") == R"(25:"50%_\\x")");
    CHECK(needle("starts_with", "\"a\"") == R"(25:"a")");
    CHECK(needle("ends_with", "\"\"") == R"(25:"")");
    const auto pattern = [](std::string_view op, std::string_view value) {
        return parameters(
            list(product(), R"({"operator":"AND","conditions":[{"field":"shape","operator":")" +
                                std::string(op) + R"(","value":)" + std::string(value) + "}]}"));
    };
    CHECK(pattern("contains", R"("50%_\\x")") == R"(25:"%50\\%\\_\\\\x%")");
    CHECK(pattern("starts_with", "\"a\"") == R"(25:"a%")");
    CHECK(pattern("ends_with", "\"a\"") == R"(25:"%a")");
    CHECK(pattern("contains", "\"\"") == R"(25:"%%")");
}

TEST_CASE("a column of a type without counterpart is compared and read as text", "[query]") {
    const Statement statement =
        list(product(),
             R"({"operator":"AND","conditions":[{"field":"shape","operator":"eq","value":"<1,2>"},
        {"field":"shape","operator":"in","value":["a"]},{"field":"shape","operator":"contains","value":"1"},{"field":"shape","operator":"is_not_null"}]})");
    CHECK(
        statement.sql.find(
            R"((r."shape"::text = $1 AND r."shape"::text = ANY ($2) AND r."shape"::text ILIKE $3 AND r."shape" IS NOT NULL))") !=
        std::string::npos);
    CHECK(parameters(statement) == R"(25:"<1,2>" 1009[25]:["a"] 25:"%1%")");
}

TEST_CASE("the order puts nulls last where there can be any, and ends with the id", "[query]") {
    CHECK(order("") == R"(r."id" ASC)");
    CHECK(order("name") == R"(r."name" ASC, r."id" ASC)");
    CHECK(order("-created_at") == R"(r."created_at" DESC, r."id" DESC)");
    CHECK(order("stock,-price") ==
          R"(r."stock" ASC NULLS LAST, r."price" DESC NULLS LAST, r."id" DESC)");
    CHECK(order("-id,name") == R"(r."id" DESC, r."name" ASC)");
}

TEST_CASE("a record is inserted with what it gives", "[query]") {
    const Statement statement = compile_insert(tag(), parse_json(R"({"label":"red"})"));
    CHECK(statement.sql ==
          R"(INSERT INTO "t_demo"."tag" AS r ("label") VALUES ($1) RETURNING r."id", r."label")");
    CHECK(parameters(statement) == R"(25:"red")");
    CHECK(column_names(statement) == "id,label");
    CHECK(compile_insert(tag(), parse_json("{}")).sql ==
          R"(INSERT INTO "t_demo"."tag" AS r DEFAULT VALUES RETURNING r."id", r."label")");
}

TEST_CASE("the order of the members does not change the statement", "[query]") {
    const Statement one =
        compile_insert(product(), parse_json(R"({"name":"x","extra":{"a":[1]},"stock":null})"));
    const Statement other =
        compile_insert(product(), parse_json(R"({"stock":null,"name":"x","extra":{"a":[1]}})"));
    CHECK(one.sql == other.sql);
    CHECK(parameters(one) == R"(25:"x" 23:null 3802:{"a":[1]})");
    CHECK(parameters(one) == parameters(other));
}

TEST_CASE("records of the same fields are inserted in one statement, in their order", "[query]") {
    const Statement statement = compile_bulk_insert(
        product(), parse_json(R"([{"name":"a","stock":1},{"stock":null,"name":"b"}])"));
    CHECK(
        statement.sql ==
        R"(INSERT INTO "t_demo"."product" AS r ("name", "stock") SELECT v.c1, v.c2 FROM unnest($1, $2) )"
        R"(WITH ORDINALITY AS v(c1, c2, ordinal) ORDER BY v.ordinal RETURNING r."id")");
    CHECK(parameters(statement) == R"(1009[25]:["a","b"] 1007[23]:[1,null])");
    CHECK(column_names(statement) == "id");
}

TEST_CASE(
    "a field that some records leave out takes its default there, and keeps a null that was given",
    "[query]") {
    const Statement statement = compile_bulk_insert(
        product(),
        parse_json(
            R"([{"name":"a","stock":1},{"name":"b"},{"name":"c","stock":null,"price":2.50}])"));
    CHECK(
        statement.sql ==
        R"(INSERT INTO "t_demo"."product" AS r ("name", "stock", "price") )"
        R"(SELECT v.c1, CASE WHEN v.c2_given THEN v.c2 ELSE '0'::integer END, v.c3 FROM unnest($1, $2, $3, $4) )"
        R"(WITH ORDINALITY AS v(c1, c2, c2_given, c3, ordinal) ORDER BY v.ordinal RETURNING r."id")");
    CHECK(
        parameters(statement) ==
        R"(1009[25]:["a","b","c"] 1007[23]:[1,null,null] 1000[16]:[true,false,true] 1231[1700]:[null,null,2.50])");
}

TEST_CASE("json and times in bulk", "[query]") {
    const Statement statement = compile_bulk_insert(
        product(),
        parse_json(R"([{"name":"a","extra":{"k":1},"seen_at":"2026-01-31"},{"name":"b"}])"));
    CHECK(
        parameters(statement) ==
        R"(1009[25]:["a","b"] 1185[1184]:["2026-01-31T00:00:00Z",null] 3807[3802]:[{"k":1},null])");
}

TEST_CASE("records that give nothing are rows of defaults", "[query]") {
    const Statement statement = compile_bulk_insert(tag(), parse_json("[{},{},{}]"));
    CHECK(statement.sql ==
          R"(INSERT INTO "t_demo"."tag" AS r SELECT FROM unnest($1) RETURNING r."id")");
    CHECK(parameters(statement) == "1000[16]:[true,true,true]");
}

TEST_CASE("an update sets what is given and nothing else", "[query]") {
    const Statement statement = compile_update(tag(), kId, parse_json(R"({"label":null})"));
    CHECK(
        statement.sql ==
        R"(UPDATE "t_demo"."tag" AS r SET "label" = $1 WHERE r."id" = $2 RETURNING r."id", r."label")");
    CHECK(parameters(statement) == R"(25:null 2950:"0190a0b0-c0d0-7000-8000-000000000001")");
    CHECK(
        compile_update(product(), kId, parse_json(R"({"stock":1,"name":"x"})"))
            .sql.starts_with(
                R"(UPDATE "t_demo"."product" AS r SET "name" = $1, "stock" = $2 WHERE r."id" = $3 AND r."deleted_at" IS NULL RETURNING )"));
}

TEST_CASE("an update of nothing reads the record", "[query]") {
    CHECK(compile_update(tag(), kId, parse_json("{}")).sql == compile_get(tag(), kId).sql);
}

TEST_CASE("a delete marks the record where the entity says so", "[query]") {
    CHECK(compile_delete(tag(), kId).sql ==
          R"(DELETE FROM "t_demo"."tag" AS r WHERE r."id" = $1 RETURNING r."id")");
    CHECK(
        compile_delete(product(), kId).sql ==
        R"(UPDATE "t_demo"."product" AS r SET "deleted_at" = now(), "deleted_by" = pgwright.user_id() )"
        R"(WHERE r."id" = $1 AND r."deleted_at" IS NULL RETURNING r."id")");
}

TEST_CASE("no value ever enters the text", "[query]") {
    for (const char* hostile : {"'; DROP TABLE product; --", "$1", "\\", "\"", "'", "%s", "$$x$$",
                                "E'\\x'", "-- ", "/*", "\n;"}) {
        const Json value = Json::string(hostile);
        Json data = Json::object();
        data.set("label", value);
        const Json harmless = parse_json(R"({"label":"x"})");
        CHECK(compile_insert(tag(), data).sql == compile_insert(tag(), harmless).sql);
        CHECK(compile_update(tag(), value, data).sql == compile_update(tag(), kId, harmless).sql);
        CHECK(compile_bulk_insert(tag(), Json::array({data})).sql ==
              compile_bulk_insert(tag(), Json::array({harmless})).sql);
        CHECK(compile_get(tag(), value).sql == compile_get(tag(), kId).sql);
        CHECK(compile_delete(tag(), value).sql == compile_delete(tag(), kId).sql);
        for (const char* op : {"eq", "ne", "gt", "contains", "starts_with", "ends_with"}) {
            CHECK(list(tag(), leaf(op, value.dump())).sql == list(tag(), leaf(op, "\"x\"")).sql);
        }
        CHECK(list(tag(), leaf("in", "[" + value.dump() + "]")).sql ==
              list(tag(), leaf("in", "[]")).sql);
    }
}

TEST_CASE("hostile names of an imported table stay names", "[query]") {
    Entity entity = sample::tag();
    entity.schema = "a\".b";
    entity.table = "t\"; DROP TABLE x; --";
    entity.fields[1].name = "l\"abel";
    CHECK(compile_get(entity, kId).sql ==
          R"(SELECT r."id", r."l""abel" FROM "a"".b"."t""; DROP TABLE x; --" r WHERE r."id" = $1)");
    Json data = Json::object();
    data.set("l\"abel", Json::string("x"));
    CHECK(compile_insert(entity, data).sql.find(R"(("l""abel") VALUES ($1))") != std::string::npos);
}

TEST_CASE("what was not checked before is not dropped silently", "[query]") {
    const auto code = [](auto&& compile) {
        try {
            (void)compile();
        } catch (const Failure& failure) {
            return failure.code();
        }
        return Code::conflict;
    };
    const Json unknown = parse_json(R"({"nme":"x"})");
    const Json foreign = parse_json(R"({"shape":"<1,2>"})");
    CHECK(code([&] { return compile_insert(product(), unknown); }) == Code::server_error);
    CHECK(code([&] { return compile_update(product(), kId, unknown); }) == Code::server_error);
    CHECK(code([&] { return compile_bulk_insert(product(), Json::array({unknown})); }) ==
          Code::server_error);
    CHECK(code([&] { return compile_insert(product(), foreign); }) == Code::server_error);
    CHECK(code([&] { return compile_bulk_insert(product(), Json::array({foreign})); }) ==
          Code::server_error);
}

TEST_CASE("a default is a literal with a cast or one of the known expressions", "[query]") {
    Field field = sample::field("note", FieldType::text);
    CHECK(default_sql(field).empty());
    field.default_value = "it's";
    CHECK(default_sql(field) == "'it''s'::text");
    const auto expression = [](std::string_view name) {
        Field made = sample::field("at", FieldType::datetime);
        made.default_expression = name;
        return default_sql(made);
    };
    CHECK(expression("now") == "now()");
    CHECK(expression("today") == "(now() AT TIME ZONE 'UTC')::date");
    CHECK(expression("current_user_id") == "pgwright.user_id()");
    CHECK(expression("new_uuid") == "pgwright.uuid_v7()");
    CHECK_THROWS_AS(expression("pg_sleep(10)"), Failure);
}
