// The SQL of probes; see probe.hpp.
#include "core/probe.hpp"

#include <algorithm>

#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

bool is_listed(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

// The end of a quoted text that begins there; a doubled quote is part of it.
std::size_t quote_end(std::string_view sql, std::size_t start) {
    const char mark = sql[start];
    for (std::size_t i = start + 1; i < sql.size(); ++i) {
        if (sql[i] != mark) continue;
        if (i + 1 == sql.size() || sql[i + 1] != mark) return i + 1;
        ++i;
    }
    return sql.size();
}

std::string unquoted(std::string_view identifier) {
    std::string name;
    for (std::size_t i = 1; i + 1 < identifier.size(); ++i) {
        name += identifier[i];
        if (identifier[i] == '"') ++i;
    }
    return name;
}

// Calls column(text, name) for each column's quoted name and other(text) for what is between.
template <typename Column, typename Other>
void walk(std::string_view sql, Column column, Other other) {
    for (std::size_t i = 0; i < sql.size();) {
        if (sql[i] != '"' && sql[i] != '\'') {
            other(sql.substr(i++, 1));
            continue;
        }
        const std::size_t end = quote_end(sql, i);
        const bool qualified =
            (i > 0 && sql[i - 1] == '.') || (end < sql.size() && sql[end] == '.');
        const std::string_view token = sql.substr(i, end - i);
        if (sql[i] == '"' && !qualified)
            column(token, unquoted(token));
        else
            other(token);
        i = end;
    }
}

// The count and at most five ids of what the query finds.
std::string counted(const std::string& query) {
    return "WITH found AS (" + query +
           ")\nSELECT count(*), ARRAY(SELECT (\"id\")::text FROM found ORDER BY \"id\" LIMIT 5) "
           "FROM "
           "found";
}

std::string all_given(const std::vector<std::string>& columns) {
    std::string sql;
    for (const std::string& column : columns)
        sql.append(sql.empty() ? "" : " AND ")
            .append(quote_identifier(column))
            .append(" IS NOT NULL");
    return sql;
}

Probe probe_duplicates(const TablePart& part, const RowSource& source) {
    const std::string covered = part.predicate.empty() ? "" : " AND " + part.predicate;
    return {
        Probe::Kind::duplicates,
        counted("SELECT \"id\" FROM (SELECT \"id\", count(*) OVER (PARTITION BY " +
                column_list(part.key_columns) + ") AS copies FROM " + source.from(part.columns) +
                " WHERE " + all_given(part.key_columns) + covered + ") AS same WHERE copies > 1")};
}

Probe probe_dangling(const TablePart& part, const RowSource& source) {
    std::string match;
    for (std::size_t i = 0; i < part.key_columns.size(); ++i) {
        match.append(match.empty() ? "" : " AND ")
            .append("target." + quote_identifier(part.target_columns[i]) + " = referring." +
                    quote_identifier(part.key_columns[i]));
    }
    return {Probe::Kind::dangling,
            counted("SELECT \"id\" FROM (SELECT * FROM " + source.from(part.columns) +
                    ") AS referring WHERE " + all_given(part.key_columns) +
                    " AND NOT EXISTS (SELECT 1 FROM " + part.target + " AS target WHERE " + match +
                    ")"),
            {},
            counted("SELECT \"id\" FROM " + source.from(part.columns) + " WHERE " +
                    all_given(part.key_columns))};
}

}  // namespace

std::vector<std::string> quoted_columns(std::string_view sql) {
    std::vector<std::string> names;
    walk(
        sql,
        [&names](std::string_view, std::string name) {
            if (!is_listed(names, name)) names.push_back(std::move(name));
        },
        [](std::string_view) {});
    return names;
}

std::string rename_columns(std::string_view sql, const std::map<std::string, std::string>& names) {
    std::string renamed;
    walk(
        sql,
        [&](std::string_view token, const std::string& name) {
            const auto found = names.find(name);
            renamed += found == names.end() ? std::string(token) : quote_identifier(found->second);
        },
        [&renamed](std::string_view text) { renamed += text; });
    return renamed;
}

void RowSource::set_null(const std::string& column, std::string_view type) {
    nulls_[column] = true;
    values_[column] = "NULL::" + std::string(type);
}

bool RowSource::is_null(const std::string& column) const { return nulls_.contains(column); }

std::string RowSource::value(const std::string& column) const {
    const auto found = values_.find(column);
    return found == values_.end() ? quote_identifier(column) : found->second;
}

std::string RowSource::from_values(const std::vector<std::string>& columns) const {
    std::string list = "\"id\"";
    bool plain = true;
    for (const std::string& column : columns) {
        if (column == "id") continue;
        const std::string name = quote_identifier(column);
        const std::string sql = value(column);
        list.append(", ").append(sql);
        if (sql == name) continue;
        list.append(" AS ").append(name);
        plain = false;
    }
    return plain ? table_ : "(SELECT " + list + " FROM " + table_ + ") AS r";
}

std::string RowSource::from(const std::vector<std::string>& columns) const {
    std::vector<std::string> plain;
    std::string list = "\"id\"";
    bool calculates = false;
    const auto need = [&plain](const std::string& column) {
        if (!is_listed(plain, column)) plain.push_back(column);
    };
    for (const std::string& column : columns) {
        const auto found = formulas_.find(column);
        const std::string name = quote_identifier(column);
        if (found == formulas_.end()) {
            need(column);
            if (column != "id") list.append(", ").append(name);
            continue;
        }
        calculates = true;
        for (const std::string& used : quoted_columns(found->second)) need(used);
        list.append(", (" + found->second + ") AS " + name);
    }
    const std::string values = from_values(plain);
    return calculates ? "(SELECT " + list + " FROM " + values + ") AS c" : values;
}

Probe probe_rows(Probe::Kind kind, const RowSource& source, const std::vector<std::string>& columns,
                 std::string_view condition) {
    return {kind, counted("SELECT \"id\" FROM " + source.from(columns) + " WHERE " +
                          std::string(condition))};
}

Probe probe_all(Probe::Kind kind, const RowSource& source) {
    return {kind, counted("SELECT \"id\" FROM " + source.from({}))};
}

bool can_fail(const TablePart& part, const RowSource& source) {
    const auto is_null = [&](const std::string& column) { return source.is_null(column); };
    switch (part.kind) {
        case TablePart::Kind::check:
            return !part.message.empty() || std::ranges::none_of(part.columns, is_null);
        case TablePart::Kind::index:
            return part.unique && std::ranges::none_of(part.key_columns, is_null) &&
                   !is_listed(part.key_columns, "id");
        case TablePart::Kind::foreign_key: return std::ranges::none_of(part.key_columns, is_null);
        case TablePart::Kind::trigger:
        case TablePart::Kind::policy: break;
    }
    return false;
}

Probe probe_part(const TablePart& part, const RowSource& source) {
    switch (part.kind) {
        case TablePart::Kind::index: return probe_duplicates(part, source);
        case TablePart::Kind::foreign_key: return probe_dangling(part, source);
        default: break;
    }
    Probe probe =
        probe_rows(Probe::Kind::violates, source, part.columns, "NOT (" + part.predicate + ")");
    if (!part.message.empty()) probe.message = "the record breaks the rule: " + part.message;
    return probe;
}

}  // namespace pgwright::core
