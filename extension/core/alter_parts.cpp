// The changes of checks, indexes, foreign keys, triggers and policies: the parts of the old design, with
// the fields under their new names, against those of the new one, by their SQL.
#include <algorithm>
#include <optional>

#include "core/alter_plan.hpp"
#include "core/condition.hpp"
#include "core/identifier.hpp"
#include "core/rename_plan.hpp"

namespace pgwright::core {
namespace {

using Kind = TablePart::Kind;

// The old design as it would be written after the renames.
Design renamed(const Design& design, const std::map<std::string, std::string>& names) {
    const auto rename = [&](std::string& name) {
        const auto found = names.find(name);
        if (found != names.end()) name = found->second;
    };
    Design changed = design;
    for (Field& field : changed.entity.fields) {
        rename(field.name);
        field.formula_sql = rename_columns(field.formula_sql, names);
        for (ValidationRule& rule : field.rules) rule.sql = rename_columns(rule.sql, names);
    }
    for (IndexDefinition& index : changed.indexes) {
        for (IndexKey& key : index.keys) rename(key.field);
        if (!index.condition.is_null()) index.condition = rename_fields(index.condition, names);
    }
    return changed;
}

bool is_constraint(Kind kind) noexcept { return kind == Kind::check || kind == Kind::foreign_key; }

const std::vector<ObjectState>& objects_of(const TableState& state, Kind kind) noexcept {
    switch (kind) {
        case Kind::index: return state.indexes;
        case Kind::trigger: return state.triggers;
        case Kind::policy: return state.policies;
        case Kind::check:
        case Kind::foreign_key: break;
    }
    return state.constraints;
}

// What the part is called in the database; nothing when it is not there.
std::optional<std::string> name_in(const TableState& state, const TablePart& part) {
    if (!state.exists) return part.name;
    const auto& objects = objects_of(state, part.kind);
    if (find_object(objects, part.name) != nullptr) return part.name;
    if (!part.second_name.empty() && find_object(objects, part.second_name) != nullptr)
        return part.second_name;
    return std::nullopt;
}

struct PartStep {
    const TablePart* before = nullptr;
    const TablePart* after = nullptr;
    std::optional<std::string> old_name;  // in the database
    std::string new_name;
    bool remade = false;

    [[nodiscard]] bool drops() const {
        return before != nullptr && old_name && (after == nullptr || remade);
    }
    [[nodiscard]] bool adds() const { return after != nullptr && (before == nullptr || remade); }
    [[nodiscard]] bool renames() const {
        return before != nullptr && after != nullptr && !remade && old_name &&
               *old_name != new_name;
    }
};

class PartDiff {
  public:
    explicit PartDiff(AlterPlan& plan)
        : plan_(plan),
          before_(parts(plan.before, ignored_)),
          moved_(parts(renamed(plan.before, plan.names), ignored_)),
          after_(parts(plan.after, plan.faults)) {
        pair();
        collect_names();
        choose_names();
    }

    PartChanges changes() {
        PartChanges made;
        for (const PartStep& step : steps_) {
            if (step.drops()) made.drops.push_back(drop(step));
        }
        // Triggers and policies first, so that none is fired or in force between.
        std::ranges::stable_sort(made.drops, {}, [](const Change& change) {
            return change.operation == "drop_trigger"       ? 0
                   : change.operation == "drop_policy"      ? 1
                   : change.operation == "drop_foreign_key" ? 2
                   : change.operation == "drop_index"       ? 3
                                                            : 4;
        });
        rename(made.renames, false);
        rename(made.renames, true);
        for (const PartStep& step : steps_) {
            if (step.adds()) made.adds.push_back(add(step));
        }
        return made;
    }

  private:
    [[nodiscard]] std::vector<TablePart> parts(const Design& design, Faults& faults) const {
        return parts_of(design, plan_.surroundings.trigram_schema, faults);
    }

    // The new parts in their order, then the old ones that are gone.
    void pair() {
        for (const TablePart& part : after_) {
            PartStep& step = steps_.emplace_back();
            step.after = &part;
            const auto old = std::ranges::find(before_, part.key, &TablePart::key);
            if (old == before_.end()) continue;
            step.before = &*old;
            step.remade = is_remade(static_cast<std::size_t>(old - before_.begin()), part);
        }
        for (const TablePart& part : before_) {
            if (std::ranges::find(after_, part.key, &TablePart::key) == after_.end())
                steps_.emplace_back().before = &part;
        }
        for (PartStep& step : steps_) {
            if (step.before != nullptr) step.old_name = name_in(plan_.actual, *step.before);
        }
    }

    // A trigger's arguments are texts, which do not follow a rename.
    [[nodiscard]] bool is_remade(std::size_t old, const TablePart& part) const {
        const bool follows = part.kind != Kind::trigger;
        const bool sees_nulls = !part.message.empty();
        return plan_.is_touched_before(before_[old].columns) ||
               plan_.is_touched_after(part.columns) ||
               (sees_nulls && plan_.is_filled(part.columns)) ||
               (follows ? moved_[old] : before_[old]).body() != part.body();
    }

    // Those in use when all that goes is gone and what is renamed has left its name.
    void collect_names() {
        relations_ = plan_.surroundings.taken;
        relations_.insert(plan_.entity().table);
        for (const ObjectState& index : plan_.actual.indexes) relations_.insert(index.name);
        for (const ObjectState& each : plan_.actual.constraints) constraints_.insert(each.name);
        for (const PartStep& step : steps_) {
            if (!step.old_name) continue;
            names_of(step.before->kind).insert(*step.old_name);
        }
        for (const PartStep& step : steps_) {
            if (step.drops()) names_of(step.before->kind).erase(*step.old_name);
        }
        occupied_relations_ = relations_;
        occupied_constraints_ = constraints_;
        for (const PartStep& step : steps_) {
            if (step.old_name && !step.drops()) names_of(step.before->kind).erase(*step.old_name);
        }
    }

    std::set<std::string>& names_of(Kind kind) {
        if (kind == Kind::index) return relations_;
        return is_constraint(kind) ? constraints_ : others_;
    }

    // First those that may stay as they are, so that nothing new takes their name.
    void choose_names() {
        for (PartStep& step : steps_) {
            if (step.after == nullptr || step.adds() || !step.old_name) continue;
            const bool fits =
                *step.old_name == step.after->name || *step.old_name == step.after->second_name;
            if (!fits) continue;
            step.new_name = *step.old_name;
            names_of(step.after->kind).insert(step.new_name);
        }
        for (PartStep& step : steps_) {
            if (step.after == nullptr || !step.new_name.empty()) continue;
            if (!step.adds() && !step.old_name) continue;
            step.new_name = free_name(*step.after);
            names_of(step.after->kind).insert(step.new_name);
        }
    }

    std::string free_name(const TablePart& part) {
        if (part.second_name.empty()) return part.name;
        std::string name = part.name;
        for (int i = 1; names_of(part.kind).contains(name); ++i)
            name = i == 1 ? part.second_name : derived_name({part.second_name}, std::to_string(i));
        return name;
    }

    Change drop(const PartStep& step) {
        const TablePart& part = *step.before;
        const bool loosens = is_constraint(part.kind) || part.unique;
        Change change{"drop_" + std::string(kind_name(part.kind)),
                      *step.old_name,
                      (step.remade ? "Make anew: " : "Drop: ") + part.summary,
                      part.drop_sql(plan_.entity(), *step.old_name),
                      part.create_sql(*step.old_name),
                      "ACCESS EXCLUSIVE",
                      loosens ? Risk::caution : Risk::safe};
        change.field = part.field;
        if (can_fail(part, plan_.backward))
            change.down_probes.push_back(probe_part(part, plan_.backward));
        return change;
    }

    // What covers nothing but columns without values holds nobody up for long.
    Change add(const PartStep& step) {
        const TablePart& part = *step.after;
        const bool judges = can_fail(part, plan_.forward);
        const bool creates = part.kind == Kind::trigger || part.kind == Kind::policy;
        Change change{(creates ? "create_" : "add_") + std::string(kind_name(part.kind)),
                      step.new_name,
                      part.summary,
                      part.create_sql(step.new_name),
                      part.drop_sql(plan_.entity(), step.new_name),
                      std::string(create_lock(part.kind)),
                      judges ? Risk::caution : Risk::safe};
        change.field = part.field;
        if (judges) change.probes.push_back(probe_part(part, plan_.forward));
        return change;
    }

    [[nodiscard]] Change rename_change(const Rename& rename, bool index) const {
        const auto statement = [&](const std::string& from, const std::string& to) {
            return index ? "ALTER INDEX " + quote_qualified(plan_.entity().schema, from) +
                               " RENAME TO " + quote_identifier(to) + ";"
                         : "ALTER TABLE " + plan_.table() + " RENAME CONSTRAINT " +
                               quote_identifier(from) + " TO " + quote_identifier(to) + ";";
        };
        return {index ? "rename_index" : "rename_constraint",
                rename.to,
                "Rename " + rename.from + " to " + rename.to,
                statement(rename.from, rename.to),
                statement(rename.to, rename.from),
                index ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE",
                Risk::safe};
    }

    void rename(std::vector<Change>& changes, bool indexes) {
        std::vector<Rename> wanted;
        for (const PartStep& step : steps_) {
            if (step.renames() && (step.after->kind == Kind::index) == indexes)
                wanted.push_back({*step.old_name, step.new_name});
        }
        const auto& occupied = indexes ? occupied_relations_ : occupied_constraints_;
        for (const Rename& each : order_renames(std::move(wanted), occupied))
            changes.push_back(rename_change(each, indexes));
    }

    AlterPlan& plan_;
    Faults ignored_;  // of the old design, which is published
    std::vector<TablePart> before_, moved_, after_;
    std::vector<PartStep> steps_;
    std::set<std::string> relations_, constraints_, others_;
    std::set<std::string> occupied_relations_, occupied_constraints_;  // when the renames begin
};

}  // namespace

PartChanges alter_parts(AlterPlan& plan) { return PartDiff(plan).changes(); }

}  // namespace pgwright::core
