// Users in tenants; see person.hpp.
#include "security/person.hpp"

#include "pg/immortal.hpp"
#include "pg/spi.hpp"

namespace pgwright::security {

namespace {

constexpr std::string_view kSql =
    "SELECT u.email, coalesce(u.display_name, ''), t.slug, t.name, coalesce(m.department, ''), "
    "coalesce(m.attributes, '{}')::text"
    "  FROM pgwright.users u"
    "  JOIN pgwright.tenants t ON t.id = $2 AND t.status = 'active' AND NOT t.is_deleted"
    "  LEFT JOIN pgwright.tenant_members m ON m.user_id = u.id AND m.tenant_id = t.id"
    " WHERE u.id = $1 AND u.status = 'active' AND NOT u.is_deleted AND coalesce(m.status, "
    "'active') = 'active'";

}  // namespace

bool load_person(Identity& identity) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID};
    if (!*plan) *plan = pg::Plan(kSql, types);
    pg::Params params;
    params.add_uuid(identity.user_id()).add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(*plan, params, true);
    if (result.empty()) return false;
    const pg::Row row = result.row(0);
    identity.email = row.text(0);
    identity.display_name = row.text(1);
    identity.tenant_slug = row.text(2);
    identity.tenant_name = row.text(3);
    identity.department = row.text(4);
    identity.attributes = row.text(5);
    return true;
}

}  // namespace pgwright::security
