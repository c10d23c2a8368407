// What people may hand out: nobody gives rights that he does not hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/permission.hpp"
#include "security/identity.hpp"

namespace pgwright::auth {

// What a user holds in a tenant through roles. Needs an open engine scope.
core::PermissionSet rights_of_user(const core::Uuid& user, const core::Uuid& tenant);

// The roles of those names, the tenant's own before built-in ones. VALIDATION_ERROR of `roles[n]` for
// anything that is none, PERMISSION_DENIED when one holds more than the caller.
std::vector<core::Uuid> require_grantable_roles(const core::Json& names,
                                                const security::Identity& caller);

}  // namespace pgwright::auth
