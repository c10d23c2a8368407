// Finding a route: precedence, methods, what is allowed.
#include <catch2/catch.hpp>

#include "routes.hpp"
#include "shim/router.hpp"
#include "shim/target.hpp"

using namespace pgwright::shim;

namespace {

std::string arguments_of(const std::string& path) {
    std::string arguments = "[";
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
        const std::string name = path.substr(at + 1, path.find('}', at) - at - 1);
        arguments += arguments.size() > 1 ? "," : "";
        arguments += R"({"name":")" + name + R"(","type":"text","required":true})";
    }
    return arguments + "]";
}

RouteTable table_of(const std::vector<std::pair<std::string, std::string>>& routes) {
    RouteTable table;
    for (const auto& [method, path] : routes) {
        REQUIRE_FALSE(table.add(make_route(route_row(method, path, arguments_of(path)))));
    }
    return table;
}

RouteMatch match(const RouteTable& table, std::string_view method, std::string_view path) {
    Target target;
    REQUIRE_FALSE(read_target(path, target));
    return table.match(method, target.segments);
}

// "GET /a/{b}" of the route found, or "404", or "405 <allow>".
std::string found(const RouteTable& table, std::string_view method, std::string_view path) {
    const RouteMatch result = match(table, method, path);
    if (result.route != nullptr) {
        return result.route->method + " " + result.route->path;
    }
    return result.path_known ? "405 " + result.allow : "404";
}

}  // namespace

TEST_CASE("a literal segment wins over a parameter", "[router]") {
    const RouteTable table = table_of({{"GET", "/a/{id}"}, {"GET", "/a/new"}, {"GET", "/{x}/b"}});
    CHECK(found(table, "GET", "/a/new") == "GET /a/new");
    CHECK(found(table, "GET", "/a/other") == "GET /a/{id}");
    CHECK(found(table, "GET", "/a/b") == "GET /a/{id}");
    CHECK(found(table, "GET", "/c/b") == "GET /{x}/b");
}

TEST_CASE("a literal that leads nowhere does not hide the parameter", "[router]") {
    const RouteTable table = table_of({{"GET", "/a/new/x"}, {"GET", "/a/{id}/y"}});
    CHECK(found(table, "GET", "/a/new/y") == "GET /a/{id}/y");
    const RouteMatch result = match(table, "GET", "/a/new/y");
    CHECK(result.path_segments == std::vector<std::size_t>{1});
}

TEST_CASE("the method takes part in the match", "[router]") {
    const RouteTable table =
        table_of({{"POST", "/a/bulk"}, {"GET", "/a/{id}"}, {"DELETE", "/a/{id}"}});
    CHECK(found(table, "POST", "/a/bulk") == "POST /a/bulk");
    CHECK(found(table, "GET", "/a/bulk") == "GET /a/{id}");
    CHECK(found(table, "PUT", "/a/bulk") == "405 DELETE, GET, HEAD, OPTIONS, POST");
    CHECK(found(table, "POST", "/a/x") == "405 DELETE, GET, HEAD, OPTIONS");
}

TEST_CASE("HEAD is served by GET, OPTIONS by what is allowed", "[router]") {
    const RouteTable table = table_of({{"GET", "/a"}, {"POST", "/b"}});
    CHECK(found(table, "HEAD", "/a") == "GET /a");
    CHECK(found(table, "HEAD", "/b") == "405 OPTIONS, POST");
    CHECK(found(table, "OPTIONS", "/a") == "405 GET, HEAD, OPTIONS");
    CHECK(found(table, "OPTIONS", "/c") == "404");
}

TEST_CASE("an unknown path is unknown for every method", "[router]") {
    const RouteTable table = table_of({{"GET", "/a/{id}"}});
    CHECK(found(table, "GET", "/") == "404");
    CHECK(found(table, "GET", "/a") == "404");
    CHECK(found(table, "GET", "/a/b/c") == "404");
    CHECK(found(table, "TRACE", "/b") == "404");
    CHECK(found(table, "TRACE", "/a/1") == "405 GET, HEAD, OPTIONS");
}

TEST_CASE("an empty segment is no parameter, and a final slash makes another path", "[router]") {
    const RouteTable table = table_of({{"GET", "/a/{id}"}, {"GET", "/a"}});
    CHECK(found(table, "GET", "/a/") == "404");
    CHECK(found(table, "GET", "/a") == "GET /a");
}

TEST_CASE("an escaped slash does not separate segments", "[router]") {
    const RouteTable table = table_of({{"GET", "/a/{id}"}, {"GET", "/a/{id}/b"}});
    CHECK(found(table, "GET", "/a/1%2Fb") == "GET /a/{id}");
}

TEST_CASE("two routes of one method and shape cannot both be taken", "[router]") {
    RouteTable table = table_of({{"GET", "/a/{id}"}});
    CHECK(table.add(make_route(route_row("GET", "/a/{x}", arguments_of("/a/{x}")))) ==
          "another route has this method and path");
    CHECK(table.size() == 1);
}
