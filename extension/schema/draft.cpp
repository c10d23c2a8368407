#include "schema/draft.hpp"

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/execution.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;

namespace {

StoredEntity require_own(const security::Identity& identity, std::string_view name_or_id) {
    auto stored = read_stored_entity(identity.tenant_id(), name_or_id);
    if (!stored) throw Failure(Code::resource_not_found, "there is no entity of that name");
    if (!stored->tenant_id)
        throw Failure(Code::permission_denied,
                      stored->name + " belongs to the platform and cannot be changed");
    return std::move(*stored);
}

Draft draft_of(StoredEntity stored) {
    Draft draft;
    draft.definition = stored.draft ? *stored.draft : stored.definition;
    draft.stored = std::move(stored);
    return draft;
}

// Whether an entity is to be called so when its draft is published.
bool is_drafted(const security::Identity& identity, std::string_view name, const core::Uuid& own) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add_text(name).add_uuid(own);
    return !pg::execute(
                "SELECT FROM pgwright.entity_versions v JOIN pgwright.entity_definitions e ON e.id "
                "= v.entity_id WHERE v.tenant_id = $1 AND v.status = 'draft' AND NOT e.is_deleted "
                "AND e.id <> $3 AND v.definition -> 'entity' ->> 'name' = $2",
                params, true)
                .empty();
}

}  // namespace

Draft read_draft(const security::Identity& identity, std::string_view name_or_id) {
    return draft_of(require_own(identity, name_or_id));
}

Draft lock_draft(const security::Identity& identity, std::string_view name_or_id) {
    const core::Uuid id = require_own(identity, name_or_id).id;
    lock_until_commit("entity:" + id.to_string());
    // Again, now that the definition stands still.
    return draft_of(require_own(identity, id.to_string()));
}

Draft lock_draft_for_change(const security::Identity& identity, std::string_view name_or_id) {
    Draft draft = lock_draft(identity, name_or_id);
    if (draft.stored.status == "archived")
        throw Failure(Code::conflict, "the entity is archived; unarchive it to change it");
    return draft;
}

void require_free_name(const security::Identity& identity, std::string_view name,
                       const core::Uuid& own) {
    const auto taken = read_stored_entity(identity.tenant_id(), name);
    if (taken && taken->tenant_id && taken->id != own)
        throw Failure(Code::conflict, "an entity of that name exists already",
                      {{"name", "is taken"}});
    if (is_drafted(identity, name, own))
        throw Failure(Code::conflict, "another entity's open draft has that name already",
                      {{"name", "is taken"}});
}

void save_draft(Draft& draft) {
    if (draft.stored.status == "draft") return write_rows(draft.definition);
    draft.stored.draft_version = draft.version();
    draft.stored.draft = draft.definition;
    write_draft_version(draft.definition, draft.stored.draft_version, draft.stored.version);
}

}  // namespace pgwright::schema
