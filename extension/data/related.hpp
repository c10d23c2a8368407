// Related records as the caller may reach them; see core/related.hpp.
#pragma once

#include "core/related.hpp"
#include "security/identity.hpp"

namespace pgwright::data {

// Finds what names lead to for that caller: entities he may read (or which everybody reads), over
// fields that are neither hidden from him nor masked. Good for one statement: it holds the entities'
// relations locked as for reading.
core::FindRelated related_finder(const security::IdentityPointer& identity);

}  // namespace pgwright::data
