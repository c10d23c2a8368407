// Who belongs to a tenant: whoever holds a role in it, and members without one; the suspended too, because
// records may name them.
#pragma once

#include "core/uuid.hpp"

namespace pgwright::security {

bool is_tenant_member(const core::Uuid& user, const core::Uuid& tenant);

}  // namespace pgwright::security
