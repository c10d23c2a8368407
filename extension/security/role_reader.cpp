// Reading roles; see role_reader.hpp. One kept plan for both questions: a row for each grant and rule of
// each level of each role that is held.
#include "security/role_reader.hpp"

#include <algorithm>

#include "pg/immortal.hpp"
#include "pg/spi.hpp"

namespace pgwright::security {

namespace {

// $1 user or null, $2 tenant, $3 a role or null.
constexpr std::string_view kSql = R"(
WITH RECURSIVE held AS (
    SELECT m.role_id AS held, m.role_id AS role, 0 AS depth
      FROM (SELECT u.role_id FROM pgwright.user_roles u WHERE u.user_id = $1 AND u.tenant_id = $2
            UNION
            SELECT g.role_id FROM pgwright.group_members m JOIN pgwright.group_roles g ON g.group_id = m.group_id
             WHERE m.user_id = $1 AND m.tenant_id = $2 AND g.tenant_id = $2
            UNION
            SELECT $3::uuid WHERE $3 IS NOT NULL) m
    UNION ALL
    SELECT h.held, r.parent_role_id, h.depth + 1
      FROM held h JOIN pgwright.roles r ON r.id = h.role
     WHERE r.parent_role_id IS NOT NULL AND h.depth < 16),
level AS (
    SELECT h.held, h.depth, r.id, r.name
      FROM held h JOIN pgwright.roles r ON r.id = h.role AND (r.tenant_id IS NULL OR r.tenant_id = $2))
SELECT l.held, l.depth, l.name, g.kind, g.resource, g.action, g.scope, g.entity_id, g.field_id, g.mask, g.mask_text
  FROM level l
  LEFT JOIN LATERAL (
       SELECT 'grant' AS kind, p.resource, p.action, p.scope, NULL::uuid AS entity_id, NULL::uuid AS field_id, NULL AS mask, NULL AS mask_text
         FROM pgwright.role_permissions p
         LEFT JOIN pgwright.entity_definitions e ON e.id = p.entity_id
        WHERE p.role_id = l.id AND (p.tenant_id IS NULL OR p.tenant_id = $2)
          AND (p.entity_id IS NULL OR NOT e.is_deleted)
       UNION ALL
       SELECT 'row rule', e.name, w.action, NULL, NULL, NULL, NULL, NULL
         FROM pgwright.row_rules w JOIN pgwright.entity_definitions e ON e.id = w.entity_id AND NOT e.is_deleted
        WHERE w.role_id = l.id AND w.tenant_id = $2 AND w.is_active
       UNION ALL
       SELECT 'field rule', NULL, f.mode, NULL, f.entity_id, f.field_id, f.mask, f.mask_text
         FROM pgwright.field_rules f
        WHERE f.role_id = l.id AND f.tenant_id = $2 AND f.is_active) g ON true
 ORDER BY l.held, l.depth)";

core::FieldRule field_rule(const pg::Row& row) {
    core::FieldRule rule;
    rule.entity = row.uuid(7);
    rule.field = row.uuid(8);
    rule.mode = core::find_field_mode(row.text(5)).value_or(core::FieldMode::hidden);
    rule.mask = core::find_mask(row.optional_text(9).value_or("")).value_or(core::Mask::constant);
    rule.mask_text = row.optional_text(10).value_or("");
    return rule;
}

void add_row(HeldRoles& held, const pg::Row& row, bool is_new) {
    if (is_new) held.roles.emplace_back();
    HeldRole& role = held.roles.back();
    const auto depth = static_cast<std::size_t>(row.integer(1));
    if (role.chain.size() <= depth) {
        role.chain.resize(depth + 1);
        role.chain[depth].name = row.text(2);
        held.names.push_back(role.chain[depth].name);
    }
    if (row.is_null(3)) return;
    const std::string kind = row.text(3);
    if (kind == "grant") {
        role.chain[depth].grants.push_back({row.text(4), row.text(5), row.text(6)});
    } else if (kind == "field rule") {
        core::FieldRule rule = field_rule(row);
        role.field_rules.try_emplace(rule.field, std::move(rule));
    } else if (const auto action = core::find_action(row.text(5))) {
        role.chain[depth].rules.push_back({row.text(4), *action});
    }
}

HeldRoles read(const pg::Params& params) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID, UUIDOID};
    if (!*plan) *plan = pg::Plan(kSql, types);
    const pg::Result result = pg::execute(*plan, params, true);
    HeldRoles held;
    core::Uuid last;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        const core::Uuid role = row.uuid(0);
        add_row(held, row, i == 0 || role != last);
        last = role;
    }
    std::ranges::sort(held.names);
    held.names.erase(std::unique(held.names.begin(), held.names.end()), held.names.end());
    return held;
}

}  // namespace

bool HeldRole::reaches(std::string_view resource) const {
    return std::ranges::any_of(chain, [&](const core::RoleLevel& level) {
        return std::ranges::any_of(level.grants, [&](const core::RoleLevel::Grant& grant) {
            return grant.resource == resource || grant.resource == "*";
        });
    });
}

HeldRoles read_roles_of(const core::Uuid& user, const core::Uuid& tenant) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant).add_null(UUIDOID);
    return read(params);
}

HeldRoles read_role(const core::Uuid& role, const core::Uuid& tenant) {
    pg::Params params;
    params.add_null(UUIDOID).add_uuid(tenant).add_uuid(role);
    return read(params);
}

}  // namespace pgwright::security
