// Who is asking: the identity that the signed token in setting pgwright.token proves.
//
// Cache: per backend, keyed by the token's text, bounded by kMaxCachedIdentities (then emptied), owned
// by identity.cpp, invalidated by pgwright.security_epoch, which the triggers of the identity tables
// send; what a transaction's own session proves is not kept. Expiry is looked at on every use. Anything
// wrong with a token makes the caller anonymous.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model.hpp"
#include "core/permission.hpp"
#include "core/token.hpp"
#include "pg/server.hpp"

namespace pgwright::security {

struct Identity {
    core::Claims claims;
    std::string email;
    std::string display_name;
    std::string tenant_slug;
    std::string tenant_name;
    std::string department;             // in the tenant; empty: none
    std::string attributes = "{}";      // in the tenant, a JSON object
    std::optional<core::Uuid> api_key;  // signed in with that key; then there is no session
    std::vector<std::string> roles;     // sorted names, as the database has them now
    core::PermissionSet permissions;
    // The session was there when the transaction began. One that the transaction itself has opened may
    // be rolled back yet.
    bool settled = false;

    [[nodiscard]] const core::Uuid& user_id() const noexcept { return claims.user_id; }
    [[nodiscard]] const core::Uuid& tenant_id() const noexcept { return claims.tenant_id; }
    [[nodiscard]] bool may(std::string_view resource, core::Action action) const noexcept;
};

using IdentityPointer = std::shared_ptr<const Identity>;

inline constexpr std::size_t kMaxCachedIdentities = 256;

// nullptr: the anonymous caller.
IdentityPointer current_identity();
// AUTHENTICATION_REQUIRED for the anonymous caller.
IdentityPointer require_identity();
// PERMISSION_DENIED unless the caller may; resource as in role_permissions.
void require_permission(const Identity& identity, std::string_view resource, core::Action action);

// Reads a user as an identity without a token: what sign-in and whoami tell about it.
void describe_identity(const Identity& identity, core::JsonWriter& writer);
// Fills e-mail, tenant, roles and permissions from claims; nullptr when session, user or tenant are
// not good (any more).
IdentityPointer load_identity(const core::Claims& claims);

// Setting pgwright.token.
extern char* token_setting;
void assign_token(const char* value, void* extra);

}  // namespace pgwright::security
