// Reads entities out of the catalog's tables, with the rights of the extension's owner. The one place
// that turns catalog rows into core::Entity; the cache and the publisher call it.
#pragma once

#include <optional>
#include <string_view>

#include "core/model.hpp"
#include "pg/server.hpp"

namespace pgwright::catalog {

struct LoadedEntity {
    core::Entity entity;
    Oid relation = InvalidOid;  // invalid while the entity has no table
    std::string status;         // draft, published, ...
};

enum class Wanted { published, any };

// The entity of that name or id in the tenant's sight; the tenant's own comes before a platform one.
std::optional<LoadedEntity> read_entity(const core::Uuid& tenant, std::string_view name_or_id,
                                        Wanted wanted);

}  // namespace pgwright::catalog
