// From a token to the identity it proves: our own, signed by a key of ours for a session, and those of
// identity providers (outside_identity.hpp). By the algorithm in the token's header alone it is decided
// which of the two it may be, and neither way ever sees the other's keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "security/identity.hpp"

namespace pgwright::security {

// Seconds since 1970 at the start of the statement; the same in parallel workers.
std::int64_t now_seconds();

// nullptr for whatever proves nobody. Only reads. Throws nothing because of what the token says.
IdentityPointer verify_token(std::string_view token, std::int64_t now);

// Setting pgwright.token_audience: what tokens of our own carry as "aud" and must carry; empty: nothing,
// and they must not.
extern char* token_audience_setting;
std::string_view token_audience() noexcept;

}  // namespace pgwright::security
