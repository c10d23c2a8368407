// The bytes ahead of a response's body.
#pragma once

#include <string>
#include <string_view>

#include "shim/reply.hpp"

namespace pgwright::shim {

struct ResponseTraits {
    std::string_view request_id;
    bool keep_alive = true;
    bool old_protocol = false;  // the client speaks HTTP/1.0
    bool streamed = false;  // the body's length is not known: chunks, or for HTTP/1.0 to the end
};

// Replaces `out` by status line, headers and empty line. A header of the reply takes the place of
// the default of its name; those that frame the message are never taken from the reply.
void write_response_head(std::string& out, const Reply& reply, const ResponseTraits& traits);

// A name and value that can be sent, and that is the function's to decide.
bool is_free_header(std::string_view name, std::string_view value);

}  // namespace pgwright::shim
