// The request target taken apart: path segments and query parameters, percent-decoded. Segments
// are split before they are decoded, so an encoded slash stays part of its segment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/fault.hpp"

namespace pgwright::shim {

struct QueryParameter {
    std::string name;
    std::string value;
};

struct Target {
    std::vector<std::string> segments;  // "/a/b" is {"a", "b"}; "/" is {""}
    std::vector<QueryParameter> query;  // in order, repetitions included
    std::string_view path;              // as it was sent; points into the target
    bool whole_server = false;          // "*"
};

// Accepts origin form, absolute form and "*" (RFC 9112, 3.2). In the query a plus sign is a blank.
// A malformed escape, a NUL or bytes that are no UTF-8 once decoded are faults.
std::optional<Fault> read_target(std::string_view text, Target& target);

}  // namespace pgwright::shim
