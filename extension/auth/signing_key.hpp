// The keys that sign access tokens; only the extension reads them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace pgwright::auth {

struct SigningKey {
    std::string key_id;
    std::string secret;  // raw bytes
};

struct VerifyingKey {
    std::string secret;  // raw bytes
    // Seconds since 1970 from which on it verifies nothing.
    std::int64_t retired_at = std::numeric_limits<std::int64_t>::max();
};

// The key of that id, unless it is retired by now.
std::optional<VerifyingKey> find_verifying_key(std::string_view key_id);

// The newest key with no retirement set; made when there is none.
SigningKey signing_key();

}  // namespace pgwright::auth
