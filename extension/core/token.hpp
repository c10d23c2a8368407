// Access tokens of our own: JSON Web Tokens (RFC 7519) signed with HS256 by a key of the catalog. libjwt
// makes and verifies the signature; what a token of ours must look like is decided here. Tokens of
// others: core/outside_token.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/jws.hpp"
#include "core/permission.hpp"
#include "core/uuid.hpp"

namespace pgwright::core {

inline constexpr std::string_view kTokenIssuer = "pgwright";

struct Claims {
    Uuid user_id;                 // sub
    Uuid tenant_id;               // tid
    Uuid session_id;              // sid; nil in the identity of a token that another issuer signed
    std::int64_t issued_at = 0;   // iat, seconds since 1970
    std::int64_t expires_at = 0;  // exp
    std::vector<std::string> roles = {};
    std::int64_t not_before = 0;  // nbf; 0: none
    std::string token_id = {};    // jti; empty: none
    std::string audience = {};    // aud; empty: none
    // resource:action[:scope]: the token proves no right beyond these; nothing: all that the user has.
    std::optional<std::vector<Permission>> scopes = {};
};

// secret: raw bytes, at least 32. Throws Failure(server_error) when the library fails.
std::string sign_token(const Claims& claims, std::string_view key_id, std::string_view secret);

// The key id in the header of something that looks like a token of ours (three parts, HS256, a kid);
// nothing otherwise. Nothing about it is trusted yet.
std::optional<std::string> token_key_id(std::string_view token);

// The claims, when the signature is right, the algorithm is HS256, the issuer ours, every claim of ours
// well-formed, iat and nbf <= now + kClockSkewSeconds and now < exp, and the audience is the one asked
// for: of a string or an array, or none at all where `audience` is empty. iss, sub, tid, sid, iat, exp
// and roles must be there; nbf, jti, aud and scopes may be; others are ignored. Nothing otherwise; never
// a wrong identity.
std::optional<Claims> verify_token(std::string_view token, std::string_view secret,
                                   std::int64_t now, std::string_view audience = {});

}  // namespace pgwright::core
