// Decides how each column gets from one version to the next; see alter_plan.hpp.
#include "core/alter_plan.hpp"

#include <algorithm>

#include "core/identifier.hpp"
#include "core/sql_builder.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

using Way = ColumnStep::Way;

const ColumnPart* find_key(const std::vector<ColumnPart>& columns, const std::string& key) {
    const auto found = std::ranges::find(columns, key, &ColumnPart::key);
    return found == columns.end() ? nullptr : &*found;
}

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
    return std::ranges::find(names, name) != names.end();
}

std::string coalesced(const std::string& sql, const std::optional<std::string>& value) {
    return value ? "COALESCE(" + sql + ", " + *value + ")" : sql;
}

std::string type_words(const Field& field) {
    std::string words(info(field.type).name);
    if (field.item_type) words.append(" of ").append(info(*field.item_type).name);
    return words;
}

}  // namespace

std::string ColumnStep::still_filled() const {
    return quote_identifier(filled) + " AND " + quote_identifier(after->name) + " = " + *backfill;
}

AlterPlan::AlterPlan(const Design& old_design, const Design& new_design, const TableState& state,
                     int to_version, const Surroundings& around)
    : before(old_design),
      after(new_design),
      actual(state),
      to(to_version),
      surroundings(around),
      before_columns(columns_of(old_design.entity)),
      after_columns(columns_of(new_design.entity)),
      forward(qualified_table(new_design.entity)),
      backward(qualified_table(new_design.entity)) {
    pair_columns();
    decide_plain();
    name_columns();
    decide_formulas();
    read_backfill();
    describe_rows();
}

void AlterPlan::pair_columns() {
    for (const ColumnPart& column : before_columns) {
        ColumnStep& step = steps.emplace_back();
        step.before = &column;
        step.after = find_key(after_columns, column.key);
    }
    for (const ColumnPart& column : after_columns) {
        if (find_key(before_columns, column.key) != nullptr) continue;
        steps.emplace_back().after = &column;
    }
}

void AlterPlan::decide_plain() {
    for (ColumnStep& step : steps) {
        const bool was_formula = step.before != nullptr && !step.before->formula.empty();
        const bool is_formula = step.after != nullptr && !step.after->formula.empty();
        if (step.before == nullptr) {
            step.way = is_formula ? Way::formula_added : Way::added;
        } else if (step.after == nullptr) {
            step.way = was_formula ? Way::formula_dropped : Way::retired;
        } else if (was_formula != is_formula) {
            step.way = was_formula ? Way::formula_to_plain : Way::plain_to_formula;
        } else if (!was_formula && step.before->type != step.after->type) {
            const Conversion way = convert(step.before->field, step.after->field, "value");
            step.way = way.in_place ? Way::converted : Way::replaced;
            const bool keyed =
                has_foreign_key_type(step.before->field) || has_foreign_key_type(step.after->field);
            if (!way.possible || keyed) {
                faults.add(step.after->name, "cannot become " + type_words(step.after->field) +
                                                 " from " + type_words(step.before->field) +
                                                 "; remove the field and add another");
            }
        }
    }
}

std::string AlterPlan::free_retired_name(const std::string& name, const std::string& mark) {
    std::string free = retired_name(name, mark);
    for (int i = 2; column_names_.contains(free); ++i)
        free = retired_name(name, mark + '_' + std::to_string(i));
    column_names_.insert(free);
    return free;
}

void AlterPlan::name_columns() {
    for (const ColumnState& column : actual.columns) column_names_.insert(column.name);
    for (ColumnStep& step : steps) {
        const std::string version = std::to_string(to);
        if (step.retires() || step.way == Way::replaced)
            step.retired = free_retired_name(step.before->name, "v" + version);
        if (step.adds() || step.way == Way::replaced)
            step.returned = free_retired_name(step.after->name, "r" + version);
        if (step.before == nullptr) continue;
        names[step.before->name] = step.retires()          ? step.retired
                                   : step.after == nullptr ? step.before->name
                                                           : step.after->name;
    }
}

// PostgreSQL changes no column that a generated one is made of.
void AlterPlan::decide_formulas() {
    for (ColumnStep& step : steps) {
        const bool both = step.before != nullptr && step.after != nullptr;
        if (step.way != Way::kept || !both || step.after->formula.empty()) continue;
        if (rename_columns(step.before->formula, names) != step.after->formula ||
            step.before->type != step.after->type ||
            is_touched_before(step.before->field.formula_fields) ||
            is_touched_before(quoted_columns(step.before->formula))) {
            step.way = Way::formula_remade;
        }
    }
}

void AlterPlan::read_backfill() {
    for (const auto& given : surroundings.backfill) {
        const std::string& name = given.first;
        const std::string& text = given.second;
        const auto step = std::ranges::find_if(steps, [&](const ColumnStep& each) {
            return each.after != nullptr && each.after->name == name;
        });
        if (step == steps.end() || step->after->field.system || !step->after->formula.empty()) {
            faults.add("backfill." + name, "is not a field that can be filled");
            continue;
        }
        const Field& field = step->after->field;
        const auto value = value_from_text(field, text);
        const auto fault = value && !field.item_type ? fault_of_value(field, *value) : std::nullopt;
        if (!value || fault) faults.add("backfill." + name, fault.value_or("is no such value"));
        if (step->lasts())
            step->filled = free_retired_name(name, "v" + std::to_string(to) + "_filled");
        step->backfill = field.item_type ? quote_literal(text) + "::" + step->after->type
                                         : literal(field, value.value_or(Json()));
    }
}

void AlterPlan::describe_rows() {
    for (const ColumnStep& step : steps) {
        if (step.after != nullptr) describe_forward(step);
        if (step.before != nullptr) describe_backward(step);
    }
}

void AlterPlan::describe_forward(const ColumnStep& step) {
    const std::string& name = step.after->name;
    if (step.adds_formula()) {
        forward.set_formula(name, step.after->formula);
    } else if (step.lasts()) {
        const std::string old = quote_identifier(step.before->name);
        const std::string value =
            step.way == Way::kept ? old
                                  : convert(step.before->field, step.after->field, old).guarded();
        forward.set(name, coalesced(value, step.backfill));
    } else if (step.backfill || step.default_fills()) {
        forward.set(name, step.backfill.value_or(step.after->default_sql));
    } else {
        forward.set_null(name, step.after->type);
    }
}

void AlterPlan::describe_backward(const ColumnStep& step) {
    const std::string& name = step.before->name;
    if (step.drops_formula()) {
        backward.set_formula(name, step.before->formula);
    } else if (step.retires()) {
        const std::string kept = quote_identifier(step.retired);
        const bool fills = step.before->required && !step.before->default_sql.empty();
        backward.set(name,
                     fills ? "COALESCE(" + kept + ", " + step.before->default_sql + ")" : kept);
    } else {
        const std::string column = quote_identifier(step.after->name);
        const std::string now = step.filled.empty() ? column
                                                    : "CASE WHEN (" + step.still_filled() +
                                                          ") IS NOT TRUE THEN " + column + " END";
        const std::string back = convert(step.after->field, step.before->field, now).guarded();
        backward.set(name, step.way == Way::kept        ? now
                           : step.way == Way::converted ? back
                                                        : returning(step, now, back));
    }
}

// What was not changed since the migration is what it was before it.
std::string AlterPlan::returning(const ColumnStep& step, const std::string& now,
                                 const std::string& back) {
    const std::string kept = quote_identifier(step.retired);
    const Conversion there = convert(step.before->field, step.after->field, kept);
    return "CASE WHEN " + now + " IS NOT DISTINCT FROM " + there.guarded() + " THEN " + kept +
           " ELSE " + back + " END";
}

bool AlterPlan::is_touched_before(const std::vector<std::string>& columns) const {
    return std::ranges::any_of(steps, [&](const ColumnStep& step) {
        return step.way != Way::kept && step.before != nullptr &&
               is_one_of(step.before->name, columns);
    });
}

bool AlterPlan::is_touched_after(const std::vector<std::string>& columns) const {
    return std::ranges::any_of(steps, [&](const ColumnStep& step) {
        return step.way != Way::kept && step.after != nullptr &&
               is_one_of(step.after->name, columns);
    });
}

bool AlterPlan::is_filled(const std::vector<std::string>& columns) const {
    return std::ranges::any_of(steps, [&](const ColumnStep& step) {
        return step.backfill && is_one_of(step.after->name, columns);
    });
}

std::string data_step(const std::string& table, const std::string& update) {
    const std::string alter = "ALTER TABLE " + table;
    return alter + " NO FORCE ROW LEVEL SECURITY;\n" + alter + " DISABLE TRIGGER USER;\n" + update +
           ";\n" + alter + " ENABLE TRIGGER USER;\n" + alter + " FORCE ROW LEVEL SECURITY;";
}

}  // namespace pgwright::core
