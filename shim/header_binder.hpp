// Binds headers of a request to arguments of its route's function, as the route says: If-Match to
// if_match. A header that was not sent leaves its argument to its default.
#pragma once

#include "shim/binder.hpp"
#include "shim/request.hpp"

namespace pgwright::shim {

// Adds to the binding, which stays in order; returns what is wrong, named by the header.
Faults bind_headers(const Route& route, const Request& request, Binding& binding);

}  // namespace pgwright::shim
