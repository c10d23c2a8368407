// API keys: "pgw_<prefix>_<secret>". The prefix finds the row, the SHA-256 of the secret proves the key;
// the secret has 256 random bits, so that no slow hash is needed. A key is its user's rights in one
// tenant, cut down to its scopes; it has no session.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/permission.hpp"
#include "security/identity.hpp"

namespace pgwright::auth {

inline constexpr std::string_view kApiKeyMark = "pgw_";
inline constexpr std::int64_t kNoExpiry = std::numeric_limits<std::int64_t>::max();

inline bool is_api_key(std::string_view token) { return token.starts_with(kApiKeyMark); }

struct FoundKey {
    security::Identity identity;  // whose, where and until when
    std::optional<core::PermissionSet> scopes;
};

// What the key proves, when it is right and not out of service; the person behind it is not looked at. Needs an open engine scope.
std::optional<FoundKey> find_api_key(std::string_view key);

// The rights that a list of resource:action[:scope] names; what is none is left out.
core::PermissionSet read_scopes(const core::Json& list);

struct NewKey {
    std::string prefix, secret;
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string hash() const;
};
NewKey make_api_key();

// Counts a request in this backend's memory; see record_api_key_usage().
void count_api_key_use(const security::Identity& identity);

}  // namespace pgwright::auth
