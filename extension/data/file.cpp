// Whose a file is; see file.hpp.
#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"

#include "data/file.hpp"

#include "security/scope.hpp"

namespace pgwright::data {

bool is_live_file(const core::Uuid& file, const core::Uuid& tenant) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID};
    const security::Scope scope(security::Rights::engine);
    const pg::FreshSnapshot snapshot;
    if (!*plan)
        *plan = pg::Plan(
            "SELECT FROM pgwright.files WHERE id = $1 AND tenant_id = $2 AND deleted_at IS NULL",
            types);
    pg::Params params;
    params.add_uuid(file).add_uuid(tenant);
    return pg::execute(*plan, params, true).processed() > 0;
}

}  // namespace pgwright::data
