// Plans a new entity's table. Every identifier is quoted, every literal too; the layout is for people,
// who read these scripts in previews and in the log of migrations.
#include "core/ddl.hpp"

#include <algorithm>
#include <iterator>

#include "core/identifier.hpp"
#include "core/table_part.hpp"

namespace pgwright::core {
namespace {

constexpr std::size_t kMaxAlignment = 32;  // columns that longer names do not push apart

// The table -------------------------------------------------------------------------------------

struct Column {
    std::string name, type, rest;  // quoted name; rest: NOT NULL and DEFAULT, or the formula
};

Column written(const ColumnPart& part) {
    Column column{quote_identifier(part.name), part.type, part.required ? "NOT NULL" : ""};
    const auto add = [&column](std::string_view text) {
        column.rest.append(column.rest.empty() ? "" : " ").append(text);
    };
    if (!part.default_sql.empty()) add("DEFAULT " + part.default_sql);
    if (!part.formula.empty()) add("GENERATED ALWAYS AS (" + part.formula + ") STORED");
    return column;
}

std::size_t widest(const std::vector<Column>& columns, std::string Column::*part) {
    std::size_t width = 0;
    for (const Column& column : columns)
        width = std::max(width, std::min((column.*part).size(), kMaxAlignment));
    return width;
}

std::string padded(std::string text, std::size_t width) {
    text.append(text.size() < width ? width - text.size() : 0, ' ');
    return text;
}

std::vector<std::string> table_elements(const Entity& entity) {
    std::vector<Column> columns;
    for (const ColumnPart& part : columns_of(entity)) columns.push_back(written(part));
    const std::size_t name_width = widest(columns, &Column::name);
    const std::size_t type_width = widest(columns, &Column::type);
    std::vector<std::string> elements;
    for (const Column& column : columns) {
        const std::string name = padded(column.name, name_width) + ' ';
        elements.push_back(name + (column.rest.empty()
                                       ? column.type
                                       : padded(column.type, type_width) + ' ' + column.rest));
    }
    elements.push_back("CONSTRAINT " + quote_identifier(derived_name({entity.table}, "pkey")) +
                       " PRIMARY KEY (\"id\")");
    for (const TablePart& check : checks_of(entity)) {
        elements.push_back("CONSTRAINT " + quote_identifier(check.name) + " CHECK (" +
                           check.predicate + ")");
    }
    return elements;
}

Change create_table(const Entity& entity) {
    std::string up = "CREATE TABLE " + qualified_table(entity) + " (";
    const char* separator = "\n    ";
    for (const std::string& element : table_elements(entity)) {
        up.append(separator).append(element);
        separator = ",\n    ";
    }
    up += "\n);";
    return {"create_table",
            entity.schema + '.' + entity.table,
            "Create the table of " + entity.label,
            std::move(up),
            "DROP TABLE " + qualified_table(entity) + ";",
            "ACCESS EXCLUSIVE",
            Risk::safe};
}

// The rest --------------------------------------------------------------------------------------

// Part of the new table, whose drop takes it along.
Change add_part(const TablePart& part, const std::set<std::string>& taken) {
    const bool creates = part.kind == TablePart::Kind::trigger;
    const bool second = part.kind == TablePart::Kind::index && taken.contains(part.name);
    const std::string& name = second ? part.second_name : part.name;
    return {(creates ? "create_" : "add_") + std::string(kind_name(part.kind)),
            name,
            part.summary,
            part.create_sql(name),
            "",
            std::string(create_lock(part.kind)),
            Risk::safe};
}

Change enable_row_security(const Entity& entity) {
    const std::string alter = "ALTER TABLE " + qualified_table(entity);
    return {"enable_row_security",
            entity.schema + '.' + entity.table,
            "Let the policies decide for everyone, the owner too",
            alter + " ENABLE ROW LEVEL SECURITY;\n" + alter + " FORCE ROW LEVEL SECURITY;",
            "",
            "ACCESS EXCLUSIVE",
            Risk::safe};
}

Change grant(const Entity& entity) {
    return {"grant",
            entity.schema + '.' + entity.table,
            "Let the engine and direct connections use the table, under its policies",
            "REVOKE ALL ON " + qualified_table(entity) + " FROM PUBLIC;\n" + grant_sql(entity),
            "",
            "none",
            Risk::safe};
}

Change comment(const Entity& entity) {
    std::string up = table_comment(entity);
    for (const ColumnPart& column : columns_of(entity)) {
        if (!column.label.empty()) up += '\n' + column_comment(entity, column.name, column.label);
    }
    return {"comment",
            entity.schema + '.' + entity.table,
            "Describe table and columns",
            std::move(up),
            "",
            "SHARE UPDATE EXCLUSIVE",
            Risk::safe};
}

void append(std::vector<Change>& changes, std::vector<Change> more) {
    std::move(more.begin(), more.end(), std::back_inserter(changes));
}

void append_script(std::string& script, const std::string& statements) {
    if (statements.empty()) return;
    if (!script.empty()) script += '\n';
    script.append(statements).append("\n");
}

}  // namespace

std::string_view risk_name(Risk risk) noexcept {
    switch (risk) {
        case Risk::safe: return "safe";
        case Risk::caution: return "caution";
        case Risk::destructive: return "destructive";
    }
    return "";
}

std::string Migration::up_script() const {
    std::string script;
    for (const Change& change : changes) append_script(script, change.up);
    return script;
}

std::string Migration::down_script() const {
    std::string script;
    std::for_each(changes.rbegin(), changes.rend(),
                  [&](const Change& change) { append_script(script, change.down); });
    return script;
}

Migration plan_create(const Entity& entity, const std::set<std::string>& taken) {
    return plan_new_table({entity, {}}, {taken, {}, {}});
}

Migration plan_new_table(const Design& design, const Surroundings& surroundings) {
    const Entity& entity = design.entity;
    refuse_impossible(entity);
    Faults faults;
    const std::vector<TablePart> indexes =
        definition_indexes_of(design, surroundings.trigram_schema, faults);
    faults.raise("entity \"" + entity.name + "\" cannot be made into a table");
    Migration migration{entity.name + "_v" + std::to_string(entity.version), "create", {}};
    auto& changes = migration.changes;
    changes.push_back(create_table(entity));
    for (const auto& parts :
         {field_indexes_of(entity), indexes, foreign_keys_of(entity), triggers_of(entity)}) {
        for (const TablePart& part : parts) changes.push_back(add_part(part, surroundings.taken));
    }
    changes.push_back(enable_row_security(entity));
    append(changes, plan_policies(entity));
    changes.push_back(grant(entity));
    changes.push_back(comment(entity));
    return migration;
}

}  // namespace pgwright::core
