// Finding contradictions; see condition_check.hpp.
#include "core/condition_check.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "core/value_check.hpp"

namespace pgwright::core {

namespace {

using Comparisons = std::vector<const Condition*>;

// Of a conjunction: what must all be true.
void collect(const Condition& condition, Comparisons& all) {
    if (condition.kind == Condition::Kind::comparison) all.push_back(&condition);
    if (condition.kind == Condition::Kind::all) {
        for (const Condition& child : condition.children) collect(child, all);
    }
}

bool has_value(const Condition& comparison) { return !comparison.values.empty(); }

bool is_number(const Field& field) {
    const ValueClass kind = field.value_class();
    return kind == ValueClass::integer || kind == ValueClass::numeric;
}

bool may_have(const Field& field, const Json& value) {
    if (field.is_array()) return true;
    return !fault_of_value(field, value);
}

// Of values as the parser has them: dates are texts that sort as they follow each other.
bool is_above(const Field& field, const Json& low, const Json& high) {
    if (is_number(field)) return compare_decimals(low.text(), high.text()) > 0;
    return field.value_class() == ValueClass::date && low.text() > high.text();
}

// A comparison that is false of every record by itself.
std::optional<std::string> alone(const Condition& comparison) {
    const Field& field = *comparison.field;
    if (!comparison.document.empty()) return std::nullopt;
    switch (comparison.op) {
        case Operator::is_null:
            if (field.required && comparison.hops.empty())
                return field.name + " is required and never null";
            break;
        case Operator::eq:
            if (has_value(comparison) && !may_have(field, comparison.values.front()))
                return field.name + " may not have that value";
            break;
        case Operator::in:
            if (comparison.placeholder == nullptr &&
                std::ranges::none_of(comparison.values,
                                     [&](const Json& value) { return may_have(field, value); }))
                return field.name + " may have none of these values";
            break;
        case Operator::between:
            if (is_above(field, comparison.values.front(), comparison.values.back()))
                return field.name + " cannot be above the one bound and below the other";
            break;
        case Operator::array_overlaps:
            if (!has_value(comparison)) return field.name + " overlaps with nothing";
            break;
        default: break;
    }
    return std::nullopt;
}

bool accepts(const Condition& comparison, const Json& value) {
    const auto is = [&](const Json& other) { return other == value; };
    switch (comparison.op) {
        case Operator::is_null: return false;
        case Operator::eq: return !has_value(comparison) || is(comparison.values.front());
        case Operator::ne: return !has_value(comparison) || !is(comparison.values.front());
        case Operator::in:
            return comparison.placeholder != nullptr || std::ranges::any_of(comparison.values, is);
        case Operator::not_in: return std::ranges::none_of(comparison.values, is);
        default: return true;
    }
}

bool wants_value(const Condition* comparison) {
    const bool of_null = comparison->op == Operator::is_null || negated(comparison->op);
    return !of_null;
}

// The values that one comparison leaves, against the others on the same field.
std::optional<std::string> together(const Comparisons& same) {
    const std::string& name = same.front()->field->name;
    const bool null = std::ranges::find(same, Operator::is_null, [](const Condition* each) {
                          return each->op;
                      }) != same.end();
    if (null && std::ranges::any_of(same, wants_value))
        return name + " cannot be null and have a value";
    for (const Condition* const comparison : same) {
        const bool lists = comparison->op == Operator::eq || comparison->op == Operator::in;
        if (!lists || !has_value(*comparison)) continue;
        const bool any = std::ranges::any_of(comparison->values, [&](const Json& value) {
            return std::ranges::all_of(
                same, [&](const Condition* other) { return accepts(*other, value); });
        });
        if (!any) return name + " cannot be all of that at once";
    }
    return std::nullopt;
}

std::optional<std::string> bounds(const Comparisons& same) {
    const Json* low = nullptr;
    const Json* high = nullptr;
    for (const Condition* const each : same) {
        if (!is_number(*each->field) || !has_value(*each)) continue;
        const bool both = each->op == Operator::between;
        if (both || each->op == Operator::gt || each->op == Operator::gte)
            low = &each->values.front();
        if (both || each->op == Operator::lt || each->op == Operator::lte)
            high = &each->values.back();
    }
    if (low == nullptr || high == nullptr) return std::nullopt;
    if (compare_decimals(low->text(), high->text()) <= 0) return std::nullopt;
    return same.front()->field->name + " cannot be above the one bound and below the other";
}

std::optional<std::string> why_conjunction(const Condition& condition) {
    Comparisons all;
    collect(condition, all);
    std::map<std::string, Comparisons> by_field;
    for (const Condition* const each : all) {
        if (auto why = alone(*each)) return why;
        if (each->hops.empty() && each->document.empty())
            by_field[each->field->name].push_back(each);
    }
    for (const auto& [name, same] : by_field) {
        if (auto why = together(same)) return why;
        if (auto why = bounds(same)) return why;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> why_never(const Condition& condition) {
    if (condition.kind == Condition::Kind::any) {
        std::optional<std::string> why;
        for (const Condition& child : condition.children) {
            why = why_never(child);
            if (!why) return std::nullopt;
        }
        return why;
    }
    if (condition.kind == Condition::Kind::none) return std::nullopt;
    if (condition.kind == Condition::Kind::related) {
        if (condition.quantifier != Condition::Quantifier::any) return std::nullopt;
        return why_never(condition.children.front());
    }
    if (auto why = why_conjunction(condition)) return why;
    for (const Condition& child : condition.children) {
        if (child.kind != Condition::Kind::any && child.kind != Condition::Kind::related) continue;
        if (auto why = why_never(child)) return why;
    }
    return std::nullopt;
}

}  // namespace pgwright::core
