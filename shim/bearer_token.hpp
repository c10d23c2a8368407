// The token of an Authorization header. What it says is the database's business.
#pragma once

#include <optional>
#include <string>

#include "shim/request.hpp"

namespace pgwright::shim {

// Empty for the anonymous caller, who sends no header. Nothing when the header is there and is not
// one well-formed "Bearer <token>" (RFC 6750, 2.1): a mistaken caller must not pass as anonymous.
std::optional<std::string> bearer_token(const Request& request);

}  // namespace pgwright::shim
