// The pieces of a statement: parameters and column lists. Conditions as predicates: predicate.cpp.
#include "core/sql_builder.hpp"

#include <utility>

#include "core/array_text.hpp"
#include "core/error.hpp"
#include "core/identifier.hpp"
#include "core/record_key.hpp"

namespace pgwright::core {

bool is_foreign(const Field& field) noexcept { return field.value_class() == ValueClass::other; }

namespace {

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
    if (field.is_array()) return array_text(parameter_value(field, value));
    const Json at = field.type == FieldType::datetime ? in_utc(value) : value;
    return at.is_array() || at.is_object() ? at.dump() : at.text();
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

std::string SqlBuilder::bind_text(std::string text) {
    return literal() ? quote_literal(text) : bind(kTextOid, Json::string(std::move(text)));
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

std::string SqlBuilder::shown(const Field& field) {
    if (!field.mask_sql.empty()) return field.mask_sql;
    return column_sql(field) + (is_foreign(field) ? "::text" : "");
}

std::string SqlBuilder::item(const Field& field) {
    const bool is_column = field.mask_sql.empty() && !is_foreign(field) && field.has_column();
    return is_column ? shown(field) : shown(field) + " AS " + quote_identifier(field.name);
}

Statement SqlBuilder::finish(std::string sql) {
    statement_.sql = std::move(sql);
    return std::move(statement_);
}

}  // namespace pgwright::core
