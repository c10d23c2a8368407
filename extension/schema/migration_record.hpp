// Records of migrations: rows of entity_migrations.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/uuid.hpp"
#include "schema/execution.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

struct MigrationRecord {
    core::Uuid id;
    core::Uuid entity_id;
    std::string name;
    std::string type;  // create, alter, drop
    int from = 0;      // 0: none
    int to = 1;
    std::string up, down;
    core::Json changes;      // array
    core::Json down_probes;  // array; see down_probes_json()
    std::string_view risk;
    std::optional<core::Uuid> batch;
    std::string status;
};

void insert_migration(const security::Identity& identity, const MigrationRecord& record,
                      const Outcome& outcome, std::optional<std::string_view> message);

// The tenant's migration of that id; RESOURCE_NOT_FOUND when there is none.
MigrationRecord require_migration(const security::Identity& identity, std::string_view id);
// The completed migrations of an entity that are not rolled back, newest first.
std::vector<MigrationRecord> standing_migrations(const core::Uuid& entity);
std::vector<MigrationRecord> batch_of(const core::Uuid& batch);
void mark_rolled_back(const core::Uuid& migration, const core::Uuid& user);

}  // namespace pgwright::schema
