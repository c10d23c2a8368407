// The migration of an entity: what its draft asks of the database. Preview shows it, publish executes
// exactly it.
#pragma once

#include "catalog/entity_reader.hpp"
#include "core/ddl.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

// Checks the whole definition again, however it came into the catalog, and plans it. No changes when
// the entity is published: the database is in step.
core::Migration plan_migration(const security::Identity& identity,
                               const catalog::LoadedEntity& loaded);

// The changes as a JSON array: operation, object, summary, up, down, lock, risk, rows_affected.
core::Json changes_json(const core::Migration& migration);

}  // namespace pgwright::schema
