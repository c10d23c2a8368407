// An entity as the caller knows it: without the fields that rules hide from all of his roles.
#pragma once

#include "catalog/entity_cache.hpp"
#include "security/identity.hpp"

namespace pgwright::security {

// The entity itself where no rule concerns the caller.
//
// Cache: key: identity and entity. Bound: kMaxCachedViews, then emptied. Owner: entity_view.cpp. An entry
// holds on to both, so neither's address is another's; a change makes another identity or entity.
catalog::EntityPointer view_of(const IdentityPointer& identity,
                               const catalog::EntityPointer& entity);

inline constexpr std::size_t kMaxCachedViews = 1024;

}  // namespace pgwright::security
