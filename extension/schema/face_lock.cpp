// SQL: face_lock, for the immediate style of the other faces: what is seen under it stays.
#include "pg/guard.hpp"

#include "schema/definition_view.hpp"

namespace {

namespace core = pgwright::core;
namespace schema = pgwright::schema;
using core::Code;
using core::Failure;

std::string lock(std::string_view name_or_id) {
    const auto identity = pgwright::security::require_identity();
    pgwright::security::require_permission(*identity, "data_model", core::Action::read);
    const auto stored = schema::read_stored_entity(identity->tenant_id(), name_or_id);
    if (!stored || !stored->tenant_id)
        throw Failure(Code::resource_not_found, "there is no entity of that name");
    const std::string id = stored->id.to_string();
    const schema::Draft draft = schema::lock_draft(*identity, id);
    if (draft.is_open())
        throw Failure(Code::conflict,
                      draft.stored.name + " has an open draft with changes that are not published",
                      {}, "Publish the draft or discard it first.");
    return schema::DefinitionView(*identity, id, std::nullopt).entity();
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_face_lock) { return pgwright::pg::json_datum(lock(args.text(0))); }
