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

bool has_value(const Condition& comparison) {
    return comparison.placeholder == nullptr && !comparison.values.empty();
}

bool may_have(const Field& field, const Json& value) {
    if (field.is_array()) return true;
    return !fault_of_value(field, value);
}

// A comparison that is false of every record by itself.
std::optional<std::string> alone(const Condition& comparison) {
    const Field& field = *comparison.field;
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
        default: break;
    }
    return std::nullopt;
}

bool accepts(const Condition& comparison, const Json& value) {
    if (!has_value(comparison)) return comparison.op != Operator::is_null;
    const auto is = [&](const Json& other) { return other == value; };
    switch (comparison.op) {
        case Operator::eq: return is(comparison.values.front());
        case Operator::ne: return !is(comparison.values.front());
        case Operator::in: return std::ranges::any_of(comparison.values, is);
        case Operator::not_in: return std::ranges::none_of(comparison.values, is);
        default: return true;
    }
}

// The values that one comparison leaves, against the others on the same field.
std::optional<std::string> together(const Comparisons& same) {
    const std::string& name = same.front()->field->name;
    for (const Condition* const comparison : same) {
        const bool lists = comparison->op == Operator::eq || comparison->op == Operator::in;
        if (comparison->op == Operator::is_null && same.size() > 1 &&
            std::ranges::any_of(same, [](const Condition* other) {
                return other->op != Operator::is_null && other->op != Operator::ne &&
                       other->op != Operator::not_in;
            }))
            return name + " cannot be null and have a value";
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
        const ValueClass kind = each->field->value_class();
        const bool number = kind == ValueClass::integer || kind == ValueClass::numeric;
        if (!number || !has_value(*each)) continue;
        if (each->op == Operator::gt || each->op == Operator::gte) low = &each->values.front();
        if (each->op == Operator::lt || each->op == Operator::lte) high = &each->values.front();
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
        if (each->hops.empty()) by_field[each->field->name].push_back(each);
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
    if (auto why = why_conjunction(condition)) return why;
    for (const Condition& child : condition.children) {
        if (child.kind != Condition::Kind::any) continue;
        if (auto why = why_never(child)) return why;
    }
    return std::nullopt;
}

}  // namespace pgwright::core
