// Conditions about related records, as sub-selects on their tables. Whatever row security hides of them
// is not there.
#include <utility>

#include "core/identifier.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

// A field of the row under the alias that is current, or behind hops. Where the way ends early there is
// no row, and the field counts as null: so what is true of a null is written as the negation of what is
// not.
std::string SqlBuilder::comparison(const Condition& condition) {
    // Read as the record's, before the hops change what the current alias is.
    const std::string before =
        std::exchange(other_, condition.other ? scalar(*condition.other, 0) : std::string());
    std::string sql;
    if (condition.hops.empty()) {
        sql = compare(condition);
    } else if (const auto positive = negated(condition.op)) {
        sql = "NOT " + behind(condition, *positive, 0);
    } else {
        sql = behind(condition, condition.op, 0);
    }
    other_ = before;
    return sql;
}

// The comparison behind its hops, of which the first so many have been made.
std::string SqlBuilder::behind(const Condition& condition, Operator op, std::size_t made) {
    if (made == condition.hops.size()) return compare(condition, op);
    return "EXISTS (SELECT" +
           step(condition.hops[made], [&] { return " AND " + behind(condition, op, made + 1); }) +
           ")";
}

// All is true where there are none.
std::string SqlBuilder::related(const Condition& condition) {
    const Condition& child = condition.children.front();
    const bool all = condition.quantifier == Condition::Quantifier::all;
    const std::string exists =
        "EXISTS (SELECT" +
        step(*condition.relation,
             [&] {
                 const std::string inner = predicate(child);
                 return " AND " + (all ? "(" + inner + ") IS NOT TRUE" : inner);
             }) +
        ")";
    return condition.quantifier == Condition::Quantifier::any ? exists : "NOT " + exists;
}

// The field's value as a scalar: null where the way ends early.
std::string SqlBuilder::scalar(const Operand& operand, std::size_t made) {
    if (made == operand.hops.size()) return reference(*operand.field);
    const bool last = made + 1 == operand.hops.size();
    const std::string alias = sub_alias('x', level_ + 1);
    // What is selected is written in the scope of the step, which opens behind it.
    std::string selected;
    const std::string from = step(operand.hops[made], [&] {
        selected =
            last ? alias + "." + quote_identifier(operand.field->name) : scalar(operand, made + 1);
        return std::string();
    });
    return "(SELECT " + selected + from + ")";
}

// A policy's columns are those of its table, by its name, which no alias below may take.
std::string SqlBuilder::sub_alias(char letter, std::size_t level) const {
    const bool is_taken = literal() && entity_.table.starts_with(letter);
    return (is_taken ? "_" : "") + std::string(1, letter) + std::to_string(level);
}

// FROM and WHERE of the rows that a step leads to, and what `inside` adds in their scope.
template <typename Inside>
std::string SqlBuilder::step(const Related& way, const Inside& inside) {
    const std::string alias = sub_alias('x', ++level_);
    const std::string outer = alias_.empty() ? "r" : alias_;
    const Entity& target = *way.target;
    const auto column = [](const std::string& of, const std::string& name) {
        return of + "." + quote_identifier(name);
    };
    const auto live = [&](const Entity& entity, const std::string& of) {
        return entity.soft_delete ? " AND " + of + ".\"deleted_at\" IS NULL" : std::string();
    };
    const std::string& key = way.near->reference->column;  // of what `near` refers to
    std::string sql = " FROM ";
    if (way.is_lookup) {
        sql += quote_qualified(target.schema, target.table) + " " + alias + " WHERE " +
               column(alias, key) + " = " + reference(*way.near);
    } else if (way.junction) {
        const std::string link = sub_alias('y', level_);
        sql += quote_qualified(way.junction->schema, way.junction->table) + " " + link + " JOIN " +
               quote_qualified(target.schema, target.table) + " " + alias + " ON " +
               column(alias, way.far->reference->column) + " = " + column(link, way.far->name) +
               " WHERE " + column(link, way.near->name) + " = " + column(outer, key) +
               live(*way.junction, link);
    } else {
        sql += quote_qualified(target.schema, target.table) + " " + alias + " WHERE " +
               column(alias, way.near->name) + " = " + column(outer, key);
    }
    sql += live(target, alias);
    const std::string before = std::exchange(alias_, alias);
    sql += inside();
    alias_ = before;
    --level_;
    return sql;
}

}  // namespace pgwright::core
