// Levels of a statement that reads; see row_level.hpp.
#include "core/row_level.hpp"

#include <algorithm>

#include "core/identifier.hpp"
#include "core/order_sql.hpp"

namespace pgwright::core {

namespace {

void append(std::string& list, const std::string& item) {
    if (!list.empty()) list += ", ";
    list += item;
}

std::string joined(const std::vector<std::string>& items) {
    std::string list;
    for (const std::string& item : items) append(list, item);
    return list;
}

// In the order asked for, else the entity's own.
std::vector<SortKey> order_of(const Expansion& expansion) {
    const Entity& target = *expansion.related.target;
    ListRequest request;
    request.sort =
        expansion.sort.empty() ? parse_sort(target.default_sort, target) : expansion.sort;
    return complete_sort(target, request);
}

// The records of one expansion as a page of their own.
std::string page_of(SqlBuilder& sql, RowLevel& level, const Expansion& expansion,
                    const std::string& anchor) {
    const Entity& target = *expansion.related.target;
    std::string where = " WHERE " + related_predicate(sql, expansion.related, anchor);
    if (const std::string live = sql.live(); !live.empty()) where += " AND " + live;
    if (expansion.filter) where += " AND " + sql.predicate(*expansion.filter);
    const std::string select = "SELECT " + level.inner_list() + " FROM " + sql.source();
    if (!expansion.related.many) return select + where + " LIMIT 1";
    const OrderSql order(target, order_of(expansion));
    std::string page = select + order.joins() + where + order.clause();
    if (expansion.limit > 0) page += " LIMIT " + std::to_string(expansion.limit);
    return page;
}

}  // namespace

std::string anchor_column(const Related& related) {
    return related.is_lookup ? related.near->name : related.near->reference->column;
}

std::string related_predicate(const SqlBuilder& sql, const Related& related,
                              const std::string& anchor) {
    if (related.is_lookup)
        return "r." + quote_identifier(related.near->reference->column) + " = " + anchor;
    if (!related.junction)
        return column_sql(*related.near) + sql.comparison_operator(*related.near, Operator::eq) +
               anchor;
    const auto column = [](const Field& field) { return "j." + quote_identifier(field.name); };
    std::string links = "SELECT " + column(*related.far) + " FROM " +
                        quote_qualified(related.junction->schema, related.junction->table) +
                        " j WHERE " + column(*related.near) + " = " + anchor;
    if (related.junction->soft_delete) links += " AND j.\"deleted_at\" IS NULL";
    return "r." + quote_identifier(related.far->reference->column) + " IN (" + links + ")";
}

std::string RowLevel::column(const std::string& expression) {
    auto found = std::ranges::find(inner_, expression);
    if (found == inner_.end()) found = inner_.insert(inner_.end(), expression);
    return alias() + ".c" + std::to_string(found - inner_.begin() + 1);
}

void RowLevel::show(const Field& field) {
    fields_.push_back(&field);
    outer_.push_back(column(SqlBuilder::item(field)) + " AS " + quote_identifier(field.name));
}

std::string RowLevel::keep(const std::string& expression) {
    outer_needed_ = true;
    return column(expression);
}

void RowLevel::append_outer(std::string expression) {
    outer_needed_ = true;
    outer_.push_back(std::move(expression));
}

void RowLevel::show(const Selection& selection, const std::vector<const Field*>& more) {
    const auto is_replaced = [&](const Field& field) {
        return std::ranges::find(selection.expansions, field.name, &Expansion::name) !=
               selection.expansions.end();
    };
    if (selection.all) {
        for (const Field& field : entity_.fields)
            if (!is_replaced(field)) show(field);
    }
    for (const Field* const field : selection.fields)
        if (!is_replaced(*field)) show(*field);
    for (const Field* const field : more) show(*field);
    for (const Expansion& expansion : selection.expansions) show(expansion);
}

void RowLevel::show(const Expansion& expansion) {
    const std::string anchor = keep("r." + quote_identifier(anchor_column(expansion.related)));
    const Entity& target = *expansion.related.target;
    SqlBuilder part(target, sql_.parameters());
    RowLevel level(part, target, depth_ + 1);
    level.show(expansion.selection);
    const std::string page = page_of(part, level, expansion, anchor);
    sql_.adopt(std::move(part));
    const std::string rows =
        " FROM (SELECT " + level.outer_list() + " FROM (" + page + ") " + level.page_name() + ") x";
    // No related records are an empty array.
    const std::string value = expansion.related.many
                                  ? "coalesce((SELECT array_agg(x)" + rows + "), '{}'::record[])"
                                  : "(SELECT x" + rows + ")";
    outer_.push_back(value + " AS " + quote_identifier(expansion.name));
    nested_.push_back({expansion.name, expansion.related.many});
}

std::string RowLevel::inner_list() const { return joined(inner_); }
std::string RowLevel::outer_list() const { return joined(outer_); }

std::string RowLevel::page_name() const {
    std::string names;
    for (std::size_t i = 1; i <= inner_.size(); ++i) append(names, "c" + std::to_string(i));
    return alias() + "(" + names + ")";
}

}  // namespace pgwright::core
