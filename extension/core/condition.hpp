// The one condition grammar: what list filters, row rules, partial indexes and all that will ask a
// question about a record are written in. docs/conditions.md tells it to those who write conditions.
//
//   group        {"operator":"AND|OR|NOT","conditions":[condition, ...]}; an array alone is AND
//   comparison   {"field":"price","operator":"gt","value":5}; "attribute" is "field"
//   short form   {"price":{"gt":5,"lt":9},"state":"open"}, all of them
//   related      {"field":"orders","operator":"any|all|none","conditions":[condition, ...]}
//
// Parsed against an entity, so a Condition only ever holds known fields, operators that fit their
// type and values of their type.
//
// A condition is either true or false of a record, never unknown: a null is different from every
// value, so `ne` and `not_in` match records whose field is null, and NOT(eq) is the same as ne. Each
// operator that is the negation of another is true exactly where that one is not.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/condition_operator.hpp"
#include "core/model.hpp"
#include "core/placeholder.hpp"
#include "core/related.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxConditionDepth = 16;
inline constexpr std::size_t kMaxConditions = 256;       // comparisons in one tree
inline constexpr std::size_t kMaxConditionParts = 1024;  // the same with groups and fields
inline constexpr std::size_t kMaxListValues =
    10000;                                           // values of one in / not_in, items of an array
inline constexpr std::size_t kMaxHops = 4;           // steps from a record, one behind the other
inline constexpr std::size_t kMaxRelatedSteps = 32;  // steps in one tree
inline constexpr std::size_t kMaxDocumentSteps = 16;  // of a path into a JSON document
inline constexpr std::size_t kMaxDocumentKey = 255;   // bytes of one of its keys
inline constexpr std::size_t kMaxLikeLength = 1000;   // bytes of a LIKE pattern

// A field, of the record itself or of one that its lookups lead to. Where the way ends early, at a lookup
// without a value or a record that is deleted or that the caller may not see, the field counts as null.
struct Operand {
    std::vector<Related> hops;  // each leads to one record
    const Field* field = nullptr;
    std::vector<std::string> document;  // keys and positions into a json field; none: the whole
};

struct Condition {
    enum class Kind : std::uint8_t { all, any, none, comparison, related };  // AND, OR, NOT, leaf
    enum class Quantifier : std::uint8_t { any, all, none };

    Kind kind = Kind::all;
    std::vector<Condition> children;  // none and related have exactly one

    // Of a comparison. The field points into the entity parsed against, the last hop's or, below a
    // related condition, that one's target.
    std::vector<Related> hops;
    const Field* field = nullptr;
    std::vector<std::string> document;
    Operator op = Operator::eq;
    Period period;                             // of Operator::within
    std::vector<Json> values;                  // none for presence and periods without a number
    const Placeholder* placeholder = nullptr;  // in the place of values
    std::shared_ptr<const Operand> other;      // in the place of values: another field

    // Of a related condition: true of a record when its child is true of any, all or none of the
    // records that it leads to. All is true where there are none.
    std::shared_ptr<const Related> relation;
    Quantifier quantifier = Quantifier::any;
};

// What a condition may use beyond the fields of its entity; by default nothing.
struct ConditionContext {
    bool placeholders = false;  // {current_user_id} and the like, see placeholder.hpp
    // Where a name leads to. Not set: no dotted fields and no related records.
    FindRelated find_related = {};
    // An enum is compared with its values only. Not for what is stored: its values may change.
    bool known_values = false;
};

// Throws VALIDATION_ERROR with every fault ("filters.conditions[1].value"), of a list's values the first
// one. path names the argument. The entity must outlive the condition.
Condition parse_condition(const Json& json, const Entity& entity, std::string_view path,
                          const ConditionContext& context = {});

// The names of the entity's own fields that it uses, each once, in their order.
std::vector<std::string> fields_of(const Condition& condition);
// The ids of all fields that it uses, those on the way and at the end of dotted ones too, each once.
std::vector<Uuid> field_ids_of(const Condition& condition);
// The entities that it looks into beyond its own, each once.
std::vector<Uuid> entities_of(const Condition& condition);
// Whether the moment or the caller decides what it is true of.
bool depends_on_context(const Condition& condition);

// The document of a condition with fields under their new names (old -> new), whatever else it holds.
// Those of related records are others' and stay.
Json rename_fields(const Json& condition, const std::map<std::string, std::string>& names);
// The same by the fields' ids, which may be other entities' too. The document is one that
// parse_condition() takes with that entity, as it was, and context.
Json rename_fields(const Json& condition, const Entity& entity, const ConditionContext& context,
                   const std::map<Uuid, std::string>& names);

}  // namespace pgwright::core
