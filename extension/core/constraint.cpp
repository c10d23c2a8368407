// A field's constraints: the same rules as value_check.cpp, in SQL, and the way back from a
// constraint's name to the field and the rule.
#include "core/constraint.hpp"

#include <array>

#include "core/ddl.hpp"
#include "core/identifier.hpp"
#include "core/regular_expression.hpp"
#include "core/validation_rule.hpp"
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
    if (field.is_array()) {
        return "pgwright.items_have_length(" + column + ", " +
               std::to_string(field.min_length.value_or(0)) + ", " +
               std::to_string(field.max_length.value_or(kMaxFieldLength)) + ")";
    }
    return between("char_length(" + column + ")", digits(field.min_length),
                   digits(field.max_length));
}

// lowest <= ALL (items) says it of each item.
std::string items_between(const std::string& column, const std::string& lowest,
                          const std::string& highest) {
    const std::string all = " ALL (" + column + ")";
    std::string condition = lowest.empty() ? "" : lowest + " <=" + all;
    if (!highest.empty())
        condition.append(condition.empty() ? "" : " AND ").append(highest + " >=" + all);
    return condition;
}

// NaN is greater than Infinity to the server, so an upper bound keeps both out.
std::string finite_condition(const Field& field, const std::string& column) {
    const std::string all = " ALL (" + column + ")";
    std::string condition;
    if (!field.min_value)
        condition = field.is_array() ? "'-Infinity' <" + all : column + " > '-Infinity'";
    if (!field.max_value) {
        condition.append(condition.empty() ? "" : " AND ");
        condition += field.is_array() ? "'Infinity' >" + all : column + " < 'Infinity'";
    }
    return condition;
}

std::string range_condition(const Field& field, const std::string& column) {
    const bool bounded = field.min_value || field.max_value;
    const std::string lowest = field.min_value.value_or("");
    const std::string highest = field.max_value.value_or("");
    std::string condition;
    if (bounded) {
        condition = field.is_array() ? items_between(column, lowest, highest)
                                     : between(column, lowest, highest);
    }
    if (info(field.scalar_type()).value_class != ValueClass::numeric) return condition;
    const std::string finite = finite_condition(field, column);
    return condition + (condition.empty() || finite.empty() ? "" : " AND ") + finite;
}

std::string scale_condition(const Field& field, const std::string& column) {
    if (field.decimal_places && field.is_array()) {
        return "pgwright.items_have_scale(" + column + ", " +
               std::to_string(*field.decimal_places) + ")";
    }
    return field.decimal_places
               ? "min_scale(" + column + ") <= " + std::to_string(*field.decimal_places)
               : std::string();
}

std::string format_condition(const Field& field, const std::string& column) {
    const std::string_view pattern = info(field.scalar_type()).pattern;
    if (field.is_array() && !pattern.empty())
        return "pgwright.items_match(" + column + ", " + quote_literal(pattern) + ")";
    return pattern.empty() ? std::string() : column + " ~ " + quote_literal(pattern);
}

std::string pattern_condition(const Field& field, const std::string& column) {
    if (field.matcher == nullptr) return {};
    const std::string pattern = quote_literal(field.matcher->text());
    return field.is_array() ? "pgwright.items_match(" + column + ", " + pattern + ")"
                            : column + " ~ " + pattern;
}

std::string allowed_condition(const Field& field, const std::string& column) {
    if (field.allowed_values.empty()) return {};
    std::string list;
    for (const Json& value : field.allowed_values) {
        list.append(list.empty() ? "" : ", ")
            .append(value.is_number() ? value.text() : quote_literal(value.text()));
    }
    const std::string values =
        "ARRAY[" + list + "]::" + std::string(info(field.scalar_type()).sql_type) + "[]";
    return field.is_array() ? column + " <@ " + values : column + " = ANY (" + values + ")";
}

std::string items_condition(const Field& field, const std::string& column) {
    return field.is_array() ? "pgwright.is_list(" + column + ")" : std::string();
}

std::string schema_condition(const Field& field, const std::string& column) {
    if (field.json_schema.is_null()) return {};
    return "pgwright.matches_json_schema(" + column + ", " +
           quote_literal(field.json_schema.dump()) + "::jsonb)";
}

std::string items_rule(const Field& field) {
    return field.is_array() ? "must be a list of at most " + std::to_string(kMaxArrayItems) +
                                  " items, none of them null"
                            : std::string();
}
std::string schema_rule(const Field&) { return "does not match its JSON schema"; }

std::string unique_rule(const Field&) { return "must be unique"; }
std::string reference_rule(const Field&) { return "refers to a record that does not exist"; }
std::string check_rule(const Field&) { return "is refused by a constraint of the table"; }

struct Rule {
    std::string_view suffix;
    std::string (*words)(const Field&);
    std::string (*condition)(const Field&, const std::string& column);  // of a CHECK
};

// _check is what PostgreSQL calls the constraints of imported tables.
constexpr std::array<Rule, 12> kRules = {{
    {"items", items_rule, items_condition},
    {"length", length_rule, length_condition},
    {"range", range_rule, range_condition},
    {"scale", scale_rule, scale_condition},
    {"format", format_rule, format_condition},
    {"pattern", pattern_rule, pattern_condition},
    {"allowed", allowed_rule, allowed_condition},
    {"schema", schema_rule, schema_condition},
    {"key", unique_rule, nullptr},
    {"idx", unique_rule, nullptr},
    {"fkey", reference_rule, nullptr},
    {"check", check_rule, nullptr},
}};

// The rules of single values hold for each item of an array.
std::string words_of(const Rule& rule, const Field& field) {
    std::string words = rule.words(field);
    const bool each = field.is_array() && rule.condition != nullptr && rule.suffix != "items";
    return each ? "each item " + words : words;
}

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
                return {&field, words_of(rule, field)};
        }
        for (const ValidationRule& rule : field.rules) {
            if (constraint_name == rule_constraint(entity, field, rule) ||
                constraint_name == second_rule_constraint(entity, field, rule))
                return {&field, rule.message};
        }
    }
    return {};
}

}  // namespace pgwright::core
