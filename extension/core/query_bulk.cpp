// Compiles the statements that write many records at once, from lists of values that travel as arrays.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/array_text.hpp"
#include "core/default_sql.hpp"
#include "core/identifier.hpp"
#include "core/query_write.hpp"
#include "core/record_key.hpp"
#include "core/sql_builder.hpp"
#include "core/write_parts.hpp"

namespace pgwright::core {

namespace {

// What the records give for one field. Empty when none gives it.
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

// The rows of an unnest(keys) as v, its columns k1, k2, ... compared with the records' keys.
struct KeyLists {
    std::string arrays, names, matches;
};

KeyLists bind_keys(SqlBuilder& sql, const Entity& entity, const Json::Array& keys) {
    KeyLists lists;
    const std::vector<const Field*> fields = key_fields(entity);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        std::vector<Json> values;
        values.reserve(keys.size());
        for (const Json& key : keys) values.push_back(key_part(entity, key, i));
        const std::string name = "k" + std::to_string(i + 1);
        append(lists.arrays, bind_column(sql, *fields[i], std::move(values)));
        append(lists.names, name);
        const std::string value =
            "v." + name + (fields[i]->is_array() ? "::" + sql_type_of(*fields[i]) : "");
        lists.matches += (lists.matches.empty() ? "" : " AND ") + sql.equals(*fields[i], value);
    }
    return lists;
}

std::string key_source(const KeyLists& lists) {
    return "unnest(" + lists.arrays + ") WITH ORDINALITY AS v(" + lists.names + ", ordinal)";
}

std::string and_live(const SqlBuilder& sql) {
    const std::string live = sql.live();
    return live.empty() ? live : " AND " + live;
}

// A column of a bulk update: a member that a record does not give stays as it is.
void add_change(BulkLists& lists, std::string& keeps, SqlBuilder& sql, const Field& field,
                BulkColumn column) {
    const std::string name = "c" + std::to_string(++lists.size);
    const std::string target = quote_identifier(field.name);
    append(lists.arrays, bind_column(sql, writable(field), std::move(column.values)));
    append(lists.names, name);
    std::string value = "v." + name + (field.is_array() ? "::" + sql_type_of(field) : "");
    const std::string written =
        "r." + target + " IS NULL OR r." + target + " IS NOT DISTINCT FROM " + value;
    if (column.by_all) {
        if (field.write_once) keeps += " AND (" + written + ")";
    } else {
        append(lists.arrays, sql.bind_list(kBooleanArrayOid, kBooleanOid, std::move(column.given)));
        append(lists.names, name + "_given");
        const std::string given = "v." + name + "_given";
        if (field.write_once) keeps += " AND (NOT " + given + " OR " + written + ")";
        value = "CASE WHEN " + given + " THEN " + value + " ELSE r." + target + " END";
    }
    append(lists.expressions, target + " = " + value);
}

std::string where_live(SqlBuilder& sql, const Condition& condition) {
    const std::string live = sql.live();
    return " WHERE " + (live.empty() ? live : live + " AND ") + sql.predicate(condition);
}

}  // namespace

// The rows are inserted, and returned, in the order of the SELECT.
Statement compile_bulk_insert(const Entity& entity, Json records, bool skip_existing) {
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
    if (skip_existing) text += " ON CONFLICT DO NOTHING";
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

Statement compile_bulk_update(const Entity& entity, const Json::Array& keys, Json records) {
    SqlBuilder sql(entity);
    const KeyLists found = bind_keys(sql, entity, keys);
    std::vector<BulkColumn> columns = transpose(entity, records.items());
    BulkLists lists;
    std::string keeps;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].values.empty())
            add_change(lists, keeps, sql, entity.fields[i], std::move(columns[i]));
    }
    if (lists.size == 0) return compile_bulk_exists(entity, keys);
    std::string text = "UPDATE " + sql.table() + " AS r SET " + lists.expressions +
                       " FROM unnest(" + found.arrays + ", " + lists.arrays +
                       ") WITH ORDINALITY AS v(" + found.names + ", " + lists.names +
                       ", ordinal) WHERE " + found.matches + and_live(sql) + keeps +
                       " RETURNING v.ordinal";
    return sql.finish(std::move(text));
}

Statement compile_bulk_delete(const Entity& entity, const Json::Array& keys) {
    SqlBuilder sql(entity);
    const KeyLists lists = bind_keys(sql, entity, keys);
    std::string text = removal_of(entity, sql) + (entity.soft_delete ? " FROM " : " USING ") +
                       key_source(lists) + " WHERE " + lists.matches + and_live(sql) +
                       " RETURNING v.ordinal";
    return sql.finish(std::move(text));
}

Statement compile_bulk_exists(const Entity& entity, const Json::Array& keys) {
    SqlBuilder sql(entity);
    const KeyLists lists = bind_keys(sql, entity, keys);
    std::string text = "SELECT v.ordinal FROM " + key_source(lists) + " JOIN " + sql.source() +
                       " ON " + lists.matches + and_live(sql);
    return sql.finish(std::move(text));
}

Statement compile_bulk_get(const Entity& entity, const Json::Array& keys, bool live) {
    SqlBuilder sql(entity);
    const KeyLists lists = bind_keys(sql, entity, keys);
    std::string text = "SELECT " + sql.select_list() + ", v.ordinal FROM " + key_source(lists);
    text += " JOIN " + sql.source() + " ON " + lists.matches;
    if (live) text += and_live(sql);
    return sql.finish(text + " ORDER BY v.ordinal");
}

Statement compile_update_where(const Entity& entity, const Condition& condition, const Json& data) {
    SqlBuilder sql(entity);
    std::string assignments;
    for (const auto& [field, value] : given_fields(entity, data))
        append(assignments, quote_identifier(field->name) + " = " + sql.bind(*field, *value));
    std::string text = "UPDATE " + sql.table() + " AS r SET " + assignments;
    text += where_live(sql, condition);
    text += " RETURNING " + sql.select_key();
    return sql.finish(std::move(text));
}

Statement compile_delete_where(const Entity& entity, const Condition& condition) {
    SqlBuilder sql(entity);
    std::string text = removal_of(entity, sql) + where_live(sql, condition);
    text += " RETURNING " + sql.select_key();
    return sql.finish(std::move(text));
}

Statement compile_keys_where(const Entity& entity, const Condition& condition, std::int64_t limit) {
    SqlBuilder sql(entity);
    const std::string key = sql.select_key();
    std::string text = "SELECT " + key + " FROM " + sql.source() + where_live(sql, condition);
    text +=
        " ORDER BY " + key + " LIMIT " + sql.bind(kBigintOid, Json::number(std::to_string(limit)));
    return sql.finish(std::move(text));
}

}  // namespace pgwright::core
