// Compiles the statements that read: one record, a page with its total, existence.
#include <algorithm>

#include "core/query.hpp"
#include "core/record_key.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

namespace {

// Filter and soft delete together; empty when there is neither. Called once per statement: the text
// is used twice and names the same parameters both times.
std::string where(SqlBuilder& sql, const ListRequest& request) {
    const std::optional<Condition>& filter = request.filter;
    std::string predicate = sql.live();
    if (request.author) {
        if (!predicate.empty()) predicate += " AND ";
        predicate +=
            "r.\"created_by\" = " + sql.bind(kUuidOid, Json::string(request.author->to_string()));
    }
    if (filter && !(filter->kind == Condition::Kind::all && filter->children.empty())) {
        if (!predicate.empty()) predicate += " AND ";
        predicate += sql.predicate(*filter);
    }
    return predicate.empty() ? predicate : " WHERE " + predicate;
}

// Nulls last in both directions. NULLS LAST on a descending key keeps a plain index from being read
// backwards, so a column without nulls goes without it.
std::string order_term(const Entity& entity, const SortKey& key) {
    std::string term = column_sql(*key.field) + (key.descending ? " DESC" : " ASC");
    if (!key.field->required && !is_key_field(entity, *key.field)) term += " NULLS LAST";
    return term;
}

// What ends the order, so that equal records do not move between pages: the key. Without one it is
// all that can be sorted by; the count has read every row anyway.
std::vector<const Field*> tie_breakers(const Entity& entity) {
    if (!entity.key.empty()) return key_fields(entity);
    std::vector<const Field*> fields;
    for (const Field& field : entity.fields)
        if (info(field.type).sortable && field.mask_sql.empty()) fields.push_back(&field);
    return fields;
}

// The tie-breakers go in the last key's direction, so that an index on (field, id) serves both.
std::string order_by(const Entity& entity, std::vector<SortKey> keys) {
    const bool descending = !keys.empty() && keys.back().descending;
    for (const Field* const field : tie_breakers(entity))
        if (std::ranges::find(keys, field, &SortKey::field) == keys.end())
            keys.push_back({field, descending});
    std::string terms;
    for (const SortKey& key : keys)
        terms += (terms.empty() ? " ORDER BY " : ", ") + order_term(entity, key);
    return terms;
}

std::string page_limits(SqlBuilder& sql, const ListRequest& request) {
    const auto bigint = [&](std::int64_t value) {
        return sql.bind(kBigintOid, Json::number(std::to_string(value)));
    };
    std::string text;
    if (request.limit > 0) text += " LIMIT " + bigint(request.limit);
    if (request.offset > 0) text += " OFFSET " + bigint(request.offset);
    return text;
}

}  // namespace

Statement compile_get(const Entity& entity, const Json& id) {
    SqlBuilder sql(entity);
    std::string text = "SELECT " + sql.select_list() + " FROM " + sql.source();
    text += sql.where_key(id);
    return sql.finish(std::move(text));
}

// The count is one row and the outer side of a left join without a condition. The server can run such
// a join only as a nested loop over that row (a hash or merge join needs a clause, and the sides of a
// left join do not swap), and cannot pull the page up because it has an ORDER BY; so the page's rows
// come out in the page's order, without a second sort, and a row of nulls stands for an empty page.
Statement compile_list(const Entity& entity, const ListRequest& request) {
    SqlBuilder sql(entity);
    const std::string from = " FROM " + sql.source() + where(sql, request);
    std::string text = "SELECT c.total, page.* FROM (SELECT count(*) AS total" + from +
                       ") c LEFT JOIN (SELECT " + sql.select_list() + from +
                       order_by(entity, request.sort);
    text += page_limits(sql, request);
    text += ") page ON true";
    return sql.finish(std::move(text));
}

Statement compile_exists(const Entity& entity, const Json& id) {
    SqlBuilder sql(entity);
    std::string text = "SELECT 1 FROM " + sql.source() + sql.where_key(id);
    return sql.finish(std::move(text));
}

}  // namespace pgwright::core
