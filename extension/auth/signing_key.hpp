// The keys that sign access tokens; only the extension reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgwright::auth {

struct SigningKey {
    std::string key_id;
    std::string secret;  // raw bytes
};

// The secret of a key that is not retired; nothing when there is none.
std::optional<std::string> find_signing_secret(std::string_view key_id);

// The newest key that is not retired; made when there is none.
SigningKey signing_key();

}  // namespace pgwright::auth
