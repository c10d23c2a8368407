// Answers of functions that decide their HTTP status and headers: pgwright.response.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pg/arguments.hpp"

namespace pgwright::data {

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<std::string> body;  // JSON
};

// The response as the result of the function that was called with these arguments.
Datum response_datum(const pg::Arguments& args, const Response& response);

// A version's tag as the header ETag has it.
std::string etag(std::int64_t tag);

// A path segment as RFC 3986 writes it.
std::string path_segment(std::string_view text);

}  // namespace pgwright::data
