// SQL: check_grant, the trigger of what hands out rights: permissions of roles, what roles inherit, roles
// of groups, members of groups. Nobody gives what he does not hold himself, whatever permission to write
// these rows he has; and what is given is of the tenant. The argument names the table's kind.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "core/utf8.hpp"
#include "security/identity.hpp"
#include "security/membership.hpp"
#include "security/role_reader.hpp"
#include "security/row_security.hpp"
#include "security/scope.hpp"

namespace pgwright::security {

namespace {

using core::Code;
using core::Failure;
using core::Uuid;

class Grant {
  public:
    explicit Grant(const pg::Trigger& trigger) : trigger_(trigger) {}

    [[nodiscard]] std::optional<Uuid> uuid(const char* name) const {
        const pg::Value value = trigger_.new_value(trigger_.attribute(name));
        if (value.is_null) return std::nullopt;
        return pg::uuid_from_datum(value.datum);
    }
    [[nodiscard]] std::string text(const char* name) const {
        const pg::Value value = trigger_.new_value(trigger_.attribute(name));
        return value.is_null ? std::string() : std::string(pg::varlena_view(value.datum));
    }
    void set(const char* name, Datum datum, bool is_null = false) {
        changes_.push_back({trigger_.attribute(name), datum, is_null});
    }
    [[nodiscard]] Datum row() const {
        return changes_.empty() ? trigger_.proceed() : trigger_.replace(changes_);
    }
    // Who writes through row security, as people do; the engine and maintenance write past it.
    [[nodiscard]] IdentityPointer giver() const {
        return row_security_applies(trigger_.relation_oid()) ? require_identity() : nullptr;
    }

  private:
    const pg::Trigger& trigger_;
    std::vector<pg::ColumnChange> changes_;
};

[[noreturn]] void refuse(std::string_view field, std::string message) {
    throw Failure(Code::validation_error, "the record is not valid",
                  {{std::string(field), std::move(message)}});
}

[[noreturn]] void refuse_more(const std::string& permission) {
    throw Failure(Code::permission_denied,
                  "nobody gives more than he holds himself: " + permission);
}

pg::Result ask(std::string_view sql, const pg::Params& params) {
    pg::FreshSnapshot snapshot;
    return pg::execute(sql, params, true);
}

// A role that the tenant knows: its own or a built-in one.
struct Role {
    std::optional<Uuid> tenant;
    std::string name;
};

std::optional<Role> find_role(const Uuid& id) {
    pg::Params params;
    params.add_uuid(id);
    const pg::Result result =
        ask("SELECT tenant_id, name FROM pgwright.roles WHERE id = $1", params);
    if (result.empty()) return std::nullopt;
    return Role{result.row(0).optional_uuid(0), result.row(0).text(1)};
}

Role require_role(const Uuid& id, const std::optional<Uuid>& tenant, std::string_view field) {
    const auto role = find_role(id);
    if (!role || (role->tenant && role->tenant != tenant)) refuse(field, "does not exist");
    return *role;
}

// Whoever passes a role on must hold all that it gives, under no narrower rule.
void require_all(const Identity& giver, const Uuid& role) {
    core::PermissionSet given;
    for (const HeldRole& held : read_role(role, giver.tenant_id()).roles) given.add(held.chain);
    if (const std::string beyond = given.first_beyond(giver.permissions); !beyond.empty())
        refuse_more(beyond);
}

// Permissions ------------------------------------------------------------------------------------

struct Named {
    Uuid id;
    std::string name;
};

// The entity that a grant is about, by id or name; none for a platform area and "*".
std::optional<Named> entity_of(const Grant& grant, const std::optional<Uuid>& tenant) {
    const std::string resource = grant.text("resource");
    const auto id = grant.uuid("entity_id");
    if (!id && (resource == "*" || core::is_platform_area(resource))) return std::nullopt;
    pg::Params params;
    if (tenant)
        params.add_uuid(*tenant);
    else
        params.add_null(UUIDOID);
    if (id)
        params.add_uuid(*id);
    else
        params.add_null(UUIDOID);
    params.add_text(resource);
    const pg::Result result =
        ask("SELECT e.id, e.name FROM pgwright.entity_definitions e"
            " WHERE (e.tenant_id = $1 OR e.tenant_id IS NULL) AND e.entity_type <> 'system'"
            "   AND ($2::uuid IS NOT NULL AND e.id = $2 OR $2 IS NULL AND e.name = $3 AND NOT "
            "e.is_deleted)"
            " ORDER BY e.tenant_id NULLS LAST LIMIT 1",
            params);
    if (result.empty())
        refuse("resource", "is neither an entity, nor a platform area, nor *: \"" +
                               std::string(core::echo(resource)) + "\"");
    return Named{result.row(0).uuid(0), result.row(0).text(1)};
}

void require_held(const Identity& giver, const Grant& grant) {
    const std::string resource = grant.text("resource");
    const auto scope = core::find_scope(grant.text("scope"));
    const std::string action = grant.text("action");
    if (!scope) return;  // the table's check tells
    for (const core::Action each : core::all_actions()) {
        if (action != "*" && action != core::action_name(each)) continue;
        if (!giver.permissions.allows(resource, each, *scope))
            refuse_more(resource + ':' + std::string(core::action_name(each)) + ':' +
                        std::string(core::scope_name(*scope)));
    }
}

void check_permission(const pg::Trigger& trigger, Grant& grant) {
    const IdentityPointer giver = grant.giver();
    Scope scope(Rights::engine);
    const auto role = grant.uuid("role_id");
    if (!role) return;
    std::optional<Uuid> tenant = grant.uuid("tenant_id");
    const auto known = find_role(*role);
    if (!known) return;  // the foreign key tells
    if (giver && known->tenant && *known->tenant != giver->tenant_id())
        refuse("role_id", "does not exist");
    // A tenant's role grants within its tenant.
    if (known->tenant) tenant = known->tenant;
    if (giver) tenant = giver->tenant_id();
    if (tenant) grant.set("tenant_id", pg::uuid_datum(*tenant));
    const auto entity = entity_of(grant, tenant);
    if (entity) {
        grant.set("entity_id", pg::uuid_datum(entity->id));
        grant.set("resource", pg::text_datum(entity->name));
    } else if (trigger.updating()) {
        grant.set("entity_id", Datum{0}, true);
    }
    if (known->name == "public" && !known->tenant && (!entity || grant.text("action") != "read"))
        refuse("action", "of what everybody may do is read, of one entity");
    if (giver) require_held(*giver, grant);
}

// Roles and groups -------------------------------------------------------------------------------

void check_role(Grant& grant) {
    const IdentityPointer giver = grant.giver();
    Scope scope(Rights::engine);
    const auto parent = grant.uuid("parent_role_id");
    if (!parent) return;
    const auto known = find_role(*parent);
    if (!known) return;  // the foreign key tells
    const auto tenant = giver ? std::optional(giver->tenant_id()) : grant.uuid("tenant_id");
    if (known->tenant && known->tenant != tenant) refuse("parent_role_id", "does not exist");
    const Uuid own = grant.uuid("id").value_or(Uuid());
    std::optional<Uuid> at = parent;
    for (int depth = 1; at; ++depth) {
        if (*at == own) refuse("parent_role_id", "inherits from this role already");
        if (depth >= kMaxRoleDepth)
            refuse("parent_role_id",
                   "inherits through more than " + std::to_string(kMaxRoleDepth) + " roles");
        pg::Params params;
        params.add_uuid(*at);
        const pg::Result next =
            ask("SELECT parent_role_id FROM pgwright.roles WHERE id = $1", params);
        at = next.empty() ? std::nullopt : next.row(0).optional_uuid(0);
    }
    if (giver) require_all(*giver, *parent);
}

// A foreign key sees the groups of every tenant.
void require_group(const Uuid& group, const Uuid& tenant) {
    pg::Params params;
    params.add_uuid(group).add_uuid(tenant);
    if (ask("SELECT FROM pgwright.user_groups WHERE id = $1 AND tenant_id = $2", params).empty())
        refuse("group_id", "does not exist");
}

void check_group_role(const Grant& grant) {
    const IdentityPointer giver = grant.giver();
    if (!giver) return;
    Scope scope(Rights::engine);
    const auto role = grant.uuid("role_id");
    const auto group = grant.uuid("group_id");
    if (!role || !group) return;
    require_group(*group, giver->tenant_id());
    const Role known = require_role(*role, giver->tenant_id(), "role_id");
    if (known.name == "super_admin" && !known.tenant) refuse_more("super_admin");
    require_all(*giver, *role);
}

// Whoever takes somebody into a group passes on all of its roles.
void check_member(const Grant& grant) {
    const IdentityPointer giver = grant.giver();
    const auto group = grant.uuid("group_id");
    const auto user = grant.uuid("user_id");
    if (!giver || !group || !user) return;
    Scope scope(Rights::engine);
    require_group(*group, giver->tenant_id());
    if (!is_tenant_member(*user, giver->tenant_id())) refuse("user_id", "does not exist");
    pg::Params params;
    params.add_uuid(*group);
    const pg::Result roles =
        ask("SELECT role_id FROM pgwright.group_roles WHERE group_id = $1", params);
    for (std::size_t i = 0; i < roles.rows(); ++i) require_all(*giver, roles.row(i).uuid(0));
}

Datum check_grant(const pg::Trigger& trigger) {
    Grant grant(trigger);
    const std::string_view kind = trigger.argument(0);
    if (kind == "permission") check_permission(trigger, grant);
    if (kind == "role") check_role(grant);
    if (kind == "group_role") check_group_role(grant);
    if (kind == "member") check_member(grant);
    return grant.row();
}

}  // namespace

}  // namespace pgwright::security

PGWRIGHT_TRIGGER(pgwright_check_grant) { return pgwright::security::check_grant(trigger); }
