// The entity as the caller knows it; see entity_view.hpp.
#include "security/entity_view.hpp"

#include <algorithm>
#include <map>

#include "pg/immortal.hpp"

namespace pgwright::security {

namespace {

struct View {
    IdentityPointer identity;
    catalog::EntityPointer entity;
    catalog::EntityPointer view;
};

using Key = std::pair<const Identity*, const core::Entity*>;

std::map<Key, View>& cache() {
    static pg::Immortal<std::map<Key, View>> all;
    return *all;
}

bool has_rules(const Identity& identity) {
    return std::ranges::any_of(identity.held,
                               [](const HeldRole& role) { return !role.field_rules.empty(); });
}

// Of the roles that give a right to the entity.
core::FieldRules rules_for(const Identity& identity, const core::Entity& entity) {
    std::vector<core::FieldRules> roles;
    for (const HeldRole& role : identity.held) {
        if (!role.reaches(entity.resource)) continue;
        core::FieldRules rules = role.field_rules;
        std::erase_if(rules, [&](const auto& each) { return each.second.entity != entity.id; });
        roles.push_back(std::move(rules));
    }
    return core::mildest(roles);
}

}  // namespace

catalog::EntityPointer view_of(const IdentityPointer& identity,
                               const catalog::EntityPointer& entity) {
    if (!has_rules(*identity)) return entity;
    const Key key(identity.get(), entity.get());
    if (const auto found = cache().find(key); found != cache().end()) return found->second.view;
    const core::FieldRules rules = rules_for(*identity, *entity);
    catalog::EntityPointer view =
        rules.empty() ? entity
                      : std::make_shared<const core::Entity>(core::restricted(*entity, rules));
    if (cache().size() >= kMaxCachedViews) cache().clear();
    cache().emplace(key, View{identity, entity, view});
    return view;
}

}  // namespace pgwright::security
