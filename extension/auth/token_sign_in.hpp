// Sign-in with the token of an identity provider, and the end of tokens that have no session.
#pragma once

#include "security/identity.hpp"

namespace pgwright::auth {

// Ends what the caller came with: the session, or, where an identity provider vouches, the token itself.
void sign_out(const security::Identity& identity);

}  // namespace pgwright::auth
