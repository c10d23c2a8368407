// The forms in which a condition may be written, their aliases and their faults.
#include <catch2/catch.hpp>

#include "core/condition_check.hpp"
#include "core/error.hpp"
#include "core/sql_builder.hpp"
#include "shop.hpp"

using namespace pgwright::core;

namespace {

Condition parse(std::string_view json) {
    return parse_condition(parse_json(json), sample::purchase(), "filters", sample::shop_context());
}

std::string sql(std::string_view json) {
    return SqlBuilder(sample::purchase()).predicate(parse(json));
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

std::string leaf(std::string_view field, std::string_view op, std::string_view value = "") {
    std::string text =
        R"({"field":")" + std::string(field) + R"(","operator":")" + std::string(op) + "\"";
    if (!value.empty()) text += R"(,"value":)" + std::string(value);
    return text + "}";
}

}  // namespace

TEST_CASE("every alias is its operator", "[condition]") {
    const std::vector<std::pair<std::string, std::vector<std::string>>> aliases = {
        {"eq", {"=", "==", "equals", "equal", "is"}},
        {"ne", {"!=", "<>", "not_equals", "not_equal", "neq"}},
        {"gt", {">", "greater_than", "after"}},
        {"gte", {">=", "greater_than_or_equal", "greater_or_equal", "on_or_after"}},
        {"lt", {"<", "less_than", "before"}},
        {"lte", {"<=", "less_than_or_equal", "less_or_equal", "on_or_before"}},
    };
    for (const auto& [name, others] : aliases)
        for (const std::string& other : others)
            CHECK(sql(leaf("items", other, "1")) == sql(leaf("items", name, "1")));
    CHECK(sql(leaf("title", "is_not_empty")) == sql(leaf("title", "not_empty")));
    CHECK(sql(leaf("items", "nin", "[1]")) == sql(leaf("items", "not_in", "[1]")));
}

TEST_CASE("an array of conditions is all of them", "[condition]") {
    CHECK(
        sql(R"([{"attribute":"items","operator":"between","value":[10,100]},
                  {"attribute":"title","operator":"in","value":["a","b"]},
                  {"attribute":"title","operator":"like","value":"%phone%"}])") ==
        R"(((r."items" >= $1 AND r."items" <= $2) AND r."title" = ANY ($3) AND r."title" LIKE $4))");
    CHECK(parse("[]").children.empty());
    CHECK(faults("[7]") == "filters[0]: must be an object\n");
}

TEST_CASE("the short form has operators as members", "[condition]") {
    CHECK(sql(R"({"items":{"operator":">","value":50},"state":{"operator":"=","value":"open"}})") ==
          R"((r."items" > $1 AND r."state" = $2))");
    CHECK(sql(R"({"items":{"gte":"10","lt":"20"}})") == R"((r."items" >= $1 AND r."items" < $2))");
    CHECK(sql(R"({"items":{"in":"1, 2,3"}})") == R"(r."items" = ANY ($1))");
    CHECK(parse(R"({"items":{"in":"1, 2,3"}})").children[0].children[0].values.size() == 3);
    CHECK(sql(R"({"items":{"between":"1,2"}})") == R"((r."items" >= $1 AND r."items" <= $2))");
    CHECK(sql(R"({"items":{"is_null":"true"}})") == R"(r."items" IS NULL)");
    CHECK(sql(R"({"items":{"is_null":"false"}})") == R"((r."items" IS NULL) IS NOT TRUE)");
    CHECK(sql(R"({"day":{"today":""}})") == sql(leaf("day", "today")));
    CHECK(sql(R"({"day":{"last_n_days":"7"}})") == sql(leaf("day", "last_n_days", "7")));
    CHECK(sql(R"({"operator":"OR","conditions":[{"items":1,"title":"x"},[{"items":2}]]})") ==
          R"(((r."items" = $1 AND r."title" = $2) OR r."items" = $3))");
    CHECK(faults(R"({"items":{"is_null":"perhaps"},"nope":{"gt":1},"title":{"near":"x"}})") ==
          "filters.items.is_null: must not be given with is_null\n"
          "filters.nope: unknown field\n"
          "filters.title.near: unknown operator\n");
    CHECK(faults(R"({"items":{"gt":"x","in":"1,x"}})") ==
          "filters.items.gt: must be an integer\nfilters.items.in[1]: must be an integer\n");
}

TEST_CASE("in the long form a list is a list", "[condition]") {
    CHECK(faults(leaf("items", "in", R"("1,2")")) == "filters.value: must be an array\n");
    CHECK(faults(leaf("items", "between", "[1]")) ==
          "filters.value: must be an array of two values, the lowest and the highest\n");
    CHECK(faults(leaf("items", "between", R"([1,"x"])")) ==
          "filters.value[1]: must be an integer\n");
}

TEST_CASE("an enum is told its values", "[condition]") {
    CHECK(faults(leaf("state", "eq", R"("opne")")) ==
          "filters.value: must be one of: open, paid\n");
    CHECK(faults(leaf("state", "in", R"(["open",7])")) ==
          "filters.value[1]: must be one of: open, paid\n");
    CHECK(faults(leaf("state", "contains", R"("op")")) == "none");
    // What is stored may name a value that is gone.
    CHECK_NOTHROW(parse_condition(parse_json(leaf("state", "eq", R"("opne")")), sample::purchase(),
                                  "condition"));
}

TEST_CASE("operators fit the field, of the new ones too", "[condition]") {
    CHECK(faults(leaf("items", "like", R"("x")")) ==
          "filters.operator: like does not apply to fields of type integer\n");
    CHECK(faults(leaf("title", "today")) ==
          "filters.operator: today does not apply to fields of type text\n");
    CHECK(faults(leaf("day", "last_n_hours", "3")) ==
          "filters.operator: last_n_hours does not apply to fields of type date\n");
    CHECK(faults(leaf("title", "array_contains", R"(["x"])")) ==
          "filters.operator: array_contains does not apply to fields of type text\n");
    CHECK(faults(leaf("paid", "between", "[true,false]")) ==
          "filters.operator: between does not apply to fields of type boolean\n");
    CHECK(faults(leaf("numbers", "array_contains", R"([1,"x"])")) ==
          "filters.value[1]: must be an integer\n");
    CHECK(faults(leaf("day", "last_n_days")) == "filters.value: is required\n");
    CHECK(faults(leaf("day", "last_n_days", "5001")) ==
          "filters.value: must be an integer from 0 to 5000\n");
    CHECK(faults(leaf("day", "last_7_days", "7")) ==
          "filters.value: must not be given with last_7_days\n");
    CHECK(faults(leaf("day", "last_99999_days")) == "filters.operator: unknown operator\n");
    CHECK(faults(leaf("title", "like", R"("x\\")")) ==
          "filters.value: must not end in a single backslash; \\\\ stands for one\n");
}

TEST_CASE("a path leads into a json field and nowhere else", "[condition]") {
    CHECK(faults(leaf("title.x", "eq", "1")) == "filters.field: unknown field\n");
    CHECK(faults(leaf("settings.", "eq", "1")) == "filters.field: has an empty step\n");
    CHECK(faults(leaf("settings.a", "eq", "[1]")) ==
          "filters.value: must be a text, a number, true or false\n");
    CHECK(faults(leaf("settings.a", "gt", "true")) ==
          "filters.value: must be a text or a number\n");
    CHECK(faults(leaf("settings.a", "between", R"([1,"b"])")) ==
          "filters.value: must be two numbers or two texts\n");
    CHECK(faults(leaf("settings.a", "today")) ==
          "filters.operator: today does not apply to fields of type json\n");
    CHECK(faults(R"({"field":"title","path":["x"],"operator":"eq","value":1})") ==
          "filters.path: is for fields of type json\nfilters.value: must be text\n");
    CHECK(faults(R"({"field":"settings","path":"x","operator":"is_null"})") ==
          "filters.path: must be an array of texts\n");
    std::string deep = "settings";
    for (int i = 0; i < 17; ++i) deep += ".a";
    CHECK(faults(leaf(deep, "is_null")) ==
          "filters.field: must have at most 16 steps into a document\n");
}

TEST_CASE("related records have names, and limits", "[condition]") {
    CHECK(faults(leaf("nobody.name", "eq", R"("x")")) == "filters.field: unknown field\n");
    CHECK(faults(R"({"field":"title","operator":"any","conditions":[]})") ==
          "filters.field: names no related records\n");
    CHECK(faults(R"({"field":"lines","operator":"some","conditions":[]})") ==
          "filters.operator: must be any, all or none\n");
    CHECK(faults(R"({"field":"lines","operator":"any","conditions":[{"label":"x"}]})") ==
          "filters.conditions[0].label: unknown field\n");
    CHECK(faults(R"({"field":"title","operator":"eq","value":"x","quantifier":"any"})") ==
          "filters.quantifier: is for fields of several related records\n");
    CHECK(faults(leaf("lines", "any", "1")) ==
          "filters.field: unknown field\nfilters.operator: goes with conditions\n");
    CHECK(faults(leaf("lines.order.lines.order.title", "eq", R"("x")")) == "none");
    CHECK(faults(leaf("lines.order.lines.order.lines.amount", "eq", "1")) ==
          "filters.field: unknown field\n");
    CHECK(faults(R"({"field":"lines.order.lines","operator":"any","conditions":[
                     {"field":"order.customer.name","operator":"eq","value":"x"}]})") ==
          "filters.conditions[0].field: is more than 4 steps away from the record\n");
    std::string many;
    for (int i = 0; i < 33; ++i) many += (i == 0 ? "" : ",") + leaf("customer.name", "eq", "\"x\"");
    CHECK(faults("[" + many + "]") == "filters: must take at most 32 steps to related records\n");
}

TEST_CASE("another field must compare", "[condition]") {
    const auto other = [](const char* field, const char* op, const char* with) {
        return faults(R"({"field":")" + std::string(field) + R"(","operator":")" + op +
                      R"(","value_field":")" + with + "\"}");
    };
    CHECK(other("total", "gt", "items") == "none");
    CHECK(other("total", "gt", "title") == "filters.value_field: does not compare with total\n");
    CHECK(other("total", "gt", "nothing") == "filters.value_field: unknown field\n");
    CHECK(other("total", "gt", "lines.amount") ==
          "filters.value_field: must be a field of one record, not of several\n");
    CHECK(other("lines.amount", "gt", "items") ==
          "filters.value_field: does not go with a field of several records\n");
    CHECK(other("title", "contains", "state") ==
          "filters.value_field: goes with eq, ne, gt, gte, lt and lte only\n");
    CHECK(faults(R"({"field":"total","operator":"gt","value":1,"value_field":"items"})") ==
          "filters.value_field: is given beside a value\n");
}

TEST_CASE("what a condition uses is known, of every form", "[condition]") {
    const Condition all = parse(R"({"operator":"OR","conditions":[
        {"field":"total","operator":"gt","value_field":"customer.budget"},
        {"field":"lines","operator":"any","conditions":[{"field":"amount","operator":"gt","value":1}]},
        {"field":"settings.a","operator":"is_null"}]})");
    CHECK(fields_of(all) == std::vector<std::string>{"total", "customer_id", "id", "settings"});
    const std::vector<Uuid> ids = field_ids_of(all);
    for (const char* name : {"order.total", "order.customer_id", "customer.budget", "line.order_id",
                             "line.amount", "order.settings"})
        CHECK(std::ranges::find(ids, sample::id_of(name)) != ids.end());
    CHECK(entities_of(all) == std::vector<Uuid>{sample::id_of("customer"), sample::id_of("line")});
    CHECK_FALSE(depends_on_context(all));
    CHECK(depends_on_context(parse(leaf("day", "today"))));
    CHECK(depends_on_context(parse(leaf("day", "gt", R"("{today}")"))));
}

TEST_CASE("renaming reaches every form and leaves documents alone", "[condition]") {
    const std::map<std::string, std::string> names = {{"settings", "options"}, {"items", "pieces"}};
    CHECK(
        rename_fields(parse_json(R"([{"attribute":"settings.items","operator":"is_null"},
              {"items":{"gt":1},"settings.x":2},
              {"field":"total","operator":"gt","value_field":"items"}])"),
                      names)
            .dump() ==
        R"([{"attribute":"options.items","operator":"is_null"},{"pieces":{"gt":1},"options.x":2},)"
        R"({"field":"total","operator":"gt","value_field":"pieces"}])");
    const std::map<Uuid, std::string> ids = {{sample::id_of("line.amount"), "sum"},
                                             {sample::id_of("order.customer_id"), "buyer_id"},
                                             {sample::id_of("customer.budget"), "money"}};
    CHECK(rename_fields(parse_json(R"([{"field":"lines","operator":"all","conditions":[
              {"amount":1},{"field":"order.customer.budget","operator":"gt","value_field":"amount"}]}])"),
                        sample::purchase(), sample::shop_context(), ids)
              .dump() ==
          R"([{"field":"lines","operator":"all","conditions":[{"sum":1},)"
          R"({"field":"order.buyer_id.money","operator":"gt","value_field":"sum"}]}])");
}

TEST_CASE("contradictions are found in the new forms", "[condition]") {
    const auto never = [](const std::string& json) { return why_never(parse(json)).value_or(""); };
    CHECK(never(leaf("items", "between", "[5,1]")) ==
          "items cannot be above the one bound and below the other");
    CHECK(never(leaf("day", "between", R"(["2026-02-01","2026-01-01"])")) ==
          "day cannot be above the one bound and below the other");
    CHECK(never("[" + leaf("items", "between", "[5,9]") + "," + leaf("items", "gt", "10") + "]") ==
          "items cannot be above the one bound and below the other");
    CHECK(never("[" + leaf("items", "is_null") + "," + leaf("items", "between", "[5,9]") + "]") ==
          "items cannot be null and have a value");
    CHECK(never("[" + leaf("title", "is_null") + "," + leaf("title", "is_empty") + "," +
                leaf("title", "not_contains", R"("x")") + "]")
              .empty());
    CHECK(never(R"({"field":"lines","operator":"any","conditions":[)" +
                leaf("amount", "between", "[5,1]") + "]}") ==
          "amount cannot be above the one bound and below the other");
    CHECK(never(R"({"field":"lines","operator":"all","conditions":[)" +
                leaf("amount", "between", "[5,1]") + "]}")
              .empty());
    CHECK(never("[" + leaf("settings.a", "eq", "1") + "," + leaf("settings.b", "eq", "2") + "]")
              .empty());
}

TEST_CASE("a regular expression is written out for the server, or told what is wrong",
          "[condition]") {
    const auto written = [](const std::string& value) {
        return parse(leaf("title", "matches", value)).values.at(0).text();
    };
    CHECK(written(R"("^\\d+(?:a|b)$")") == "^[0-9]+(a|b)$");
    CHECK(written(R"("(?i)^ab")") == "(?i)^ab");
    CHECK(faults(leaf("title", "matches", R"("(a")")) ==
          "filters.value: character 3: a ) is missing\n");
    CHECK(faults(leaf("title", "matches", R"x("(?i)")x")) == "filters.value: must not be empty\n");
    CHECK(faults(leaf("title", "matches", "7")) == "filters.value: must be text\n");
}
