// The register of what was taken out of service with its data: retired_objects follows what the tables
// show, because names say it (core::is_retired_name).
#pragma once

#include <string_view>

#include "core/model.hpp"

namespace pgwright::schema {

// After a migration or its rollback: columns that are retired now are registered under the migration,
// those that are back in service are marked restored.
void register_retired_columns(const core::Entity& entity, const core::Uuid& migration);
void register_retired_table(const core::Entity& entity, const core::Uuid& migration,
                            std::string_view retired_name);
void mark_table_restored(const core::Uuid& entity);

// Whether something the migration retired is gone for good.
bool is_purged(const core::Uuid& migration);

}  // namespace pgwright::schema
