// Related records as the caller may reach them; see related.hpp.
#include "pg/server.hpp"

#include "data/related.hpp"

#include <algorithm>

#include "catalog/entity_cache.hpp"
#include "security/entity_view.hpp"

namespace pgwright::data {

namespace {

using core::Entity;
using core::Field;
using core::Related;
using security::IdentityPointer;
using EntityPointer = catalog::EntityPointer;

EntityPointer find_visible(const IdentityPointer& identity, const core::Uuid& id) {
    bool changed = false;
    const std::string name = id.to_string();
    if (!catalog::find_entity(identity->tenant_id(), name)) return nullptr;
    EntityPointer entity = catalog::open_entity(identity->tenant_id(), name, changed);
    if (!entity->is_public && !identity->may(entity->resource, core::Action::read)) return nullptr;
    return security::view_of(identity, entity);
}

const Field* find_usable(const Entity* entity, const std::optional<core::Uuid>& id) {
    if (entity == nullptr || !id) return nullptr;
    const Field* const field = entity->find_by_id(*id);
    return field != nullptr && field->mask_sql.empty() ? field : nullptr;
}

std::optional<Related> over_lookup(const IdentityPointer& identity, const Field& lookup) {
    Related related;
    related.near = &lookup;
    related.is_lookup = true;
    related.target = find_visible(identity, lookup.reference->entity_id);
    if (!related.target) return std::nullopt;
    return related;
}

std::optional<Related> over(const IdentityPointer& identity, const core::Association& association) {
    Related related;
    related.many = association.many;
    related.target = find_visible(identity, association.entity);
    if (association.junction) {
        related.junction = find_visible(identity, *association.junction);
        related.near = find_usable(related.junction.get(), association.field);
        related.far = find_usable(related.junction.get(), association.far_field);
        if (related.far == nullptr) return std::nullopt;
    } else {
        related.near = find_usable(related.target.get(), association.field);
    }
    if (!related.target || related.near == nullptr) return std::nullopt;
    return related;
}

}  // namespace

core::FindRelated related_finder(const IdentityPointer& identity) {
    return [identity](const Entity& entity, std::string_view name) -> std::optional<Related> {
        if (const Field* const lookup = core::find_lookup(entity, name))
            return over_lookup(identity, *lookup);
        const auto found = std::ranges::find(entity.associations, name, &core::Association::name);
        if (found == entity.associations.end()) return std::nullopt;
        return over(identity, *found);
    };
}

}  // namespace pgwright::data
