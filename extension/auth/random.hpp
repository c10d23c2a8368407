// Random bytes and their spellings, by libsodium.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pgwright::auth {

// Starts libsodium when it has not been; throws Failure(server_error) when it cannot.
void require_sodium();

std::string random_bytes(std::size_t count);
std::string to_hex(std::string_view bytes);
std::string to_base64url(std::string_view bytes);  // without padding
std::string sha256(std::string_view bytes);        // raw digest

}  // namespace pgwright::auth
