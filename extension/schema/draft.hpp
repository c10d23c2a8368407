// The draft of an entity: what publishing would publish. Of an entity that was never published it is
// the rows themselves; of a published one the document of its draft version, which the first change
// opens.
#pragma once

#include <string_view>

#include "core/definition_edit.hpp"
#include "schema/definition_store.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

struct Draft {
    StoredEntity stored;
    core::EntityDefinition definition;  // of the draft, or of what is published when none is open

    [[nodiscard]] bool is_open() const {
        return stored.status == "draft" || stored.draft_version != 0;
    }
    [[nodiscard]] const core::Entity& entity() const { return definition.entity; }
    // The number that publishing gives.
    [[nodiscard]] int version() const {
        if (stored.status == "draft") return stored.version;
        return stored.draft_version != 0 ? stored.draft_version : stored.last_version + 1;
    }
    [[nodiscard]] core::Lifecycle lifecycle() const {
        return stored.last_version == 0 ? core::Lifecycle::never_published
                                        : core::Lifecycle::published;
    }
};

// The draft of the tenant's entity of that name or id. RESOURCE_NOT_FOUND when there is none;
// PERMISSION_DENIED for a system or platform entity, which is visible but not the tenant's.
Draft read_draft(const security::Identity& identity, std::string_view name_or_id);

// As above, locked to the end of the transaction so that nobody else changes, publishes or rolls it
// back meanwhile.
Draft lock_draft(const security::Identity& identity, std::string_view name_or_id);
// CONFLICT for an archived entity.
Draft lock_draft_for_change(const security::Identity& identity, std::string_view name_or_id);

// Stores it; from then on it is open.
void save_draft(Draft& draft);

// CONFLICT when another entity of the tenant has the name already.
void require_free_name(const security::Identity& identity, std::string_view name,
                       const core::Uuid& own = {});

}  // namespace pgwright::schema
