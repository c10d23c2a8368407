// The parts of a table but its indexes, which are table_index.cpp's, and its policies, which are
// policy.cpp's. Every identifier is quoted, every literal too; the layout is for people.
#include "core/table_part.hpp"

#include <algorithm>
#include <iterator>

#include "core/constraint.hpp"
#include "core/default_sql.hpp"
#include "core/identifier.hpp"
#include "core/policy.hpp"
#include "core/record_trigger.hpp"
#include "core/reference_trigger.hpp"
#include "core/validation_rule.hpp"

namespace pgwright::core {
namespace {

constexpr std::string_view kTenantColumn = "tenant_id";

bool is_platform(const Entity& entity) { return !entity.tenant_id; }

std::string key_of(const Field& field) {
    return field.system || field.id == Uuid{} ? field.name : field.id.to_string();
}

ColumnPart tenant_column() {
    ColumnPart column;
    column.key = column.name = column.field.name = kTenantColumn;
    column.field.type = FieldType::uuid;
    column.field.system = column.field.required = column.required = true;
    column.type = "uuid";
    column.default_sql = "pgwright.tenant_id()";
    return column;
}

ColumnPart column_of(const Field& field) {
    ColumnPart column;
    column.key = key_of(field);
    column.field = field;
    column.name = field.name;
    column.type = sql_type_of(field);
    column.label = field.label;
    if (field.is_calculated()) {
        column.formula = field.formula_sql;
    } else {
        column.default_sql = default_sql(field);
        column.required = field.required;
    }
    return column;
}

std::string add_constraint(const Entity& entity) {
    return "ALTER TABLE " + qualified_table(entity) + "\n    ADD CONSTRAINT ";
}

TablePart named_part(TablePart::Kind kind, const Entity& entity, const Field& field,
                     std::string_view suffix) {
    TablePart part;
    part.kind = kind;
    part.key = std::string(kind_name(kind)) + ':' + key_of(field) + ':' + std::string(suffix);
    part.name = derived_name({entity.table, field.name}, suffix);
    part.second_name = hashed_name({entity.table, field.name}, suffix);
    part.field = field.name;
    part.columns = {field.name};
    return part;
}

// A reference between platform entities is (tenant_id, field); what is set to null is the field.
std::string referential_actions(const Entity& entity, const Field& field) {
    const Reference& target = *field.reference;
    std::string clauses = " ON DELETE ";
    clauses += referential_action_name(target.on_delete);
    const bool composite = is_platform(entity) && target.schema == entity.schema;
    if (composite && target.on_delete == ReferentialAction::set_null)
        clauses += " (" + quote_identifier(field.name) + ")";
    if (target.on_update != ReferentialAction::no_action)
        clauses.append(" ON UPDATE ").append(referential_action_name(target.on_update));
    return clauses;
}

// Between platform entities the tenant is part of the key: the referential check sees every tenant's
// rows, whatever the policies say.
TablePart foreign_key_of(const Entity& entity, const Field& field) {
    const Reference& target = *field.reference;
    TablePart part = named_part(TablePart::Kind::foreign_key, entity, field, "fkey");
    if (is_platform(entity) && target.schema == entity.schema) {
        part.key_columns = {std::string(kTenantColumn)};
        part.target_columns = {std::string(kTenantColumn)};
    }
    part.key_columns.push_back(field.name);
    part.target_columns.push_back(target.column);
    part.columns = part.key_columns;
    part.target = quote_qualified(target.schema, target.table);
    part.head = add_constraint(entity);
    part.tail = " FOREIGN KEY (" + column_list(part.key_columns) + ")\n    REFERENCES " +
                part.target + " (" + column_list(part.target_columns) + ")" +
                referential_actions(entity, field) + ";";
    part.summary = field.label + " refers to " + target.entity;
    return part;
}

TablePart rule_part(const Entity& entity, const Field& field, const ValidationRule& rule) {
    TablePart part = named_part(TablePart::Kind::check, entity, field, "rule:" + rule.name);
    part.name = rule_constraint(entity, field, rule);
    part.second_name = second_rule_constraint(entity, field, rule);
    part.columns = rule.fields;
    part.head = add_constraint(entity);
    part.tail = " CHECK (" + rule.sql + ");";
    part.predicate = rule.sql;
    part.message = rule.message;
    part.summary = "Check the rule " + rule.name + " of " + field.label;
    return part;
}

TablePart stamp_trigger(const Entity& entity) {
    TablePart part;
    part.kind = TablePart::Kind::trigger;
    part.name = "pgwright_stamp_record";
    part.key = "trigger:" + part.name;
    part.head = "CREATE TRIGGER pgwright_stamp_record\n    BEFORE INSERT OR UPDATE ON " +
                qualified_table(entity) +
                "\n    FOR EACH ROW EXECUTE FUNCTION pgwright.stamp_record(" +
                record_trigger_arguments(entity) + ");";
    part.summary = "Stamp records with time and author";
    return part;
}

// A trigger or a policy, whose whole statement is its body.
TablePart whole_part(TablePart::Kind kind, const Change& change) {
    TablePart part;
    part.kind = kind;
    part.name = change.object;
    part.key = std::string(kind_name(kind)) + ':' + part.name;
    part.head = change.up;
    part.summary = change.summary;
    if (part.head.find("\"deleted_at\"") != std::string::npos)
        part.columns.emplace_back("deleted_at");
    return part;
}

void add_access_columns(const Entity& entity, TablePart& part) {
    for (const std::string& column : access_columns(entity)) {
        const bool used = part.head.find(quote_identifier(column)) != std::string::npos;
        if (used && std::ranges::find(part.columns, column) == part.columns.end())
            part.columns.push_back(column);
    }
}

TablePart policy_part(const Entity& entity, const Change& change) {
    TablePart part = whole_part(TablePart::Kind::policy, change);
    if (is_platform(entity)) part.columns.insert(part.columns.begin(), std::string(kTenantColumn));
    add_access_columns(entity, part);
    return part;
}

// Before the record trigger, by its name: it judges the row as it was.
TablePart guard_trigger(const Entity& entity) {
    TablePart part;
    part.kind = TablePart::Kind::trigger;
    part.name = "pgwright_guard_record";
    part.key = "trigger:" + part.name;
    part.head = "CREATE TRIGGER pgwright_guard_record\n    BEFORE UPDATE OR DELETE ON " +
                qualified_table(entity) +
                "\n    FOR EACH ROW EXECUTE FUNCTION pgwright.guard_record(" +
                quote_literal(entity.resource) + ", " +
                quote_literal(row_predicate(entity, Action::update)) + ", " +
                quote_literal(row_predicate(entity, Action::delete_)) + ");";
    part.summary = "Refuse changes of records that the caller sees and may not change";
    add_access_columns(entity, part);
    return part;
}

}  // namespace

std::string TablePart::create_sql(std::string_view chosen_name) const {
    return tail.empty() ? head : head + quote_identifier(chosen_name) + tail;
}

std::string TablePart::drop_sql(const Entity& entity, std::string_view chosen_name) const {
    const std::string table = qualified_table(entity);
    switch (kind) {
        case Kind::index: return "DROP INDEX " + quote_qualified(entity.schema, chosen_name) + ";";
        case Kind::trigger:
            return "DROP TRIGGER " + std::string(chosen_name) + " ON " + table + ";";
        case Kind::policy: return "DROP POLICY " + std::string(chosen_name) + " ON " + table + ";";
        case Kind::check:
        case Kind::foreign_key: break;
    }
    return "ALTER TABLE " + table + " DROP CONSTRAINT " + quote_identifier(chosen_name) + ";";
}

std::string_view kind_name(TablePart::Kind kind) noexcept {
    switch (kind) {
        case TablePart::Kind::check: return "check";
        case TablePart::Kind::index: return "index";
        case TablePart::Kind::foreign_key: return "foreign_key";
        case TablePart::Kind::trigger: return "trigger";
        case TablePart::Kind::policy: return "policy";
    }
    return "";
}

std::string_view create_lock(TablePart::Kind kind) noexcept {
    switch (kind) {
        case TablePart::Kind::index: return "SHARE";
        case TablePart::Kind::foreign_key:
        case TablePart::Kind::trigger: return "SHARE ROW EXCLUSIVE";
        case TablePart::Kind::check:
        case TablePart::Kind::policy: break;
    }
    return "ACCESS EXCLUSIVE";
}

std::string qualified_table(const Entity& entity) {
    return quote_qualified(entity.schema, entity.table);
}

std::string column_list(const std::vector<std::string>& columns) {
    std::string list;
    for (const std::string& column : columns)
        list.append(list.empty() ? "" : ", ").append(quote_identifier(column));
    return list;
}

void refuse_impossible(const Entity& entity) {
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

std::vector<ColumnPart> columns_of(const Entity& entity) {
    std::vector<ColumnPart> columns;
    if (is_platform(entity)) columns.push_back(tenant_column());
    for (const Field& field : leading_system_fields()) columns.push_back(column_of(field));
    for (const Field& field : entity.fields) {
        if (!field.system && field.has_column()) columns.push_back(column_of(field));
    }
    for (const Field& field : trailing_system_fields(entity.soft_delete))
        columns.push_back(column_of(field));
    return columns;
}

std::vector<TablePart> checks_of(const Entity& entity) {
    std::vector<TablePart> parts;
    for (const Field& field : entity.fields) {
        if (field.system || !field.has_column()) continue;
        for (Check& check : checks_of(field)) {
            TablePart part = named_part(TablePart::Kind::check, entity, field, check.suffix);
            part.head = add_constraint(entity);
            part.tail = " CHECK (" + check.condition + ");";
            part.predicate = std::move(check.condition);
            const bool listed = check.suffix == "allowed";
            part.summary = "Check the " + std::string(check.suffix) + (listed ? " values" : "") +
                           " of " + field.label;
            parts.push_back(std::move(part));
        }
        for (const ValidationRule& rule : field.rules)
            if (!rule.sql.empty()) parts.push_back(rule_part(entity, field, rule));
    }
    return parts;
}

std::vector<TablePart> foreign_keys_of(const Entity& entity) {
    std::vector<TablePart> parts;
    for (const Field& field : entity.fields) {
        if (!field.system && field.reference) parts.push_back(foreign_key_of(entity, field));
    }
    return parts;
}

std::vector<TablePart> triggers_of(const Entity& entity) {
    std::vector<TablePart> parts = {guard_trigger(entity), stamp_trigger(entity)};
    for (const Change& change : plan_reference_triggers(entity))
        parts.push_back(whole_part(TablePart::Kind::trigger, change));
    return parts;
}

std::vector<TablePart> policies_of(const Entity& entity) {
    std::vector<TablePart> parts;
    for (const Change& change : plan_policies(entity)) parts.push_back(policy_part(entity, change));
    return parts;
}

std::vector<TablePart> parts_of(const Design& design, const std::string& trigram_schema,
                                Faults& faults) {
    std::vector<TablePart> all;
    const auto add = [&all](std::vector<TablePart> more) {
        std::move(more.begin(), more.end(), std::back_inserter(all));
    };
    add(checks_of(design.entity));
    add(field_indexes_of(design.entity));
    add(definition_indexes_of(design, trigram_schema, faults));
    add(foreign_keys_of(design.entity));
    add(triggers_of(design.entity));
    add(policies_of(design.entity));
    return all;
}

std::string table_comment(const Entity& entity) {
    return "COMMENT ON TABLE " + qualified_table(entity) + " IS " + quote_literal(entity.label) +
           ";";
}

std::string column_comment(const Entity& entity, std::string_view column, std::string_view text) {
    return "COMMENT ON COLUMN " + qualified_table(entity) + '.' + quote_identifier(column) +
           " IS " + (text.empty() ? "NULL" : quote_literal(text)) + ";";
}

std::string grant_sql(const Entity& entity) {
    const bool kept = !entity.access.unchangeable.empty();
    std::string sql = "GRANT SELECT, INSERT, UPDATE, DELETE ON " + qualified_table(entity) +
                      "\n    TO pgwright_runtime" + (kept ? ";\n" : ", pgwright_user;");
    if (!kept) return sql;
    std::vector<std::string> columns;
    for (const ColumnPart& part : columns_of(entity)) columns.push_back(part.name);
    return sql + user_grant_sql(entity, columns);
}

std::string grant_sql(const Entity& entity, const std::vector<std::string>& columns) {
    const bool kept = !entity.access.unchangeable.empty();
    const std::string list = '(' + column_list(columns) + ')';
    // The system columns tell the versions of a row apart; a grant of the whole table covers them.
    const std::string read = '(' + column_list(columns) + ", \"xmin\", \"ctid\")";
    std::string sql = "GRANT SELECT " + read + ",\n    INSERT " + list + ",\n    UPDATE " + list +
                      ",\n    DELETE ON " + qualified_table(entity) + "\n    TO pgwright_runtime" +
                      (kept ? ";\n" : ", pgwright_user;");
    return kept ? sql + user_grant_sql(entity, columns) : sql;
}

std::string user_grant_sql(const Entity& entity, const std::vector<std::string>& columns) {
    std::string sql = "REVOKE ALL ON " + qualified_table(entity) + " FROM pgwright_user;\nGRANT ";
    const auto grant = [&](std::string_view privilege, const std::set<std::string>& kept) {
        std::vector<std::string> granted;
        for (const std::string& column : columns)
            if (!kept.contains(column)) granted.push_back(column);
        if (!granted.empty())
            sql.append(privilege).append(" (").append(column_list(granted)).append("),\n    ");
    };
    grant("SELECT", entity.access.unreadable);
    grant("INSERT", entity.access.unwritable);
    grant("UPDATE", entity.access.unchangeable);
    return sql + "DELETE ON " + qualified_table(entity) + "\n    TO pgwright_user;";
}

std::string revoke_sql(const Entity& entity) {
    return "REVOKE ALL ON " + qualified_table(entity) +
           "\n    FROM pgwright_runtime, pgwright_user;";
}

}  // namespace pgwright::core
