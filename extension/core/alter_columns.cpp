// The changes of columns, each with its way back. A change's `down` finds the table as its `up` left it,
// because the downs run in reverse order.
#include <algorithm>

#include "core/alter_plan.hpp"
#include "core/identifier.hpp"
#include "core/rename_plan.hpp"

namespace pgwright::core {
namespace {

using Way = ColumnStep::Way;

constexpr std::string_view kExclusive = "ACCESS EXCLUSIVE";

// One column of a table, in statements.
struct ColumnSql {
    const AlterPlan& plan;

    [[nodiscard]] std::string alter(const std::string& action) const {
        return "ALTER TABLE " + plan.table() + ' ' + action + ';';
    }
    [[nodiscard]] std::string rename(const std::string& from, const std::string& to) const {
        return alter("RENAME COLUMN " + quote_identifier(from) + " TO " + quote_identifier(to));
    }
    [[nodiscard]] std::string column(const std::string& name, const std::string& action) const {
        return alter("ALTER COLUMN " + quote_identifier(name) + ' ' + action);
    }
    [[nodiscard]] std::string add(const ColumnPart& column, bool with_default) const {
        std::string action = "ADD COLUMN " + quote_identifier(column.name) + ' ' + column.type;
        if (with_default) action += " DEFAULT " + column.default_sql;
        if (!column.formula.empty())
            action += " GENERATED ALWAYS AS (" + column.formula + ") STORED";
        return alter(action);
    }
    [[nodiscard]] std::string comment(const std::string& name, const std::string& text) const {
        return column_comment(plan.entity(), name, text);
    }
    [[nodiscard]] std::string update(const std::string& name, const std::string& value,
                                     const std::string& condition) const {
        return data_step(plan.table(), "UPDATE " + plan.table() + " SET " + quote_identifier(name) +
                                           " = " + value + " WHERE " + condition);
    }

    // Out of service under that name, and back into it.
    [[nodiscard]] std::string retire(const ColumnPart& column, const std::string& name,
                                     const std::string& retired) const {
        std::string sql = rename(name, retired);
        if (column.required) sql += '\n' + this->column(retired, "DROP NOT NULL");
        if (!column.default_sql.empty()) sql += '\n' + this->column(retired, "DROP DEFAULT");
        return sql + '\n' + comment(retired, "retired by version " + std::to_string(plan.to));
    }
    [[nodiscard]] std::string restore(const ColumnPart& column, const std::string& name,
                                      const std::string& retired) const {
        std::string sql = rename(retired, name);
        if (!column.default_sql.empty())
            sql += '\n' + this->column(name, "SET DEFAULT " + column.default_sql);
        if (column.required && !column.default_sql.empty()) {
            sql += '\n' + update(name, column.default_sql, quote_identifier(name) + " IS NULL");
        }
        if (column.required) sql += '\n' + this->column(name, "SET NOT NULL");
        return sql + '\n' + comment(name, column.label);
    }
    // A column that was added, on the way back.
    [[nodiscard]] std::string set_aside(const ColumnPart& column, const std::string& retired,
                                        bool with_default) const {
        std::string sql = rename(column.name, retired);
        if (with_default) sql += '\n' + this->column(retired, "DROP DEFAULT");
        return sql + '\n' +
               comment(retired, "retired by the rollback of version " + std::to_string(plan.to));
    }
};

Change change_of(const AlterPlan& plan, const char* operation, const std::string& column,
                 std::string summary, std::string up, std::string down, Risk risk) {
    Change change{operation,
                  plan.entity().schema + '.' + plan.entity().table + '.' + column,
                  std::move(summary),
                  std::move(up),
                  std::move(down),
                  std::string(kExclusive),
                  risk};
    change.field = column;
    return change;
}

std::string words(const ColumnPart& column) {
    return column.label.empty() ? column.name : column.label;
}

bool is_deletion_mark(const ColumnPart& column) {
    return column.field.system && column.name == "deleted_at";
}

Probe probe_deleted(const RowSource& source) {
    Probe probe =
        probe_rows(Probe::Kind::violates, source, {"deleted_at"}, "\"deleted_at\" IS NOT NULL");
    probe.message = "are deleted; purge or restore them first";
    return probe;
}

std::string is_null(const std::string& column) { return quote_identifier(column) + " IS NULL"; }
std::string is_not_null(const std::string& column) {
    return quote_identifier(column) + " IS NOT NULL";
}

// Conversions -----------------------------------------------------------------------------------

// What is asked of the values before they are converted; condition: which of them, if not all.
std::vector<Probe> conversion_probes(const RowSource& source, const std::string& column,
                                     const Field& from, const Field& to,
                                     const std::string& condition = {}) {
    const std::string value = quote_identifier(column);
    const Conversion way = convert(from, to, value);
    std::vector<Probe> probes;
    const std::string given =
        value + " IS NOT NULL AND " + (condition.empty() ? "" : condition + " AND ");
    if (!way.test.empty()) {
        probes.push_back(probe_rows(Probe::Kind::not_convertible, source, {column},
                                    given + "(" + way.test + ") IS NOT TRUE"));
    }
    if (!way.exact.empty()) {
        const std::string inexact = "(" + way.exact + ") IS NOT TRUE";
        probes.push_back(probe_rows(
            Probe::Kind::loses_precision, source, {column},
            given + (way.test.empty() ? inexact
                                      : "CASE WHEN " + way.test + " THEN " + inexact + " END")));
    }
    return probes;
}

// On the way back, what was filled is emptied before it is converted.
std::string unless_filled(const ColumnStep& step) {
    return step.filled.empty() ? std::string() : "(" + step.still_filled() + ") IS NOT TRUE";
}

std::string retype_summary(const ColumnStep& step) {
    return words(*step.after) + " becomes " + step.after->type + ", from " + step.before->type;
}

std::string conversion_sql(const ColumnPart& from, const ColumnPart& to, const std::string& name,
                           const std::string& table) {
    const std::string column = quote_identifier(name);
    const std::string alter = "\n    ALTER COLUMN " + column;
    std::string sql = "ALTER TABLE " + table;
    if (!from.default_sql.empty()) sql += alter + " DROP DEFAULT,";
    sql += alter + " TYPE " + to.type + " USING " + convert(from.field, to.field, column).sql;
    if (!to.default_sql.empty()) sql += "," + alter + " SET DEFAULT " + to.default_sql;
    return sql + ";";
}

Change convert_column(const AlterPlan& plan, const ColumnStep& step) {
    const std::string& name = step.after->name;
    Change change =
        change_of(plan, "convert_column", name, retype_summary(step),
                  conversion_sql(*step.before, *step.after, name, plan.table()),
                  conversion_sql(*step.after, *step.before, name, plan.table()), Risk::caution);
    const RowSource rows(plan.table());
    change.probes =
        conversion_probes(rows, step.before->name, step.before->field, step.after->field);
    change.probes.push_back(probe_all(Probe::Kind::affects, rows));
    change.down_probes =
        conversion_probes(rows, name, step.after->field, step.before->field, unless_filled(step));
    return change;
}

std::string replace_up(const ColumnSql& sql, const ColumnStep& step) {
    const std::string kept = quote_identifier(step.retired);
    return sql.retire(*step.before, step.after->name, step.retired) + '\n' +
           sql.add(*step.after, false) + '\n' +
           sql.update(step.after->name, convert(step.before->field, step.after->field, kept).sql,
                      is_not_null(step.retired));
}

// The value there was returns where the new one still is its conversion.
std::string replace_down(const ColumnSql& sql, const ColumnStep& step) {
    const std::string now = quote_identifier(step.after->name);
    const std::string kept = quote_identifier(step.retired);
    return sql.update(step.retired, convert(step.after->field, step.before->field, now).sql,
                      now + " IS DISTINCT FROM " +
                          convert(step.before->field, step.after->field, kept).sql) +
           '\n' + sql.set_aside(*step.after, step.returned, false) + '\n' +
           sql.restore(*step.before, step.after->name, step.retired);
}

// On the way back only the values written since are converted.
std::vector<Probe> replace_down_probes(const AlterPlan& plan, const ColumnStep& step) {
    const std::string kept = quote_identifier(step.retired);
    const std::string filled = unless_filled(step);
    const std::string written = (filled.empty() ? filled : filled + " AND ") +
                                quote_identifier(step.after->name) + " IS DISTINCT FROM " +
                                convert(step.before->field, step.after->field, kept).guarded();
    std::vector<Probe> probes = conversion_probes(RowSource(plan.table()), step.after->name,
                                                  step.after->field, step.before->field, written);
    if (step.before->required) {
        probes.push_back(probe_rows(Probe::Kind::without_value, plan.backward, {step.before->name},
                                    is_null(step.before->name)));
    }
    return probes;
}

Change replace_column(const AlterPlan& plan, const ColumnStep& step) {
    const ColumnSql sql{plan};
    Change change = change_of(plan, "replace_column", step.after->name, retype_summary(step),
                              replace_up(sql, step), replace_down(sql, step), Risk::caution);
    const RowSource rows(plan.table());
    const std::string& name = step.before->name;
    change.probes = conversion_probes(rows, name, step.before->field, step.after->field);
    change.probes.push_back(probe_rows(Probe::Kind::affects, rows, {name}, is_not_null(name)));
    change.down_probes = replace_down_probes(plan, step);
    change.retired = step.retired;
    change.returned = step.returned;
    return change;
}

// Constraints -----------------------------------------------------------------------------------

// The rows that had no value are marked, so that the way back takes it from them, and from no other.
void mark_filled(const AlterPlan& plan, const ColumnStep& step, Change& change) {
    const ColumnSql sql{plan};
    const std::string& name = step.after->name;
    const std::string mark = quote_identifier(step.filled);
    change.up = sql.alter("ADD COLUMN " + mark + " boolean") + '\n' +
                sql.comment(step.filled, "rows that version " + std::to_string(plan.to) +
                                             " gave a value of " + name) +
                '\n' + sql.update(name, *step.backfill + ", " + mark + " = true", is_null(name));
    change.down =
        sql.update(name, "NULL", step.still_filled()) + '\n' + sql.alter("DROP COLUMN " + mark);
    change.retired = step.filled;
}

Change backfill(const AlterPlan& plan, const ColumnStep& step) {
    const std::string& name = step.after->name;
    Change change = change_of(
        plan, "backfill", name, "Give " + words(*step.after) + " a value where it has none",
        ColumnSql{plan}.update(name, *step.backfill, is_null(name)), "", Risk::caution);
    if (step.lasts()) mark_filled(plan, step, change);
    const RowSource rows(plan.table());
    change.probes.push_back(step.lasts()
                                ? probe_rows(Probe::Kind::affects, rows, {step.before->name},
                                             is_null(step.before->name))
                                : probe_all(Probe::Kind::affects, rows));
    return change;
}

// A converted column's default changes along with its type.
void change_default(const AlterPlan& plan, const ColumnStep& step, std::vector<Change>& changes) {
    if (step.way == Way::converted || (step.adds() && step.default_fills())) return;
    const ColumnSql sql{plan};
    const std::string& name = step.after->name;
    const std::string old = step.way == Way::kept ? step.before->default_sql : "";
    const std::string& now = step.after->default_sql;
    if (old == now) return;
    const auto write = [&](const std::string& value) {
        return sql.column(name, value.empty() ? "DROP DEFAULT" : "SET DEFAULT " + value);
    };
    changes.push_back(change_of(plan, now.empty() ? "drop_default" : "set_default", name,
                                now.empty() ? words(*step.after) + " has no default any more"
                                            : words(*step.after) + " has another default",
                                write(now), write(old), Risk::safe));
}

void change_not_null(const AlterPlan& plan, const ColumnStep& step, std::vector<Change>& changes) {
    const bool was = step.lasts() && step.way != Way::replaced && step.before->required;
    const bool is = step.after->required;
    if (was == is) return;
    const ColumnSql sql{plan};
    const std::string& name = step.after->name;
    Change change = change_of(
        plan, is ? "set_not_null" : "drop_not_null", name,
        words(*step.after) + (is ? " is required" : " is not required any more"),
        sql.column(name, is ? "SET NOT NULL" : "DROP NOT NULL"),
        sql.column(name, is ? "DROP NOT NULL" : "SET NOT NULL"), is ? Risk::caution : Risk::safe);
    const bool filled =
        step.backfill || (step.adds() && step.default_fills() && step.after->field.default_value);
    if (is && !filled) {
        change.probes.push_back(
            probe_rows(Probe::Kind::without_value, plan.forward, {name}, is_null(name)));
    } else if (!is) {
        change.down_probes.push_back(probe_rows(Probe::Kind::without_value, plan.backward,
                                                {step.before->name}, is_null(step.before->name)));
    }
    changes.push_back(std::move(change));
}

Change retire_column(const AlterPlan& plan, const ColumnStep& step) {
    const ColumnSql sql{plan};
    const std::string& name = step.before->name;
    Change change = change_of(plan, "retire_column", name,
                              words(*step.before) + " is taken out of service; its values are kept",
                              sql.retire(*step.before, name, step.retired),
                              sql.restore(*step.before, name, step.retired), Risk::destructive);
    const RowSource rows(plan.table());
    change.probes.push_back(probe_rows(Probe::Kind::affects, rows, {name}, is_not_null(name)));
    change.retired = step.retired;
    if (is_deletion_mark(*step.before)) change.probes.push_back(probe_deleted(rows));
    if (step.before->required && step.before->default_sql.empty()) {
        change.down_probes.push_back(
            probe_rows(Probe::Kind::without_value, plan.backward, {name}, is_null(name)));
    }
    return change;
}

Change add_column(const AlterPlan& plan, const ColumnStep& step) {
    const ColumnSql sql{plan};
    const bool fills = step.default_fills();
    // Other expressions are the same for all rows, and the server keeps such a value once.
    const bool rewrites = fills && step.after->field.default_expression == "new_uuid";
    Change change =
        change_of(plan, "add_column", step.after->name, "Add " + words(*step.after),
                  sql.add(*step.after, fills), sql.set_aside(*step.after, step.returned, fills),
                  rewrites ? Risk::caution : Risk::safe);
    change.returned = step.returned;
    if (rewrites) change.probes.push_back(probe_all(Probe::Kind::affects, RowSource(plan.table())));
    if (is_deletion_mark(*step.after))
        change.down_probes.push_back(probe_deleted(RowSource(plan.table())));
    return change;
}

Change drop_formula(const AlterPlan& plan, const ColumnStep& step) {
    const ColumnSql sql{plan};
    const ColumnPart& column = *step.before;
    return change_of(
        plan, "drop_calculated", column.name, words(column) + " is calculated no more, or anew",
        sql.alter("DROP COLUMN " + quote_identifier(column.name)),
        sql.add(column, false) + '\n' + sql.comment(column.name, column.label), Risk::safe);
}

Change add_formula(const AlterPlan& plan, const ColumnStep& step) {
    const ColumnSql sql{plan};
    Change change =
        change_of(plan, "add_calculated", step.after->name, "Calculate " + words(*step.after),
                  sql.add(*step.after, false),
                  sql.alter("DROP COLUMN " + quote_identifier(step.after->name)), Risk::caution);
    change.probes.push_back(probe_all(Probe::Kind::affects, RowSource(plan.table())));
    return change;
}

using Make = Change (*)(const AlterPlan&, const ColumnStep&);

template <typename Wanted>
std::vector<Change> each(const AlterPlan& plan, Wanted wanted, Make make) {
    std::vector<Change> changes;
    for (const ColumnStep& step : plan.steps) {
        if (wanted(step)) changes.push_back(make(plan, step));
    }
    return changes;
}

std::set<std::string> names_after_retirement(const AlterPlan& plan) {
    std::set<std::string> names;
    for (const ColumnState& column : plan.actual.columns) names.insert(column.name);
    for (const ColumnStep& step : plan.steps) {
        if (step.before == nullptr) continue;
        names.insert(step.before->name);
    }
    for (const ColumnStep& step : plan.steps) {
        if (step.retires() || step.drops_formula()) names.erase(step.before->name);
        if (step.retires()) names.insert(step.retired);
    }
    return names;
}

}  // namespace

std::vector<Change> drop_formulas(const AlterPlan& plan) {
    return each(
        plan, [](const ColumnStep& step) { return step.drops_formula(); }, drop_formula);
}

std::vector<Change> retire_columns(const AlterPlan& plan) {
    return each(
        plan, [](const ColumnStep& step) { return step.retires(); }, retire_column);
}

std::vector<Change> rename_columns(const AlterPlan& plan) {
    std::vector<Rename> wanted;
    for (const ColumnStep& step : plan.steps) {
        if (step.lasts() && step.before != nullptr && step.before->name != step.after->name)
            wanted.push_back({step.before->name, step.after->name});
    }
    const ColumnSql sql{plan};
    std::vector<Change> changes;
    for (const auto& [from, to] : order_renames(std::move(wanted), names_after_retirement(plan))) {
        std::string summary = "Rename ";
        summary.append(from).append(" to ").append(to);
        changes.push_back(change_of(plan, "rename_column", from, std::move(summary),
                                    sql.rename(from, to), sql.rename(to, from), Risk::caution));
        if (!to.starts_with('_')) changes.back().field = to;  // else on its way through a free name
    }
    return changes;
}

std::vector<Change> retype_columns(const AlterPlan& plan) {
    std::vector<Change> changes = each(
        plan, [](const ColumnStep& step) { return step.way == Way::converted; }, convert_column);
    for (Change& change : each(
             plan, [](const ColumnStep& step) { return step.way == Way::replaced; },
             replace_column)) {
        changes.push_back(std::move(change));
    }
    return changes;
}

std::vector<Change> add_columns(const AlterPlan& plan) {
    return each(
        plan, [](const ColumnStep& step) { return step.adds(); }, add_column);
}

std::vector<Change> constrain_columns(const AlterPlan& plan) {
    std::vector<Change> changes;
    for (const ColumnStep& step : plan.steps) {
        const bool plain = step.after != nullptr && step.after->formula.empty();
        if (!plain || !(step.lasts() || step.adds())) continue;
        if (step.backfill) changes.push_back(backfill(plan, step));
        change_default(plan, step, changes);
        change_not_null(plan, step, changes);
    }
    return changes;
}

std::vector<Change> add_formulas(const AlterPlan& plan) {
    return each(
        plan, [](const ColumnStep& step) { return step.adds_formula(); }, add_formula);
}

}  // namespace pgwright::core
