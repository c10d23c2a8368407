// Access tokens: JSON Web Tokens (RFC 7519) signed with HS256 by a key of the catalog. libjwt makes
// and verifies the signature; what a token of ours must look like is decided here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/uuid.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxTokenBytes = 8192;
inline constexpr std::string_view kTokenIssuer = "pgwright";

struct Claims {
    Uuid user_id;                 // sub
    Uuid tenant_id;               // tid
    Uuid session_id;              // sid
    std::int64_t issued_at = 0;   // iat, seconds since 1970
    std::int64_t expires_at = 0;  // exp
    std::vector<std::string> roles;
};

// secret: raw bytes, at least 32. Throws Failure(server_error) when the library fails.
std::string sign_token(const Claims& claims, std::string_view key_id, std::string_view secret);

// The key id in the header of something that looks like a token of ours (three parts, HS256, a kid);
// nothing otherwise. Nothing about it is trusted yet.
std::optional<std::string> token_key_id(std::string_view token);

// The claims, when the signature is right, the algorithm is HS256, the issuer ours, every claim
// present and well-formed, and iat <= now + 60 and now < exp. Nothing otherwise; never a wrong identity.
std::optional<Claims> verify_token(std::string_view token, std::string_view secret,
                                   std::int64_t now);

}  // namespace pgwright::core
