// Compiles the statements that write. The caller has checked the data against the entity; what counts
// here is that the statement does exactly what the data says.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/array_text.hpp"
#include "core/default_sql.hpp"
#include "core/error.hpp"
#include "core/identifier.hpp"
#include "core/query.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

namespace {

const Field& writable(const Field& field) {
    if (field.value_class() != ValueClass::other) return field;
    throw Failure(Code::server_error,
                  "field \"" + field.name + "\" has a type that cannot be written");
}

using Given = std::vector<std::pair<const Field*, const Json*>>;

// The members of the data with their fields, in the entity's order, so that the same fields give the
// same text in whatever order a client writes them.
Given given_fields(const Entity& entity, const Json& data) {
    Given given;
    for (const auto& [name, value] : data.members())
        given.emplace_back(&writable(existing_field(entity, name)), &value);
    std::ranges::sort(given, {}, &Given::value_type::first);
    return given;
}

void append(std::string& list, std::string_view item) {
    if (!list.empty()) list += ", ";
    list += item;
}

// What the records of a bulk insert give for one field. Empty when none gives it.
struct BulkColumn {
    std::vector<Json> values;  // null where nothing was given
    std::vector<Json> given;   // booleans
    bool by_all = true;
};

// One column per field of the entity, in its order, so that the shape depends on which fields are
// given and not on the order they come in. The values are moved out of the records.
std::vector<BulkColumn> transpose(const Entity& entity, Json::Array& records) {
    std::unordered_map<std::string_view, std::size_t> positions;
    for (const Field& field : entity.fields) positions.emplace(field.name, positions.size());
    std::vector<BulkColumn> columns(entity.fields.size());
    for (std::size_t row = 0; row < records.size(); ++row) {
        for (auto& [name, value] : records[row].members()) {
            const auto position = positions.find(name);
            if (position == positions.end()) (void)existing_field(entity, name);  // throws
            BulkColumn& column = columns[position->second];
            if (column.values.empty()) {
                column.values.resize(records.size());
                column.given.resize(records.size(), Json::boolean(false));
            }
            column.values[row] = std::move(value);
            column.given[row] = Json::boolean(true);
        }
    }
    for (BulkColumn& column : columns)
        column.by_all = std::ranges::all_of(column.given, &Json::as_boolean);
    return columns;
}

// The lists of an INSERT ... SELECT ... FROM unnest(arrays) WITH ORDINALITY AS v(names, ordinal).
struct BulkLists {
    std::size_t size = 0;
    std::string columns, expressions, arrays, names;
};

// unnest() would take a list of arrays for a matrix and give its items one by one: arrays travel as text.
std::string bind_column(SqlBuilder& sql, const Field& field, std::vector<Json> values) {
    if (!field.is_array()) return sql.bind_list(field, std::move(values));
    for (Json& value : values) {
        if (!value.is_null()) value = Json::string(array_text(parameter_value(field, value)));
    }
    return sql.bind_list(kTextArrayOid, kTextOid, std::move(values));
}

// A field that some records do not give needs to know which, when it has a default: a null cannot
// tell "not given" from "given as null".
void add_column(BulkLists& lists, SqlBuilder& sql, const Field& field, BulkColumn column) {
    const std::string name = "c" + std::to_string(++lists.size);
    append(lists.columns, quote_identifier(field.name));
    append(lists.arrays, bind_column(sql, writable(field), std::move(column.values)));
    append(lists.names, name);
    const std::string fallback = column.by_all ? std::string() : default_sql(field);
    const std::string value = "v." + name + (field.is_array() ? "::" + sql_type_of(field) : "");
    if (fallback.empty()) return append(lists.expressions, value);
    append(lists.arrays, sql.bind_list(kBooleanArrayOid, kBooleanOid, std::move(column.given)));
    append(lists.names, name + "_given");
    append(lists.expressions,
           "CASE WHEN v." + name + "_given THEN " + value + " ELSE " + fallback + " END");
}

}  // namespace

Statement compile_insert(const Entity& entity, const Json& data) {
    SqlBuilder sql(entity);
    std::string columns;
    std::string values;
    for (const auto& [field, value] : given_fields(entity, data)) {
        append(columns, quote_identifier(field->name));
        append(values, sql.bind(*field, *value));
    }
    std::string text = "INSERT INTO " + sql.table() + " AS r ";
    text += columns.empty() ? std::string("DEFAULT VALUES")
                            : "(" + columns + ") VALUES (" + values + ")";
    text += " RETURNING " + sql.select_list();
    return sql.finish(std::move(text));
}

// The rows are inserted, and returned, in the order of the SELECT.
Statement compile_bulk_insert(const Entity& entity, Json records) {
    SqlBuilder sql(entity);
    std::vector<BulkColumn> columns = transpose(entity, records.items());
    BulkLists lists;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].values.empty())
            add_column(lists, sql, entity.fields[i], std::move(columns[i]));
    }
    std::string text = "INSERT INTO " + sql.table() + " AS r";
    if (lists.columns.empty()) {
        // Records that give nothing: one row of defaults for each.
        const std::vector<Json> rows(records.items().size(), Json::boolean(true));
        text += " SELECT FROM unnest(" + sql.bind_list(kBooleanArrayOid, kBooleanOid, rows) + ")";
    } else {
        text += " (" + lists.columns + ") SELECT " + lists.expressions + " FROM unnest(" +
                lists.arrays + ") WITH ORDINALITY AS v(" + lists.names +
                ", ordinal) ORDER BY v.ordinal";
    }
    text += " RETURNING " + sql.select_key();
    return sql.finish(std::move(text));
}

std::vector<BulkGroup> group_by_defaults(const Entity& entity, Json records) {
    std::vector<const Field*> fields;
    for (const Field& field : entity.fields)
        if (field.default_in_database) fields.push_back(&field);
    std::map<std::vector<bool>, BulkGroup> groups;  // by which of these fields are given
    for (std::size_t i = 0; i < records.items().size(); ++i) {
        Json& record = records.items()[i];
        std::vector<bool> given;
        given.reserve(fields.size());
        for (const Field* const field : fields)
            given.push_back(record.find(field->name) != nullptr);
        BulkGroup& group = groups[std::move(given)];
        group.records.items().push_back(std::move(record));
        group.positions.push_back(i);
    }
    std::vector<BulkGroup> list;
    list.reserve(groups.size());
    for (auto& [given, group] : groups) list.push_back(std::move(group));
    return list;
}

Statement compile_update(const Entity& entity, const Json& id, const Json& data) {
    if (data.members().empty()) return compile_get(entity, id);
    SqlBuilder sql(entity);
    std::string assignments;
    for (const auto& [field, value] : given_fields(entity, data)) {
        append(assignments, quote_identifier(field->name) + " = " + sql.bind(*field, *value));
    }
    std::string text = "UPDATE " + sql.table() + " AS r SET " + assignments + sql.where_key(id);
    for (const auto& [field, value] : given_fields(entity, data)) {
        if (!field->write_once) continue;
        const std::string name = "r." + quote_identifier(field->name);
        text.append(" AND (").append(name).append(" IS NULL OR ").append(name);
        text.append(" IS NOT DISTINCT FROM ").append(sql.bind(*field, *value)).append(")");
    }
    text += " RETURNING " + sql.select_list();
    return sql.finish(std::move(text));
}

Statement compile_delete(const Entity& entity, const Json& id) {
    SqlBuilder sql(entity);
    std::string text =
        entity.soft_delete
            ? "UPDATE " + sql.table() +
                  " AS r SET \"deleted_at\" = now(), \"deleted_by\" = pgwright.user_id()"
            : "DELETE FROM " + sql.table() + " AS r";
    text += sql.where_key(id);
    text += " RETURNING " + sql.select_key();
    return sql.finish(std::move(text));
}

}  // namespace pgwright::core
