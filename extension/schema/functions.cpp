// SQL: list_entities, get_entity, list_fields, list_migrations. Reading needs data_model:read.
#include "pg/guard.hpp"

#include "schema/definition.hpp"

namespace {

namespace core = pgwright::core;
namespace pg = pgwright::pg;
namespace schema = pgwright::schema;
using pgwright::security::IdentityPointer;

IdentityPointer require_reader() {
    auto identity = pgwright::security::require_identity();
    pgwright::security::require_permission(*identity, "data_model", core::Action::read);
    return identity;
}

void narrow(core::Json& filter, const char* field, std::optional<std::string_view> value) {
    if (value) filter.set(field, core::Json::string(std::string(*value)));
}

core::Uuid visible_entity(const IdentityPointer& identity, std::string_view name_or_id) {
    const auto found = pgwright::catalog::read_entity(identity->tenant_id(), name_or_id,
                                                      pgwright::catalog::Wanted::any);
    if (!found)
        throw core::Failure(core::Code::resource_not_found, "there is no entity of that name");
    return found->entity.id;
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_list_entities) {
    require_reader();
    core::Json filter = core::Json::object();
    narrow(filter, "category", args.optional_text(0));
    narrow(filter, "entity_type", args.optional_text(1));
    narrow(filter, "status", args.optional_text(2));
    filter.set("is_deleted", core::Json::boolean(false));
    return pg::json_datum(schema::definition_list_json("entity_definitions", filter, "name"));
}

PGWRIGHT_FUNCTION(pgwright_get_entity) {
    require_reader();
    return pg::json_datum(schema::entity_json(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_list_fields) {
    const core::Uuid entity = visible_entity(require_reader(), args.text(0));
    return pg::json_datum(schema::definition_list_json(
        "field_definitions", schema::where("entity_id", entity), "display_order,name"));
}

PGWRIGHT_FUNCTION(pgwright_list_migrations) {
    const core::Uuid entity = visible_entity(require_reader(), args.text(0));
    return pg::json_datum(schema::definition_list_json(
        "entity_migrations", schema::where("entity_id", entity), "created_at:desc,id:desc"));
}
