// Compiles the statements that write many records at once, from lists of values that travel as arrays.
#include <map>
#include <utility>

#include "core/bulk_parts.hpp"
#include "core/identifier.hpp"
#include "core/query_write.hpp"
#include "core/record_key.hpp"
#include "core/sql_builder.hpp"
#include "core/write_parts.hpp"

namespace pgwright::core {

namespace {

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
        lists.matches += (lists.matches.empty() ? "" : " AND ") +
                         sql.equals(*fields[i], listed_value(*fields[i], name));
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
    const std::string target = "r." + quote_identifier(field.name);
    const ListedColumn listed = lists.add(sql, field, std::move(column));
    std::string value = listed.value;
    const std::string written = target + " IS NULL OR " + target + " IS NOT DISTINCT FROM " + value;
    if (listed.given.empty()) {
        if (field.write_once) keeps += " AND (" + written + ")";
    } else {
        if (field.write_once) keeps += " AND (NOT " + listed.given + " OR " + written + ")";
        value = "CASE WHEN " + listed.given + " THEN " + value + " ELSE " + target + " END";
    }
    append(lists.expressions, quote_identifier(field.name) + " = " + value);
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
            (void)lists.insert(sql, entity.fields[i], std::move(columns[i]));
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
