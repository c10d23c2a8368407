// Sessions: opened by a sign-in or by act_as, named by the access tokens made for them, ended by
// logout. A token is good for as long as its session is. A sign-in's session has refresh tokens, each good
// for one exchange.
#pragma once

#include <string>
#include <string_view>

#include "security/identity.hpp"

namespace pgwright::auth {

struct OpenedSession {
    security::IdentityPointer identity;
    std::string access_token;
    std::string refresh_token;  // empty for act_as
};

enum class SessionKind { login, act_as };

// AUTHENTICATION_REQUIRED when user or tenant is not active. One session too many ends the oldest.
OpenedSession open_session(const core::Uuid& user, const core::Uuid& tenant, SessionKind kind);
// A new access token and, for a sign-in's session, a new refresh token; no identity when the account is
// not active any more. Needs an open engine scope.
OpenedSession issue_tokens(const core::Uuid& user, const core::Uuid& tenant,
                           const core::Uuid& session, SessionKind kind);
void revoke_session(const core::Uuid& session);
// All sessions of the user but one (nil: all), of one tenant when it is not nil; how many were open.
std::uint64_t revoke_sessions(const core::Uuid& user, const core::Uuid& but,
                              const core::Uuid& tenant);

// {"access_token","refresh_token","token_type","expires_in","user"}
std::string describe_session(const OpenedSession& opened);

}  // namespace pgwright::auth
