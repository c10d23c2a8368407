// Compiles the statements that write one record.
#include "core/query_write.hpp"

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

std::string skipping(const Entity& entity, Existing existing) {
    if (existing == Existing::none) return {};
    if (existing == Existing::any) return " ON CONFLICT DO NOTHING";
    std::string names;
    for (const Field* const field : key_fields(entity))
        append(names, quote_identifier(field->name));
    return " ON CONFLICT (" + names + ") DO NOTHING";
}

}  // namespace

Statement compile_insert(const Entity& entity, const Json& data, bool tagged, Existing existing) {
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
    text += skipping(entity, existing);
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

}  // namespace pgwright::core
