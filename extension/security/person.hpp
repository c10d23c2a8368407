// Who a user is in a tenant: the same whatever proves it, a session, an API key or an identity provider.
#pragma once

#include "security/identity.hpp"

namespace pgwright::security {

// Fills e-mail, names, tenant, department and attributes from the identity's user and tenant. False when
// user or tenant is out of service, or the membership suspended. Needs a Scope and a FreshSnapshot.
bool load_person(Identity& identity);

}  // namespace pgwright::security
