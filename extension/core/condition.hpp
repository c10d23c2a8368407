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
// - A field may be one of a record that the entity refers to: company.country.name. Conditions of lists
//   do not use them yet.
// - Numbers, and booleans as "true" or "false", may come as strings, because query strings bring them so.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"
#include "core/placeholder.hpp"

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

// A step from a record to the one that its lookup refers to.
struct Hop {
    const Field* lookup = nullptr;  // of the entity before
    std::shared_ptr<const Entity> target;
};

struct Condition {
    enum class Kind : std::uint8_t { all, any, none, comparison };  // AND, OR, NOT, leaf
    Kind kind = Kind::all;
    std::vector<Condition> children;  // none has exactly one
    // Of a dotted field, company.owner_id: the way to the entity whose field it is. Where the way ends
    // early, at a lookup without a value or a record that is deleted, the field counts as null.
    std::vector<Hop> hops;
    const Field* field = nullptr;  // points into the entity parsed against, or the last hop's
    Operator op = Operator::eq;
    std::vector<Json> values;                  // of the comparison; none for is_null / is_not_null
    const Placeholder* placeholder = nullptr;  // in the place of values
};

// What a condition may use beyond the fields of its entity; by default nothing.
struct ConditionContext {
    bool placeholders = false;  // {current_user_id} and the like, see placeholder.hpp
    // The target of a lookup, or nullptr when it is not to be used. Not set: no dotted fields.
    std::function<std::shared_ptr<const Entity>(const Reference&)> find_target = {};
};

inline constexpr std::size_t kMaxHops = 4;

// A tree, one comparison, or an object of field: value pairs (equality, all of them; null means
// is_null). What has a member "operator" or "conditions" is no object of pairs. Throws
// VALIDATION_ERROR with every fault ("filters.conditions[1].value"), of a list's values the first one.
// path names the argument. The entity must outlive the condition.
// A lookup company_id is also found as company.
Condition parse_condition(const Json& json, const Entity& entity, std::string_view path,
                          const ConditionContext& context = {});

// The names of the entity's own fields that it uses, each once, in their order.
std::vector<std::string> fields_of(const Condition& condition);
// The ids of all fields that it uses, those on the way and at the end of dotted ones too, each once.
std::vector<Uuid> field_ids_of(const Condition& condition);
// The tables, as schema and name, that it looks into beyond the entity's own; each once.
std::vector<std::pair<std::string, std::string>> tables_of(const Condition& condition);

// The document of a condition with fields under their new names (old -> new), whatever else it holds.
Json rename_fields(const Json& condition, const std::map<std::string, std::string>& names);
// The same by the fields' ids, which may be other entities' at the end of dotted ones. The document is
// one that parse_condition() takes with that entity, as it was, and context.
Json rename_fields(const Json& condition, const Entity& entity, const ConditionContext& context,
                   const std::map<Uuid, std::string>& names);

}  // namespace pgwright::core
