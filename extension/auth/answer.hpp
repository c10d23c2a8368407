// What the functions of sign-in share: required arguments, errors as answers, notes on the client.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/uuid.hpp"
#include "pg/arguments.hpp"
#include "pg/params.hpp"
#include "security/identity.hpp"

namespace pgwright::auth {

// The argument's text; VALIDATION_ERROR naming the field when it is NULL.
std::string_view required_text(const pg::Arguments& args, int i, std::string_view field);

// {"error":{"status","code","message","details","retry_after"}}: what a try_ function answers instead of
// raising. retry_after is left out when it is 0.
std::string error_answer(const core::Failure& failure, int retry_after = 0);

// Adds the client's address and program, cut to what the tables take; NULL where the shim gave none.
void add_client(pg::Params& params);

// The id, or RESOURCE_NOT_FOUND "there is no such <what>" for any other text.
core::Uuid require_uuid(std::string_view text, std::string_view what);
[[noreturn]] void not_found(std::string_view what);

// The caller, who must have a session of a sign-in: AUTHENTICATION_REQUIRED for the anonymous one,
// PERMISSION_DENIED for an API key.
security::IdentityPointer require_session();

}  // namespace pgwright::auth
