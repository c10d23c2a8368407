// Conditions as predicates: the half of SqlBuilder that writes what is true of the rows they are true of.
// Related records: predicate_related.cpp; values in JSON documents: predicate_document.cpp.
#include <algorithm>
#include <array>

#include "core/identifier.hpp"
#include "core/sql_builder.hpp"
#include "core/text_match.hpp"

namespace pgwright::core {

namespace {

constexpr std::size_t kDateLength = 10;  // YYYY-MM-DD

std::string_view comparison_sign(Operator op) noexcept {
    switch (op) {
        case Operator::gt: return ">";
        case Operator::gte: return ">=";
        case Operator::lt: return "<";
        case Operator::lte: return "<=";
        default: return "=";
    }
}

Anchor anchor_of(Operator op) noexcept {
    switch (op) {
        case Operator::starts_with: return Anchor::start;
        case Operator::ends_with: return Anchor::end;
        default: return Anchor::anywhere;
    }
}

std::string_view search_sign(Anchor anchor) noexcept {
    switch (anchor) {
        case Anchor::start: return "^@~";
        case Anchor::end: return "~@^";
        case Anchor::anywhere: break;
    }
    return "~@~";
}

// An operator of pgwright that means what the server's means and is leakproof, which the server's is
// not: below a policy only leakproof operators reach an index (docs/performance.md).
std::string leakproof(std::string_view sign) {
    return std::string(" OPERATOR(pgwright.").append(sign).append(") ");
}

bool is_searchable(const Field& field) noexcept {
    return field.type_oid == kTextOid || field.type_oid == kVarcharOid;
}

bool is_text(const Field& field) noexcept {
    constexpr std::array<std::uint32_t, 4> text_types = {19, kTextOid, 1042, kVarcharOid};
    return std::ranges::find(text_types, field.type_oid) != text_types.end();
}

// The arrays that pgwright has leakproof operators of: sql/36_leakproof.sql.
bool has_leakproof_items(const Field& field) noexcept {
    constexpr std::array<std::uint32_t, 7> types = {
        kTextArrayOid, 1007, 1016, 1231, 1182, 2951, kTimestamptzArrayOid};
    return std::ranges::find(types, field.type_oid) != types.end();
}

bool is_exact_number(const Field& field) noexcept {
    constexpr std::array<std::uint32_t, 4> types = {21, 23, kBigintOid, kNumericOid};
    return std::ranges::find(types, field.type_oid) != types.end();
}

Moment moment_of(const Field& field) noexcept {
    if (field.value_class() == ValueClass::date) return Moment::date;
    return field.type_oid == kTimestampOid ? Moment::timestamp : Moment::timestamptz;
}

// A date or a time without a zone as the moment that it is in UTC.
std::string as_timestamptz(const std::string& sql, const Field& field) {
    switch (moment_of(field)) {
        case Moment::date: return "(" + sql + "::timestamp AT TIME ZONE 'UTC')";
        case Moment::timestamp: return "(" + sql + " AT TIME ZONE 'UTC')";
        case Moment::timestamptz: break;
    }
    return sql;
}

std::string in_parentheses(const std::string& sql) { return "(" + sql + ")"; }

}  // namespace

// A comparison with a null column may be NULL in SQL where the condition is false. Under AND and OR
// the two select the same rows, and the plain operator can use an index; NOT is written IS NOT TRUE,
// which takes both for false. So the whole is true of exactly the rows the condition is true of.
std::string SqlBuilder::predicate(const Condition& condition) {
    switch (condition.kind) {
        case Condition::Kind::comparison: return comparison(condition);
        case Condition::Kind::related: return related(condition);
        case Condition::Kind::none:
            return "(" + predicate(condition.children.front()) + ") IS NOT TRUE";
        case Condition::Kind::any: return junction(condition, " OR ");
        case Condition::Kind::all: break;
    }
    return junction(condition, " AND ");
}

std::string SqlBuilder::junction(const Condition& condition, std::string_view word) {
    if (condition.children.empty()) return "true";
    if (condition.children.size() == 1) return predicate(condition.children.front());
    std::string sql = "(";
    for (const Condition& child : condition.children) {
        if (sql.size() > 1) sql += word;
        sql += predicate(child);
    }
    return sql + ")";
}

std::string SqlBuilder::reference(const Field& field) const {
    if (!alias_.empty()) return alias_ + "." + quote_identifier(field.name);
    return literal() ? quote_identifier(field.name) : column_sql(field);
}

std::string SqlBuilder::comparable(const Field& field) const {
    return is_foreign(field) ? reference(field) + "::text" : reference(field);
}

// Patterns are for text; an enum's labels are read as one.
std::string SqlBuilder::text_reference(const Field& field) const {
    return is_text(field) ? reference(field) : reference(field) + "::text";
}

// The field is one of the row under the alias that is current.
std::string SqlBuilder::compare(const Condition& condition) {
    const bool plain = condition.document.empty() && condition.placeholder == nullptr &&
                       condition.other == nullptr;
    if (condition.op == Operator::is_null && plain) return reference(*condition.field) + " IS NULL";
    if (condition.op == Operator::ne && plain)
        return comparable(*condition.field) + " IS DISTINCT FROM " + value(condition);
    if (const auto positive = negated(condition.op))
        return "(" + compare(condition, *positive) + ") IS NOT TRUE";
    return compare(condition, condition.op);
}

// Operators that are true of no null, in the condition's place.
std::string SqlBuilder::compare(const Condition& condition, Operator op) {
    if (!condition.document.empty()) return in_document(condition, op);
    if (condition.other) return compare_fields(condition, op);
    const Field& field = *condition.field;
    switch (op) {
        case Operator::is_not_null: return reference(field) + " IS NOT NULL";
        case Operator::is_not_empty: return not_empty(field);
        case Operator::between: return between(condition);
        case Operator::within: return within(condition);
        case Operator::contains:
        case Operator::starts_with:
        case Operator::ends_with:
            return field.is_array() ? of_items(condition, Operator::array_contains)
                                    : search(field, condition.values.front().text(), anchor_of(op));
        case Operator::like:
        case Operator::ilike:
        case Operator::matches: return pattern(field, condition.values.front().text(), op);
        case Operator::search: return words(field, condition.values.front().text());
        case Operator::in: return membership(condition);
        case Operator::array_contains:
        case Operator::array_overlaps:
        case Operator::array_contained: return of_items(condition, op);
        default: return comparable(field) + sign(field, op) + value(condition);
    }
}

// A placeholder, or the first value.
std::string SqlBuilder::value(const Condition& condition) {
    if (condition.placeholder != nullptr) return condition.placeholder->sql_for(*condition.field);
    return bind(*condition.field, condition.values.front());
}

std::string SqlBuilder::list(const Condition& condition) {
    if (condition.placeholder != nullptr) return value(condition);
    return bind_list(*condition.field, condition.values);
}

// A literal condition keeps the server's operators: it is an index's, and has to follow from
// conditions that people write in SQL too.
std::string SqlBuilder::sign(const Field& field, Operator op) const {
    const std::string_view sign = comparison_sign(op);
    if (!literal() && field.type_oid == kNumericOid) return leakproof(sign);
    return std::string(" ").append(sign).append(" ");
}

std::string SqlBuilder::membership(const Condition& condition) {
    const Field& field = *condition.field;
    if (!literal() && field.type_oid == kNumericOid)
        return comparable(field) + leakproof("<@") + list(condition);
    return comparable(field) + " = ANY (" + list(condition) + ")";
}

std::string SqlBuilder::not_empty(const Field& field) const {
    const std::string column = reference(field);
    if (field.is_array()) return "cardinality(" + column + ") > 0";
    if (field.value_class() == ValueClass::text) return column + " <> ''";
    if (field.value_class() != ValueClass::json) return column + " IS NOT NULL";
    return not_empty_document(as_jsonb(field));
}

// A last day without a time of day is covered as a whole.
std::string SqlBuilder::between(const Condition& condition) {
    const Field& field = *condition.field;
    const std::string column = comparable(field);
    const std::string low = column + sign(field, Operator::gte) + bind(field, condition.values[0]);
    const Json& last = condition.values[1];
    const bool whole_day =
        field.value_class() == ValueClass::datetime && last.text().size() == kDateLength;
    if (!whole_day)
        return in_parentheses(low + " AND " + column + sign(field, Operator::lte) +
                              bind(field, last));
    const std::string day =
        literal() ? quote_literal(last.text()) + "::date" : bind(kDateOid, last) + "::date";
    std::string next = "(" + day + " + 1)::timestamp";
    if (moment_of(field) == Moment::timestamptz) next = "(" + next + " AT TIME ZONE 'UTC')";
    return in_parentheses(low + " AND " + column + " < " + next);
}

std::string SqlBuilder::within(const Condition& condition) {
    std::string count;
    if (condition.period.counted)
        count = literal() ? condition.values.front().text()
                          : bind(kIntegerOid, condition.values.front());
    const std::string column = reference(*condition.field);
    const PeriodBounds bounds = period_bounds(condition.period, count, moment_of(*condition.field));
    return in_parentheses(column + " >= " + bounds.from + " AND " + column + " < " + bounds.to);
}

std::string SqlBuilder::search(const Field& field, const std::string& needle, Anchor anchor) {
    if (!literal() && is_searchable(field))
        return reference(field) + leakproof(search_sign(anchor)) + bind_text(needle);
    return text_reference(field) + " ILIKE " + bind_text(like_pattern(needle, anchor));
}

// ILIKE of a pattern that only asks for a needle is the search for it, which an index may serve.
std::string SqlBuilder::pattern(const Field& field, const std::string& text, Operator op) {
    if (op == Operator::ilike) {
        if (const auto needle = needle_asked_for(text))
            return search(field, needle->text, needle->anchor);
        return text_reference(field) + " ILIKE " + bind_text(text);
    }
    return text_reference(field) + (op == Operator::like ? " LIKE " : " ~ ") + bind_text(text);
}

std::string SqlBuilder::words(const Field& field, const std::string& query) {
    const bool is_markup = field.type == FieldType::rich_text;
    return text_reference(field) + leakproof(is_markup ? "<@@@>" : "@@@") + bind_text(query);
}

std::string SqlBuilder::of_items(const Condition& condition, Operator op) {
    const Field& field = *condition.field;
    const std::string_view sign = op == Operator::array_contains   ? "@>"
                                  : op == Operator::array_overlaps ? "&&"
                                                                   : "<@";
    const bool ours = !literal() && op != Operator::array_contained && has_leakproof_items(field);
    const std::string words = ours ? leakproof(sign) : std::string(" ").append(sign).append(" ");
    return reference(field) + words + bind(field, Json::array(condition.values));
}

// Two fields. What differs in type meets in the wider of the two.
std::string SqlBuilder::compare_fields(const Condition& condition, Operator op) const {
    const Field& field = *condition.field;
    const Field& other = *condition.other->field;
    std::string left = reference(field);
    std::string right = other_;
    const bool numeric = field.type_oid == kNumericOid || other.type_oid == kNumericOid;
    if (numeric && is_exact_number(field) && is_exact_number(other)) {
        if (field.type_oid != kNumericOid) left += "::numeric";
        if (other.type_oid != kNumericOid) right += "::numeric";
        return left + sign(field.type_oid == kNumericOid ? field : other, op) + right;
    }
    if (field.type_oid != other.type_oid &&
        (field.value_class() == ValueClass::date || field.value_class() == ValueClass::datetime)) {
        left = as_timestamptz(left, field);
        right = as_timestamptz(right, other);
    }
    return std::string(left).append(" ").append(comparison_sign(op)).append(" ").append(right);
}

}  // namespace pgwright::core
