// ORDER BY and keyset predicates; see order_sql.hpp.
//
// After (a, b) = (1, 2) in the order a, b comes  a > 1 OR a = 1 AND b > 2.  A bound on the first key,
// a >= 1, says nothing new but can be an index's condition, so that the scan begins at the place. A null
// has its place too: last, every value comes before it and nothing after; first, every value after it.
#include "core/order_sql.hpp"

#include <algorithm>

#include "core/identifier.hpp"
#include "core/record_key.hpp"

namespace pgwright::core {

std::vector<SortKey> complete_sort(const Entity& entity, const ListRequest& request) {
    std::vector<const Field*> ends;
    if (request.distinct) {
        for (const Field* const field : request.selection.fields) ends.push_back(field);
    } else if (!entity.key.empty()) {
        ends = key_fields(entity);
    } else {
        for (const Field& field : entity.fields) ends.push_back(&field);
    }
    if (!request.distinct && entity.key.empty())
        std::erase_if(ends, [](const Field* field) { return !is_sortable(*field); });
    std::vector<SortKey> keys = request.sort;
    // In the last key's direction, so that an index on (field, id) serves both; no index serves ranks.
    const bool descending =
        !keys.empty() && keys.back().descending && keys.back().field != &search_rank_field();
    for (const Field* const field : ends) {
        const auto is_there = [&](const SortKey& key) {
            return key.path.empty() && key.field == field;
        };
        if (std::ranges::none_of(keys, is_there)) keys.push_back({field, descending});
    }
    // Distinct records are ordered by what tells them apart, and a cursor holds and compares texts.
    for (SortKey& key : keys) {
        const bool is_masked = !key.field->mask_sql.empty();
        const bool is_foreign = key.path.empty() && key.field->value_class() == ValueClass::other;
        key.as_shown = (request.distinct || request.keeps_position) && (is_masked || is_foreign);
    }
    return keys;
}

bool is_sortable(const Field& field) noexcept {
    return info(field.type).sortable && field.mask_sql.empty();
}

namespace {

std::string join_of(const Related& step, const std::string& from, const std::string& to) {
    const auto column = [](const std::string& alias, const std::string& name) {
        return alias + "." + quote_identifier(name);
    };
    std::string join = " LEFT JOIN ";
    join += quote_qualified(step.target->schema, step.target->table);
    join.append(" ").append(to).append(" ON ");
    join += column(to, step.near->reference->column) + " = " + column(from, step.near->name);
    if (step.target->soft_delete) join += " AND " + column(to, "deleted_at") + " IS NULL";
    return join;
}

}  // namespace

std::string LookupJoins::alias_of(const std::vector<Related>& path) {
    std::string alias = "r";
    std::vector<const Field*> steps;
    for (const Related& step : path) {
        steps.push_back(step.near);
        auto found = std::ranges::find(joined_, steps);
        const bool is_new = found == joined_.end();
        if (is_new) found = joined_.insert(joined_.end(), steps);
        std::string next = "s" + std::to_string(found - joined_.begin() + 1);
        if (is_new) sql_ += join_of(step, alias, next);
        alias = std::move(next);
    }
    return alias;
}

std::string LookupJoins::column(const std::vector<Related>& path, const Field& field) {
    return path.empty() ? column_sql(field) : alias_of(path) + "." + quote_identifier(field.name);
}

OrderSql::OrderSql(const Entity& entity, std::vector<SortKey> keys, std::string_view rank)
    : entity_(entity), keys_(std::move(keys)) {
    for (const SortKey& key : keys_) {
        if (key.field == &search_rank_field())
            expressions_.emplace_back(rank);
        else
            expressions_.push_back(key.as_shown ? SqlBuilder::shown(*key.field)
                                                : joins_.column(key.path, *key.field));
    }
}

void OrderSql::reverse() {
    for (SortKey& key : keys_) {
        key.descending = !key.descending;
        key.nulls_first = !key.nulls_first;
    }
}

bool OrderSql::is_nullable(const SortKey& key) const {
    return !key.path.empty() || (!key.field->required && !is_key_field(entity_, *key.field));
}

// NULLS LAST on a descending key keeps a plain index from being read backwards, so a column without
// nulls goes without it.
std::string OrderSql::term(std::size_t i) const {
    const SortKey& key = keys_[i];
    std::string term = expressions_[i] + (key.descending ? " DESC" : " ASC");
    if (is_nullable(key)) term += key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    return term;
}

std::string OrderSql::clause() const {
    std::string terms;
    for (std::size_t i = 0; i < keys_.size(); ++i)
        terms += (terms.empty() ? " ORDER BY " : ", ") + term(i);
    return terms;
}

// What comes after a value of the key; `value` is empty for null.
std::string OrderSql::beyond(std::size_t i, const std::string& value) const {
    const SortKey& key = keys_[i];
    const std::string& expression = expressions_[i];
    if (value.empty()) return key.nulls_first ? expression + " IS NOT NULL" : "false";
    if (!is_nullable(key) || key.nulls_first) return expression + value;
    return "(" + expression + value + " OR " + expression + " IS NULL)";
}

std::string OrderSql::after(SqlBuilder& sql, const std::vector<Json>& values) const {
    std::string equal;  // to the keys before
    std::string ways;
    std::string bound;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        const SortKey& key = keys_[i];
        const bool is_null = values[i].is_null();
        const std::string value = is_null ? "" : sql.bind(*key.field, values[i]);
        const Operator op = key.descending ? Operator::lt : Operator::gt;
        if (!ways.empty()) ways += " OR ";
        ways += equal;
        ways += beyond(i, is_null ? "" : sql.comparison_operator(*key.field, op) + value);
        if (i == 0 && !is_null && !is_nullable(key)) {
            const Operator from = key.descending ? Operator::lte : Operator::gte;
            bound = expressions_[i] + sql.comparison_operator(*key.field, from) + value + " AND ";
        }
        equal +=
            expressions_[i] +
            (is_null ? " IS NULL" : sql.comparison_operator(*key.field, Operator::eq) + value) +
            " AND ";
    }
    return bound + "(" + ways + ")";
}

}  // namespace pgwright::core
