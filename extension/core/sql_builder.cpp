// The pieces of a statement: parameters, column lists, and conditions as predicates.
#include "core/sql_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "core/identifier.hpp"
#include "core/record_key.hpp"
#include "core/text_match.hpp"

namespace pgwright::core {

namespace {

// Columns of types without a counterpart travel as text, whatever their type.
bool is_foreign(const Field& field) noexcept { return field.value_class() == ValueClass::other; }

// A date and time without an offset is meant in UTC; the server would read it in the session's zone.
// A column without a zone takes it as it is.
Json in_utc(Json value) {
    constexpr std::size_t date_length = 10;  // YYYY-MM-DD
    const std::string& text = value.text();
    if (!value.is_string() || text.size() < date_length) return value;
    if (text.size() == date_length) return Json::string(text + "T00:00:00Z");
    return text.find_first_of("Zz+-", date_length) == std::string::npos ? Json::string(text + "Z")
                                                                        : value;
}

std::string literal_text(const Field& field, const Json& value) {
    if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
    const Json at = field.type == FieldType::datetime ? in_utc(value) : value;
    return at.is_array() || at.is_object() ? at.dump() : at.text();
}

// Patterns are for text; an enum's labels are read as one.
std::string text_column(const Field& field) {
    constexpr std::array<std::uint32_t, 4> text_types = {19, kTextOid, 1042, 1043};
    const bool is_text = std::ranges::find(text_types, field.type_oid) != text_types.end();
    return is_text ? column_sql(field) : column_sql(field) + "::text";
}

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

}  // namespace

std::string literal(const Field& field, const Json& value) {
    return quote_literal(literal_text(field, value)) + "::" + sql_type_of(field);
}

Json parameter_value(const Field& field, Json value) {
    if (field.type_oid == kTimestamptzArrayOid) {
        for (Json& item : value.items()) item = in_utc(std::move(item));
    }
    return field.type_oid == kTimestamptzOid ? in_utc(std::move(value)) : value;
}

const Field& existing_field(const Entity& entity, std::string_view name) {
    const Field* const field = entity.find(name);
    if (field == nullptr) {
        throw Failure(Code::server_error,
                      "entity \"" + entity.name + "\" has no field \"" + std::string(name) + "\"");
    }
    return *field;
}

std::string SqlBuilder::bind(std::uint32_t type_oid, Json value) {
    Parameter& parameter = statement_.parameters.emplace_back();
    parameter.type_oid = type_oid;
    parameter.values.push_back(std::move(value));
    return "$" + std::to_string(parameters());
}

std::string SqlBuilder::bind(const Field& field, Json value) {
    if (literal()) return core::literal(field, value);
    return bind(is_foreign(field) ? kTextOid : field.type_oid,
                parameter_value(field, std::move(value)));
}

std::string SqlBuilder::bind_list(std::uint32_t array_oid, std::uint32_t element_oid,
                                  std::vector<Json> values) {
    statement_.parameters.push_back({array_oid, element_oid, std::move(values), true});
    return "$" + std::to_string(parameters());
}

std::string SqlBuilder::bind_list(const Field& field, std::vector<Json> values) {
    if (literal()) {
        std::string list;
        for (const Json& value : values)
            list.append(list.empty() ? "" : ", ").append(quote_literal(literal_text(field, value)));
        return "ARRAY[" + list + "]::" + sql_type_of(field) + "[]";
    }
    for (Json& value : values) value = parameter_value(field, std::move(value));
    if (is_foreign(field)) return bind_list(kTextArrayOid, kTextOid, std::move(values));
    return bind_list(field.array_oid, field.type_oid, std::move(values));
}

std::string SqlBuilder::table() const { return quote_qualified(entity_.schema, entity_.table); }

std::string SqlBuilder::source() const { return (source_.empty() ? table() : source_) + " r"; }

void SqlBuilder::adopt(SqlBuilder&& part) {
    for (Parameter& parameter : part.statement_.parameters)
        statement_.parameters.push_back(std::move(parameter));
}

std::string SqlBuilder::comparison_operator(const Field& field, Operator op) const {
    return sign(field, op);
}

std::string SqlBuilder::select_list() {
    std::string list;
    for (const Field& field : entity_.fields) {
        if (!list.empty()) list += ", ";
        list += select(field);
    }
    return list;
}

std::string SqlBuilder::select_key() {
    std::string list;
    for (const Field* const field : key_fields(entity_)) {
        if (!list.empty()) list += ", ";
        list += select(*field);
    }
    return list;
}

std::string SqlBuilder::where_key(const Json& key, Rows rows) {
    const std::vector<const Field*> fields = key_fields(entity_);
    std::string where;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        where += where.empty() ? " WHERE " : " AND ";
        where += equals(*fields[i], bind(*fields[i], key_part(entity_, key, i)));
    }
    if (entity_.soft_delete && rows != Rows::all)
        where += rows == Rows::live ? " AND " + live() : " AND r.\"deleted_at\" IS NOT NULL";
    return where;
}

std::string SqlBuilder::equals(const Field& field, const std::string& value) const {
    return comparable(field) + sign(field, Operator::eq) + value;
}

std::string SqlBuilder::live() const {
    // The column is the engine's own: an entity need not show it as a field.
    return entity_.soft_delete ? "r.\"deleted_at\" IS NULL" : std::string();
}

std::string SqlBuilder::select(const Field& field) {
    statement_.columns.push_back(&field);
    return item(field);
}

std::string SqlBuilder::item(const Field& field) {
    if (!field.mask_sql.empty()) return field.mask_sql + " AS " + quote_identifier(field.name);
    std::string item = column_sql(field);
    if (is_foreign(field)) item += "::text";
    if (is_foreign(field) || !field.has_column()) item += " AS " + quote_identifier(field.name);
    return item;
}

Statement SqlBuilder::finish(std::string sql) {
    statement_.sql = std::move(sql);
    return std::move(statement_);
}

// A comparison with a null column may be NULL in SQL where the condition is false. Under AND and OR
// the two select the same rows, and the plain operator can use an index; NOT is written IS NOT TRUE,
// which takes both for false. So the whole is true of exactly the rows the condition is true of.
std::string SqlBuilder::predicate(const Condition& condition) {
    switch (condition.kind) {
        case Condition::Kind::comparison: return comparison(condition);
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

namespace {

Condition without_hops(const Condition& condition, Operator op) {
    Condition plain = condition;
    plain.hops.clear();
    plain.op = op;
    return plain;
}

// What is true of a null too is the negation of this: NOT (... = ...) and so on.
std::optional<Operator> negated(Operator op) noexcept {
    switch (op) {
        case Operator::ne: return Operator::eq;
        case Operator::not_in: return Operator::in;
        case Operator::is_null: return Operator::is_not_null;
        default: return std::nullopt;
    }
}

}  // namespace

// Where the way ends early there is no row, and the field counts as null: so what is true of a null is
// written as the negation of what is not.
std::string SqlBuilder::comparison(const Condition& condition) {
    if (condition.hops.empty()) return compare(condition);
    if (const auto positive = negated(condition.op)) {
        Condition other = condition;
        other.op = *positive;
        return "NOT " + dotted(other, 0);
    }
    return dotted(condition, 0);
}

std::string SqlBuilder::dotted(const Condition& condition, std::size_t made) {
    if (made == condition.hops.size()) return compare(without_hops(condition, condition.op));
    const Hop& hop = condition.hops[made];
    const std::string outer = reference(*hop.lookup);
    const std::string alias = "x" + std::to_string(made + 1);
    std::string sql = "EXISTS (SELECT FROM " +
                      quote_qualified(hop.target->schema, hop.target->table) + " " + alias +
                      " WHERE " + alias + "." + quote_identifier(hop.lookup->reference->column) +
                      " = " + outer;
    if (hop.target->soft_delete) sql += " AND " + alias + ".\"deleted_at\" IS NULL";
    const std::string before = std::exchange(alias_, alias);
    sql += " AND " + dotted(condition, made + 1);
    alias_ = before;
    return sql + ")";
}

// A placeholder, or the first value.
std::string SqlBuilder::value(const Condition& condition) {
    if (condition.placeholder != nullptr)
        return condition.placeholder->sql_for(condition.field->value_class());
    return bind(*condition.field, condition.values.front());
}

std::string SqlBuilder::list(const Condition& condition) {
    if (condition.placeholder != nullptr) return value(condition);
    return bind_list(*condition.field, condition.values);
}

std::string SqlBuilder::compare(const Condition& condition) {
    const Field& field = *condition.field;
    switch (condition.op) {
        case Operator::is_null: return reference(field) + " IS NULL";
        case Operator::is_not_null: return reference(field) + " IS NOT NULL";
        case Operator::contains:
        case Operator::starts_with:
        case Operator::ends_with: return search(condition);
        case Operator::in: return membership(condition);
        case Operator::not_in:
            return "(" + comparable(field) + " = ANY (" + list(condition) + ")) IS NOT TRUE";
        case Operator::ne: return comparable(field) + " IS DISTINCT FROM " + value(condition);
        default: break;
    }
    return comparable(field) + sign(field, condition.op) + value(condition);
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

std::string SqlBuilder::search(const Condition& condition) {
    const Field& field = *condition.field;
    const Anchor anchor = anchor_of(condition.op);
    const std::string& needle = condition.values.front().text();
    if (!literal() && is_searchable(field))
        return reference(field) + leakproof(search_sign(anchor)) +
               bind(kTextOid, Json::string(needle));
    const std::string pattern = like_pattern(needle, anchor);
    const bool plain = literal() || !alias_.empty();
    return (plain ? reference(field) : text_column(field)) + " ILIKE " +
           (literal() ? quote_literal(pattern) : bind(kTextOid, Json::string(pattern)));
}

}  // namespace pgwright::core
