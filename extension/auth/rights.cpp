// What people may hand out; see rights.hpp.
#include "pg/spi.hpp"

#include "auth/rights.hpp"

#include <algorithm>

namespace pgwright::auth {

namespace {

constexpr std::size_t kMaxRoles = 32;

core::PermissionSet rights_of(const security::HeldRoles& held) {
    core::PermissionSet rights;
    for (const security::HeldRole& role : held.roles) rights.add(role.chain);
    return rights;
}

std::optional<core::Uuid> find_role(std::string_view name, const core::Uuid& tenant) {
    pg::Params params;
    params.add_text(name).add_uuid(tenant);
    const pg::Result result = pg::execute(
        "SELECT id FROM pgwright.roles WHERE name = $1 AND (tenant_id = $2 OR tenant_id IS NULL) "
        "ORDER BY tenant_id NULLS LAST LIMIT 1",
        params, true);
    return result.empty() ? std::nullopt : std::optional(result.row(0).uuid(0));
}

}  // namespace

core::PermissionSet rights_of_user(const core::Uuid& user, const core::Uuid& tenant) {
    return rights_of(security::read_roles_of(user, tenant));
}

std::vector<core::Uuid> require_grantable_roles(const core::Json& names,
                                                const security::Identity& caller) {
    core::Faults faults;
    std::vector<core::Uuid> roles;
    if (!names.is_array() || names.items().empty() || names.items().size() > kMaxRoles)
        faults.add("roles", "must be a list of 1 to 32 names of roles");
    for (std::size_t i = 0; i < names.items().size() && faults.empty(); ++i) {
        const core::Json& name = names.items()[i];
        const auto role =
            name.is_string() ? find_role(name.text(), caller.tenant_id()) : std::nullopt;
        if (!role)
            faults.add("roles[" + std::to_string(i) + "]", "is not a role");
        else if (std::ranges::find(roles, *role) == roles.end())
            roles.push_back(*role);
    }
    faults.raise("the roles are not valid");
    for (const core::Uuid& role : roles)
        if (const std::string beyond = rights_of(security::read_role(role, caller.tenant_id()))
                                           .first_beyond(caller.permissions);
            !beyond.empty())
            throw core::Failure(core::Code::permission_denied,
                                "a role holds more than you do: " + beyond);
    return roles;
}

}  // namespace pgwright::auth
