// SQL: create_entity. All faults of a definition are told at once, and nothing is stored while there
// is one.
#include "pg/guard.hpp"

#include "schema/create.hpp"

#include "catalog/entity_cache.hpp"
#include "data/new_id.hpp"
#include "schema/definition.hpp"
#include "schema/definition_view.hpp"

namespace pgwright::schema {

namespace {

using core::Json;

void place_in_tenant(core::EntityDefinition& definition, const security::Identity& identity) {
    core::Entity& entity = definition.entity;
    entity.id = data::new_id();
    entity.tenant_id = identity.tenant_id();
    entity.schema = "t_" + identity.tenant_slug;
    if (entity.table.empty()) entity.table = entity.name;
    entity.resource = entity.name;
    for (core::FieldDefinition& field : definition.fields) field.field.id = data::new_id();
    for (core::IndexDefinition& index : definition.indexes) index.id = data::new_id();
}

}  // namespace

Draft create_entity(const security::Identity& identity, const Json& json) {
    security::require_permission(identity, "data_model", core::Action::create);
    core::Faults faults;
    core::EntityDefinition definition = core::parse_entity_definition(json, faults);
    place_in_tenant(definition, identity);
    resolve_references(identity.tenant_id(), definition, faults);
    faults.raise("the entity's definition is not valid");
    require_free_name(identity, definition.entity.name);
    insert_rows(definition);
    log_operation(identity, definition.entity.id, "create_entity", json);
    return read_draft(identity, definition.entity.id.to_string());
}

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_create_entity) {
    const auto identity = pgwright::security::require_identity();
    const auto draft =
        pgwright::schema::create_entity(*identity, pgwright::core::parse_json(args.text(0)));
    return pgwright::pg::json_datum(pgwright::schema::DefinitionView(draft).entity());
}
