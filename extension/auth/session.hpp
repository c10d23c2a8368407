// Sessions: opened by a sign-in or by act_as, named by the access tokens made for them, ended by
// logout. A token is good for as long as its session is.
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

OpenedSession open_session(const core::Uuid& user, const core::Uuid& tenant, SessionKind kind);
void revoke_session(const core::Uuid& session);

}  // namespace pgwright::auth
