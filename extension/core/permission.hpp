// Permissions resource:action:scope and the set a caller holds, compiled from role_permissions so
// that a check is one look-up.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pgwright::core {

enum class Action : std::uint8_t { create, read, update, delete_, execute, export_, bulk };
enum class Scope : std::uint8_t { own, tenant, all };  // a wider scope includes the narrower

std::span<const Action> all_actions() noexcept;
std::string_view action_name(Action action) noexcept;
std::string_view scope_name(Scope scope) noexcept;
std::optional<Action> find_action(std::string_view name) noexcept;
std::optional<Scope> find_scope(std::string_view name) noexcept;

// Platform areas: resources that are no entity of a tenant. The wildcard "*" does not cover them, and
// no entity may take their name.
std::span<const std::string_view> platform_areas() noexcept;  // sorted
bool is_platform_area(std::string_view resource) noexcept;

struct Permission {
    std::string resource;  // or "*": every entity of the tenant
    Action action;
    Scope scope = Scope::tenant;

    // "company:read:tenant", "company:read" (scope tenant); nothing when malformed. The resource is a
    // name or "*"; the action is one of the seven, because a permission asked about is never a wildcard.
    static std::optional<Permission> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
};

// A role as somebody holds it: its own level first, then that of the role it inherits from, and so on.
struct RoleLevel {
    struct Grant {
        std::string resource, action, scope;
    };
    std::string name;
    std::vector<Grant> grants;
    std::vector<Permission> rules;  // what the role's row rules narrow; the scope does not count
};
using RoleChain = std::vector<RoleLevel>;

// What somebody may do. A permission is held outright, at its scope; or under the row rule of a role,
// which narrows it to the rows that the rule's condition is true of. Whoever holds it outright through
// one role is not narrowed by another.
class PermissionSet {
  public:
    // Adds to what is held outright; the widest scope wins. action "*" grants every action. An unknown
    // action or scope grants nothing.
    void grant(std::string_view resource, std::string_view action, std::string_view scope);
    // Adds what a role gives. A rule narrows what its role grants and what that inherits; of several
    // rules on the way the one nearest to the role that is held decides.
    void add(const RoleChain& role);
    // Leaves what both hold, at the narrower of the two scopes: the rights of a key or token that was
    // cut down. The other's "*" covers entities only, as everywhere.
    void narrow_to(const PermissionSet& other);

    // The widest scope the caller has outright; nothing: none.
    [[nodiscard]] std::optional<Scope> scope_of(std::string_view resource,
                                                Action action) const noexcept;
    [[nodiscard]] bool allows(std::string_view resource, Action action,
                              Scope at_least) const noexcept;
    // The scope within the rows of that role's rule.
    [[nodiscard]] std::optional<Scope> scope_under(std::string_view role, std::string_view resource,
                                                   Action action) const noexcept;
    // Some row or other: at any scope, outright or under a rule. Of a platform area the whole tenant's.
    [[nodiscard]] bool allows_some(std::string_view resource, Action action) const noexcept;
    // Some rows by the rule of some role.
    [[nodiscard]] bool is_under_rule(std::string_view resource, Action action) const noexcept;
    [[nodiscard]] std::vector<std::string> list() const;  // sorted texts of what is held outright
    // The first permission of these, under rules or outright, that the other does not hold outright at
    // that scope; empty: none. Nobody hands out more than he holds.
    [[nodiscard]] std::string first_beyond(const PermissionSet& other) const;
    // Sorted texts "sales_rep:company:read:tenant" of what is held under rules.
    [[nodiscard]] std::vector<std::string> list_under_rules() const;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Grants = std::array<std::uint8_t, 7>;  // per action: 0 none, 1 own, 2 tenant, 3 all
    using ByName = std::unordered_map<std::string, Grants, Hash, std::equal_to<>>;
    // "*" of a role that has row rules: it does not reach what they narrow.
    struct Wildcard {
        Grants grants{};
        ByName narrowed;  // by resource; not 0: narrowed
    };

    [[nodiscard]] std::uint8_t level(std::string_view resource, std::size_t action) const noexcept;
    void add_grant(const RoleChain& role, std::size_t at, const RoleLevel::Grant& grant,
                   Wildcard& wildcard);
    void grant_under(std::string_view role, std::string_view resource, std::size_t action,
                     std::uint8_t level);

    ByName grants_;
    std::vector<Wildcard> wildcards_;
    ByName ruled_;  // by "role:resource"
};

}  // namespace pgwright::core
