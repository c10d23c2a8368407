// The people of a tenant, as those who administer them see them.
#pragma once

#include <string>
#include <vector>

#include "core/uuid.hpp"
#include "security/identity.hpp"

namespace pgwright::auth {

// All need an open engine scope.

// Users with roles in the tenant or a membership; the row of tenant_members is made when it is missing.
void ensure_member(const core::Uuid& user, const core::Uuid& tenant);
void insert_roles(const core::Uuid& user, const core::Uuid& tenant,
                  const std::vector<core::Uuid>& roles);

}  // namespace pgwright::auth
