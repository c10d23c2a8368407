// Counts failed attempts to sign in per e-mail address, whether or not anybody has it. An attempt is
// counted before the password is looked at, and un-counted when it was right: attempts at the same address
// wait for each other, so many at once are not more guesses than one after another.
#pragma once

#include <string_view>

#include "core/uuid.hpp"

namespace pgwright::auth {

// 0: go on. Else the address is locked for so many seconds, and nothing was counted. All need an open
// engine scope; the address is normalised.
int begin_attempt(std::string_view email);
void clear_attempts(std::string_view email);  // after a success

enum class LoginFault { unknown_user, wrong_password, no_tenant };
// To the log; user is nil when nobody has the address.
void log_failed_login(std::string_view email, const core::Uuid& user, LoginFault fault);

}  // namespace pgwright::auth
