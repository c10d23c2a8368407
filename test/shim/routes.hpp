// Routes for the tests, written as the rows of the route table are.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "shim/route.hpp"

namespace pgwright::shim {

inline RouteRow route_row(std::string method, std::string path, std::string arguments = "[]") {
    RouteRow row;
    row.id = "7f1c1c3e-0000-0000-0000-000000000000";
    row.method = std::move(method);
    row.path = std::move(path);
    row.function_name = "pgwright.f";
    row.arguments = std::move(arguments);
    return row;
}

inline Route make_route(const RouteRow& row) {
    Route route;
    const auto problem = read_route(row, route);
    INFO((problem ? *problem : ""));
    REQUIRE_FALSE(problem);
    return route;
}

}  // namespace pgwright::shim
