// What the shim answers, before it is written as HTTP.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgwright::shim {

// How a reply's body gets to the client.
enum class Delivery {
    body,      // it is `body`
    streamed,  // it has been sent already, whole
    cut,       // a part of it has been sent, and the rest cannot be: the client must notice
};

struct Reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;  // beyond those every reply has
    std::string body;
    Delivery delivery = Delivery::body;
    std::string_view error_code;  // for the log; of static storage
    std::string route;            // the route's pattern, for the log
};

// True when a response of this status never has a body (RFC 9110, 6.4.1).
constexpr bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace pgwright::shim
