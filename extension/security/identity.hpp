// Who is asking: the identity that the signed token in setting pgwright.token proves.
//
// Cache: per backend, keyed by the token's text, bounded by kMaxCachedIdentities (then emptied), owned
// by identity.cpp, invalidated by pgwright.security_epoch, which the triggers of the identity tables
// send; what a transaction's own session proves is not kept. Expiry, beginning and the retirement of
// keys are looked at on every use. Anything wrong with a token makes the caller anonymous.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model.hpp"
#include "core/permission.hpp"
#include "core/token.hpp"
#include "pg/server.hpp"
#include "security/role_reader.hpp"

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
    std::vector<HeldRole> held;  // what permissions were made of
    // The session was there when the transaction began. One that the transaction itself has opened may
    // be rolled back yet.
    bool settled = false;
    // Seconds since 1970 from which on the token proves nothing: its expiry, or the retirement of its
    // key when that is sooner.
    std::int64_t good_until = 0;
    // Of a token that an identity provider signed: which one, and the SHA-256 of what was signed.
    std::optional<core::Uuid> provider_id;
    std::string token_hash;

    [[nodiscard]] const core::Uuid& user_id() const noexcept { return claims.user_id; }
    [[nodiscard]] const core::Uuid& tenant_id() const noexcept { return claims.tenant_id; }
    [[nodiscard]] bool may(std::string_view resource, core::Action action) const noexcept;
    // Whether the token proves less than the user may: it is cut down to scopes, or an identity provider
    // vouches for it. Such a caller must not make credentials, which would give back what is missing.
    [[nodiscard]] bool is_restricted() const noexcept {
        return claims.scopes.has_value() || provider_id.has_value();
    }
};

using IdentityPointer = std::shared_ptr<const Identity>;

inline constexpr std::size_t kMaxCachedIdentities = 256;

// nullptr: the anonymous caller.
IdentityPointer current_identity();
// AUTHENTICATION_REQUIRED for the anonymous caller.
IdentityPointer require_identity();
// Everybody, in the active tenant of that slug: holds the role public and proves nobody.
// RESOURCE_NOT_FOUND when there is no such tenant.
IdentityPointer require_public(std::string_view tenant_slug);

// While it lives the caller is that one, nullptr for nobody, whoever is signed in: for what everybody may
// read and for questions about others' access. Not for parallel workers, which read the token.
class ActingAs {
  public:
    explicit ActingAs(IdentityPointer identity);
    ~ActingAs();
    ActingAs(const ActingAs&) = delete;
    ActingAs& operator=(const ActingAs&) = delete;

  private:
    std::optional<IdentityPointer> outer_;
};

// A user of a tenant with the rights he has there now, without a session; nullptr when he has no role in
// it. Proves nothing: the caller has authorised the question.
IdentityPointer describe_user(const core::Uuid& user, const core::Uuid& tenant);

// PERMISSION_DENIED unless the caller may; resource as in role_permissions.
void require_permission(const Identity& identity, std::string_view resource, core::Action action);

// Reads a user as an identity without a token: what sign-in and whoami tell about it.
void describe_identity(const Identity& identity, core::JsonWriter& writer);
// Fills e-mail, tenant, roles and permissions from claims, the latter cut down to the claims' scopes;
// nullptr when session, user or tenant are not good (any more).
std::shared_ptr<Identity> load_identity(const core::Claims& claims);
// Adds the roles that the user holds in the tenant, and their permissions. Needs a Scope.
void load_roles(Identity& identity);
// Adds these roles likewise.
void add_roles(Identity& identity, HeldRoles held);

// Setting pgwright.token.
extern char* token_setting;
void assign_token(const char* value, void* extra);
// Setting pgwright.token_audience (token_verifier.hpp): what is cached was verified for another.
void assign_token_audience(const char* value, void* extra);

}  // namespace pgwright::security
