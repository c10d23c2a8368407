// Compiles the statements that create records or change those of the same unique key.
#include <algorithm>
#include <utility>

#include "core/bulk_parts.hpp"
#include "core/identifier.hpp"
#include "core/query_write.hpp"
#include "core/record_key.hpp"
#include "core/sql_builder.hpp"
#include "core/write_parts.hpp"

namespace pgwright::core {

namespace {

std::string excluded(const Field& field) { return "EXCLUDED." + quote_identifier(field.name); }

// The assignments of DO UPDATE and the condition that they take.
struct Changes {
    std::string assignments, condition;

    // given: whether the record gives the field; empty where it does.
    void change(const Field& field, const std::string& given) {
        const std::string name = quote_identifier(field.name);
        const std::string value = given.empty() ? excluded(field)
                                                : "CASE WHEN " + given + " THEN " +
                                                      excluded(field) + " ELSE r." + name + " END";
        append(assignments, name + " = " + value);
        if (field.write_once) keep(field, given);
    }
    void require(const std::string& what) {
        condition.append(condition.empty() ? " WHERE " : " AND ").append(what);
    }

  private:
    // What is written once may be given again as it is.
    void keep(const Field& field, const std::string& given) {
        const std::string value = "r." + quote_identifier(field.name);
        require("(" + (given.empty() ? "" : "NOT " + given + " OR ") + value + " IS NULL OR " +
                value + " IS NOT DISTINCT FROM " + excluded(field) + ")");
    }
};

bool is_among(const UniqueKey& key, const Field& field) {
    return std::ranges::find(key.fields, &field) != key.fields.end();
}

std::string names_of(const UniqueKey& key, std::string_view prefix) {
    std::string names;
    for (const Field* const field : key.fields)
        append(names, std::string(prefix) + quote_identifier(field->name));
    return names;
}

std::string conflict_clause(const UniqueKey& key, Changes changes) {
    // A record found and nothing to change in it is found all the same.
    if (changes.assignments.empty()) changes.change(*key.fields.front(), {});
    return " ON CONFLICT " + conflict_target(key) + " DO UPDATE SET " + changes.assignments +
           changes.condition;
}

// The row that is in the way was locked before it was updated, which leaves its locker in the new
// version; a row that was inserted has none.
std::string is_new(const SqlBuilder& sql, const UniqueKey& key, Novelty novelty) {
    if (novelty == Novelty::by_row) return R"(r."xmax" = 0)";
    return "NOT EXISTS (SELECT FROM " + sql.table() + " AS w WHERE (" + names_of(key, "w.") +
           ") = (" + names_of(key, "r.") + ")" +
           (key.predicate.empty() ? "" : " AND " + key.predicate) + ")";
}

}  // namespace

std::string conflict_target(const UniqueKey& key) {
    return "(" + names_of(key, "") + ")" + (key.predicate.empty() ? "" : " WHERE " + key.predicate);
}

Statement compile_upsert(const Entity& entity, const Json& data, const UniqueKey& key, bool tagged,
                         Novelty novelty) {
    SqlBuilder sql(entity);
    std::string columns;
    std::string values;
    Changes changes;
    for (const auto& [field, value] : given_fields(entity, data)) {
        append(columns, quote_identifier(field->name));
        append(values, sql.bind(*field, *value));
        if (!is_among(key, *field) && !is_key_field(entity, *field)) changes.change(*field, {});
    }
    std::string text =
        "INSERT INTO " + sql.table() + " AS r (" + columns + ") VALUES (" + values + ")";
    text += conflict_clause(key, std::move(changes));
    text += " RETURNING " + sql.select_list();
    if (tagged) text += ", " + std::string(kRowTag);
    text += ", " + is_new(sql, key, novelty);
    return sql.finish(std::move(text));
}

namespace {

struct BulkUpsert {
    BulkLists lists;
    Changes changes;
    bool asks_again = false;  // the lists, which need a name then
};

// Whether a row that came through the INSERT is one of the records of that condition, by the key.
std::string is_listed(const UniqueKey& key, const std::vector<std::string>& key_values,
                      const std::string& condition) {
    std::string values;
    for (const std::string& value : key_values) append(values, value);
    return "(" + names_of(key, "EXCLUDED.") + ") IN (SELECT " + values + " FROM v" + condition +
           ")";
}

BulkUpsert parts_of(SqlBuilder& sql, const Entity& entity, Json::Array& records,
                    const UniqueKey& key) {
    BulkUpsert parts;
    std::vector<std::pair<const Field*, std::string>> others;  // and which records give them
    std::vector<std::string> key_values(key.fields.size());
    std::vector<BulkColumn> columns = transpose(entity, records);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].values.empty()) continue;
        const Field& field = entity.fields[i];
        const ListedColumn listed =
            parts.lists.insert(sql, field, std::move(columns[i]), BulkLists::Given::always);
        const auto part = std::ranges::find(key.fields, &field);
        if (part != key.fields.end())
            key_values[static_cast<std::size_t>(part - key.fields.begin())] = listed.value;
        else if (!is_key_field(entity, field))
            others.emplace_back(&field, listed.given);
    }
    for (const auto& [field, given] : others) {
        parts.asks_again = parts.asks_again || !given.empty();
        parts.changes.change(*field,
                             given.empty() ? given : is_listed(key, key_values, " WHERE " + given));
    }
    if (parts.asks_again) parts.changes.require(is_listed(key, key_values, {}));
    return parts;
}

}  // namespace

// A value that is not given is not told from one that takes its default once the row is made; so the
// lists are asked again, by the key. Where all records give the same there is nothing to ask.
Statement compile_bulk_upsert(const Entity& entity, Json records, const UniqueKey& key,
                              Novelty novelty) {
    SqlBuilder sql(entity);
    BulkUpsert parts = parts_of(sql, entity, records.items(), key);
    const std::string lists = "unnest(" + parts.lists.arrays + ") WITH ORDINALITY AS v(" +
                              parts.lists.names + ", ordinal)";
    std::string text;
    if (parts.asks_again) text = "WITH v AS MATERIALIZED (SELECT * FROM " + lists + ") ";
    text += "INSERT INTO " + sql.table() + " AS r (" + parts.lists.columns + ") SELECT " +
            parts.lists.expressions + " FROM " + (parts.asks_again ? "v" : lists) +
            " ORDER BY v.ordinal";
    text += conflict_clause(key, std::move(parts.changes));
    text += " RETURNING " + sql.select_key();
    text += ", " + is_new(sql, key, novelty);
    return sql.finish(std::move(text));
}

Statement compile_repeated_keys(const Entity& entity, std::span<const Json* const> records,
                                const UniqueKey& key) {
    SqlBuilder sql(entity);
    std::string arrays;
    std::string names;
    std::string values;
    for (const Field* const field : key.fields) {
        std::vector<Json> list;
        list.reserve(records.size());
        for (const Json* const record : records) list.push_back(*record->find(field->name));
        const std::string name = "k" + std::to_string(sql.parameters() + 1);
        append(arrays, bind_column(sql, *field, std::move(list)));
        append(names, name);
        append(values, listed_value(*field, name));
    }
    std::string text =
        "SELECT k.ordinal, k.earlier FROM (SELECT v.ordinal, min(v.ordinal) OVER (PARTITION BY " +
        values + ") AS earlier FROM unnest(" + arrays + ") WITH ORDINALITY AS v(" + names +
        ", ordinal)) AS k WHERE k.ordinal > k.earlier ORDER BY k.ordinal";
    return sql.finish(std::move(text));
}

}  // namespace pgwright::core
