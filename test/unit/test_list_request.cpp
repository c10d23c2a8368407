// List requests, cursors and groups, from what a client writes to what the server is sent.
#include <catch2/catch.hpp>

#include "core/aggregate.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/list_request.hpp"
#include "core/selection.hpp"
#include "shop.hpp"

using namespace pgwright::core;

namespace {

ListContext context() {
    ListContext made;
    made.conditions = sample::shop_context();
    made.find_related = sample::find_in_shop;
    return made;
}

ReadList read(std::string_view document) {
    return read_list(parse_list_document(parse_json(document)), sample::purchase(), context());
}

std::string sql(std::string_view document) {
    return compile_list(sample::purchase(), read(document).request).sql;
}

template <typename Body>
std::string faults(const Body& body) {
    try {
        body();
    } catch (const Failure& failure) {
        std::string text;
        for (const Fault& fault : failure.faults())
            text += fault.field + ": " + fault.message + "\n";
        return text;
    }
    return "none";
}

std::string list_faults(std::string_view document) {
    return faults([&] { (void)read(document); });
}

}  // namespace

TEST_CASE("a list without relations is one select and its count", "[list]") {
    CHECK(
        sql(R"({"fields": "title"})") ==
        R"(SELECT c.total, page.* FROM (SELECT count(*) AS total FROM "t_demo"."order" r) c LEFT JOIN )"
        R"((SELECT r."title" FROM "t_demo"."order" r ORDER BY r."id" ASC LIMIT 25) page ON true)");
    CHECK(sql(R"({"fields": "title", "count": "none"})") ==
          R"(SELECT r."title" FROM "t_demo"."order" r ORDER BY r."id" ASC LIMIT 26)");
}

TEST_CASE("related records are looked up for the rows of the page", "[list]") {
    CHECK(
        sql(R"({"fields": "title,customer.name", "count": "none"})") ==
        R"(SELECT p0.c1 AS "title", (SELECT x FROM (SELECT p1.c1 AS "name" FROM (SELECT r."name" FROM )"
        R"("t_demo"."customer" r WHERE r."id" = p0.c2 AND r."deleted_at" IS NULL LIMIT 1) p1(c1)) x) AS "customer" )"
        R"(FROM (SELECT r."title", r."customer_id" FROM "t_demo"."order" r ORDER BY r."id" ASC LIMIT 26) p0(c1, c2))");
    CHECK(
        sql(R"({"fields": "title", "expand": {"tags": {"limit": 3}}, "count": "none"})")
            .find(
                R"(WHERE r."id" IN (SELECT j."tag_id" FROM "t_demo"."order_tag" j WHERE j."order_id" = p0.c2))") !=
        std::string::npos);
}

TEST_CASE("parameters of related records come in the order of the text", "[list]") {
    const ReadList list = read(
        R"({"fields": "title", "filters": {"title": "a"}, "page": 2, "page_size": 10, "expand": {"lines": {"filters": {"note": "b"}, "limit": 3}}})");
    const Statement statement = compile_list(sample::purchase(), list.request);
    std::string values;
    for (const Parameter& parameter : statement.parameters)
        values += parameter.values.at(0).text() + " ";
    CHECK(values == "a b 10 ");
    for (const char* name : {"$1", "$2", "$3"})
        CHECK(statement.sql.find(name) != std::string::npos);
}

TEST_CASE("a page by cursor begins at its place", "[list]") {
    ReadList list = read(R"({"fields": "title", "sort": "-total", "cursor": ""})");
    list.request.position = Position{{Json::string("5"), Json::string("k")}, false};
    const std::string after = compile_list(sample::purchase(), list.request).sql;
    CHECK(
        after.find(
            R"(WHERE ((r."total" OPERATOR(pgwright.<) $1 OR r."total" IS NULL) OR )"
            R"(r."total" OPERATOR(pgwright.=) $1 AND r."id" < $2) ORDER BY r."total" DESC NULLS LAST, r."id" DESC)") !=
        std::string::npos);
    list.request.position->backward = true;
    const std::string before = compile_list(sample::purchase(), list.request).sql;
    CHECK(
        before.find(
            R"(WHERE (r."total" OPERATOR(pgwright.>) $1 OR r."total" OPERATOR(pgwright.=) $1 AND )"
            R"(r."id" > $2) ORDER BY r."total" ASC NULLS FIRST, r."id" ASC)") != std::string::npos);
}

TEST_CASE("a field without nulls bounds the scan", "[list]") {
    ReadList list = read(R"({"fields": "title", "sort": "id", "cursor": ""})");
    list.request.position = Position{{Json::string("k")}, false};
    CHECK(compile_list(sample::purchase(), list.request)
              .sql.find(R"(WHERE r."id" >= $1 AND (r."id" > $1) ORDER BY r."id" ASC)") !=
          std::string::npos);
}

TEST_CASE("cursors are read back, and told from others", "[cursor]") {
    const ReadList list = read(R"({"sort": "title", "cursor": ""})");
    const std::vector<SortKey> order = complete_sort(sample::purchase(), list.request);
    REQUIRE(order.size() == 2);
    const Position position{{Json(), Json::string("k")}, true};
    const std::string cursor = write_cursor(list.fingerprint, position);
    const Position found = read_cursor(cursor, list.fingerprint, order);
    CHECK((found.values == position.values && found.backward));
    CHECK(faults([&] { (void)read_cursor(cursor, fingerprint("another"), order); }) ==
          "cursor: belongs to another query\n");
    for (const std::string& text :
         {std::string("x"), std::string("e30"), cursor.substr(1), cursor + "A"})
        CHECK(faults([&] { (void)read_cursor(text, list.fingerprint, order); }) ==
              "cursor: is not a cursor\n");
    CHECK(read(R"({"sort": "title", "cursor": "", "filters": {"paid": true}})").fingerprint !=
          list.fingerprint);
}

TEST_CASE("every fault of a list is told", "[list]") {
    CHECK(
        list_faults(
            R"({"page": 0, "page_size": 101, "count": "many", "fields": "a", "expand": "b", "sort": "c", "filters": {"d": 1}, "include_deleted": true})") ==
        "page: must be at least 1\npage_size: must be at most 100\ncount: must be one of: exact, "
        "planned, none\n"
        "expand: unknown relation \"b\"\nfields: unknown field \"a\"\nsort: unknown field \"c\"\n"
        "filters.d: unknown field\ninclude_deleted: records of this entity are deleted for good\n");
    CHECK(list_faults(R"({"distinct": true, "fields": "settings,title", "sort": "day"})") ==
          "fields: \"settings\" cannot be compared for distinct\n"
          "sort: must be of the selected fields with distinct; \"day\" is not\n");
    CHECK(list_faults(R"({"fields": "lines.order.lines.order.lines.note"})") ==
          "fields: unknown field \"lines.order.lines.order.lines.note\"\n");
}

TEST_CASE("distinct records are ordered by all that is shown of them", "[list]") {
    CHECK(sql(R"({"distinct": true, "fields": "labels,paid", "count": "none"})") ==
          R"(SELECT DISTINCT r."labels", r."paid" FROM "t_demo"."order" r )"
          R"(ORDER BY r."labels" ASC NULLS LAST, r."paid" ASC NULLS LAST LIMIT 26)");
    // A cursor cannot hold an array's place.
    CHECK(list_faults(R"({"distinct": true, "fields": "labels,paid", "cursor": ""})") ==
          "fields: \"labels\" is no place to continue from by a cursor\n");
    CHECK(list_faults(R"({"distinct": true, "fields": "paid", "cursor": ""})") == "none");
}

TEST_CASE("columns come as they are told: fields, deletion, related records", "[list]") {
    ListRequest request;
    request.with_deleted = true;
    request.selection = parse_selection(Json::string("name"), Json::string("country"),
                                        {*sample::shop().at("customer"), sample::find_in_shop, {}});
    const Statement statement = compile_list(*sample::shop().at("customer"), request);
    std::string names;
    for (const Field* const field : statement.columns) names += field->name + " ";
    CHECK(names == "name deleted_at deleted_by ");
    const auto at = [&](const char* text) { return statement.sql.find(text); };
    CHECK(at("AS \"name\"") < at("AS \"deleted_at\""));
    CHECK(at("AS \"deleted_by\"") < at("AS \"country\""));
}

TEST_CASE("rows are counted without what is looked up for them", "[list]") {
    const ReadList list =
        read(R"({"filters": {"paid": true}, "expand": {"lines": {"filters": {"amount": 3}}}})");
    const Statement rows = compile_rows(sample::purchase(), list.request);
    CHECK(rows.sql == R"(SELECT 1 FROM "t_demo"."order" r WHERE r."paid" = $1)");
    CHECK(rows.parameters.size() == 1);
}

TEST_CASE("groups are rows of a derived table", "[aggregate]") {
    AggregateRequest groups = read_aggregate(
        parse_json(R"({"group_by": ["state"], "aggregates": [{"function": "sum", "field": "total"}],
                       "having": {"field": "sum_total", "operator": "gt", "value": 3}, "filters": {"paid": true}})"),
        sample::purchase(), context());
    const Statement statement =
        compile_list(*groups.groups, groups.list.request, std::move(groups.table));
    CHECK(
        statement.sql ==
        R"(WITH derived AS (SELECT r."state" AS "state", (sum(r."total"))::numeric AS "sum_total" FROM "t_demo"."order" r )"
        R"(WHERE r."paid" = $1 GROUP BY 1) SELECT c.total, page.* FROM (SELECT count(*) AS total FROM derived r )"
        R"(WHERE r."sum_total" OPERATOR(pgwright.>) $2) c LEFT JOIN (SELECT r."state", r."sum_total" FROM derived r )"
        R"(WHERE r."sum_total" OPERATOR(pgwright.>) $2 ORDER BY r."state" ASC NULLS LAST, r."sum_total" ASC NULLS LAST LIMIT 25) page ON true)");
}
