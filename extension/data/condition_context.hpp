// What the conditions of a request may use: placeholders, and related records as far as the caller may
// reach them.
#pragma once

#include "core/condition.hpp"
#include "security/identity.hpp"

namespace pgwright::data {

// Good for one statement, as data/related.hpp says.
core::ConditionContext condition_context(const security::IdentityPointer& identity);

}  // namespace pgwright::data
