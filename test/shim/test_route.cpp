// Rows of the route table: what makes one usable, and the SQL it becomes.
#include <catch2/catch.hpp>

#include "routes.hpp"
#include "shim/statement_text.hpp"

using namespace pgwright::shim;

namespace {

std::string problem_of(const RouteRow& row) {
    Route route;
    return read_route(row, route).value_or("");
}

constexpr const char* kArguments =
    R"([{"name":"id","type":"uuid","required":true},{"name":"data","type":"json"}])";

}  // namespace

TEST_CASE("a row becomes a route", "[route]") {
    RouteRow row = route_row("PATCH", "/a/{id}", kArguments);
    row.body_argument = "data";
    row.success_status = "200";
    row.returns = "response";
    const Route route = make_route(row);
    REQUIRE(route.arguments.size() == 2);
    CHECK(route.arguments[0].kind == ArgumentKind::uuid);
    CHECK(route.arguments[0].required);
    CHECK_FALSE(route.arguments[1].required);
    CHECK(route.body_argument == 1U);
    CHECK(route.path_arguments == std::vector<std::size_t>{0});
    CHECK(route.returns == Returns::response);
}

TEST_CASE("a constant takes its argument away from the client", "[route]") {
    RouteRow row = route_row("GET", "/a/{id}", kArguments);
    row.constants = R"({"data":{"a":1.50},"other":null})";
    const Route route = make_route(row);
    REQUIRE(route.arguments.size() == 1);
    REQUIRE(route.constants.size() == 2);
    CHECK(route.constants[0].type == "json");
    CHECK(route.constants[0].value == R"({"a":1.50})");
    CHECK(route.constants[1].type.empty());
    CHECK_FALSE(route.constants[1].value);
}

TEST_CASE("a row with a mistake is refused, and the mistake is named", "[route]") {
    CHECK(problem_of(route_row("BREW", "/a")) == "method is none of GET, POST, PUT, PATCH, DELETE");
    CHECK(problem_of(route_row("GET", "a")) == "path is malformed");
    CHECK(problem_of(route_row("GET", "/{a")) == "path is malformed");
    CHECK(problem_of(route_row("GET", "/a{b}")) == "path is malformed");
    CHECK(problem_of(route_row("GET", "/{}")) == "path is malformed");
    CHECK(problem_of(route_row("GET", "/{b}", kArguments)) ==
          "path parameter \"b\" is no argument a client may give");
    CHECK(problem_of(route_row("GET", "/{id}/{id}", kArguments)) ==
          "path parameter \"id\" is given twice");
    CHECK(problem_of(route_row("GET", "/a", "{}")) == "arguments is not a JSON array");
    CHECK(problem_of(route_row("GET", "/a", "[1]")) == "an argument lacks its name or type");
    CHECK(problem_of(route_row("GET", "/a", R"([{"name":"a","type":"text;--"}])")) ==
          "argument \"a\" has an unusable type");
    CHECK(problem_of(route_row("GET", "/a",
                               R"([{"name":"a","type":"text"},{"name":"a","type":"text"}])")) ==
          "argument \"a\" is listed twice");

    RouteRow row = route_row("POST", "/a", kArguments);
    row.body_argument = "nope";
    CHECK(problem_of(row) == "body_argument \"nope\" is no argument a client may give");
    row = route_row("GET", "/a", kArguments);
    row.body_argument = "data";
    CHECK(problem_of(row) == "body_argument on a GET route");
    row = route_row("GET", "/a");
    row.constants = "[]";
    CHECK(problem_of(row) == "constants is not a JSON object");
    row = route_row("GET", "/a");
    row.returns = "setof";
    CHECK(problem_of(row) == "returns is none of json, void, response, stream");
    row = route_row("GET", "/a");
    row.success_status = "404";
    CHECK(problem_of(row) == "success_status is not between 200 and 299");
    row = route_row("GET", "/a");
    row.function_name = std::nullopt;
    CHECK(problem_of(row) == "function_name is empty");
}

TEST_CASE("the statement names and casts its arguments", "[statement]") {
    RouteRow row = route_row("GET", "/a/{id}",
                             R"([{"name":"id","type":"text"},{"name":"we\"ird","type":"integer"},
                                 {"name":"at","type":"timestamp with time zone"}])");
    row.constants = R"({"fixed":"x"})";
    Binding binding{{0, "5"}, {1, std::nullopt}};
    CHECK(statement_text(make_route(row), binding) ==
          R"(SELECT pgwright.f("id" => $1::text, "we""ird" => $2::integer, "fixed" => $3)::text)");
    const Route route = make_route(row);
    const auto values = statement_parameters(route, binding);
    REQUIRE(values.size() == 3);
    CHECK(std::string(values[0]) == "5");
    CHECK(values[1] == nullptr);
    CHECK(std::string(values[2]) == "x");
}

TEST_CASE("the statement has the form its result needs", "[statement]") {
    RouteRow row = route_row("GET", "/a");
    CHECK(statement_text(make_route(row), {}) == "SELECT pgwright.f()::text");
    row.returns = "void";
    CHECK(statement_text(make_route(row), {}) == "SELECT pgwright.f()");
    row.returns = "response";
    CHECK(statement_text(make_route(row), {}) ==
          "SELECT (r).status, (r).headers::text, (r).body::text FROM pgwright.f() r");
}
