// Plans a new entity's table. Every identifier is quoted, every literal too; the layout is for people,
// who read these scripts in previews and in the log of migrations.
#include "core/ddl.hpp"

#include <algorithm>
#include <iterator>

#include "core/constraint.hpp"
#include "core/default_sql.hpp"
#include "core/identifier.hpp"
#include "core/record_trigger.hpp"
#include "core/reference_trigger.hpp"

namespace pgwright::core {
namespace {

constexpr std::string_view kTenantColumn = "tenant_id";
constexpr std::string_view kLive = "\"deleted_at\" IS NULL";
constexpr std::size_t kMaxAlignment = 32;  // columns that longer names do not push apart

std::string qualified(const Entity& entity) { return quote_qualified(entity.schema, entity.table); }

bool is_platform(const Entity& entity) { return !entity.tenant_id; }

std::vector<Field> table_fields(const Entity& entity) {
    std::vector<Field> fields = leading_system_fields();
    for (const Field& field : entity.fields) {
        if (!field.system) fields.push_back(field);
    }
    for (Field& stamp : trailing_system_fields(entity.soft_delete))
        fields.push_back(std::move(stamp));
    return fields;
}

void refuse_what_no_table_can_be(const Entity& entity) {
    Faults faults;
    if (entity.kind == EntityKind::virtual_)
        faults.add("entity_type", "virtual entities have no table");
    for (const Field& field : entity.fields) {
        if (field.system) continue;
        if (field.type == FieldType::other)
            faults.add(field.name, "is of a type no column can be made of");
        const bool refers = field.type == FieldType::lookup || field.type == FieldType::file;
        if (refers && !field.reference) faults.add(field.name, "is a lookup without a target");
        if (field.is_array() && !field.item_type) faults.add(field.name, "is an array of no type");
    }
    faults.raise("entity \"" + entity.name + "\" cannot be made into a table");
}

// The table -------------------------------------------------------------------------------------

struct Column {
    std::string name, type, rest;  // quoted name; rest: NOT NULL and DEFAULT
};

Column column_of(const Field& field) {
    Column column{quote_identifier(field.name), sql_type_of(field),
                  field.required ? "NOT NULL" : ""};
    if (const std::string value = default_sql(field); !value.empty()) {
        column.rest.append(column.rest.empty() ? "" : " ").append("DEFAULT ").append(value);
    }
    return column;
}

std::vector<Column> columns_of(const Entity& entity) {
    std::vector<Column> columns;
    if (is_platform(entity)) {
        columns.push_back(
            {quote_identifier(kTenantColumn), "uuid", "NOT NULL DEFAULT pgwright.tenant_id()"});
    }
    for (const Field& field : table_fields(entity)) columns.push_back(column_of(field));
    return columns;
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
    const std::vector<Column> columns = columns_of(entity);
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
    for (const Field& field : entity.fields) {
        if (field.system) continue;
        for (const Check& check : checks_of(field)) {
            const std::string name = derived_name({entity.table, field.name}, check.suffix);
            elements.push_back("CONSTRAINT " + quote_identifier(name) + " CHECK (" +
                               check.condition + ")");
        }
    }
    return elements;
}

Change create_table(const Entity& entity) {
    std::string up = "CREATE TABLE " + qualified(entity) + " (";
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
            "DROP TABLE " + qualified(entity) + ";",
            "ACCESS EXCLUSIVE",
            Risk::safe};
}

// Indexes ---------------------------------------------------------------------------------------

class IndexPlanner {
  public:
    IndexPlanner(const Entity& entity, const std::set<std::string>& taken)
        : entity_(entity), taken_(taken) {}

    std::vector<Change> plan() {
        if (is_platform(entity_))
            add(kTenantColumn, "\"tenant_id\", \"id\"", true, "", "Index records by tenant");
        for (const Field& field : entity_.fields) {
            if (!field.system) add(field);
        }
        return std::move(changes_);
    }

  private:
    void add(const Field& field) {
        const std::string columns =
            (is_platform(entity_) ? "\"tenant_id\", " : "") + quote_identifier(field.name);
        if (field.is_array() && field.indexed) return add_items_index(field);
        const std::string_view live = entity_.soft_delete ? kLive : "";
        if (field.unique) add(field.name, columns, true, live, "Keep " + field.label + " unique");
        // The check that nothing refers to a record looks at deleted rows too: a partial index won't do.
        const bool covered = field.unique && live.empty();
        const bool wanted = field.reference || (field.indexed && !field.unique);
        if (wanted && !covered) add(field.name, columns, false, "", "Index " + field.label);
    }

    // For what arrays are asked: whether they hold an item.
    void add_items_index(const Field& field) {
        const std::string name = free_name(field.name, "idx");
        changes_.push_back({"add_index", name, "Index the items of " + field.label,
                            "CREATE INDEX " + quote_identifier(name) + " ON " + qualified(entity_) +
                                " USING gin (" + quote_identifier(field.name) + ");",
                            "", "SHARE", Risk::safe});
    }

    void add(std::string_view field, const std::string& columns, bool unique,
             std::string_view condition, std::string summary) {
        const std::string name = free_name(field, unique ? "key" : "idx");
        std::string up = (unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                         quote_identifier(name) + " ON " + qualified(entity_) + " (" + columns +
                         ")";
        if (!condition.empty()) up.append(" WHERE ").append(condition);
        changes_.push_back(
            {"add_index", name, std::move(summary), up + ";", "", "SHARE", Risk::safe});
    }

    [[nodiscard]] std::string free_name(std::string_view field, std::string_view suffix) const {
        std::string name = derived_name({entity_.table, field}, suffix);
        return taken_.contains(name) ? hashed_name({entity_.table, field}, suffix) : name;
    }

    const Entity& entity_;
    const std::set<std::string>& taken_;
    std::vector<Change> changes_;
};

// The rest --------------------------------------------------------------------------------------

// A reference between platform entities is (tenant_id, field); what is set to null is the field.
std::string referential_actions(const Entity& entity, const Field& field) {
    const Reference& target = *field.reference;
    const auto clause = [&](ReferentialAction action, bool is_delete) {
        const bool composite = is_platform(entity) && target.schema == entity.schema;
        std::string text(referential_action_name(action));
        if (is_delete && composite && action == ReferentialAction::set_null)
            text += " (" + quote_identifier(field.name) + ")";
        return text;
    };
    std::string clauses = " ON DELETE " + clause(target.on_delete, true);
    if (target.on_update != ReferentialAction::no_action)
        clauses += " ON UPDATE " + clause(target.on_update, false);
    return clauses;
}

// Between platform entities the tenant is part of the key: the referential check sees every tenant's
// rows, whatever the policies say.
Change add_foreign_key(const Entity& entity, const Field& field) {
    const Reference& target = *field.reference;
    const std::string name = derived_name({entity.table, field.name}, "fkey");
    const std::string tenant =
        is_platform(entity) && target.schema == entity.schema ? "\"tenant_id\", " : "";
    std::string up =
        "ALTER TABLE " + qualified(entity) + "\n    ADD CONSTRAINT " + quote_identifier(name) +
        " FOREIGN KEY (" + tenant + quote_identifier(field.name) + ")\n    REFERENCES " +
        quote_qualified(target.schema, target.table) + " (" + tenant +
        quote_identifier(target.column) + ")" + referential_actions(entity, field) + ";";
    return {"add_foreign_key", name, field.label + " refers to " + target.entity,
            std::move(up),     "",   "SHARE ROW EXCLUSIVE",
            Risk::safe};
}

Change create_trigger(const Entity& entity) {
    return {"create_trigger",
            "pgwright_stamp_record",
            "Stamp records with time and author",
            "CREATE TRIGGER pgwright_stamp_record\n    BEFORE INSERT OR UPDATE ON " +
                qualified(entity) + "\n    FOR EACH ROW EXECUTE FUNCTION pgwright.stamp_record(" +
                record_trigger_arguments(entity) + ");",
            "",
            "SHARE ROW EXCLUSIVE",
            Risk::safe};
}

Change enable_row_security(const Entity& entity) {
    const std::string alter = "ALTER TABLE " + qualified(entity);
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
            "REVOKE ALL ON " + qualified(entity) +
                " FROM PUBLIC;\nGRANT SELECT, INSERT, UPDATE, DELETE ON " + qualified(entity) +
                "\n    TO pgwright_runtime, pgwright_user;",
            "",
            "none",
            Risk::safe};
}

Change comment(const Entity& entity) {
    std::string up =
        "COMMENT ON TABLE " + qualified(entity) + " IS " + quote_literal(entity.label) + ";";
    for (const Field& field : table_fields(entity)) {
        up += "\nCOMMENT ON COLUMN " + qualified(entity) + '.' + quote_identifier(field.name) +
              " IS " + quote_literal(field.label) + ";";
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
    refuse_what_no_table_can_be(entity);
    Migration migration{entity.name + "_v" + std::to_string(entity.version), "create", {}};
    auto& changes = migration.changes;
    changes.push_back(create_table(entity));
    append(changes, IndexPlanner(entity, taken).plan());
    for (const Field& field : entity.fields) {
        if (!field.system && field.reference) changes.push_back(add_foreign_key(entity, field));
    }
    changes.push_back(create_trigger(entity));
    append(changes, plan_reference_triggers(entity));
    changes.push_back(enable_row_security(entity));
    append(changes, plan_policies(entity));
    changes.push_back(grant(entity));
    changes.push_back(comment(entity));
    return migration;
}

}  // namespace pgwright::core
