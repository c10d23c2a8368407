// Conditions: the grammar, what fits which field, and the place of every fault.
#include <algorithm>

#include <catch2/catch.hpp>

#include "core/condition.hpp"
#include "core/error.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;

namespace {

const Entity& product() {
    static const Entity entity = sample::product();
    return entity;
}

Condition parse(std::string_view json) {
    return parse_condition(parse_json(json), product(), "filters");
}

// "path: message", one line per fault.
std::string faults(std::string_view json) {
    try {
        (void)parse(json);
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::validation_error);
        std::string lines;
        for (const Fault& fault : failure.faults())
            lines += fault.field + ": " + fault.message + "\n";
        return lines;
    }
    return "none";
}

std::string leaf(std::string_view field, std::string_view op, std::string_view value) {
    std::string text =
        R"({"field":")" + std::string(field) + R"(","operator":")" + std::string(op) + "\"";
    if (!value.empty()) text += ",\"value\":" + std::string(value);
    return text + "}";
}

std::string group(std::string_view op, std::string_view conditions) {
    return R"({"operator":")" + std::string(op) + R"(","conditions":[)" + std::string(conditions) +
           "]}";
}

std::string nested(std::size_t depth) {
    std::string tree = leaf("name", "eq", "\"x\"");
    for (std::size_t level = 0; level < depth; ++level) tree = group("NOT", tree);
    return tree;
}

std::string repeated(std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + leaf("stock", "eq", "1");
    return group("OR", list);
}

}  // namespace

TEST_CASE("the grammar's example becomes a tree", "[condition]") {
    const Condition tree = parse(R"({"operator":"AND","conditions":[
        {"field":"name","operator":"contains","value":"@example.com"},
        {"field":"created_at","operator":"gte","value":"2026-01-01"}]})");
    CHECK(tree.kind == Condition::Kind::all);
    REQUIRE(tree.children.size() == 2);
    CHECK(tree.children[0].kind == Condition::Kind::comparison);
    CHECK(tree.children[0].field == product().find("name"));
    CHECK(tree.children[0].op == Operator::contains);
    CHECK(tree.children[1].op == Operator::gte);
    CHECK(tree.children[1].values.at(0).text() == "2026-01-01");
}

TEST_CASE("AND, OR and NOT are read in any case", "[condition]") {
    CHECK(parse(group("and", leaf("name", "eq", "\"x\""))).kind == Condition::Kind::all);
    CHECK(parse(group("Or", leaf("name", "eq", "\"x\""))).kind == Condition::Kind::any);
    CHECK(parse(group("not", leaf("name", "eq", "\"x\""))).kind == Condition::Kind::none);
}

TEST_CASE("NOT has one child: of several conditions their conjunction", "[condition]") {
    const std::string one = leaf("name", "eq", "\"x\"");
    const Condition single = parse(group("NOT", one));
    REQUIRE(single.children.size() == 1);
    CHECK(single.children[0].kind == Condition::Kind::comparison);
    const Condition both = parse(group("NOT", one + "," + one));
    REQUIRE(both.children.size() == 1);
    CHECK(both.children[0].kind == Condition::Kind::all);
    CHECK(both.children[0].children.size() == 2);
}

TEST_CASE("a group of no conditions restricts nothing", "[condition]") {
    for (const char* op : {"AND", "OR", "NOT"}) {
        const Condition empty = parse(group(op, ""));
        CHECK(empty.kind == Condition::Kind::all);
        CHECK(empty.children.empty());
    }
    CHECK(parse("{}").children.empty());
}

TEST_CASE("one comparison alone is a condition", "[condition]") {
    CHECK(parse(leaf("name", "eq", "\"x\"")).kind == Condition::Kind::comparison);
}

TEST_CASE("an object of pairs is equality of all of them", "[condition]") {
    const Condition pairs = parse(R"({"name":"x","stock":3,"released":null})");
    REQUIRE(pairs.children.size() == 3);
    CHECK(pairs.kind == Condition::Kind::all);
    CHECK(pairs.children[0].op == Operator::eq);
    CHECK(pairs.children[1].values.at(0).text() == "3");
    CHECK(pairs.children[2].op == Operator::is_null);
    CHECK(faults(R"({"nme":"x","stock":[1]})") ==
          "filters.nme: unknown field\nfilters.stock: must be an integer\n");
    CHECK(faults(R"({"extra":{}})") == "filters.extra: eq does not apply to fields of type json\n");
}

TEST_CASE("equality with null asks for null", "[condition]") {
    CHECK(parse(leaf("stock", "eq", "null")).op == Operator::is_null);
    CHECK(parse(leaf("stock", "ne", "null")).op == Operator::is_not_null);
    CHECK(parse(leaf("extra", "eq", "null")).op == Operator::is_null);
    CHECK(faults(leaf("stock", "gt", "null")) == "filters.value: is required\n");
    CHECK(faults(leaf("stock", "in", "[1,null]")) == "filters.value[1]: must not be null\n");
}

TEST_CASE("is_null and is_not_null take no value", "[condition]") {
    CHECK(parse(leaf("stock", "is_null", "")).values.empty());
    CHECK(parse(leaf("stock", "is_not_null", "null")).values.empty());
    CHECK(faults(leaf("stock", "is_null", "false")) ==
          "filters.value: must not be given with is_null\n");
}

TEST_CASE("a value is of its field's type", "[condition]") {
    const std::vector<std::pair<const char*, std::vector<const char*>>> right = {
        {"name", {"\"x\"", "\"\""}},
        {"stock", {"3", "-1", "\"42\"", "2147483647"}},
        {"price", {"1.50", "\"1.50\"", "-0"}},
        {"active", {"true", "false", "\"true\"", "\"false\""}},
        {"released", {"\"2026-01-31\""}},
        {"seen_at",
         {"\"2026-01-31\"", "\"2026-01-31T10:00:00Z\"", "\"2026-01-31T10:00:00+02:00\""}},
        {"opens", {"\"10:30\"", "\"10:30:00\""}},
        {"maker", {"\"550e8400-e29b-41d4-a716-446655440000\""}},
        {"shape", {"\"(1,2)\""}},
    };
    for (const auto& [field, values] : right) {
        for (const char* value : values) {
            INFO(field << " eq " << value);
            CHECK(faults(leaf(field, "eq", value)) == "none");
        }
    }
}

TEST_CASE("a value of another type is a fault in words", "[condition]") {
    const std::vector<std::tuple<const char*, std::vector<const char*>, const char*>> wrong = {
        {"name", {"1", "true", "[]", "{}"}, "must be text"},
        {"stock", {"1.5", "\"x\"", "\"\"", "true", "\"1 OR 1=1\""}, "must be an integer"},
        {"stock",
         {"2147483648", "\"-2147483649\"", "99999999999999999999"},
         "must be an integer from -2147483648 to 2147483647"},
        {"price", {"\"1,5\"", "\"\"", "true"}, "must be a number"},
        {"active", {"1", "\"yes\"", "\"TRUE\""}, "must be true or false"},
        {"released",
         {"\"2026-02-30\"", "\"31.01.2026\"", "20260131", "\"now\"", "\"infinity\""},
         "must be a date (YYYY-MM-DD)"},
        {"seen_at", {"\"yesterday\"", "1700000000"}, "must be a date and time (ISO 8601)"},
        {"opens", {"\"25:00\"", "10"}, "must be a time (HH:MM:SS)"},
        {"maker", {"\"x\"", "\"{550e8400-e29b-41d4-a716-446655440000}\"", "1"}, "must be a UUID"},
        {"shape", {"1"}, "must be text"},
    };
    for (const auto& [field, values, message] : wrong) {
        for (const char* value : values) {
            INFO(field << " eq " << value);
            CHECK(faults(leaf(field, "eq", value)) ==
                  "filters.value: " + std::string(message) + "\n");
        }
    }
}

TEST_CASE("a filter may ask for what the field's rules forbid", "[condition]") {
    Entity entity = sample::product();
    entity.fields[1].max_length = 1;
    entity.fields[2].max_value = "10";
    CHECK_NOTHROW(parse_condition(parse_json(R"({"name":"long","stock":11})"), entity, "filters"));
}

TEST_CASE("the column of an imported table decides what a value may be", "[condition]") {
    Entity entity = sample::product();
    const auto refuse = [&](const char* json) {
        CHECK_THROWS_AS(parse_condition(parse_json(json), entity, "filters"), Failure);
    };
    entity.fields[2].type_oid = 21;    // stock smallint
    entity.fields[6].type_oid = 1114;  // seen_at timestamp
    entity.fields[8].type_oid = 23;    // maker refers to an integer key
    CHECK_NOTHROW(
        parse_condition(parse_json(R"({"stock":32767,"seen_at":"2026-01-31T10:00:00","maker":7})"),
                        entity, "filters"));
    refuse(R"({"stock":32768})");
    refuse(R"({"seen_at":"2026-01-31T10:00:00Z"})");
    refuse(R"({"maker":"550e8400-e29b-41d4-a716-446655440000"})");
}

TEST_CASE("spelled booleans become booleans", "[condition]") {
    CHECK(parse(leaf("active", "eq", "\"true\"")).values.at(0) == Json::boolean(true));
    CHECK(parse(leaf("active", "in", "[\"false\",true]")).values ==
          std::vector<Json>{Json::boolean(false), Json::boolean(true)});
}

TEST_CASE("operators fit the field's type", "[condition]") {
    const auto refused = [](const char* field, const char* op, const char* type) {
        return faults(leaf(field, op, "\"x\"")) == "filters.operator: " + std::string(op) +
                                                       " does not apply to fields of type " + type +
                                                       "\n";
    };
    for (const char* op : {"contains", "starts_with", "ends_with"}) {
        CHECK(faults(leaf("name", op, "\"x\"")) == "none");
        CHECK(faults(leaf("shape", op, "\"x\"")) == "none");
        CHECK(refused("stock", op, "integer"));
        CHECK(refused("extra", op, "json"));
    }
    for (const char* op : {"gt", "gte", "lt", "lte"}) {
        CHECK(faults(leaf("name", op, "\"x\"")) == "none");
        CHECK(faults(leaf("maker", op, "\"550e8400-e29b-41d4-a716-446655440000\"")) == "none");
        CHECK(refused("active", op, "boolean"));
        CHECK(refused("extra", op, "json"));
        CHECK(refused("shape", op, "other"));
    }
    CHECK(refused("extra", "ne", "json"));
    CHECK(refused("extra", "in", "json"));
    CHECK(faults(leaf("extra", "is_null", "")) == "none");
}

TEST_CASE("lists are arrays within the limit, and the first wrong value is told", "[condition]") {
    CHECK(parse(leaf("stock", "in", "[]")).values.empty());
    CHECK(parse(leaf("stock", "not_in", "[1,\"2\"]")).values.size() == 2);
    CHECK(faults(leaf("stock", "in", "1")) == "filters.value: must be an array\n");
    CHECK(faults(leaf("stock", "in", "[1,\"x\",\"y\"]")) ==
          "filters.value[1]: must be an integer\n");
    std::string list = "1";
    for (std::size_t i = 1; i < kMaxListValues; ++i) list += ",1";
    CHECK(faults(leaf("stock", "in", "[" + list + "]")) == "none");
    CHECK(faults(leaf("stock", "in", "[" + list + ",1]")) ==
          "filters.value: must have at most 10000 values\n");
}

TEST_CASE("all faults are told at once, each with its path", "[condition]") {
    CHECK(faults(R"({"operator":"XOR","extra":1,"conditions":[
        {"field":"nme","operator":"gt","value":1},
        {"operator":"OR","conditions":[7,{"field":"stock","operator":"gt","value":"x","values":[]}]},
        {"field":"stock","value":3}, {"field":3,"operator":"eq"}]})") ==
          "filters.extra: is not a member of a condition\n"
          "filters.operator: must be AND, OR or NOT\n"
          "filters.conditions[0].field: unknown field\n"
          "filters.conditions[1].conditions[0]: must be an object\n"
          "filters.conditions[1].conditions[1].values: is not a member of a condition\n"
          "filters.conditions[1].conditions[1].value: must be an integer\n"
          "filters.conditions[2].operator: is required\n"
          "filters.conditions[3].field: unknown field\n");
}

TEST_CASE("what is no object is refused", "[condition]") {
    for (const char* json : {"null", "\"name\"", "1", "true"})
        CHECK(faults(json) == "filters: must be an object\n");
    CHECK(faults(R"({"operator":"AND","conditions":{}})") ==
          "filters.conditions: must be an array\n");
    CHECK(faults(R"({"operator":"AND"})") ==
          "filters.field: is required\nfilters.operator: goes with conditions\n");
    CHECK(faults(R"({"conditions":[]})") == "filters.operator: must be AND, OR or NOT\n");
}

TEST_CASE("names are matched exactly, whatever they hold", "[condition]") {
    CHECK(faults(leaf("Name", "eq", "\"x\"")) == "filters.field: unknown field\n");
    CHECK(faults(leaf("name\\\" OR 1=1 --", "eq", "\"x\"")) == "filters.field: unknown field\n");
    CHECK(faults(leaf("name", "EQ", "\"x\"")) == "filters.operator: unknown operator\n");
    CHECK(faults(leaf("name", "= 1; --", "\"x\"")) == "filters.operator: unknown operator\n");
}

TEST_CASE("depth and number have limits", "[condition]") {
    CHECK(faults(nested(kMaxConditionDepth)) == "none");
    CHECK(faults(nested(kMaxConditionDepth + 1)).find("is nested deeper than 16 levels") !=
          std::string::npos);
    CHECK(faults(repeated(kMaxConditions)) == "none");
    CHECK(faults(repeated(kMaxConditions + 1)) == "filters: must have at most 256 comparisons\n");
    std::string members;
    for (int i = 0; i < 1000; ++i) members += ",\"k" + std::to_string(i) + "\":1";
    const std::string lines = faults(R"({"operator":"AND","conditions":[])" + members + "}");
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 20);
    CHECK(faults(repeated(5000)) == "filters: must have at most 256 comparisons\n");
}
