// Headers that a route takes as arguments.
#include <catch2/catch.hpp>

#include "routes.hpp"
#include "shim/header_binder.hpp"

using namespace pgwright::shim;

namespace {

Route route_with(std::string headers) {
    RouteRow row = route_row("PUT", "/e/{id}", R"([{"name":"id","type":"text","required":true},
        {"name":"match","type":"text"},{"name":"count","type":"integer"}])");
    row.headers = std::move(headers);
    return make_route(row);
}

std::optional<std::string> problem_with(std::string headers) {
    RouteRow row = route_row("PUT", "/e/{id}", R"([{"name":"id","type":"text","required":true},
        {"name":"match","type":"text"}])");
    row.headers = std::move(headers);
    Route route;
    return read_route(row, route);
}

const char* const kHeaders = R"({"match":"If-Match","count":"X-Count"})";

}  // namespace

TEST_CASE("a header gives its argument, in the order of the arguments", "[header_binder]") {
    const Route route = route_with(kHeaders);
    Request request;
    request.headers = {{"x-count", "7"}, {"Other", "z"}, {"IF-MATCH", "\"a\""}};
    Binding binding{{0, "x"}};
    CHECK(bind_headers(route, request, binding).empty());
    REQUIRE(binding.size() == 3);
    CHECK(binding[0].argument == 0);
    CHECK(binding[1].argument == 1);
    CHECK(binding[1].value == "\"a\"");
    CHECK(binding[2].argument == 2);
    CHECK(binding[2].value == "7");
}

TEST_CASE("lines of one header are one list; a header that was not sent gives nothing",
          "[header_binder]") {
    const Route route = route_with(kHeaders);
    Request request;
    request.headers = {{"If-Match", "\"a\""}, {"if-match", "\"b\""}};
    Binding binding;
    CHECK(bind_headers(route, request, binding).empty());
    REQUIRE(binding.size() == 1);
    CHECK(binding[0].value == "\"a\", \"b\"");
}

TEST_CASE("what is wrong with a header is told by its name", "[header_binder]") {
    const Route route = route_with(kHeaders);
    Request request;
    request.headers = {{"X-Count", "many"}, {"If-Match", "\xff"}};
    Binding binding;
    const Faults faults = bind_headers(route, request, binding);
    REQUIRE(faults.size() == 2);
    CHECK(binding.empty());
    Binding given{{1, "x"}};
    request.headers = {{"If-Match", "y"}};
    const Faults twice = bind_headers(route, request, given);
    REQUIRE(twice.size() == 1);
    CHECK(twice.front().field == "match");
}

TEST_CASE("a route names its headers, for arguments that may be left out", "[header_binder]") {
    CHECK(route_with(kHeaders).headers.size() == 2);
    CHECK(make_route(route_row("GET", "/a")).headers.empty());
    for (const char* const headers :
         {"[]", "{", R"({"none":"X"})", R"({"id":"X"})", R"({"match":1})", R"({"match":""})",
          R"({"match":"a b"})", R"({"match":"a:b"})", R"({"match":"a\r\nb"})"}) {
        CAPTURE(headers);
        CHECK(problem_with(headers));
    }
}
