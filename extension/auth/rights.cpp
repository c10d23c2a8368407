// What people may hand out; see rights.hpp.
#include "pg/spi.hpp"

#include "auth/rights.hpp"

#include <algorithm>

namespace pgwright::auth {

namespace {

constexpr std::size_t kMaxRoles = 32;

core::PermissionSet read_rights(const pg::Result& result) {
    core::PermissionSet rights;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        rights.grant(row.text(0), row.text(1), row.text(2));
    }
    return rights;
}

core::PermissionSet rights_of_role(const core::Uuid& role) {
    pg::Params params;
    params.add_uuid(role);
    return read_rights(pg::execute(
        "SELECT resource, action, scope FROM pgwright.role_permissions WHERE role_id = $1", params,
        true));
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

std::string first_beyond(const core::PermissionSet& rights, const security::Identity& caller) {
    for (const std::string& text : rights.list()) {
        const auto right = core::Permission::parse(text);
        if (!right || !caller.permissions.allows(right->resource, right->action, right->scope))
            return text;
    }
    return {};
}

core::PermissionSet rights_of_user(const core::Uuid& user, const core::Uuid& tenant) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    return read_rights(
        pg::execute("SELECT p.resource, p.action, p.scope FROM pgwright.user_roles m JOIN "
                    "pgwright.role_permissions p ON p.role_id = m.role_id WHERE m.user_id = $1 AND "
                    "m.tenant_id = "
                    "$2",
                    params, true));
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
        if (const std::string beyond = first_beyond(rights_of_role(role), caller); !beyond.empty())
            throw core::Failure(core::Code::permission_denied,
                                "a role holds more than you do: " + beyond);
    return roles;
}

}  // namespace pgwright::auth
