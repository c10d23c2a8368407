// Security policies: rules of passwords, lock-out and sessions (table security_policies). The platform's
// hold for everybody, a tenant's can only tighten them; without a row the column defaults hold.
#pragma once

#include <optional>

#include "core/uuid.hpp"

namespace pgwright::auth {

struct PasswordRules {
    int min_length = 8;  // characters
    bool lower = false, upper = false, digit = false, special = false;
    int history = 3;  // passwords, the present one among them, that may not come back; 0: any may
};

struct LockoutRules {
    int max_attempts = 5;
    int base_seconds = 30;
    int max_seconds = 3600;
    int reset_seconds = 86400;  // without a failure, after which counting begins anew
};

struct SessionRules {
    int lifetime_seconds;
    int max_concurrent = 100;  // per user and tenant; the oldest ends for one more
};

// The strictest of the platform's, the user's tenants' and that of one more tenant. All three need an
// open engine scope.
PasswordRules password_rules(const core::Uuid& user, const core::Uuid& tenant);
LockoutRules lockout_rules(bool read_only = true);
SessionRules session_rules(const core::Uuid& tenant, bool read_only = true);

}  // namespace pgwright::auth
