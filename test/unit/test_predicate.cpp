// What conditions compile to: each operator, related records, documents, other fields; with parameters
// and as literals.
#include <catch2/catch.hpp>

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

std::string literal(std::string_view json) {
    const Entity& entity = sample::purchase();
    return SqlBuilder(entity, SqlBuilder::Values::literals)
        .predicate(parse_condition(parse_json(json), entity, "condition"));
}

// {"field":...,"operator":...,"value":...}
std::string leaf(std::string_view field, std::string_view op, std::string_view value = "") {
    std::string text =
        R"({"field":")" + std::string(field) + R"(","operator":")" + std::string(op) + "\"";
    if (!value.empty()) text += R"(,"value":)" + std::string(value);
    return text + "}";
}

std::string compared(std::string_view field, std::string_view op, std::string_view other) {
    return R"({"field":")" + std::string(field) + R"(","operator":")" + std::string(op) +
           R"(","value_field":")" + std::string(other) + "\"}";
}

}  // namespace

TEST_CASE("a range is two comparisons, which an index serves", "[predicate]") {
    CHECK(sql(leaf("items", "between", "[1,5]")) == R"((r."items" >= $1 AND r."items" <= $2))");
    CHECK(sql(leaf("total", "between", "[1,5]")) ==
          R"((r."total" OPERATOR(pgwright.>=) $1 AND r."total" OPERATOR(pgwright.<=) $2))");
    CHECK(sql(leaf("items", "not_between", "[1,5]")) ==
          R"(((r."items" >= $1 AND r."items" <= $2)) IS NOT TRUE)");
    CHECK(literal(leaf("items", "between", "[1,5]")) ==
          R"(("items" >= '1'::integer AND "items" <= '5'::integer))");
}

TEST_CASE("a last day is covered as a whole", "[predicate]") {
    CHECK(sql(leaf("due", "between", R"(["2026-01-01","2026-01-31"])")) ==
          R"((r."due" >= $1 AND r."due" < (($2::date + 1)::timestamp AT TIME ZONE 'UTC')))");
    CHECK(sql(leaf("due", "between", R"(["2026-01-01","2026-01-31T12:00:00Z"])")) ==
          R"((r."due" >= $1 AND r."due" <= $2))");
    CHECK(sql(leaf("day", "between", R"(["2026-01-01","2026-01-31"])")) ==
          R"((r."day" >= $1 AND r."day" <= $2))");
}

TEST_CASE("periods are half-open ranges of the moment", "[predicate]") {
    CHECK(sql(leaf("day", "today")) ==
          "(r.\"day\" >= (SELECT (date_trunc('day', (now() AT TIME ZONE 'UTC')))::date) AND "
          "r.\"day\" < (SELECT (date_trunc('day', (now() AT TIME ZONE 'UTC')) + "
          "'1 day'::interval)::date))");
    CHECK(sql(leaf("due", "last_month")) ==
          "(r.\"due\" >= (SELECT (date_trunc('month', (now() AT TIME ZONE 'UTC')) - "
          "'1 month'::interval) AT TIME ZONE 'UTC') AND "
          "r.\"due\" < (SELECT (date_trunc('month', (now() AT TIME ZONE 'UTC'))) AT TIME ZONE "
          "'UTC'))");
    CHECK(sql(leaf("day", "last_n_quarters", "2")) ==
          "(r.\"day\" >= (SELECT (date_trunc('day', (now() AT TIME ZONE 'UTC')) - "
          "make_interval(months => 3 * $1))::date) AND r.\"day\" < (SELECT (date_trunc('day', "
          "(now() AT TIME ZONE 'UTC')) + '1 day'::interval)::date))");
    CHECK(sql(leaf("day", "next_30_days")) == sql(leaf("day", "next_n_days", "30")));
}

TEST_CASE("patterns: LIKE, regular expressions, and what is only a search", "[predicate]") {
    CHECK(sql(leaf("title", "like", R"("a%b")")) == R"(r."title" LIKE $1)");
    CHECK(sql(leaf("title", "ilike", R"("a%b")")) == R"(r."title" ILIKE $1)");
    CHECK(sql(leaf("title", "ilike", R"("%ab%")")) == R"(r."title" OPERATOR(pgwright.~@~) $1)");
    CHECK(sql(leaf("title", "ilike", R"("ab%")")) == R"(r."title" OPERATOR(pgwright.^@~) $1)");
    CHECK(sql(leaf("title", "ilike", R"("%ab")")) == R"(r."title" OPERATOR(pgwright.~@^) $1)");
    CHECK(sql(leaf("title", "matches", R"("^a+$")")) == R"(r."title" ~ $1)");
    CHECK(sql(leaf("title", "not_contains", R"("x")")) ==
          R"((r."title" OPERATOR(pgwright.~@~) $1) IS NOT TRUE)");
}

TEST_CASE("empty is null or nothing in it", "[predicate]") {
    CHECK(sql(leaf("title", "is_empty")) == R"((r."title" <> '') IS NOT TRUE)");
    CHECK(sql(leaf("title", "is_not_empty")) == R"(r."title" <> '')");
    CHECK(sql(leaf("items", "is_empty")) == R"((r."items" IS NOT NULL) IS NOT TRUE)");
    CHECK(sql(leaf("labels", "is_not_empty")) == R"(cardinality(r."labels") > 0)");
    CHECK(sql(leaf("settings", "is_not_empty")) ==
          R"(r."settings" <> ALL ('{"null","\"\"","[]","{}"}'::jsonb[]))");
}

TEST_CASE("arrays contain, overlap and are contained", "[predicate]") {
    CHECK(sql(leaf("labels", "array_contains", R"(["a","b"])")) ==
          R"(r."labels" OPERATOR(pgwright.@>) $1)");
    CHECK(sql(leaf("labels", "contains", R"("a")")) == R"(r."labels" OPERATOR(pgwright.@>) $1)");
    CHECK(sql(leaf("numbers", "array_overlaps", "[1,2]")) ==
          R"(r."numbers" OPERATOR(pgwright.&&) $1)");
    CHECK(sql(leaf("numbers", "array_contained", "[1,2]")) == R"(r."numbers" <@ $1)");
    CHECK(sql(leaf("flags", "array_contains", "true")) == R"(r."flags" @> $1)");
    CHECK(literal(leaf("labels", "array_contains", R"(["a","it's"])")) ==
          R"("labels" @> '{"a","it''s"}'::text[])");
}

TEST_CASE("a placeholder that is null is no value either", "[predicate]") {
    CHECK(sql(leaf("title", "ne", R"("{current_user_email}")")) ==
          R"((r."title" = (SELECT pgwright.user_email())) IS NOT TRUE)");
    CHECK(
        sql(leaf("due", "gte", R"("{start_of_month}")")) ==
        R"(r."due" >= ((SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date)::timestamp AT TIME ZONE 'UTC'))");
}

TEST_CASE("a field compares with another of the record", "[predicate]") {
    CHECK(sql(compared("total", "gt", "items")) ==
          R"(r."total" OPERATOR(pgwright.>) r."items"::numeric)");
    CHECK(sql(compared("items", "lte", "total")) ==
          R"(r."items"::numeric OPERATOR(pgwright.<=) r."total")");
    CHECK(sql(compared("day", "lt", "due")) ==
          R"((r."day"::timestamp AT TIME ZONE 'UTC') < r."due")");
    CHECK(sql(compared("title", "ne", "state")) == R"((r."title" = r."state") IS NOT TRUE)");
    CHECK(sql(compared("total", "gt", "customer.budget")) ==
          R"(r."total" OPERATOR(pgwright.>) (SELECT x1."budget" FROM "t_demo"."customer" x1 )"
          R"(WHERE x1."id" = r."customer_id" AND x1."deleted_at" IS NULL))");
    CHECK(sql(compared("customer.country.name", "eq", "title")) ==
          R"(EXISTS (SELECT FROM "t_demo"."customer" x1 WHERE x1."id" = r."customer_id" AND )"
          R"(x1."deleted_at" IS NULL AND EXISTS (SELECT FROM "t_demo"."country" x2 WHERE )"
          R"(x2."id" = x1."country_id" AND x2."name" = r."title")))");
    CHECK(sql(compared("title", "eq", "customer.country.name")) ==
          R"(r."title" = (SELECT (SELECT x2."name" FROM "t_demo"."country" x2 WHERE x2."id" = )"
          R"(x1."country_id") FROM "t_demo"."customer" x1 WHERE x1."id" = r."customer_id" AND )"
          R"(x1."deleted_at" IS NULL))");
}

TEST_CASE("related records are looked for, behind a lookup or a relationship", "[predicate]") {
    CHECK(sql(leaf("customer.name", "ne", R"("x")")) ==
          R"(NOT EXISTS (SELECT FROM "t_demo"."customer" x1 WHERE x1."id" = r."customer_id" AND )"
          R"(x1."deleted_at" IS NULL AND x1."name" = $1))");
    CHECK(sql(leaf("lines.amount", "gt", "3")) ==
          R"(EXISTS (SELECT FROM "t_demo"."line" x1 WHERE x1."order_id" = r."id" AND )"
          R"(x1."amount" > $1))");
    CHECK(sql(R"({"field":"lines.amount","operator":"gt","value":3,"quantifier":"all"})") ==
          R"(NOT EXISTS (SELECT FROM "t_demo"."line" x1 WHERE x1."order_id" = r."id" AND )"
          R"((x1."amount" > $1) IS NOT TRUE))");
    CHECK(sql(R"({"field":"tags","operator":"none","conditions":[{"label":"hot"}]})") ==
          R"(NOT EXISTS (SELECT FROM "t_demo"."order_tag" y1 JOIN "t_demo"."tag" x1 ON )"
          R"(x1."id" = y1."tag_id" WHERE y1."order_id" = r."id" AND x1."label" = $1))");
    CHECK(sql(R"({"field":"lines","operator":"any","conditions":{"order.customer.name":"x"}})") ==
          R"(EXISTS (SELECT FROM "t_demo"."line" x1 WHERE x1."order_id" = r."id" AND )"
          R"(EXISTS (SELECT FROM "t_demo"."order" x2 WHERE x2."id" = x1."order_id" AND )"
          R"(EXISTS (SELECT FROM "t_demo"."customer" x3 WHERE x3."id" = x2."customer_id" AND )"
          R"(x3."deleted_at" IS NULL AND x3."name" = $1))))");
}

TEST_CASE("values in documents are compared as what they are, over a path that is a value",
          "[predicate]") {
    CHECK(sql(leaf("settings.theme.name", "eq", R"("dark")")) == R"((r."settings" #> $1) = $2)");
    CHECK(sql(R"({"field":"settings","path":["a'); DROP"],"operator":"eq","value":1})") ==
          R"((r."settings" #> $1) = $2)");
    CHECK(sql(leaf("settings.size", "gt", "3")) ==
          R"((jsonb_typeof(r."settings" #> $1) = 'number' AND (r."settings" #> $1) > $2))");
    CHECK(sql(leaf("settings.name", "contains", R"("x")")) ==
          R"((jsonb_typeof(r."settings" #> $1) = 'string' AND (r."settings" #>> $1) ILIKE $2))");
    CHECK(sql(leaf("settings.name", "is_null")) ==
          R"(((r."settings" #>> $1) IS NOT NULL) IS NOT TRUE)");
    CHECK(sql(leaf("settings.name", "in", R"(["a",1])")) == R"((r."settings" #> $1) = ANY ($2))");
    CHECK(
        sql(leaf("settings.tags", "array_overlaps", R"(["a",1])")) ==
        R"(EXISTS (SELECT FROM unnest($2) v WHERE (r."settings" #> $1) @> jsonb_build_array(v)))");
    CHECK(literal(leaf("settings.it's", "eq", R"("'x")")) ==
          R"(("settings" #> '{"it''s"}'::text[]) = '"''x"'::jsonb)");
}

TEST_CASE("no alias takes the name of a policy's table", "[predicate]") {
    Entity entity = sample::purchase();
    entity.table = "x1";
    SqlBuilder builder(entity, "\"x1\"");
    CHECK(builder.predicate(parse_condition(parse_json(R"({"customer.name":"a"})"), entity,
                                            "condition", sample::shop_context())) ==
          R"(EXISTS (SELECT FROM "t_demo"."customer" _x1 WHERE _x1."id" = "x1"."customer_id" AND )"
          R"(_x1."deleted_at" IS NULL AND _x1."name" = 'a'::text))");
}
