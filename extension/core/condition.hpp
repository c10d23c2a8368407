// The one condition grammar: {"operator":"AND|OR|NOT","conditions":[tree | {"field","operator","value"}]}.
// Parsed against an entity, so a Condition only ever holds known fields, operators that fit their
// type and values of their type.
//
// A condition is either true or false of a record, never unknown: a null is different from every
// value, so `ne` and `not_in` match records whose field is null, and NOT(eq) is the same as ne.
// - AND, OR and NOT are read in any case. NOT of several conditions negates all of them together.
// - A group of no conditions restricts nothing, whatever its operator.
// - eq null means is_null, ne null is_not_null; in and not_in take no null.
// - contains, starts_with and ends_with ignore case; % and _ stand for themselves.
// - gt, gte, lt, lte are for fields that have an order; json fields take is_null and is_not_null only.
// - Numbers, and booleans as "true" or "false", may come as strings, because query strings bring them so.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

enum class Operator : std::uint8_t {
    eq,
    ne,
    gt,
    gte,
    lt,
    lte,
    contains,
    starts_with,
    ends_with,
    in,
    not_in,
    is_null,
    is_not_null,
};

inline constexpr std::size_t kMaxConditionDepth = 16;
inline constexpr std::size_t kMaxConditions = 256;    // comparisons in one tree
inline constexpr std::size_t kMaxListValues = 10000;  // values of one in / not_in

struct Condition {
    enum class Kind : std::uint8_t { all, any, none, comparison };  // AND, OR, NOT, leaf
    Kind kind = Kind::all;
    std::vector<Condition> children;  // none has exactly one
    const Field* field = nullptr;     // points into the entity parsed against
    Operator op = Operator::eq;
    std::vector<Json> values;  // of the comparison; none for is_null / is_not_null
};

// A tree, one comparison, or an object of field: value pairs (equality, all of them; null means
// is_null). What has a member "operator" or "conditions" is no object of pairs. Throws
// VALIDATION_ERROR with every fault ("filters.conditions[1].value"), of a list's values the first one.
// path names the argument. The entity must outlive the condition.
Condition parse_condition(const Json& json, const Entity& entity, std::string_view path);

// The names of the fields it compares, each once, in their order.
std::vector<std::string> fields_of(const Condition& condition);

// The document of a condition with fields under their new names (old -> new), whatever else it holds.
Json rename_fields(const Json& condition, const std::map<std::string, std::string>& names);

}  // namespace pgwright::core
