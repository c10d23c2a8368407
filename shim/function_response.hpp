// A reply from a row of pgwright.response: status, headers, body.
#pragma once

#include <optional>

#include "shim/backend.hpp"
#include "shim/reply.hpp"

namespace pgwright::shim {

// Nothing when the row is no response: a status outside 200 to 599, headers that are no object of
// strings (or arrays of strings, for a header sent several times). Headers that frame the message
// are left out.
std::optional<Reply> function_response(Row& row);

}  // namespace pgwright::shim
