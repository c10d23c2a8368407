// Compiles exports; see query_export.hpp.
#include "core/query_export.hpp"

#include <algorithm>

#include "core/record_key.hpp"
#include "core/sql_builder.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {
namespace {

void add_and(std::string& where, const std::string& predicate) {
    if (predicate.empty()) return;
    where += where.empty() ? " WHERE " : " AND ";
    where += predicate;
}

bool says_something(const Condition& condition) noexcept {
    return condition.kind != Condition::Kind::all || !condition.children.empty();
}

std::string where(SqlBuilder& sql, const ListRequest& request) {
    std::string text;
    add_and(text, sql.live());
    if (request.author)
        add_and(text, "r.\"created_by\" = " +
                          sql.bind(kUuidOid, Json::string(request.author->to_string())));
    if (request.filter && says_something(*request.filter))
        add_and(text, sql.predicate(*request.filter));
    return text;
}

std::string order_term(const Entity& entity, const SortKey& key) {
    std::string term = column_sql(*key.field) + (key.descending ? " DESC" : " ASC");
    if (!key.field->required && !is_key_field(entity, *key.field)) term += " NULLS LAST";
    return term;
}

std::string order_by(const Entity& entity, std::vector<SortKey> keys) {
    const bool descending = !keys.empty() && keys.back().descending;
    for (const Field* const field : key_fields(entity))
        if (std::ranges::find(keys, field, &SortKey::field) == keys.end())
            keys.push_back({field, descending});
    std::string terms;
    for (const SortKey& key : keys)
        terms += (terms.empty() ? " ORDER BY " : ", ") + order_term(entity, key);
    return terms;
}

}  // namespace

Entity with_columns(const Entity& entity, const std::vector<std::string>& columns, Faults& faults) {
    Entity chosen = entity;
    if (columns.empty()) return chosen;
    chosen.fields.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Field* const field = entity.find(columns[i]);
        const std::string place = "columns[" + std::to_string(i) + "]";
        if (field == nullptr)
            faults.add(place, std::string(echo(columns[i])) + " is not a field of " + entity.name);
        else if (chosen.find(columns[i]) != nullptr)
            faults.add(place, field->name + " is chosen already");
        else
            chosen.fields.push_back(*field);
    }
    return chosen;
}

Statement compile_export(const Entity& entity, const Entity& chosen, const ListRequest& request) {
    SqlBuilder sql(chosen);
    std::string text = "SELECT " + sql.select_list() + " FROM " + sql.source();
    text += where(sql, request);
    text += order_by(entity, request.sort);
    return sql.finish(std::move(text));
}

}  // namespace pgwright::core
