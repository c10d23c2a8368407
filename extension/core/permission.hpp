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

class PermissionSet {
  public:
    // Adds to what is held; the widest scope wins. action "*" grants every action. An unknown action
    // or scope grants nothing.
    void grant(std::string_view resource, std::string_view action, std::string_view scope);
    // Leaves what both hold, at the narrower of the two scopes: the rights of a key or token that was
    // cut down. The other's "*" covers entities only, as everywhere.
    void narrow_to(const PermissionSet& other);
    // The widest scope the caller has for it; nothing: none.
    [[nodiscard]] std::optional<Scope> scope_of(std::string_view resource,
                                                Action action) const noexcept;
    [[nodiscard]] bool allows(std::string_view resource, Action action,
                              Scope at_least) const noexcept;
    [[nodiscard]] std::vector<std::string> list() const;  // sorted texts

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Grants = std::array<std::uint8_t, 7>;  // per action: 0 none, 1 own, 2 tenant, 3 all
    [[nodiscard]] std::uint8_t level(std::string_view resource, std::size_t action) const noexcept;
    std::unordered_map<std::string, Grants, Hash, std::equal_to<>> grants_;
};

}  // namespace pgwright::core
