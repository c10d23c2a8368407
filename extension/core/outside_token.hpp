// Tokens of others: signed by the private key of an identity provider, believed by its public keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/identity_provider.hpp"
#include "core/jws.hpp"

namespace pgwright::core {

// To whom a token says it belongs; nothing about it is trusted yet.
struct TokenAddress {
    std::string issuer;
    std::vector<std::string> audiences;
};

// A token that a provider may have signed: its algorithm is one of TokenAlgorithm, its type is absent, JWT
// or at+jwt, and it names an issuer and an audience. Nothing otherwise; ours are among that.
std::optional<TokenAddress> read_token_address(const Jws& jws);

// What a verified token tells of its bearer, by the provider's claim mapping.
struct OutsideClaims {
    std::string subject;
    std::string email;  // normalised: lower case; empty: not told, or no string
    bool email_verified = false;
    std::string display_name;        // empty: not told
    std::string department;          // empty: not told
    std::vector<std::string> roles;  // roles of ours that the mapping grants, sorted, each once
    std::int64_t issued_at = 0;
    std::int64_t not_before = 0;  // 0: none
    std::int64_t expires_at = 0;  // exp, or iat + max_token_age when that is sooner
};

// `refusal`: for an administrator, why the token proves nothing; empty when it proves `claims`.
struct OutsideCheck {
    std::string_view refusal;
    OutsideClaims claims;
};

// Signature first: of what is not signed nothing is looked at. Then issuer, audience, exp, nbf, iat and
// age, subject. now: seconds since 1970. Whether the provider is active is looked at, too.
OutsideCheck check_outside_token(const Jws& jws, const IdentityProvider& provider,
                                 std::int64_t now);

}  // namespace pgwright::core
