// Checks a JSON text and takes it apart one level deep. Nothing is converted: members keep the
// slice of the text they were written in, so a number reaches the database with every digit.
// Strictness beyond RFC 8259: no repeated key at any depth, bounded nesting, valid UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/fault.hpp"

namespace pgwright::shim {

enum class JsonKind { null, boolean, number, string, object, array };

struct JsonMember {
    std::string name;
    JsonKind kind = JsonKind::null;
    std::string text;  // a string's characters; anything else as it was written
};

struct JsonDocument {
    JsonKind kind = JsonKind::null;
    std::vector<JsonMember> members;  // of the object at the top; empty for anything else
};

// Fills `document` from `text`, or says what is wrong first. `depth_limit` counts brackets. The
// members' text is copied only when `want_members`. Time O(n log n), stack use constant.
std::optional<Fault> read_json(std::string_view text, std::size_t depth_limit, bool want_members,
                               JsonDocument& document);

}  // namespace pgwright::shim
