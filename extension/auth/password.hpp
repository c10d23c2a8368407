// Passwords: argon2id by libsodium, at its interactive cost (64 MiB, about 0.1 s), and the rules of the
// security policies.
#pragma once

#include <string>
#include <string_view>

#include "auth/policy.hpp"
#include "core/error.hpp"
#include "core/uuid.hpp"

namespace pgwright::auth {

inline constexpr std::size_t kMaxPasswordBytes = 1024;

// Adds a fault of `field` for every rule the password breaks; one that is the e-mail address, or the part
// before its @, breaks one too.
void check_password(std::string_view password, std::string_view email, const PasswordRules& rules,
                    std::string_view field, core::Faults& faults);

// The string to keep: algorithm, cost, salt and hash.
std::string hash_password(std::string_view password);

// Whether the password is the one; an empty hash (no such user, no password set) costs the same and
// is always false.
bool verify_password(std::string_view password, const std::string& hash);

// Whether it is one of the user's last passwords, the present one included. Each costs a verification.
bool was_used(const core::Uuid& user, std::string_view password, int last);
// Makes it the user's password; the former one goes to the history. Needs an open engine scope.
void set_password(const core::Uuid& user, std::string_view password);

}  // namespace pgwright::auth
