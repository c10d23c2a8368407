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
    core::Probe::Kind kind;
    std::int64_t count = 0;
    std::vector<std::string> sample_ids;  // at most five
};

struct MigrationPlan {
    Draft draft;
    int from = 0;  // 0: the entity has no table yet
    int to = 1;
    core::Migration migration;
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

// With references resolved and formulas compiled; faults are raised.
core::Design design_of(const security::Identity& identity,
                       const core::EntityDefinition& definition);

std::string fingerprint_of(const std::vector<MigrationPlan>& plans);

// The changes as a JSON array, in the shape of docs/data-model.md.
core::Json changes_json(const MigrationPlan& plan);
core::Json changes_json(const core::Migration& migration);  // of which no row was asked anything
core::Json preview_json(const MigrationPlan& plan);

}  // namespace pgwright::schema
