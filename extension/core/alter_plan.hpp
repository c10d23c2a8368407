// What the parts of the alter planner share: how each column gets from one version to the next, and
// what rows look like on the way. alter.cpp puts the parts together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/alter.hpp"
#include "core/conversion.hpp"
#include "core/probe.hpp"
#include "core/table_part.hpp"

namespace pgwright::core {

struct ColumnStep {
    enum class Way : std::uint8_t {
        kept,       // perhaps under a new name
        converted,  // in place
        replaced,   // by a copy
        retired,
        added,
        formula_dropped,
        formula_added,
        formula_remade,
        formula_to_plain,  // an added column in the place of a generated one
        plain_to_formula,
    };
    Way way = Way::kept;
    const ColumnPart* before = nullptr;
    const ColumnPart* after = nullptr;
    std::string retired;   // what becomes of the old column, where it is taken out of service
    std::string returned;  // what becomes of the new one on the way back
    // Rows without a value get this one; SQL of the new type.
    std::optional<std::string> backfill;
    std::string filled;  // the column that marks the rows which had none; of a column that lasts

    // Of the rows that were filled and nobody has changed since, over the new column.
    [[nodiscard]] std::string still_filled() const;
    [[nodiscard]] bool lasts() const noexcept { return way <= Way::replaced; }
    [[nodiscard]] bool retires() const noexcept {
        return way == Way::retired || way == Way::plain_to_formula;
    }
    [[nodiscard]] bool adds() const noexcept {
        return way == Way::added || way == Way::formula_to_plain;
    }
    [[nodiscard]] bool drops_formula() const noexcept {
        return way == Way::formula_dropped || way == Way::formula_remade ||
               way == Way::formula_to_plain;
    }
    [[nodiscard]] bool adds_formula() const noexcept {
        return way == Way::formula_added || way == Way::formula_remade ||
               way == Way::plain_to_formula;
    }
    // Of an added column: its default is there from the start and fills the rows there are.
    [[nodiscard]] bool default_fills() const noexcept {
        return !backfill && !after->default_sql.empty() &&
               (after->field.default_value || after->required);
    }
};

struct AlterPlan {
    // What is given must outlive it.
    AlterPlan(const Design& old_design, const Design& new_design, const TableState& state,
              int to_version, const Surroundings& around);
    AlterPlan(const AlterPlan&) = delete;  // the steps point into the columns
    AlterPlan& operator=(const AlterPlan&) = delete;
    AlterPlan(AlterPlan&&) = delete;
    AlterPlan& operator=(AlterPlan&&) = delete;
    ~AlterPlan() = default;

    const Design& before;
    const Design& after;
    const TableState& actual;
    int to;
    const Surroundings& surroundings;
    std::vector<ColumnPart> before_columns, after_columns;
    std::vector<ColumnStep> steps;             // the old columns in their order, then the new ones
    std::map<std::string, std::string> names;  // of the old columns, after the migration
    RowSource forward;   // the new columns' values, over the table before the migration
    RowSource backward;  // the old columns' values, over the table after it
    Faults faults;

    [[nodiscard]] const Entity& entity() const noexcept { return after.entity; }
    [[nodiscard]] std::string table() const { return qualified_table(after.entity); }
    // Parts on these columns do not outlive the migration.
    [[nodiscard]] bool is_touched_before(const std::vector<std::string>& columns) const;
    [[nodiscard]] bool is_touched_after(const std::vector<std::string>& columns) const;
    // One of these new columns is back-filled.
    [[nodiscard]] bool is_filled(const std::vector<std::string>& columns) const;

  private:
    void pair_columns();
    void decide_plain();
    void decide_formulas();
    void name_columns();
    void read_backfill();
    void describe_rows();
    void describe_forward(const ColumnStep& step);
    void describe_backward(const ColumnStep& step);
    static std::string returning(const ColumnStep& step, const std::string& now,
                                 const std::string& back);
    std::string free_retired_name(const std::string& name, const std::string& mark);

    std::set<std::string> column_names_;  // that are or will be in use
};

// Each in the order of the columns.
std::vector<Change> drop_formulas(const AlterPlan& plan);
std::vector<Change> retire_columns(const AlterPlan& plan);
std::vector<Change> rename_columns(const AlterPlan& plan);
std::vector<Change> retype_columns(const AlterPlan& plan);
std::vector<Change> add_columns(const AlterPlan& plan);
std::vector<Change> constrain_columns(const AlterPlan& plan);  // back-fills, defaults, NOT NULL
std::vector<Change> add_formulas(const AlterPlan& plan);

// Checks, indexes, foreign keys, triggers, policies.
struct PartChanges {
    std::vector<Change> drops, renames, adds;
};
PartChanges alter_parts(AlterPlan& plan);

// A step that writes to every tenant's rows: not stamped, and past the row security that binds the
// owner too.
std::string data_step(const std::string& table, const std::string& update);

}  // namespace pgwright::core
