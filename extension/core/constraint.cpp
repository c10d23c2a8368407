// A field's constraints: the same rules as value_check.cpp, in SQL, and the way back from a
// constraint's name to the field and the rule.
#include "core/constraint.hpp"

#include <array>

#include "core/ddl.hpp"
#include "core/identifier.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

std::string between(const std::string& subject, const std::string& lowest,
                    const std::string& highest) {
    if (!lowest.empty() && !highest.empty())
        return subject + " BETWEEN " + lowest + " AND " + highest;
    return lowest.empty() ? subject + " <= " + highest : subject + " >= " + lowest;
}

std::string length_condition(const Field& field, const std::string& column) {
    if (!field.min_length && !field.max_length) return {};
    const auto digits = [](const std::optional<int>& length) {
        return length ? std::to_string(*length) : std::string();
    };
    return between("char_length(" + column + ")", digits(field.min_length),
                   digits(field.max_length));
}

// NaN is greater than Infinity to the server, so an upper bound keeps both out.
std::string finite_condition(const Field& field, const std::string& column) {
    std::string condition;
    if (!field.min_value) condition = column + " > '-Infinity'";
    if (!field.max_value)
        condition.append(condition.empty() ? "" : " AND ").append(column + " < 'Infinity'");
    return condition;
}

std::string range_condition(const Field& field, const std::string& column) {
    const bool bounded = field.min_value || field.max_value;
    std::string condition =
        bounded ? between(column, field.min_value.value_or(""), field.max_value.value_or("")) : "";
    if (info(field.type).value_class != ValueClass::numeric) return condition;
    const std::string finite = finite_condition(field, column);
    return condition + (condition.empty() || finite.empty() ? "" : " AND ") + finite;
}

std::string scale_condition(const Field& field, const std::string& column) {
    return field.decimal_places
               ? "min_scale(" + column + ") <= " + std::to_string(*field.decimal_places)
               : std::string();
}

std::string format_condition(const Field& field, const std::string& column) {
    const std::string_view pattern = info(field.type).pattern;
    return pattern.empty() ? std::string() : column + " ~ " + quote_literal(pattern);
}

std::string allowed_condition(const Field& field, const std::string& column) {
    if (field.allowed_values.empty()) return {};
    std::string list;
    for (const Json& value : field.allowed_values) {
        list.append(list.empty() ? "" : ", ")
            .append(value.is_number() ? value.text() : quote_literal(value.text()));
    }
    return column + " = ANY (ARRAY[" + list + "]::" + std::string(info(field.type).sql_type) +
           "[])";
}

std::string unique_rule(const Field&) { return "must be unique"; }
std::string reference_rule(const Field&) { return "refers to a record that does not exist"; }
std::string check_rule(const Field&) { return "is refused by a constraint of the table"; }

struct Rule {
    std::string_view suffix;
    std::string (*words)(const Field&);
    std::string (*condition)(const Field&, const std::string& column);  // of a CHECK
};

// _check is what PostgreSQL calls the constraints of imported tables.
constexpr std::array<Rule, 9> kRules = {{
    {"length", length_rule, length_condition},
    {"range", range_rule, range_condition},
    {"scale", scale_rule, scale_condition},
    {"format", format_rule, format_condition},
    {"allowed", allowed_rule, allowed_condition},
    {"key", unique_rule, nullptr},
    {"idx", unique_rule, nullptr},
    {"fkey", reference_rule, nullptr},
    {"check", check_rule, nullptr},
}};

bool is_named(std::string_view name, const Entity& entity, const Field& field,
              std::string_view suffix) {
    return name == derived_name({entity.table, field.name}, suffix) ||
           name == hashed_name({entity.table, field.name}, suffix);
}

}  // namespace

std::vector<Check> checks_of(const Field& field) {
    std::vector<Check> checks;
    const std::string column = quote_identifier(field.name);
    for (const Rule& rule : kRules) {
        std::string condition = rule.condition == nullptr ? "" : rule.condition(field, column);
        if (!condition.empty()) checks.push_back({rule.suffix, std::move(condition)});
    }
    return checks;
}

ConstraintMeaning explain_constraint(const Entity& entity, std::string_view constraint_name) {
    if (constraint_name == derived_name({entity.table}, "pkey"))
        return {entity.key.size() == 1 ? entity.find(entity.key.front()) : nullptr,
                unique_rule({})};
    for (const Field& field : entity.fields) {
        for (const Rule& rule : kRules) {
            if (is_named(constraint_name, entity, field, rule.suffix))
                return {&field, rule.words(field)};
        }
    }
    return {};
}

}  // namespace pgwright::core
