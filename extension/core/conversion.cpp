// The matrix of conversions; see conversion.hpp. Keyed by the columns' types, because field types that
// share one (string and email, lookup and uuid) differ in constraints alone.
#include "core/conversion.hpp"

#include <algorithm>
#include <array>

#include "core/identifier.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

constexpr std::string_view kText = "text";
constexpr std::string_view kDatetime = "timestamp with time zone";
constexpr std::string_view kYears = "extract(year FROM @) BETWEEN 1 AND 9999";
constexpr std::string_view kUtcYears = "extract(year FROM @ AT TIME ZONE 'UTC') BETWEEN 1 AND 9999";
constexpr std::string_view kIntegers = "@ BETWEEN -2147483648 AND 2147483647";
constexpr std::string_view kWholeIntegers = "@ BETWEEN -2147483648 AND 2147483647 AND @ = trunc(@)";
constexpr std::string_view kWholeBigintegers =
    "@ BETWEEN -9223372036854775808 AND 9223372036854775807 AND @ = trunc(@)";

// @ stands for the value. exact is needed only where values that convert may come back as others.
struct Rule {
    std::string_view from, to;
    bool in_place;
    std::string_view sql, test, exact;
};

constexpr std::array<Rule, 23> kRules = {{
    {"integer", "bigint", true, "@::bigint", "", ""},
    {"bigint", "integer", false, "@::integer", kIntegers, ""},
    {"integer", "numeric", true, "@::numeric", "", ""},
    {"bigint", "numeric", true, "@::numeric", "", ""},
    {"numeric", "integer", false, "@::integer", kWholeIntegers, ""},
    {"numeric", "bigint", false, "@::bigint", kWholeBigintegers, ""},
    {"integer", "boolean", false, "@ = 1", "@ IN (0, 1)", ""},
    {"bigint", "boolean", false, "@ = 1", "@ IN (0, 1)", ""},
    {"boolean", "integer", false, "@::integer", "", ""},
    {"boolean", "bigint", false, "@::integer::bigint", "", ""},
    {"date", kDatetime, false, "@::timestamp AT TIME ZONE 'UTC'", kYears, ""},
    {kDatetime, "date", false, "(@ AT TIME ZONE 'UTC')::date", kUtcYears,
     "@ = date_trunc('day', @ AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"},

    {"integer", kText, true, "@::text", "", ""},
    {"bigint", kText, true, "@::text", "", ""},
    {"numeric", kText, true, "@::text", "@ > '-Infinity' AND @ < 'Infinity'", ""},
    {"boolean", kText, true, "@::text", "", ""},
    {"time without time zone", kText, true, "@::text", "", ""},
    {"uuid", kText, true, "@::text", "", ""},
    {"jsonb", kText, true, "@::text", "", ""},
    {"date", kText, true, "to_char(@, 'YYYY-MM-DD')", kYears, ""},
    {kDatetime, kText, true,
     "regexp_replace(to_char(@ AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
     "'[.]?0+Z$', 'Z')",
     kUtcYears, ""},

    // What text has no offset is meant in UTC.
    {kText, kDatetime, false,
     "CASE WHEN substr(@, 11) ~ '[Zz+-]' THEN @::timestamptz "
     "ELSE @::timestamp AT TIME ZONE 'UTC' END",
     "", ""},
    {kText, "date", false, "@::date", "", ""},
}};

// The field type whose values' rules decide whether a text converts to the column's type.
struct ReadableType {
    std::string_view sql_type, field_type;
};
constexpr std::array<ReadableType, 9> kReadable = {{
    {"integer", "integer"},
    {"bigint", "biginteger"},
    {"numeric", "decimal"},
    {"boolean", "boolean"},
    {"date", "date"},
    {kDatetime, "datetime"},
    {"time without time zone", "time"},
    {"uuid", "uuid"},
    {"jsonb", "json"},
}};

std::string with_value(std::string_view pattern, std::string_view value) {
    std::string text;
    for (const char c : pattern) {
        if (c == '@')
            text += value;
        else
            text += c;
    }
    return text;
}

const Rule* find_rule(std::string_view from, std::string_view to) noexcept {
    const auto* const found = std::ranges::find_if(
        kRules, [&](const Rule& rule) { return rule.from == from && rule.to == to; });
    return found == kRules.end() ? nullptr : found;
}

// A text is the same again when the value it became is written as it was.
Conversion from_text(std::string_view to, std::string_view value) {
    const auto* const readable = std::ranges::find(kReadable, to, &ReadableType::sql_type);
    if (readable == kReadable.end()) return {};
    const Rule* const rule = find_rule(kText, to);
    Conversion made{true, false, {}, {}, {}};
    made.sql =
        rule == nullptr ? std::string(value).append("::").append(to) : with_value(rule->sql, value);
    made.test = "pgwright.is_convertible(" + std::string(value) + ", " +
                quote_literal(readable->field_type) + ")";
    made.exact =
        with_value(find_rule(to, kText)->sql, '(' + made.sql + ')') + " = " + std::string(value);
    return made;
}

Conversion between(std::string_view from, std::string_view to, std::string_view value) {
    if (from == kText) return from_text(to, value);
    const Rule* const rule = find_rule(from, to);
    if (rule == nullptr) return {};
    return {true, rule->in_place, with_value(rule->sql, value), with_value(rule->test, value),
            with_value(rule->exact, value)};
}

// Arrays ----------------------------------------------------------------------------------------

Conversion one_to_array(std::string_view value) {
    const std::string one(value);
    return {true, false, "CASE WHEN " + one + " IS NOT NULL THEN ARRAY[" + one + "] END", "", ""};
}

Conversion array_to_one(std::string_view value) {
    const std::string array(value);
    return {true, false, "(" + array + ")[1]", "cardinality(" + array + ") <= 1",
            "cardinality(" + array + ") = 1 AND (" + array + ")[1] IS NOT NULL"};
}

std::string every_item(std::string_view array, const std::string& condition) {
    if (condition.empty()) return {};
    return "NOT EXISTS (SELECT 1 FROM unnest(" + std::string(array) +
           ") AS item WHERE item IS NOT NULL AND (" + condition + ") IS NOT TRUE)";
}

Conversion array_to_array(std::string_view from, std::string_view to, std::string_view value) {
    const Conversion item = between(from, to, "item");
    if (!item.possible) return {};
    const std::string array(value);
    return {true, false,
            "CASE WHEN " + array + " IS NOT NULL THEN ARRAY(SELECT " + item.sql + " FROM unnest(" +
                array + ") WITH ORDINALITY AS items (item, place) ORDER BY place) END",
            every_item(value, item.test), every_item(value, item.exact)};
}

constexpr std::string_view kBrackets = "[]";

std::string_view item_of(std::string_view type) noexcept {
    return type.ends_with(kBrackets) ? type.substr(0, type.size() - kBrackets.size())
                                     : std::string_view();
}

}  // namespace

std::string Conversion::guarded() const {
    return test.empty() ? sql : "CASE WHEN " + test + " THEN " + sql + " END";
}

Conversion convert(const Field& from, const Field& to, std::string_view value) {
    const std::string source = sql_type_of(from);
    const std::string target = sql_type_of(to);
    if (source.empty() || target.empty() || source == target) return {};
    const std::string_view source_item = item_of(source);
    const std::string_view target_item = item_of(target);
    if (!source_item.empty() && !target_item.empty())
        return array_to_array(source_item, target_item, value);
    if (target_item == source) return one_to_array(value);
    if (source_item == target) return array_to_one(value);
    return between(source, target, value);
}

bool is_convertible_text(std::string_view text, std::string_view field_type) {
    const FieldTypeInfo* const type = find_field_type(field_type);
    if (type == nullptr || type->type == FieldType::other) return false;
    Field field;
    field.type = type->type;
    field.type_oid = type->type_oid;
    const auto value = value_from_text(field, std::string(text));
    return value && !value->is_null() && !fault_of_value(field, *value);
}

}  // namespace pgwright::core
