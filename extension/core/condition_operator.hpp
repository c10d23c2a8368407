// The operators of conditions: their names, the other names that people know them by, and what kind of
// field and value each is for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/field_type.hpp"
#include "core/period.hpp"

namespace pgwright::core {

enum class Operator : std::uint8_t {
    eq,
    ne,
    gt,
    gte,
    lt,
    lte,
    between,
    not_between,
    contains,
    not_contains,
    starts_with,
    ends_with,
    like,
    ilike,
    matches,
    search,
    in,
    not_in,
    is_null,
    is_not_null,
    is_empty,
    is_not_empty,
    array_contains,
    array_overlaps,
    array_contained,
    within,  // a period: this_month, last_n_days, ...
};

// What an operator takes.
enum class Family : std::uint8_t {
    equality,  // one value of the field's type
    order,     // the same, of a type that has an order
    range,     // two of them
    search,    // a text to look for; in an array, one item
    pattern,   // a LIKE pattern
    regular,   // a regular expression
    words,     // what a person types to search for
    list,      // values of the field's type
    presence,  // nothing
    array,     // items
    period,    // nothing, or a number
};

struct OperatorInfo {
    std::string_view name;
    Operator op = Operator::eq;
    Family family = Family::equality;
    Period period;  // of Operator::within
};

// By its name or an alias: "gt", ">", "greater_than", "last_30_days". Names are in lower case.
std::optional<OperatorInfo> find_operator(std::string_view name) noexcept;
std::string_view operator_name(Operator op) noexcept;

// Whether an operator of that family is for fields of that class.
bool applies(Family family, ValueClass value_class) noexcept;

// What is true of a null too is the negation of another operator: ne of eq, is_null of is_not_null.
std::optional<Operator> negated(Operator op) noexcept;

}  // namespace pgwright::core
