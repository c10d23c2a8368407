// Binds a request to the named arguments of its route's function, as docs/architecture.md lays
// down: path parameters, query parameters, then members of the body, each to the argument of its
// name. Collects every fault of the request before it answers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/fault.hpp"
#include "shim/route.hpp"
#include "shim/router.hpp"
#include "shim/target.hpp"

namespace pgwright::shim {

struct BoundArgument {
    std::size_t argument = 0;          // index into the route's arguments
    std::optional<std::string> value;  // empty is NULL
};

// In the order of the route's arguments, so that equal sets of names give equal statements.
using Binding = std::vector<BoundArgument>;

// Fills `binding`, or returns what is wrong with the request. `body` is empty when none was sent;
// it has been received whole.
Faults bind_request(const Route& route, const RouteMatch& match, const Target& target,
                    std::string_view body, std::size_t json_depth_limit, Binding& binding);

}  // namespace pgwright::shim
