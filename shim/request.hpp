// A request as the service sees it: what of HTTP matters to it, without the HTTP library.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgwright::shim {

// The views point into the reader that made the request and end with its next message.
struct Request {
    std::string_view method;
    std::string_view target;
    std::optional<std::string_view> authorization;
    bool repeated_authorization = false;
    std::optional<std::string_view> api_key;  // X-API-Key
    bool repeated_api_key = false;
    std::optional<std::string_view> user_agent;
    std::string remote;  // the peer's address; the session's to fill in
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> content_encoding;
    // All of them as they were sent, name and value, for routes that take some.
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string request_id;  // the client's when it is well-formed, else made here
    std::string body;
    bool has_body = false;  // announced by the headers
    bool keep_alive = false;
    bool old_protocol = false;  // HTTP/1.0
    bool expects_continue = false;
};

}  // namespace pgwright::shim
