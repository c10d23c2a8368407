// Compiles the statements that write one record.
#include "core/query_write.hpp"

#include <algorithm>

#include "core/identifier.hpp"
#include "core/record_key.hpp"
#include "core/sql_builder.hpp"
#include "core/write_parts.hpp"

namespace pgwright::core {

namespace {

constexpr std::uint32_t kBigintArrayOid = 1016;

// A version that a tag of the list tells; an empty list finds nothing.
std::string is_version(SqlBuilder& sql, const RowVersion& version) {
    if (!version.only) return {};
    Json::Array tags;
    for (const std::int64_t tag : *version.only) tags.push_back(Json::number(std::to_string(tag)));
    return " AND " + std::string(kRowTag) + " = ANY (" +
           sql.bind_list(kBigintArrayOid, kBigintOid, std::move(tags)) + ")";
}

std::string tag_column(bool tagged) { return tagged ? ", " + std::string(kRowTag) : std::string(); }

std::string columns_and_tag(SqlBuilder& sql, bool tagged) {
    return sql.select_list() + tag_column(tagged);
}

// What is written once may be given again as it is.
std::string keeps_written(SqlBuilder& sql, const Given& given) {
    std::string text;
    for (const auto& [field, value] : given) {
        if (!field->write_once) continue;
        const std::string name = "r." + quote_identifier(field->name);
        text.append(" AND (").append(name).append(" IS NULL OR ").append(name);
        text.append(" IS NOT DISTINCT FROM ").append(sql.bind(*field, *value)).append(")");
    }
    return text;
}

std::string assignments_of(SqlBuilder& sql, const Given& given) {
    std::string assignments;
    for (const auto& [field, value] : given)
        append(assignments, quote_identifier(field->name) + " = " + sql.bind(*field, *value));
    return assignments;
}

Statement update(SqlBuilder& sql, const Given& given, const std::string& assignments,
                 const Json& id, const RowVersion& version) {
    std::string text = "UPDATE " + sql.table() + " AS r SET " + assignments;
    text += sql.where_key(id);
    text += keeps_written(sql, given);
    text += is_version(sql, version);
    text += " RETURNING " + columns_and_tag(sql, version.tagged);
    return sql.finish(std::move(text));
}

Statement unchanged(const Entity& entity, const Json& id, const RowVersion& version) {
    SqlBuilder sql(entity);
    std::string text = "SELECT " + columns_and_tag(sql, version.tagged) + " FROM " + sql.source();
    text += sql.where_key(id);
    text += is_version(sql, version);
    return sql.finish(std::move(text));
}

// Who replaces a record says what all of it becomes, but for what is not his to write.
bool is_replaced(const Entity& entity, const Field& field) {
    return !field.system && !field.readonly && !field.is_calculated() && !field.write_once &&
           field.mask_sql.empty() && field.value_class() != ValueClass::other &&
           !is_key_field(entity, field);
}

}  // namespace

Statement compile_insert(const Entity& entity, const Json& data, bool tagged) {
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
    text += " RETURNING " + columns_and_tag(sql, tagged);
    return sql.finish(std::move(text));
}

Statement compile_update(const Entity& entity, const Json& id, const Json& data,
                         const RowVersion& version) {
    if (data.members().empty()) return unchanged(entity, id, version);
    SqlBuilder sql(entity);
    const Given given = given_fields(entity, data);
    const std::string assignments = assignments_of(sql, given);
    return update(sql, given, assignments, id, version);
}

Statement compile_replace(const Entity& entity, const Json& id, const Json& data,
                          const RowVersion& version) {
    SqlBuilder sql(entity);
    const Given given = given_fields(entity, data);
    std::string assignments = assignments_of(sql, given);
    for (const Field& field : entity.fields) {
        if (is_replaced(entity, field) && data.find(field.name) == nullptr)
            append(assignments, quote_identifier(field.name) + " = DEFAULT");
    }
    if (assignments.empty()) return unchanged(entity, id, version);
    return update(sql, given, assignments, id, version);
}

Statement compile_delete(const Entity& entity, const Json& id, const RowVersion& version) {
    SqlBuilder sql(entity);
    std::string text = removal_of(entity, sql) + sql.where_key(id);
    text += is_version(sql, version);
    text += " RETURNING " + sql.select_key();
    return sql.finish(std::move(text));
}

Statement compile_restore(const Entity& entity, const Json& id, const RowVersion& version) {
    SqlBuilder sql(entity);
    std::string text = "UPDATE " + sql.table() +
                       " AS r SET \"deleted_at\" = NULL, \"deleted_by\" = NULL" +
                       sql.where_key(id, SqlBuilder::Rows::deleted);
    text += is_version(sql, version);
    text += " RETURNING " + columns_and_tag(sql, version.tagged);
    return sql.finish(std::move(text));
}

Statement compile_purge(const Entity& entity, const Json& id, const RowVersion& version) {
    SqlBuilder sql(entity);
    std::string text =
        "DELETE FROM " + sql.table() + " AS r" + sql.where_key(id, SqlBuilder::Rows::deleted);
    text += is_version(sql, version);
    text += " RETURNING " + sql.select_key();
    return sql.finish(std::move(text));
}

Statement compile_state(const Entity& entity, const Json& id, bool tagged) {
    SqlBuilder sql(entity);
    const std::string live = sql.live();
    std::string text = "SELECT " + (live.empty() ? "true" : live) + tag_column(tagged);
    text += " FROM " + sql.source() + sql.where_key(id, SqlBuilder::Rows::all);
    return sql.finish(std::move(text));
}

namespace {

// The parts of an INSERT ... ON CONFLICT.
struct Upsert {
    std::string columns, values, changes, keeps;

    void insert(const std::string& name, const std::string& value) {
        append(columns, name);
        append(values, value);
    }
    void change(const std::string& name) {
        append(changes, name);
        changes.append(" = EXCLUDED.").append(name);
    }
    // What is written once may be given again as it is.
    void keep(const std::string& name) {
        keeps.append(keeps.empty() ? " WHERE (r." : " AND (r.").append(name);
        keeps.append(" IS NULL OR r.").append(name);
        keeps.append(" IS NOT DISTINCT FROM EXCLUDED.").append(name).append(")");
    }
};

Upsert parts_of(SqlBuilder& sql, const Entity& entity, const Json& data, const UniqueKey& key) {
    Upsert parts;
    for (const auto& [field, value] : given_fields(entity, data)) {
        const std::string name = quote_identifier(field->name);
        parts.insert(name, sql.bind(*field, *value));
        const bool is_key = std::ranges::find(key.fields, field) != key.fields.end();
        if (is_key || is_key_field(entity, *field)) continue;
        parts.change(name);
        if (field->write_once) parts.keep(name);
    }
    // A record found and nothing to change in it is found all the same.
    if (parts.changes.empty()) parts.change(quote_identifier(key.fields.front()->name));
    return parts;
}

}  // namespace

std::string conflict_target(const UniqueKey& key) {
    std::string names;
    for (const Field* const field : key.fields) append(names, quote_identifier(field->name));
    return "(" + names + ")" + (key.predicate.empty() ? "" : " WHERE " + key.predicate);
}

// The row that is in the way was locked before it was updated, which leaves its locker in the new
// version; a row that was inserted has none.
Statement compile_upsert(const Entity& entity, const Json& data, const UniqueKey& key,
                         bool tagged) {
    SqlBuilder sql(entity);
    const Upsert parts = parts_of(sql, entity, data, key);
    std::string text = "INSERT INTO " + sql.table() + " AS r (" + parts.columns + ") VALUES (" +
                       parts.values + ") ON CONFLICT " + conflict_target(key) + " DO UPDATE SET " +
                       parts.changes + parts.keeps;
    text += " RETURNING " + columns_and_tag(sql, tagged);
    text += ", r.\"xmax\" = 0";
    return sql.finish(std::move(text));
}

}  // namespace pgwright::core
