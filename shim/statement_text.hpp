// The SQL of a route for a set of given arguments. Only what the route table says enters the text;
// what the client sent is a parameter, always. Equal inputs give equal texts: the text is the key
// of the prepared statements.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shim/backend.hpp"
#include "shim/binder.hpp"
#include "shim/route.hpp"

namespace pgwright::shim {

// `SELECT pgwright.f("a" => $1::text)::text`, or its form for void and for pgwright.response:
// status, headers, body. Parameters: the bound arguments in order, then the constants.
std::string statement_text(const Route& route, const Binding& binding);

// The values of those parameters. They point into `route` and `binding`.
std::vector<const char*> statement_parameters(const Route& route, const Binding& binding);

// Which of them is the request body as it is, sent in binary form.
std::optional<BinaryParameter> binary_parameter(const Route& route, const Binding& binding);

}  // namespace pgwright::shim
