// The names of actions, scopes and platform areas, and the compiled set of a caller's permissions.
#include "core/permission.hpp"

#include <algorithm>
#include <cstddef>

namespace pgwright::core {

namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 7> kActions = {"create",  "read",   "update", "delete",
                                                      "execute", "export", "bulk"};
constexpr std::array<std::string_view, 3> kScopes = {"own", "tenant", "all"};

// data_model covers the definitions of entities, fields, relationships and indexes and their migrations.
constexpr std::array<std::string_view, 23> kPlatformAreas = {
    "api_keys",  "audit",      "automations", "dashboards", "data_model", "files",
    "lookups",   "menu",       "modules",     "reports",    "roles",      "routes",
    "scheduler", "schema_ops", "security",    "sessions",   "settings",   "signing_keys",
    "tenants",   "transfers",  "users",       "webhooks",   "workflows",
};
static_assert(std::ranges::is_sorted(kPlatformAreas), "is_platform_area() searches it by halving");

constexpr std::string_view kAnything = "*";
constexpr std::size_t kMaxResourceBytes = 63;

template <typename Enumeration, std::size_t size>
std::optional<Enumeration> find_name(const std::array<std::string_view, size>& names,
                                     std::string_view name) noexcept {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enumeration>(found - names.begin());
}

bool is_resource(std::string_view text) noexcept {
    if (text == kAnything) return true;
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto rest = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !text.empty() && text.size() <= kMaxResourceBytes && letter(text.front()) &&
           std::ranges::all_of(text, rest);
}

// Cuts the text up to the next colon off its front.
std::string_view take_part(std::string_view& text) noexcept {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
    return part;
}

std::string join(std::string_view resource, std::string_view action, std::string_view scope) {
    std::string text(resource);
    text.append(":").append(action).append(":").append(scope);
    return text;
}

}  // namespace

std::span<const Action> all_actions() noexcept {
    static constexpr std::array<Action, 7> all = {Action::create,  Action::read,    Action::update,
                                                  Action::delete_, Action::execute, Action::export_,
                                                  Action::bulk};
    return all;
}
std::string_view action_name(Action action) noexcept {
    return kActions[static_cast<std::size_t>(action)];
}
std::string_view scope_name(Scope scope) noexcept {
    return kScopes[static_cast<std::size_t>(scope)];
}
std::optional<Action> find_action(std::string_view name) noexcept {
    return find_name<Action>(kActions, name);
}
std::optional<Scope> find_scope(std::string_view name) noexcept {
    return find_name<Scope>(kScopes, name);
}

std::span<const std::string_view> platform_areas() noexcept { return kPlatformAreas; }

bool is_platform_area(std::string_view resource) noexcept {
    return std::ranges::binary_search(kPlatformAreas, resource);
}

std::optional<Permission> Permission::parse(std::string_view text) {
    const bool has_scope = std::ranges::count(text, ':') == 2;
    const std::string_view resource = take_part(text);
    const std::optional<Action> action = find_action(take_part(text));
    const std::optional<Scope> scope = has_scope ? find_scope(text) : Scope::tenant;
    // Without a scope nothing may be left: neither a fourth part nor an empty one.
    if (!is_resource(resource) || !action || !scope || (!has_scope && !text.empty()))
        return std::nullopt;
    return Permission{std::string(resource), *action, *scope};
}

std::string Permission::to_string() const {
    return join(resource, action_name(action), scope_name(scope));
}

void PermissionSet::grant(std::string_view resource, std::string_view action,
                          std::string_view scope) {
    const std::optional<Action> one = find_action(action);
    const std::optional<Scope> granted = find_scope(scope);
    if (!granted || (!one && action != kAnything)) return;
    const auto level = static_cast<std::uint8_t>(static_cast<std::uint8_t>(*granted) + 1);
    Grants& grants = grants_.try_emplace(std::string(resource)).first->second;
    for (std::size_t i = 0; i < grants.size(); ++i) {
        if (!one || static_cast<std::size_t>(*one) == i) grants[i] = std::max(grants[i], level);
    }
}

namespace {

// The role on the way from the one that is held to the one at that level whose rule narrows it first.
const RoleLevel* narrowing(const RoleChain& role, std::size_t last, std::string_view resource,
                           Action action) noexcept {
    for (std::size_t i = 0; i <= last; ++i) {
        for (const Permission& rule : role[i].rules)
            if (rule.resource == resource && rule.action == action) return &role[i];
    }
    return nullptr;
}

}  // namespace

void PermissionSet::grant_under(std::string_view role, std::string_view resource,
                                std::size_t action, std::uint8_t level) {
    std::uint8_t& held = ruled_[std::string(role).append(":").append(resource)].at(action);
    held = std::max(held, level);
}

void PermissionSet::add_grant(const RoleChain& role, std::size_t at, const RoleLevel::Grant& grant,
                              Wildcard& wildcard) {
    const std::optional<Scope> scope = find_scope(grant.scope);
    const std::optional<Action> one = find_action(grant.action);
    if (!scope || (!one && grant.action != kAnything)) return;
    const auto level = static_cast<std::uint8_t>(static_cast<std::uint8_t>(*scope) + 1);
    for (std::size_t i = 0; i < kActions.size(); ++i) {
        const auto action = static_cast<Action>(i);
        if (one && *one != action) continue;
        if (grant.resource == kAnything) {
            wildcard.grants[i] = std::max(wildcard.grants[i], level);
            for (std::size_t j = 0; j <= at; ++j) {
                for (const Permission& rule : role[j].rules) {
                    if (rule.action != action) continue;
                    wildcard.narrowed[rule.resource][i] = 1;
                    grant_under(narrowing(role, at, rule.resource, action)->name, rule.resource, i,
                                level);
                }
            }
        } else if (const RoleLevel* const by = narrowing(role, at, grant.resource, action)) {
            grant_under(by->name, grant.resource, i, level);
        } else {
            std::uint8_t& held = grants_[grant.resource][i];
            held = std::max(held, level);
        }
    }
}

void PermissionSet::add(const RoleChain& role) {
    // One for each level: what a rule narrows depends on where the grant comes from.
    for (std::size_t at = 0; at < role.size(); ++at) {
        Wildcard wildcard;
        for (const RoleLevel::Grant& each : role[at].grants) add_grant(role, at, each, wildcard);
        if (wildcard.grants == Grants{}) continue;
        if (!wildcard.narrowed.empty()) {
            wildcards_.push_back(std::move(wildcard));
            continue;
        }
        Grants& everywhere = grants_[std::string(kAnything)];
        for (std::size_t i = 0; i < everywhere.size(); ++i)
            everywhere[i] = std::max(everywhere[i], wildcard.grants[i]);
    }
}

void PermissionSet::narrow_to(const PermissionSet& other) {
    ByName narrow;
    const auto keep = [&](const std::string& resource) {
        Grants& grants = narrow[resource];
        for (std::size_t i = 0; i < grants.size(); ++i)
            grants[i] = std::min(level(resource, i), other.level(resource, i));
    };
    for (const auto& [resource, grants] : grants_) keep(resource);
    for (const auto& [resource, grants] : other.grants_) keep(resource);
    for (auto& [key, grants] : ruled_) {
        const std::string_view resource = std::string_view(key).substr(key.find(':') + 1);
        for (std::size_t i = 0; i < grants.size(); ++i)
            grants[i] = std::min(grants[i], other.level(resource, i));
    }
    for (Wildcard& wildcard : wildcards_) {
        for (std::size_t i = 0; i < wildcard.grants.size(); ++i)
            wildcard.grants[i] = std::min(wildcard.grants[i], other.level(kAnything, i));
    }
    grants_ = std::move(narrow);
}

std::uint8_t PermissionSet::level(std::string_view resource, std::size_t action) const noexcept {
    const auto level_in = [&](const ByName& names, std::string_view name) -> std::uint8_t {
        const auto found = names.find(name);
        return found == names.end() ? std::uint8_t{0} : found->second[action];
    };
    const std::uint8_t own = level_in(grants_, resource);
    if (is_platform_area(resource)) return own;
    std::uint8_t widest = std::max(own, level_in(grants_, kAnything));
    for (const Wildcard& wildcard : wildcards_) {
        if (level_in(wildcard.narrowed, resource) == 0)
            widest = std::max(widest, wildcard.grants[action]);
    }
    return widest;
}

std::optional<Scope> PermissionSet::scope_of(std::string_view resource,
                                             Action action) const noexcept {
    const std::uint8_t found = level(resource, static_cast<std::size_t>(action));
    if (found == 0) return std::nullopt;
    return static_cast<Scope>(found - 1);
}

std::optional<Scope> PermissionSet::scope_under(std::string_view role, std::string_view resource,
                                                Action action) const noexcept {
    const auto found = ruled_.find(std::string(role).append(":").append(resource));
    if (found == ruled_.end()) return std::nullopt;
    const std::uint8_t level = found->second[static_cast<std::size_t>(action)];
    if (level == 0) return std::nullopt;
    return static_cast<Scope>(level - 1);
}

bool PermissionSet::is_under_rule(std::string_view resource, Action action) const noexcept {
    return std::ranges::any_of(ruled_, [&](const auto& each) {
        const std::string_view key = each.first;
        return key.substr(key.find(':') + 1) == resource &&
               each.second[static_cast<std::size_t>(action)] > 0;
    });
}

bool PermissionSet::allows_some(std::string_view resource, Action action) const noexcept {
    if (is_platform_area(resource)) return allows(resource, action, Scope::tenant);
    return scope_of(resource, action) || is_under_rule(resource, action);
}

bool PermissionSet::allows(std::string_view resource, Action action,
                           Scope at_least) const noexcept {
    const std::optional<Scope> scope = scope_of(resource, action);
    return scope && *scope >= at_least;
}

namespace {

void list_grants(std::string_view resource, const std::array<std::uint8_t, 7>& grants,
                 std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < grants.size(); ++i) {
        if (grants[i] > 0) texts.push_back(join(resource, kActions[i], kScopes[grants[i] - 1U]));
    }
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    return texts;
}

}  // namespace

std::vector<std::string> PermissionSet::list() const {
    std::vector<std::string> texts;
    for (const auto& [resource, grants] : grants_) list_grants(resource, grants, texts);
    for (const Wildcard& wildcard : wildcards_) list_grants(kAnything, wildcard.grants, texts);
    return sorted(std::move(texts));
}

std::string PermissionSet::first_beyond(const PermissionSet& other) const {
    std::vector<std::string> texts = list();
    for (const std::string& text : list_under_rules())
        texts.push_back(text.substr(text.find(':') + 1));
    for (const std::string& text : texts) {
        const auto right = Permission::parse(text);
        if (!right || !other.allows(right->resource, right->action, right->scope)) return text;
    }
    return {};
}

std::vector<std::string> PermissionSet::list_under_rules() const {
    std::vector<std::string> texts;
    for (const auto& [key, grants] : ruled_) list_grants(key, grants, texts);
    return sorted(std::move(texts));
}

}  // namespace pgwright::core
