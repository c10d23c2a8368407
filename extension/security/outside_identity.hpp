// Identities that an identity provider of a tenant vouches for. A token picks its provider by issuer and
// audience, is believed by the provider's keys, and proves the user that is linked to its subject, in
// the provider's tenant alone: never the platform's role, and no right beyond the tenant.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/outside_token.hpp"
#include "security/identity.hpp"

namespace pgwright::security {

struct FoundProvider {
    core::Uuid id;
    core::Uuid tenant_id;
    core::IdentityProvider provider;
};

struct VerifiedToken {
    FoundProvider from;
    core::OutsideClaims claims;
    std::string hash;  // SHA-256 of what was signed: the signature could be written in other ways
};

// The token when one active provider of an active tenant, and only one, answers to its issuer and one
// of its audiences, and its checks pass. Nothing else is said of the others.
std::optional<VerifiedToken> verify_outside_token(std::string_view token, std::int64_t now);

// The user linked to the token's subject; nullptr when there is none, the user is disabled, no member of
// the tenant (any more) or, with roles from the database, a platform administrator, or the token was
// revoked.
IdentityPointer load_outside_identity(const VerifiedToken& token);

// The SHA-256 that a token is revoked by.
std::string token_hash(const core::Jws& jws);

}  // namespace pgwright::security
