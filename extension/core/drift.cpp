// The comparison; see drift.hpp. Repairs are drift_repair.cpp's.
#include "core/drift.hpp"

#include <algorithm>
#include <array>

#include "core/identifier.hpp"
#include "core/table_part.hpp"

namespace pgwright::core {

namespace {

struct ListOf {
    std::string_view noun;
    const std::vector<ObjectState> TableState::*objects;
};
constexpr auto kLists = std::to_array<ListOf>({
    {"constraint", &TableState::constraints},
    {"index", &TableState::indexes},
    {"trigger", &TableState::triggers},
    {"policy", &TableState::policies},
});

std::string_view noun_of(const DesiredObject& object) {
    if (object.kind == "check" || object.kind == "foreign_key") return "constraint";
    return object.kind;
}

bool is_primary_key(const ObjectState& constraint) {
    return constraint.definition.starts_with("PRIMARY KEY");
}

std::string null_word(bool not_null) { return not_null ? "NOT NULL" : "NULL"; }

class Comparison {
  public:
    explicit Comparison(const DriftInput& input) : input_(input) {}

    std::vector<Difference> generated() {
        if (!input_.actual.exists) {
            table("table_missing", "a table", "nothing");
            return std::move(found_);
        }
        for (const ColumnPart& part : columns_of(input_.design.entity)) compare_column(part);
        added_columns();
        objects();
        primary_key();
        protection(true);
        return std::move(found_);
    }

    std::vector<Difference> imported() {
        if (input_.recorded == nullptr) return {};
        if (!input_.actual.exists) {
            table("table_missing", "the imported relation", "nothing");
            return std::move(found_);
        }
        imported_columns();
        imported_key();
        imported_constraints();
        protection(false);
        imported_policies();
        return std::move(found_);
    }

  private:
    void add(Difference difference) { found_.push_back(std::move(difference)); }

    void column(std::string_view kind, const std::string& name, const std::string& field,
                std::string expected, std::string actual, Risk risk) {
        add({std::string(kind),
             name,
             "column",
             field,
             std::move(expected),
             std::move(actual),
             risk,
             {},
             {}});
    }

    // Columns ------------------------------------------------------------------------------------

    void compare_column(const ColumnPart& part) {
        const std::string field = part.field.system ? std::string() : part.name;
        const ColumnState* const actual = input_.actual.column(part.name);
        if (actual == nullptr)
            return column("missing_column", part.name, field, part.type, "nothing", Risk::caution);
        if (actual->type != part.type)
            column("changed_type", part.name, field, part.type, actual->type, Risk::caution);
        const bool not_null = part.required || part.name == "id";
        if (actual->not_null != not_null)
            column("changed_nullability", part.name, field, null_word(not_null),
                   null_word(actual->not_null), not_null ? Risk::caution : Risk::safe);
        compare_default(part, *actual, field);
    }

    void compare_default(const ColumnPart& part, const ColumnState& actual,
                         const std::string& field) {
        const ColumnState* const recorded =
            input_.recorded == nullptr ? nullptr : input_.recorded->column(part.name);
        const bool computed = !part.formula.empty();
        const std::string& wanted = computed ? part.formula : part.default_sql;
        // The design's own words are not the server's: alone they tell whether there is a default.
        const bool same_words =
            recorded != nullptr && recorded->default_sql.has_value() == !wanted.empty()
                ? recorded->default_sql == actual.default_sql
                : actual.default_sql.has_value() == !wanted.empty();
        if (same_words && actual.generated == computed) return;
        const std::string expected =
            recorded != nullptr && recorded->default_sql ? *recorded->default_sql : wanted;
        const bool formula = computed || actual.generated;
        column(formula ? "changed_formula" : "changed_default", part.name, field, expected,
               actual.default_sql.value_or(""), formula ? Risk::caution : Risk::safe);
    }

    // What no field can describe stays unmentioned once it was accepted.
    void added_columns() {
        const auto wanted = columns_of(input_.design.entity);
        for (const ColumnState& actual : input_.actual.columns) {
            if (is_retired_name(actual.name)) continue;
            if (std::ranges::find(wanted, actual.name, &ColumnPart::name) != wanted.end()) continue;
            const bool accepted = input_.recorded != nullptr &&
                                  input_.recorded->column(actual.name) != nullptr &&
                                  field_members_of_type(actual.type).is_null();
            if (!accepted)
                column("added_column", actual.name, "", "nothing", actual.type, Risk::destructive);
        }
    }

    // Constraints, indexes, triggers, policies ---------------------------------------------------

    void object(std::string_view verb, std::string_view noun, const std::string& name,
                const std::string& field, std::string expected, std::string actual, Risk risk) {
        add({std::string(verb) + '_' + std::string(noun),
             name,
             std::string(noun),
             field,
             std::move(expected),
             std::move(actual),
             risk,
             {},
             {}});
    }

    [[nodiscard]] const ObjectState* recorded(const ListOf& list, std::string_view name) const {
        return input_.recorded == nullptr ? nullptr
                                          : find_object(input_.recorded->*list.objects, name);
    }

    void objects() {
        const auto desired = desired_objects(input_.design, input_.actual, input_.surroundings);
        for (const ListOf& list : kLists) {
            for (const DesiredObject& each : desired)
                if (noun_of(each) == list.noun) compare_object(list, each);
            for (const ObjectState& actual : input_.actual.*list.objects)
                added_object(list, actual, desired);
        }
    }

    void compare_object(const ListOf& list, const DesiredObject& desired) {
        const ObjectState* const actual = find_object(input_.actual.*list.objects, desired.name);
        const ObjectState* const known = recorded(list, desired.name);
        const std::string expected = known == nullptr ? desired.create : known->definition;
        if (actual == nullptr)
            return object("missing", list.noun, desired.name, desired.field, expected, "nothing",
                          list.noun == "constraint" ? Risk::caution : Risk::safe);
        if (known != nullptr && known->definition != actual->definition)
            return object("changed", list.noun, desired.name, desired.field, expected,
                          actual->definition, Risk::caution);
        if (actual->active) return;
        const bool trigger = list.noun == "trigger";
        object(trigger ? "disabled" : "changed", list.noun, desired.name, desired.field,
               trigger ? "enabled" : "valid", trigger ? "disabled" : "not valid", Risk::caution);
    }

    // An index that a constraint keeps is told with the constraint.
    void added_object(const ListOf& list, const ObjectState& actual,
                      const std::vector<DesiredObject>& desired) {
        if (std::ranges::any_of(desired, [&](const DesiredObject& each) {
                return noun_of(each) == list.noun && each.name == actual.name;
            }))
            return;
        if (list.noun == "constraint" && is_primary_key(actual)) return;
        if (list.noun == "index" && find_object(input_.actual.constraints, actual.name) != nullptr)
            return;
        const ObjectState* const known = recorded(list, actual.name);
        if (known != nullptr && *known == actual && list.noun != "policy") return;
        object("added", list.noun, actual.name, "", "nothing", actual.definition, Risk::caution);
    }

    void primary_key() {
        const auto& constraints = input_.actual.constraints;
        const auto found = std::ranges::find_if(constraints, is_primary_key);
        const std::string name = derived_name({input_.design.entity.table}, "pkey");
        if (found == constraints.end())
            return object("missing", "constraint", name, "", "PRIMARY KEY (id)", "nothing",
                          Risk::caution);
        if (found->definition != "PRIMARY KEY (id)")
            object("changed", "constraint", found->name, "", "PRIMARY KEY (id)", found->definition,
                   Risk::caution);
    }

    // Who may do what ----------------------------------------------------------------------------

    void table(std::string_view kind, std::string expected, std::string actual) {
        add({std::string(kind),
             input_.design.entity.table,
             "table",
             "",
             std::move(expected),
             std::move(actual),
             Risk::caution,
             {},
             {}});
    }

    void protection(bool generated) {
        const TableState& actual = input_.actual;
        const bool on = actual.row_security && (actual.forced_row_security || !generated);
        const bool wanted =
            generated || (input_.recorded != nullptr && input_.recorded->row_security);
        if (wanted && !on)
            table("row_security_disabled", generated ? "enabled and forced" : "enabled",
                  actual.row_security ? "enabled, not forced" : "disabled");
        if (generated && !input_.access.owner.empty() && input_.access.owner != "pgwright_owner")
            table("owner_changed", "pgwright_owner", input_.access.owner);
        std::string lacking;
        for (const std::string& column : input_.access.lacking) {
            const bool known = column.empty() || is_in_service(column);
            if (!known) continue;
            lacking.append(lacking.empty() ? "" : ", ").append(column.empty() ? "DELETE" : column);
        }
        if (generated && !lacking.empty())
            table("grants_changed", "the engine and direct connections may use the table",
                  "no privileges: " + lacking);
    }

    [[nodiscard]] bool is_in_service(const std::string& name) const {
        return std::ranges::any_of(columns_of(input_.design.entity),
                                   [&](const ColumnPart& part) { return part.name == name; });
    }

    // Imported relations -------------------------------------------------------------------------

    // The new name of a column that goes by another one: the same column to the server, of the same
    // type, under a name that was not known.
    [[nodiscard]] const ColumnState* renamed(const ColumnState& was) const {
        if (was.number == 0) return nullptr;
        const auto found =
            std::ranges::find(input_.actual.columns, was.number, &ColumnState::number);
        const bool other = found != input_.actual.columns.end() && found->type == was.type &&
                           input_.recorded->column(found->name) == nullptr;
        return other ? &*found : nullptr;
    }

    void imported_columns() {
        std::set<std::string> new_names;
        for (const ColumnState& was : input_.recorded->columns) {
            const ColumnState* now = input_.actual.column(was.name);
            if (now == nullptr) {
                now = renamed(was);
                if (now == nullptr) {
                    column("missing_column", was.name, was.name, was.type, "nothing", Risk::safe);
                    continue;
                }
                column("renamed_column", now->name, was.name, was.name, now->name, Risk::safe);
                new_names.insert(now->name);
            }
            imported_column(was, *now);
        }
        for (const ColumnState& now : input_.actual.columns)
            if (input_.recorded->column(now.name) == nullptr && !new_names.contains(now.name))
                column("added_column", now.name, "", "nothing", now.type, Risk::safe);
    }

    void imported_column(const ColumnState& was, const ColumnState& now) {
        const auto differs = [&](std::string_view kind, const std::string& expected,
                                 const std::string& actual) {
            if (expected != actual) column(kind, now.name, was.name, expected, actual, Risk::safe);
        };
        differs("changed_type", was.type, now.type);
        differs("changed_nullability", null_word(was.not_null), null_word(now.not_null));
        differs("changed_labels", was.labels.value_or(""), now.labels.value_or(""));
        differs("changed_comment", was.comment.value_or(""), now.comment.value_or(""));
        if (now.default_sql != was.default_sql || now.generated != was.generated)
            column("changed_default", now.name, was.name, was.default_sql.value_or(""),
                   now.default_sql.value_or(""), Risk::safe);
    }

    // Unique and foreign keys, which say what is unique and what is a lookup.
    static bool is_describing(const ObjectState& constraint) {
        return constraint.definition.starts_with("UNIQUE") ||
               constraint.definition.starts_with("FOREIGN KEY");
    }

    void imported_constraints() {
        for (const ObjectState& was : input_.recorded->constraints) {
            if (!is_describing(was)) continue;
            const ObjectState* const now = find_object(input_.actual.constraints, was.name);
            if (now == nullptr)
                object("missing", "constraint", was.name, "", was.definition, "nothing",
                       Risk::safe);
            else if (now->definition != was.definition)
                object("changed", "constraint", was.name, "", was.definition, now->definition,
                       Risk::safe);
        }
        for (const ObjectState& now : input_.actual.constraints)
            if (is_describing(now) &&
                find_object(input_.recorded->constraints, now.name) == nullptr)
                object("added", "constraint", now.name, "", "nothing", now.definition, Risk::safe);
    }

    static std::string key_of(const TableState& state) {
        const auto found = std::ranges::find_if(state.constraints, is_primary_key);
        return found == state.constraints.end() ? std::string() : found->definition;
    }

    void imported_key() {
        const std::string was = key_of(*input_.recorded);
        const std::string now = key_of(input_.actual);
        if (was != now)
            object("changed", "key", input_.design.entity.table, "", was, now, Risk::safe);
    }

    void imported_policies() {
        for (const ObjectState& was : input_.recorded->policies) {
            if (!was.name.starts_with("pgwright_")) continue;
            const ObjectState* const now = find_object(input_.actual.policies, was.name);
            if (now != nullptr && now->definition == was.definition) continue;
            object(now == nullptr ? "missing" : "changed", "policy", was.name, "", was.definition,
                   now == nullptr ? "nothing" : now->definition, Risk::caution);
            const std::string create = imported_policy_sql(was.name);
            if (create.empty()) continue;
            const std::string drop = "DROP POLICY " + quote_identifier(was.name) + " ON " +
                                     qualified_table(input_.design.entity) + ";\n";
            found_.back().database = (now == nullptr ? "" : drop) + create;
        }
        for (Difference& each : found_) {
            if (each.kind == "row_security_disabled")
                each.database = "ALTER TABLE " + qualified_table(input_.design.entity) +
                                " ENABLE ROW LEVEL SECURITY;";
        }
    }

    // As the import made it.
    [[nodiscard]] std::string imported_policy_sql(const std::string& name) const {
        for (const Change& change : plan_policies(input_.design.entity, PolicyKind::restrictive))
            if (change.object == name) return change.up;
        const bool others = name == "pgwright_others";
        if (!others && name != "pgwright_access") return {};
        return "CREATE POLICY " + name + " ON " + qualified_table(input_.design.entity) + " TO " +
               (others ? "PUBLIC" : "pgwright_runtime, pgwright_user") +
               "\n    USING (true) WITH CHECK (true);";
    }

    const DriftInput& input_;
    std::vector<Difference> found_;
};

}  // namespace

std::vector<Difference> find_differences(const DriftInput& input) {
    return Comparison(input).generated();
}

std::vector<Difference> find_imported_drift(const DriftInput& input) {
    return Comparison(input).imported();
}

bool is_protection(const Difference& difference) {
    static constexpr auto kKinds =
        std::to_array<std::string_view>({"row_security_disabled", "owner_changed", "grants_changed",
                                         "disabled_trigger", "missing_trigger", "changed_trigger"});
    return difference.object_type == "policy" ||
           std::ranges::find(kKinds, difference.kind) != kKinds.end();
}

bool is_left_alone(const Difference& difference, bool remove) {
    return difference.kind.starts_with("added_") && difference.object_type != "policy" && !remove;
}

}  // namespace pgwright::core
