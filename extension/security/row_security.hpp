// Whether row security binds the current user: what is checked of people's writes is not checked of
// maintenance, of the engine's own and of what a foreign key does.
#pragma once

#include "pg/server.hpp"

namespace pgwright::security {

bool row_security_applies(Oid relation);

}  // namespace pgwright::security
