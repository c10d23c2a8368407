// Passwords: argon2id by libsodium, at its interactive cost (64 MiB, about 0.1 s).
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace pgwright::auth {

inline constexpr std::size_t kMinPasswordCharacters = 8;
inline constexpr std::size_t kMaxPasswordBytes = 1024;

void check_password(std::string_view password, core::Faults& faults);

// The string to keep: algorithm, cost, salt and hash.
std::string hash_password(std::string_view password);

// Whether the password is the one; an empty hash (no such user, no password set) costs the same and
// is always false.
bool verify_password(std::string_view password, const std::string& hash);

}  // namespace pgwright::auth
