// An identity provider of a tenant: whose tokens are believed beside ours, by which keys, and what they
// mean here. Read from a definition as administrators write it; docs/identity.md describes the members.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/public_key.hpp"

namespace pgwright::core {

// Where in the claims a value is: member names from the outside in. Empty: the provider does not say.
using ClaimPath = std::vector<std::string>;

struct ClaimMapping {
    ClaimPath subject{"sub"};
    ClaimPath email{"email"};
    ClaimPath email_verified{"email_verified"};
    ClaimPath display_name{"name"};
    ClaimPath department;
    ClaimPath roles;
};

// Which roles count: those mapped from the token, those the user holds in the database, or both.
enum class RolesFrom : std::uint8_t { token, database, both };
// When a user of ours may be linked because the e-mail address is the same.
enum class LinkByEmail : std::uint8_t { never, verified, always };

struct IdentityProvider {
    std::string name;
    std::string issuer;
    std::string audience;
    std::vector<TokenAlgorithm> algorithms;
    std::vector<PublicKey> keys;
    ClaimMapping claims;
    // Role or group there: roles here. "*" is everybody.
    std::map<std::string, std::vector<std::string>, std::less<>> role_mapping;
    RolesFrom roles_from = RolesFrom::token;
    LinkByEmail link_by_email = LinkByEmail::never;
    bool auto_provision = false;
    bool is_active = true;
    std::int64_t max_token_age = 0;  // seconds from iat, however late exp is
};

inline constexpr std::string_view kEverybody = "*";
inline constexpr int kDefaultTokenAge = 86400;
inline constexpr int kMaxTokenAge = 30 * 86400;

// The definition with what it leaves out filled in and in the order of the documentation. Throws
// VALIDATION_ERROR with every fault for what is not valid; whether roles exist is the caller's to ask.
Json complete_identity_provider(const Json& definition);

// What a complete definition says. Throws as above.
IdentityProvider read_identity_provider(const Json& definition);

}  // namespace pgwright::core
