// Repairs of the database: what brings a table back to its design; see drift.hpp. Columns that are
// missing or of another type go the way of any change of a design, from the one the table shows to
// the one that is published, so that values are converted and nothing is lost.
#include "core/drift.hpp"

#include <algorithm>
#include <iterator>

#include "core/conversion.hpp"
#include "core/identifier.hpp"
#include "core/table_part.hpp"

namespace pgwright::core {

namespace {

using Differences = std::vector<Difference>;

bool has_field(const Differences& differences, std::string_view kind, const std::string& field) {
    return std::ranges::any_of(differences, [&](const Difference& each) {
        return each.kind == kind && each.field == field;
    });
}

bool was_altered(const TableState& actual) {
    return std::ranges::any_of(
        actual.columns, [](const ColumnState& column) { return is_retired_name(column.name); });
}

// The field as its column shows it: of that type, with no rule that the type may not know.
std::optional<Field> shown_as(const Field& field, const ColumnState& column) {
    const Json members = field_members_of_type(column.type);
    if (members.is_null()) return std::nullopt;
    Field shown;
    shown.id = field.id;
    shown.name = field.name;
    shown.label = field.label;
    shown.type = find_field_type(members.find("field_type")->text())->type;
    if (const Json* item = members.find("item_type"))
        shown.item_type = find_field_type(item->text())->type;
    shown.required = column.not_null;
    set_type_oids(shown);
    if (column.generated) shown.formula = shown.formula_sql = column.default_sql.value_or("NULL");
    return shown;
}

class Repair {
  public:
    Repair(const DriftInput& input, const Differences& differences, bool remove)
        : input_(input),
          entity_(input.design.entity),
          base_(input.actual),
          desired_(desired_objects(input.design, input.actual, input.surroundings)) {
        for (const Difference& each : differences)
            if (!is_left_alone(each, remove)) differences_.push_back(each);
    }

    std::vector<Change> plan() {
        if (!differences_.empty() && differences_.front().kind == "table_missing")
            return new_table();
        for (const Difference& each : differences_)
            if (each.kind == "owner_changed") own();
        drop_objects();
        alter_columns();
        for (const Difference& each : differences_) plain_column(each);
        create_objects();
        protect();
        return std::move(changes_);
    }

  private:
    [[nodiscard]] std::string table() const { return qualified_table(entity_); }
    [[nodiscard]] std::string alter(const std::string& action) const {
        return "ALTER TABLE " + table() + ' ' + action + ';';
    }
    Change& add(std::string operation, std::string object, std::string summary, std::string up,
                std::string down, Risk risk = Risk::safe) {
        return changes_.emplace_back(Change{std::move(operation), std::move(object),
                                            std::move(summary), std::move(up), std::move(down),
                                            "ACCESS EXCLUSIVE", risk});
    }

    // Its way back retires it with the rows it has got by then.
    std::vector<Change> new_table() {
        std::vector<Change> made = plan_new_table(input_.design, input_.surroundings).changes;
        for (Change& change : made) change.down.clear();
        made.front().down =
            plan_drop(input_.design, TableState{}, input_.version, input_.version).up_script();
        made.front().risk = Risk::caution;
        return made;
    }

    // As the extension's owner, before the rest, which the owner of the tables does.
    void own() {
        add("set_owner", entity_.table, "Give the table back to its owner",
            alter("OWNER TO pgwright_owner"), "", Risk::caution);
    }

    // Objects ------------------------------------------------------------------------------------

    [[nodiscard]] std::string drop_sql(const Difference& each) const {
        const std::string name = quote_identifier(each.object);
        if (each.object_type == "constraint") return alter("DROP CONSTRAINT " + name);
        if (each.object_type == "index")
            return "DROP INDEX " + quote_qualified(entity_.schema, each.object) + ';';
        const std::string noun = each.object_type == "trigger" ? "TRIGGER " : "POLICY ";
        return "DROP " + noun + name + " ON " + table() + ';';
    }

    // The server's own text makes it again; of a policy nothing does, because no way back may open a
    // door.
    [[nodiscard]] std::string remake_sql(const Difference& each) const {
        if (each.object_type == "constraint")
            return alter("ADD CONSTRAINT " + quote_identifier(each.object) + ' ' + each.actual);
        if (each.object_type == "policy") return {};
        return each.actual + ';';
    }

    template <typename States>
    static void forget(States& states, const std::string& name) {
        std::erase_if(states, [&](const auto& state) { return state.name == name; });
    }

    void drop_object(const Difference& each) {
        if (each.actual == "not valid" || each.actual == "disabled") return;
        Change& change =
            add("drop_" + each.object_type, each.object,
                "Drop what the definition does not ask for", drop_sql(each), remake_sql(each),
                each.object_type == "index" ? Risk::safe : Risk::caution);
        change.field = each.field;
        forget(base_.constraints, each.object);
        forget(base_.indexes, each.object);
        forget(base_.triggers, each.object);
        forget(base_.policies, each.object);
    }

    void drop_objects() {
        for (const Difference& each : differences_) {
            const bool named = each.object_type != "column" && each.object_type != "table";
            const bool there = each.kind.starts_with("added_") || each.kind.starts_with("changed_");
            if (named && there) drop_object(each);
        }
    }

    [[nodiscard]] bool was_made(const std::string& name) const {
        return std::ranges::any_of(changes_, [&](const Change& change) {
            return change.object == name && !change.operation.starts_with("drop_");
        });
    }

    void create_object(const Difference& each) {
        if (was_made(each.object)) return;
        if (each.object_type == "constraint" && each.expected.starts_with("PRIMARY KEY")) {
            add("add_constraint", each.object, "Identify records",
                alter("ADD CONSTRAINT " + quote_identifier(each.object) + ' ' + each.expected),
                alter("DROP CONSTRAINT " + quote_identifier(each.object)), Risk::caution);
            return;
        }
        const auto found = std::ranges::find(desired_, each.object, &DesiredObject::name);
        if (found == desired_.end()) return;
        const bool guard = each.object_type == "policy" || each.object_type == "trigger";
        Change& change = add((guard ? "create_" : "add_") + found->kind, each.object,
                             "Make again what the definition asks for", found->create,
                             guard ? "" : found->drop, each.risk);
        change.lock = found->lock;
        change.field = each.field;
    }

    void validate(const Difference& each) {
        if (each.object_type == "index") {
            add("reindex", each.object, "Make the index valid",
                "REINDEX INDEX " + quote_qualified(entity_.schema, each.object) + ';', "");
            return;
        }
        add("validate_constraint", each.object, "Check the records there are",
            alter("VALIDATE CONSTRAINT " + quote_identifier(each.object)), "", Risk::caution);
    }

    void create_objects() {
        for (const Difference& each : differences_) {
            const bool named = each.object_type != "column" && each.object_type != "table";
            if (each.actual == "not valid")
                validate(each);
            else if (named &&
                     (each.kind.starts_with("missing_") || each.kind.starts_with("changed_")))
                create_object(each);
        }
    }

    // Columns ------------------------------------------------------------------------------------

    [[nodiscard]] const ColumnPart& part(const std::string& name) const {
        static const ColumnPart kNone;
        for (const ColumnPart& each : columns_)
            if (each.name == name) return each;
        return kNone;
    }

    // Whether it takes a change of the design; else one statement will do.
    [[nodiscard]] bool is_planned(const Difference& each) const {
        if (each.field.empty()) return false;
        if (each.kind == "missing_column" || each.kind == "changed_formula") return true;
        if (each.kind != "changed_type") return false;
        const ColumnState* const column = input_.actual.column(each.object);
        const Field& field = part(each.object).field;
        if (field.is_calculated()) return true;
        const auto shown = shown_as(field, *column);
        return shown && convert(*shown, field, "x").possible;
    }

    // What depends on the old type is made again with the new one.
    void drop_rules(const std::string& field) {
        for (const DesiredObject& each : desired_) {
            if (each.field != field || each.kind != "check") continue;
            const ObjectState* const there = find_object(base_.constraints, each.name);
            if (there == nullptr) continue;
            drop_object({"changed_constraint",
                         each.name,
                         "constraint",
                         field,
                         "",
                         there->definition,
                         Risk::caution,
                         {},
                         {}});
        }
        const auto column = std::ranges::find(base_.columns, field, &ColumnState::name);
        if (column == base_.columns.end() || !column->default_sql || column->generated) return;
        const std::string name = quote_identifier(field);
        add("drop_default", field, "Drop the default of the other type",
            alter("ALTER COLUMN " + name + " DROP DEFAULT"),
            alter("ALTER COLUMN " + name + " SET DEFAULT " + *column->default_sql))
            .field = field;
        column->default_sql.reset();
    }

    void alter_columns() {
        Design shown = input_.design;
        bool planned = false;
        for (const Difference& each : differences_) {
            if (!is_planned(each)) continue;
            planned = true;
            const auto field = std::ranges::find(shown.entity.fields, each.field, &Field::name);
            if (field == shown.entity.fields.end()) continue;
            if (each.kind == "missing_column") {
                shown.entity.fields.erase(field);
                std::erase_if(shown.indexes, [&](const IndexDefinition& index) {
                    return std::ranges::find(index.keys, each.field, &IndexKey::field) !=
                           index.keys.end();
                });
                continue;
            }
            const bool remade = part(each.object).field.is_calculated();
            if (!remade) drop_rules(each.field);
            if (auto now = shown_as(*field, *input_.actual.column(each.object))) *field = *now;
        }
        if (!planned) return;
        Migration migration = plan_alter(shown, input_.design, base_, input_.version - 1,
                                         input_.version, input_.surroundings);
        // An index whose condition no longer compares with the shown design is made by its difference.
        std::ranges::move(migration.changes, std::back_inserter(changes_));
    }

    void statement(const Difference& each, std::string_view operation, const std::string& up,
                   const std::string& down) {
        const std::string column = "ALTER COLUMN " + quote_identifier(each.object) + ' ';
        add(std::string(operation), each.object, "Set the column as the definition says",
            alter(column + up), alter(column + down), each.risk)
            .field = each.field;
    }

    static std::string default_action(const std::string& sql) {
        return sql.empty() ? "DROP DEFAULT" : "SET DEFAULT " + sql;
    }

    void plain_column(const Difference& each) {
        if (each.object_type != "column" || is_planned(each)) return;
        if (each.kind == "added_column") return retire(each);
        const ColumnPart& wanted = part(each.object);
        if (each.kind == "missing_column") return add_column(each, wanted);
        const ColumnState& column = *input_.actual.column(each.object);
        const bool retyped =
            has_field(differences_, "changed_type", each.field) && !each.field.empty();
        if (each.kind == "changed_type" && is_same_kind(column, wanted)) {
            statement(each, "convert_column", "TYPE " + wanted.type, "TYPE " + column.type);
        } else if (each.kind == "changed_nullability" && !retyped) {
            const bool not_null = each.expected == "NOT NULL";
            statement(each, not_null ? "set_not_null" : "drop_not_null",
                      not_null ? "SET NOT NULL" : "DROP NOT NULL",
                      not_null ? "DROP NOT NULL" : "SET NOT NULL");
        } else if (each.kind == "changed_default" && !retyped) {
            statement(each, wanted.default_sql.empty() ? "drop_default" : "set_default",
                      default_action(wanted.default_sql),
                      default_action(column.default_sql.value_or("")));
        }
    }

    // Of the same values, in another precision or by another name: numeric(10,2) and numeric.
    [[nodiscard]] static bool is_same_kind(const ColumnState& column, const ColumnPart& wanted) {
        const auto shown = shown_as(wanted.field, column);
        if (!shown) return false;
        return info(shown->scalar_type()).value_class ==
                   info(wanted.field.scalar_type()).value_class &&
               shown->is_array() == wanted.field.is_array();
    }

    void add_column(const Difference& each, const ColumnPart& wanted) {
        const std::string name = quote_identifier(wanted.name);
        std::string sql = "ADD COLUMN " + name + ' ' + wanted.type;
        if (!wanted.default_sql.empty()) sql += " DEFAULT " + wanted.default_sql;
        if (wanted.required || wanted.name == "id") sql += " NOT NULL";
        const std::string retired = free_retired_name(wanted.name);
        add("add_column", wanted.name, "Add the column " + wanted.name, alter(sql),
            alter("ALTER COLUMN " + name + " DROP NOT NULL") + '\n' +
                alter("RENAME COLUMN " + name + " TO " + quote_identifier(retired)),
            each.risk);
        grants_changed_ = true;
    }

    [[nodiscard]] std::string free_retired_name(const std::string& name) const {
        return retired_name(name, "v" + std::to_string(input_.version));
    }

    void retire(const Difference& each) {
        const ColumnState& column = *input_.actual.column(each.object);
        const std::string name = quote_identifier(each.object);
        const std::string retired = free_retired_name(each.object);
        std::string up;
        std::string down = alter("RENAME COLUMN " + quote_identifier(retired) + " TO " + name);
        const auto also = [&](const std::string& there, const std::string& back) {
            up += alter("ALTER COLUMN " + name + ' ' + there) + '\n';
            down += '\n' + alter("ALTER COLUMN " + name + ' ' + back);
        };
        if (column.not_null) also("DROP NOT NULL", "SET NOT NULL");
        if (column.default_sql && !column.generated)
            also("DROP DEFAULT", "SET DEFAULT " + *column.default_sql);
        up += alter("RENAME COLUMN " + name + " TO " + quote_identifier(retired));
        add("retire_column", each.object, "Retire the column " + each.object, up, down,
            Risk::destructive)
            .retired = retired;
        grants_changed_ = by_column_ = true;
    }

    // Protection ---------------------------------------------------------------------------------

    void grant() {
        std::vector<std::string> names;
        for (const ColumnPart& each : columns_) names.push_back(each.name);
        const bool by_column =
            by_column_ || was_altered(input_.actual) ||
            std::ranges::any_of(changes_, [](const Change& change) {
                return change.operation == "replace_column" || change.operation == "retire_column";
            });
        const std::string sql = by_column ? grant_sql(entity_, names) : grant_sql(entity_);
        add("grant", entity_.schema + '.' + entity_.table,
            "Let the engine and direct connections use the columns in service",
            revoke_sql(entity_) + '\n' + sql, grant_sql(entity_))
            .lock = "none";
    }

    void protect() {
        for (const Difference& each : differences_) {
            if (each.kind == "disabled_trigger")
                add("enable_trigger", each.object, "Enable the trigger",
                    alter("ENABLE TRIGGER " + quote_identifier(each.object)), "");
            if (each.kind == "row_security_disabled")
                add("enable_row_security", entity_.table, "Let the policies decide",
                    alter("ENABLE ROW LEVEL SECURITY") +
                        (entity_.generated ? '\n' + alter("FORCE ROW LEVEL SECURITY") : ""),
                    "");
            if (each.kind == "grants_changed") grants_changed_ = true;
        }
        if (grants_changed_) grant();
    }

    const DriftInput& input_;
    const Entity& entity_;
    TableState base_;  // as it is when the columns change
    std::vector<DesiredObject> desired_;
    std::vector<ColumnPart> columns_ = columns_of(entity_);
    Differences differences_;
    std::vector<Change> changes_;
    bool grants_changed_ = false, by_column_ = false;
};

std::string definition_of(const Difference& each) {
    const std::string& kind = each.kind;
    if (kind == "missing_column" && !each.field.empty()) return "without the field " + each.field;
    if (kind == "added_column") {
        const Json members = field_members_of_type(each.actual);
        if (members.is_null() || field_name_fault(each.object)) return {};
        return "with a field " + each.object + " of type " + members.find("field_type")->text();
    }
    if (each.field.empty() && kind != "added_index") return {};
    if (kind == "changed_type" && !field_members_of_type(each.actual).is_null())
        return each.field + " is of type " +
               field_members_of_type(each.actual).find("field_type")->text();
    if (kind == "changed_nullability")
        return each.field + (each.actual == "NULL" ? " is not required" : " is required");
    if (kind == "changed_default")
        return each.field +
               (each.actual.empty() ? " has no default" : " has the default " + each.actual);
    if (kind == "missing_index") return "without the index " + each.object;
    if (kind == "added_index") return "with the index " + each.object;
    if (kind == "missing_constraint") return each.field + " without the rule " + each.object;
    if (kind == "changed_constraint" && each.actual != "not valid")
        return each.field + " with the rule " + each.actual;
    return {};
}

}  // namespace

Migration plan_repair(const DriftInput& input, const std::vector<Difference>& differences,
                      bool remove) {
    const Entity& entity = input.design.entity;
    return {entity.name + "_v" + std::to_string(input.version), "alter",
            Repair(input, differences, remove).plan()};
}

std::vector<Difference> find_drift(const DriftInput& input) {
    std::vector<Difference> differences = find_differences(input);
    for (Difference& each : differences) {
        const Migration alone = plan_repair(input, {each}, true);
        each.database = alone.up_script();
        each.definition = definition_of(each);
        if (each.database.empty()) each.risk = Risk::safe;
    }
    return differences;
}

}  // namespace pgwright::core
