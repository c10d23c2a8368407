// Who calls a record function about which entity, as its arguments say.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "pg/arguments.hpp"
#include "pg/snapshot.hpp"

#include "catalog/entity_cache.hpp"
#include "security/entity_view.hpp"

namespace pgwright::data {

struct Caller {
    security::IdentityPointer identity;
    catalog::EntityPointer entity;  // as the caller knows it
    // Of a caller that has waited for another shape of the table: the statement's own snapshot is of
    // rows that were not converted yet.
    std::optional<pg::FreshSnapshot> snapshot = std::nullopt;

    // The entity is the first argument. AUTHENTICATION_REQUIRED for the anonymous caller,
    // RESOURCE_NOT_FOUND when there is no such entity.
    explicit Caller(const pg::Arguments& args)
        : Caller(security::require_identity(), args.text(0)) {}
    Caller(security::IdentityPointer who, std::string_view name) : identity(std::move(who)) {
        bool changed = false;
        entity = catalog::open_entity(identity->tenant_id(), name, changed);
        if (changed && !IsolationUsesXactSnapshot()) snapshot.emplace();
        entity = security::view_of(identity, entity);
    }
};

}  // namespace pgwright::data
