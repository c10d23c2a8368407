// Who belongs to a tenant; see membership.hpp.
#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"

#include "security/membership.hpp"

#include "security/scope.hpp"

namespace pgwright::security {

bool is_tenant_member(const core::Uuid& user, const core::Uuid& tenant) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID};
    Scope scope(Rights::engine);
    const pg::FreshSnapshot snapshot;
    if (!*plan)
        *plan = pg::Plan(
            "SELECT FROM pgwright.user_roles WHERE user_id = $1 AND tenant_id = $2 UNION ALL "
            "SELECT FROM pgwright.group_members WHERE user_id = $1 AND tenant_id = $2 UNION ALL "
            "SELECT "
            "FROM pgwright.tenant_members WHERE user_id = $1 AND tenant_id = $2 AND status <> "
            "'invited' LIMIT 1",
            types);
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    return pg::execute(*plan, params, true).processed() > 0;
}

}  // namespace pgwright::security
