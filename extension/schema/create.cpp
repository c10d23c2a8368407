// SQL: create_entity, create_field. All faults of a definition are told at once, and nothing is
// stored while there is one.
#include "pg/guard.hpp"

#include <algorithm>

#include "catalog/entity_cache.hpp"
#include "core/definition_row.hpp"
#include "core/expression.hpp"
#include "data/new_id.hpp"
#include "data/records.hpp"
#include "schema/definition.hpp"

namespace pgwright::schema {

namespace {

using core::Code;
using core::Failure;
using core::Json;

void place_in_tenant(core::Entity& entity, const security::Identity& identity) {
    entity.id = data::new_id();
    entity.tenant_id = identity.tenant_id();
    entity.schema = "t_" + identity.tenant_slug;
    if (entity.table.empty()) entity.table = entity.name;
    entity.resource = entity.name;
}

void require_free_name(const security::Identity& identity, const core::Entity& entity) {
    const auto taken =
        catalog::read_entity(identity.tenant_id(), entity.name, catalog::Wanted::any);
    if (taken && taken->entity.tenant_id)
        throw Failure(Code::conflict, "an entity of that name exists already",
                      {{"name", "is taken"}});
}

void store(const core::EntityDefinition& definition) {
    data::insert_record(*catalog::require_entity(core::Uuid{}, "entity_definitions"),
                        entity_row(definition));
    Json rows = Json::array();
    for (const core::FieldDefinition& field : definition.fields)
        rows.items().push_back(
            field_row(field, definition.entity, static_cast<int>(rows.items().size()) + 1));
    data::insert_records(*catalog::require_entity(core::Uuid{}, "field_definitions"),
                         std::move(rows));
}

std::string create_entity(const Json& json) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::create);
    core::Faults faults;
    core::EntityDefinition definition = core::parse_entity_definition(json, faults);
    place_in_tenant(definition.entity, *identity);
    resolve_references(*identity, definition.entity, definition.fields, true, faults);
    faults.raise("the entity's definition is not valid");
    require_free_name(*identity, definition.entity);
    store(definition);
    log_operation(*identity, definition.entity.id, "create_entity", json);
    return entity_json(definition.entity.id.to_string());
}

void check_addition(const core::Entity& entity, const core::Field& field, core::Faults& faults) {
    if (entity.find(field.name) != nullptr)
        throw Failure(Code::conflict, "a field of that name exists already",
                      {{"name", "is taken"}});
    if (entity.fields.size() >= core::kMaxFields)
        faults.add("name", "an entity has at most " + std::to_string(core::kMaxFields) + " fields");
    core::Entity extended = entity;
    extended.fields.insert(extended.fields.begin(), field);
    const std::vector<core::Field> fields = core::formula_scope(extended);
    // The others have been checked; a cycle is one of the new field too.
    std::vector<std::string> paths(fields.size(), "other ");
    paths.front() = "";
    core::Faults found;
    core::check_formulas(fields, paths, found);
    const auto told = faults.list();  // what a formula lacks in itself
    for (const core::Fault& fault : found.list()) {
        const bool again = std::any_of(told.begin(), told.end(), [&](const core::Fault& each) {
            return each.field == fault.field;
        });
        if (!again && !fault.field.starts_with("other ")) faults.add(fault.field, fault.message);
    }
}

std::string create_field(std::string_view entity_name, const Json& json) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::create);
    const core::Entity entity = lock_draft(*identity, entity_name).entity;
    core::Faults faults;
    std::vector<core::FieldDefinition> fields;
    fields.push_back(core::parse_field_definition(json, "", faults));
    resolve_references(*identity, entity, fields, false, faults);
    check_addition(entity, fields.front().field, faults);
    faults.raise("the field's definition is not valid");
    const auto definitions = catalog::require_entity(core::Uuid{}, "field_definitions");
    const core::Uuid id = data::insert_record(
        *definitions,
        field_row(fields.front(), entity, static_cast<int>(entity.fields.size()) + 1));
    log_operation(*identity, entity.id, "create_field", json);
    return definition_json("field_definitions", id);
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_create_entity) {
    return pgwright::pg::json_datum(
        pgwright::schema::create_entity(pgwright::core::parse_json(args.text(0))));
}

PGWRIGHT_FUNCTION(pgwright_create_field) {
    return pgwright::pg::json_datum(
        pgwright::schema::create_field(args.text(0), pgwright::core::parse_json(args.text(1))));
}
