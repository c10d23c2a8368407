// A reply from a row of pgwright.response: status, headers, body.
#pragma once

#include <optional>
#include <string_view>

#include "shim/backend.hpp"
#include "shim/reply.hpp"

namespace pgwright::shim {

// Nothing when the row is no response: a status outside 200 to 599, headers that are no object of
// strings (or arrays of strings, for a header sent several times). Headers that frame the message
// are left out.
std::optional<Reply> function_response(Row& row);

// The head that begins a stream, {"status":200,"headers":{...}}, by the same rules; a body is none of it.
std::optional<Reply> stream_head(std::string_view json);

}  // namespace pgwright::shim
