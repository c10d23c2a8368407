// The token of an Authorization header, or the key of an X-API-Key header. What it says is the database's
// business.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "shim/error.hpp"
#include "shim/request.hpp"

namespace pgwright::shim {

// Empty for the anonymous caller, who sends no header. Nothing when the header is there and is not
// one well-formed "Bearer <token>" (RFC 6750, 2.1): a mistaken caller must not pass as anonymous.
std::optional<std::string> bearer_token(const Request& request);

// What an API key begins with, in either header.
inline constexpr std::string_view kApiKeyMark = "pgw_";

// What both headers say together: a token or key, empty for the anonymous caller; 401 when one is
// malformed, 400 when they differ.
std::variant<std::string, ApiError> credential(const Request& request);

}  // namespace pgwright::shim
