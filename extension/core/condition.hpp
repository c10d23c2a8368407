// The one condition grammar: {"operator":"AND|OR|NOT","conditions":[tree | {"field","operator","value"}]}.
// Parsed against an entity, so a Condition only ever holds known fields, operators that fit their
// type and values of their type.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

enum class Operator : std::uint8_t {
    eq, ne, gt, gte, lt, lte, contains, starts_with, ends_with, in, not_in, is_null, is_not_null,
};

inline constexpr std::size_t kMaxConditionDepth = 16;
inline constexpr std::size_t kMaxConditions = 256;     // comparisons in one tree
inline constexpr std::size_t kMaxListValues = 10000;   // values of one in / not_in

struct Condition {
    enum class Kind : std::uint8_t { all, any, none, comparison };  // AND, OR, NOT, leaf
    Kind kind = Kind::all;
    std::vector<Condition> children;  // none has exactly one
    const Field* field = nullptr;     // points into the entity parsed against
    Operator op = Operator::eq;
    std::vector<Json> values;         // of the comparison; none for is_null / is_not_null
};

// A tree, or an object of field: value pairs (equality, all of them; null means is_null).
// Throws VALIDATION_ERROR with every fault ("filters.conditions[1].value"). path names the argument.
Condition parse_condition(const Json& json, const Entity& entity, std::string_view path);

}  // namespace pgwright::core
