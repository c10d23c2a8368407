// The tables of operators and aliases; see condition_operator.hpp.
#include "core/condition_operator.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pgwright::core {

namespace {

constexpr std::array<OperatorInfo, 25> kOperators = {{
    {"eq", Operator::eq, Family::equality, {}},
    {"ne", Operator::ne, Family::equality, {}},
    {"gt", Operator::gt, Family::order, {}},
    {"gte", Operator::gte, Family::order, {}},
    {"lt", Operator::lt, Family::order, {}},
    {"lte", Operator::lte, Family::order, {}},
    {"between", Operator::between, Family::range, {}},
    {"not_between", Operator::not_between, Family::range, {}},
    {"contains", Operator::contains, Family::search, {}},
    {"not_contains", Operator::not_contains, Family::search, {}},
    {"starts_with", Operator::starts_with, Family::search, {}},
    {"ends_with", Operator::ends_with, Family::search, {}},
    {"like", Operator::like, Family::pattern, {}},
    {"ilike", Operator::ilike, Family::pattern, {}},
    {"matches", Operator::matches, Family::regular, {}},
    {"search", Operator::search, Family::words, {}},
    {"in", Operator::in, Family::list, {}},
    {"not_in", Operator::not_in, Family::list, {}},
    {"is_null", Operator::is_null, Family::presence, {}},
    {"is_not_null", Operator::is_not_null, Family::presence, {}},
    {"is_empty", Operator::is_empty, Family::presence, {}},
    {"is_not_empty", Operator::is_not_empty, Family::presence, {}},
    {"array_contains", Operator::array_contains, Family::array, {}},
    {"array_overlaps", Operator::array_overlaps, Family::array, {}},
    {"array_contained", Operator::array_contained, Family::array, {}},
}};

// The first column is what somebody may have written.
constexpr std::array<std::pair<std::string_view, Operator>, 45> kAliases = {{
    {"=", Operator::eq},
    {"==", Operator::eq},
    {"equal", Operator::eq},
    {"equals", Operator::eq},
    {"is", Operator::eq},
    {"!=", Operator::ne},
    {"<>", Operator::ne},
    {"neq", Operator::ne},
    {"not_equal", Operator::ne},
    {"not_equals", Operator::ne},
    {"is_not", Operator::ne},
    {">", Operator::gt},
    {"greater_than", Operator::gt},
    {"after", Operator::gt},
    {">=", Operator::gte},
    {"ge", Operator::gte},
    {"greater_or_equal", Operator::gte},
    {"greater_than_or_equal", Operator::gte},
    {"greater_than_or_equals", Operator::gte},
    {"on_or_after", Operator::gte},
    {"<", Operator::lt},
    {"less_than", Operator::lt},
    {"before", Operator::lt},
    {"<=", Operator::lte},
    {"le", Operator::lte},
    {"less_or_equal", Operator::lte},
    {"less_than_or_equal", Operator::lte},
    {"less_than_or_equals", Operator::lte},
    {"on_or_before", Operator::lte},
    {"range", Operator::between},
    {"does_not_contain", Operator::not_contains},
    {"startswith", Operator::starts_with},
    {"begins_with", Operator::starts_with},
    {"endswith", Operator::ends_with},
    {"regex", Operator::matches},
    {"in_list", Operator::in},
    {"nin", Operator::not_in},
    {"not_in_list", Operator::not_in},
    {"null", Operator::is_null},
    {"not_null", Operator::is_not_null},
    {"empty", Operator::is_empty},
    {"not_empty", Operator::is_not_empty},
    {"overlaps", Operator::array_overlaps},
    {"contained_by", Operator::array_contained},
    {"contains_all", Operator::array_contains},
}};

const OperatorInfo& info_of(Operator op) noexcept {
    return *std::ranges::find(kOperators, op, &OperatorInfo::op);
}

bool is_text(ValueClass value_class) noexcept {
    return value_class == ValueClass::text || value_class == ValueClass::other;
}

}  // namespace

std::optional<OperatorInfo> find_operator(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kOperators, name, &OperatorInfo::name);
    if (found != kOperators.end()) return *found;
    const auto* const alias =
        std::ranges::find(kAliases, name, &std::pair<std::string_view, Operator>::first);
    if (alias != kAliases.end()) return info_of(alias->second);
    if (const auto period = find_period(name))
        return OperatorInfo{name, Operator::within, Family::period, *period};
    return std::nullopt;
}

std::string_view operator_name(Operator op) noexcept {
    return op == Operator::within ? "within" : info_of(op).name;
}

bool applies(Family family, ValueClass value_class) noexcept {
    switch (family) {
        case Family::presence: return true;
        case Family::equality: return value_class != ValueClass::json;
        case Family::list:
            return value_class != ValueClass::json && value_class != ValueClass::array;
        case Family::search: return is_text(value_class) || value_class == ValueClass::array;
        case Family::pattern:
        case Family::regular: return is_text(value_class);
        case Family::order:
        case Family::range:
            return value_class != ValueClass::json && value_class != ValueClass::boolean &&
                   value_class != ValueClass::array && value_class != ValueClass::other;
        case Family::words: return value_class == ValueClass::text;
        case Family::array: return value_class == ValueClass::array;
        case Family::period:
            return value_class == ValueClass::date || value_class == ValueClass::datetime;
    }
    return false;
}

std::optional<Operator> negated(Operator op) noexcept {
    switch (op) {
        case Operator::ne: return Operator::eq;
        case Operator::not_between: return Operator::between;
        case Operator::not_contains: return Operator::contains;
        case Operator::not_in: return Operator::in;
        case Operator::is_null: return Operator::is_not_null;
        case Operator::is_empty: return Operator::is_not_empty;
        default: return std::nullopt;
    }
}

}  // namespace pgwright::core
