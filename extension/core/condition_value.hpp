// Values of comparisons: whether they are what the operator takes of the field, and in the form that the
// compiler binds them in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.hpp"

namespace pgwright::core {

struct ValueFault {
    std::string place;  // in the value: "[2]", or nothing for the whole
    std::string message;
};

// What a comparison is about.
struct Compared {
    const Field& field;
    bool in_document = false;  // a value in a json field's document
    // Of a query string, as in {"price":{"in":"1,2"}}: a list may be one text with commas.
    bool spelled = false;
    bool known_values = false;       // an enum's only
    std::string_view language = {};  // of the entity that has the field
};

// The values, or what is wrong. `value` is not null; the operator applies to the field.
std::optional<ValueFault> read_values(const OperatorInfo& op, const Compared& compared,
                                      const Json& value, std::vector<Json>& values);

}  // namespace pgwright::core
