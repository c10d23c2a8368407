// base64url without padding (RFC 4648 section 5), as JSON Web Signatures and Keys write bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgwright::core {

// Nothing for any other character, an impossible length, or bits set that no byte takes: bytes have
// one spelling.
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

}  // namespace pgwright::core
