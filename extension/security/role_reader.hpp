// What roles give, from the security tables: directly, through groups, and inherited. Runs with the
// engine's rights; the caller holds a Scope.
#pragma once

#include <string>
#include <vector>

#include "core/field_rule.hpp"
#include "core/permission.hpp"
#include "core/uuid.hpp"

namespace pgwright::security {

struct HeldRole {
    core::RoleChain chain;
    core::FieldRules field_rules;  // its own before inherited ones

    // Whether it gives any right to the entity's records.
    [[nodiscard]] bool reaches(std::string_view resource) const;
};

struct HeldRoles {
    std::vector<std::string> names;  // sorted, inherited ones too
    std::vector<HeldRole> roles;
};

// How far a role may inherit from; longer chains are refused when they are made.
inline constexpr int kMaxRoleDepth = 16;

HeldRoles read_roles_of(const core::Uuid& user, const core::Uuid& tenant);
// As if somebody in the tenant held that one role.
HeldRoles read_role(const core::Uuid& role, const core::Uuid& tenant);

}  // namespace pgwright::security
