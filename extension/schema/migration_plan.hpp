// The plan of a publication: what an entity's draft asks of the database, and what its rows say to that.
// Preview shows it, publish executes exactly it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/alter.hpp"
#include "schema/draft.hpp"

namespace pgwright::schema {

struct Finding {
    core::Probe::Kind kind = core::Probe::Kind::affects;
    std::int64_t count = 0;
    std::vector<std::string> sample_ids;  // at most five
    std::string message;                  // what the kind alone does not say

    // "3 records have no value ... (id, id, id)"; empty for what is only information.
    [[nodiscard]] std::string complaint() const;
};

// Asks with the engine's rights: row security would hide what a constraint will meet.
Finding ask(const core::Probe& probe);

struct MigrationPlan {
    Draft draft;
    int from = 0;  // 0: the entity has no table yet
    int to = 1;
    core::Migration migration;
    core::Design design;      // what the table is to become; of generated entities
    core::TableState actual;  // what the plan was made for
    bool drifted = false;     // the table is not as its last publication left it
    std::vector<std::vector<Finding>> findings;  // of each change
    std::string fingerprint;

    [[nodiscard]] core::Risk risk() const;
    [[nodiscard]] std::int64_t rows_affected() const;
    // What keeps it from being published, as faults of its fields.
    [[nodiscard]] std::vector<core::Fault> blockers() const;
};

// Checks the whole definition again, however it came into the catalog, and plans it. `together`: ids of
// entities that are published in the same act, which lookups may refer to. `backfill`: an object of
// field: value for the rows that lack one, or null.
MigrationPlan plan_migration(const security::Identity& identity, Draft draft,
                             const std::set<core::Uuid>& together, const core::Json& backfill);

// With references resolved, formulas compiled and access as the security tables say; faults are raised.
core::Design design_of(const core::Uuid& tenant, const core::EntityDefinition& definition);

std::string fingerprint_of(const std::vector<MigrationPlan>& plans);

// The changes as a JSON array, in the shape of docs/data-model.md.
core::Json changes_json(const MigrationPlan& plan);
core::Json changes_json(const core::Migration& migration);  // of which no row was asked anything
// What a rollback has to ask, as migrations keep it: [{"field","kind","message","sql"}].
core::Json down_probes_json(const core::Migration& migration);
std::vector<core::Fault> ask_down_probes(const core::Json& probes);
core::Json preview_json(const MigrationPlan& plan);

}  // namespace pgwright::schema
