// The backend's cache of published entities.
//
// Key: caller's tenant and the entity's name or id. Bound: pgwright.entity_cache_size; when full it is
// emptied. Owner: this file. Invalidated by the relation-cache messages of the entity's own table and
// of pgwright.catalog_epoch, which the triggers of the catalog's tables send; so a change is seen by
// the next statement of every backend, and one that rolls back by none.
#pragma once

#include <memory>
#include <string_view>

#include "core/model.hpp"

namespace pgwright::catalog {

using EntityPointer = std::shared_ptr<const core::Entity>;

// The published entity of that name or id that the tenant sees: its own, or a platform or system one.
// nullptr when there is none.
EntityPointer find_entity(const core::Uuid& tenant, std::string_view name_or_id);

// As above, but RESOURCE_NOT_FOUND when there is none.
EntityPointer require_entity(const core::Uuid& tenant, std::string_view name_or_id);

// As require_entity(), with its relation locked as for reading to the end of the transaction: whoever
// waits here behind a publication gets the definition that it leaves, so that its statements fit the
// table. `changed` becomes true when it had to wait for another definition.
EntityPointer open_entity(const core::Uuid& tenant, std::string_view name_or_id, bool& changed);

void start_entity_cache();  // from _PG_init
extern int entity_cache_size;

}  // namespace pgwright::catalog
