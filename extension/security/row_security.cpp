#include "security/row_security.hpp"

#include "pg/call.hpp"

namespace pgwright::security {

bool row_security_applies(Oid relation) {
    return pg::call(
        [relation] { return check_enable_rls(relation, InvalidOid, true) == RLS_ENABLED; });
}

}  // namespace pgwright::security
