// Lists of values by column; see bulk_parts.hpp.
#include "core/bulk_parts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/array_text.hpp"
#include "core/default_sql.hpp"
#include "core/identifier.hpp"
#include "core/write_parts.hpp"

namespace pgwright::core {

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

// unnest() would take a list of arrays for a matrix and give its items one by one: arrays travel as text.
std::string bind_column(SqlBuilder& sql, const Field& field, std::vector<Json> values) {
    if (!field.is_array()) return sql.bind_list(field, std::move(values));
    for (Json& value : values) {
        if (!value.is_null()) value = Json::string(array_text(parameter_value(field, value)));
    }
    return sql.bind_list(kTextArrayOid, kTextOid, std::move(values));
}

std::string listed_value(const Field& field, const std::string& name) {
    return "v." + name + (field.is_array() ? "::" + sql_type_of(field) : "");
}

ListedColumn BulkLists::add(SqlBuilder& sql, const Field& field, BulkColumn column) {
    const std::string name = "c" + std::to_string(++size);
    append(arrays, bind_column(sql, writable(field), std::move(column.values)));
    append(names, name);
    ListedColumn listed{listed_value(field, name), {}};
    if (column.by_all) return listed;
    append(arrays, sql.bind_list(kBooleanArrayOid, kBooleanOid, std::move(column.given)));
    append(names, name + "_given");
    listed.given = "v." + name + "_given";
    return listed;
}

// A null cannot tell "not given" from "given as null".
ListedColumn BulkLists::insert(SqlBuilder& sql, const Field& field, BulkColumn column,
                               Given given) {
    const std::string fallback = column.by_all ? std::string() : default_sql(field);
    if (fallback.empty() && given == Given::for_defaults) column.by_all = true;
    ListedColumn listed = add(sql, field, std::move(column));
    append(columns, quote_identifier(field.name));
    append(expressions, fallback.empty() ? listed.value
                                         : "CASE WHEN " + listed.given + " THEN " + listed.value +
                                               " ELSE " + fallback + " END");
    return listed;
}

}  // namespace pgwright::core
