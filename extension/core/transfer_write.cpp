// Statements for many rows; see transfer_write.hpp.
#include "core/transfer_write.hpp"

#include <algorithm>

#include "core/default_sql.hpp"
#include "core/error.hpp"
#include "core/identifier.hpp"
#include "core/sql_builder.hpp"
#include "core/write_parts.hpp"

namespace pgwright::core {

namespace {

std::string ready(std::size_t column) { return "v." + ready_name(column); }

bool is_of(const UniqueKey& key, const Field* field) {
    return std::ranges::find(key.fields, field) != key.fields.end();
}

std::string place_of(const std::vector<ReadyColumn>& columns, const Field* field) {
    const auto found = std::ranges::find(columns, field, &ReadyColumn::field);
    if (found == columns.end())
        throw Failure(Code::server_error, "the rows lack the key's field " + field->name);
    return ready(static_cast<std::size_t>(found - columns.begin()));
}

// "r" and "v" have the same key; the record is live, and the key's own condition holds of it.
std::string same_key(const Entity& entity, const std::vector<ReadyColumn>& columns,
                     const UniqueKey& key) {
    const SqlBuilder sql(entity);
    std::string text;
    for (const Field* const field : key.fields) {
        text += text.empty() ? "" : " AND ";
        text += sql.equals(*field, place_of(columns, field));
    }
    if (const std::string live = sql.live(); !live.empty()) text += " AND " + live;
    if (!key.predicate.empty()) text.append(" AND (").append(key.predicate).append(")");
    return text;
}

// Whether the row that became EXCLUDED gives the column: a list of the keys that do, looked up by hash.
std::string gives(const std::vector<ReadyColumn>& columns, const UniqueKey& key,
                  const std::string& column, std::string_view rows) {
    std::string theirs;
    std::string ours;
    for (const Field* const field : key.fields) {
        append(theirs, "EXCLUDED." + quote_identifier(field->name));
        append(ours, place_of(columns, field));
    }
    return "(" + theirs + ") IN (SELECT " + ours + " FROM " + std::string(rows) + " v WHERE " +
           column + "_given)";
}

struct Changes {
    std::string assignments, keeps;

    // `value` is what the row says, `given` whether it does (empty: it does). What is written once may be
    // given again as it is.
    void add(const Field& field, const std::string& value, const std::string& given) {
        const std::string name = quote_identifier(field.name);
        append(assignments, name + " = " +
                                (given.empty() ? value
                                               : "CASE WHEN " + given + " THEN " + value +
                                                     " ELSE r." + name + " END"));
        if (!field.write_once) return;
        keeps += keeps.empty() ? "(" : " AND (";
        if (!given.empty()) keeps.append("NOT ").append(given).append(" OR ");
        keeps.append("r.").append(name).append(" IS NULL OR r.").append(name);
        keeps.append(" IS NOT DISTINCT FROM ").append(value).append(")");
    }
};

}  // namespace

std::string ready_name(std::size_t column) { return "pgwright_" + std::to_string(column + 1); }

std::string compile_ready_insert(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 std::string_view rows) {
    std::string names;
    std::string values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Field& field = *columns[i].field;
        append(names, quote_identifier(field.name));
        const std::string fallback = columns[i].marked ? default_sql(field) : std::string();
        append(values, fallback.empty() ? ready(i)
                                        : "CASE WHEN " + ready(i) + "_given THEN " + ready(i) +
                                              " ELSE " + fallback + " END");
    }
    std::string sql = "INSERT INTO " + quote_qualified(entity.schema, entity.table) + " AS r";
    if (!names.empty()) sql += " (" + names + ")";
    return sql + " SELECT " + values + " FROM " + std::string(rows) + " v";
}

// A row that was changed was locked before, which leaves its locker in the new version; one that was inserted
// has none.
std::string compile_ready_upsert(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 const UniqueKey& key, std::string_view rows) {
    Changes changes;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Field& field = *columns[i].field;
        if (is_of(key, &field)) continue;
        changes.add(field, "EXCLUDED." + quote_identifier(field.name),
                    columns[i].marked ? gives(columns, key, ready(i), rows) : std::string());
    }
    // A record found and nothing to change in it is found all the same.
    if (changes.assignments.empty()) {
        const std::string name = quote_identifier(key.fields.front()->name);
        changes.assignments = name + " = EXCLUDED." + name;
    }
    return "WITH done AS (" + compile_ready_insert(entity, columns, rows) + " ON CONFLICT " +
           conflict_target(key) + " DO UPDATE SET " + changes.assignments +
           (changes.keeps.empty() ? "" : " WHERE " + changes.keeps) +
           " RETURNING r.\"xmax\" = 0 AS made) SELECT count(*), count(*) FILTER (WHERE done.made) "
           "FROM done";
}

std::string compile_ready_update(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 const UniqueKey& key, std::string_view rows) {
    Changes changes;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Field& field = *columns[i].field;
        if (is_of(key, &field)) continue;
        changes.add(field, ready(i), columns[i].marked ? ready(i) + "_given" : std::string());
    }
    if (changes.assignments.empty()) return compile_ready_match(entity, columns, key, rows);
    return "UPDATE " + quote_qualified(entity.schema, entity.table) + " AS r SET " +
           changes.assignments + " FROM " + std::string(rows) + " v WHERE " +
           same_key(entity, columns, key) + (changes.keeps.empty() ? "" : " AND " + changes.keeps) +
           " RETURNING v.pgwright_n";
}

std::string compile_ready_match(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                const UniqueKey& key, std::string_view rows) {
    return "SELECT v.pgwright_n FROM " + std::string(rows) + " v JOIN " +
           quote_qualified(entity.schema, entity.table) + " AS r ON " +
           same_key(entity, columns, key);
}

}  // namespace pgwright::core
