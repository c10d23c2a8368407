// Accounts: the users and tenants behind sign-in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/uuid.hpp"

namespace pgwright::auth {

struct Account {
    core::Uuid user;
    std::string password_hash;  // empty: none set
};

// The active user of that e-mail address, whatever its case.
std::optional<Account> find_account(std::string_view email);

struct Membership {
    core::Uuid tenant;
    std::string slug;
    std::string name;
};

// The active tenants where the user holds a role and is not suspended, by slug.
std::vector<Membership> find_memberships(const core::Uuid& user);

std::string normalise_email(std::string_view email);  // trimmed, lower case (ASCII)

}  // namespace pgwright::auth
