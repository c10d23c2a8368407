// Puts the changes of a table in the order in which they can be made; see alter.hpp.
#include "core/alter.hpp"

#include <algorithm>
#include <iterator>

#include "core/alter_plan.hpp"
#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

using Way = ColumnStep::Way;

void append(std::vector<Change>& changes, std::vector<Change> more) {
    std::move(more.begin(), more.end(), std::back_inserter(changes));
}

// Grants ----------------------------------------------------------------------------------------

// Retired columns are nobody's to read, which a grant of the whole table would make them: where there
// are such, the grant names the columns in service.
std::string grant_of(const Entity& entity, const std::vector<ColumnPart>& columns, bool by_column) {
    if (!by_column) return grant_sql(entity);
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const ColumnPart& column : columns) names.push_back(column.name);
    return grant_sql(entity, names);
}

class Grants {
  public:
    explicit Grants(const AlterPlan& plan)
        : plan_(plan),
          retired_(std::ranges::any_of(plan.actual.columns, [](const ColumnState& column) {
              return is_retired_name(column.name);
          })) {}

    [[nodiscard]] bool change() const {
        return std::ranges::any_of(plan_.steps, [](const ColumnStep& step) {
            return (step.way != Way::kept && step.way != Way::converted) || !step.filled.empty();
        });
    }

    // The first and the last of the changes, on the way there and back.
    [[nodiscard]] Change withdraw() const {
        const bool leaves = std::ranges::any_of(plan_.steps, [](const ColumnStep& step) {
            return step.adds() || step.way == Way::replaced;
        });
        return of("Withdraw the table while its columns change", revoke_sql(plan_.entity()),
                  grant_of(plan_.before.entity, plan_.before_columns, retired_ || leaves));
    }

    [[nodiscard]] Change give() const {
        const bool leaves = std::ranges::any_of(plan_.steps, [](const ColumnStep& step) {
            return step.retires() || step.way == Way::replaced || !step.filled.empty();
        });
        return of("Let the engine and direct connections use the columns in service",
                  grant_of(plan_.entity(), plan_.after_columns, retired_ || leaves),
                  revoke_sql(plan_.entity()));
    }

  private:
    [[nodiscard]] Change of(std::string summary, std::string up, std::string down) const {
        const std::string object = plan_.entity().schema + '.' + plan_.entity().table;
        return {"grant",         object, std::move(summary), std::move(up),
                std::move(down), "none", Risk::safe};
    }

    const AlterPlan& plan_;
    bool retired_;
};

// Comments --------------------------------------------------------------------------------------

void add_statement(std::string& script, const std::string& statement) {
    script.append(script.empty() ? "" : "\n").append(statement);
}

std::vector<Change> comments(const AlterPlan& plan) {
    std::string up;
    std::string down;
    if (plan.before.entity.label != plan.after.entity.label) {
        add_statement(up, table_comment(plan.after.entity));
        add_statement(down, table_comment(plan.before.entity));
    }
    for (const ColumnStep& step : plan.steps) {
        if (step.after == nullptr) continue;
        const ColumnPart& column = *step.after;
        const bool is_new = !step.lasts() || step.way == Way::replaced;
        if (!is_new && column.label == step.before->label) continue;
        if (is_new && column.label.empty()) continue;
        add_statement(up, column_comment(plan.entity(), column.name, column.label));
        if (!is_new)
            add_statement(down, column_comment(plan.entity(), column.name, step.before->label));
    }
    if (up.empty()) return {};
    return {{"comment", plan.entity().schema + '.' + plan.entity().table,
             "Describe table and columns", std::move(up), std::move(down), "SHARE UPDATE EXCLUSIVE",
             Risk::safe}};
}

std::string version_name(const Entity& entity, int version) {
    return entity.name + "_v" + std::to_string(version);
}

}  // namespace

Migration plan_alter(const Design& before, const Design& after, const TableState& actual,
                     int /*from*/, int to, const Surroundings& surroundings) {
    refuse_impossible(after.entity);
    AlterPlan plan(before, after, actual, to, surroundings);
    PartChanges parts = alter_parts(plan);
    plan.faults.raise("entity \"" + after.entity.name + "\" cannot be changed that way");
    const Grants grants(plan);
    Migration migration{version_name(after.entity, to), "alter", {}};
    auto& changes = migration.changes;
    if (grants.change()) changes.push_back(grants.withdraw());
    append(changes, std::move(parts.drops));
    append(changes, drop_formulas(plan));
    append(changes, retire_columns(plan));
    append(changes, rename_columns(plan));
    append(changes, std::move(parts.renames));
    append(changes, retype_columns(plan));
    append(changes, add_columns(plan));
    append(changes, constrain_columns(plan));
    append(changes, add_formulas(plan));
    append(changes, std::move(parts.adds));
    if (grants.change()) changes.push_back(grants.give());
    append(changes, comments(plan));
    return migration;
}

}  // namespace pgwright::core
