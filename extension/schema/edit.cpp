// SQL: update_entity, create_field, update_field, delete_field, create_index, update_index,
// delete_index.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/edit.hpp"

#include <algorithm>
#include <array>

#include "data/new_id.hpp"
#include "schema/definition.hpp"
#include "schema/definition_view.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Action;
using core::Code;
using core::Failure;
using core::Faults;
using core::Json;
using security::Identity;

namespace {

// What can be said of a field whose column somebody else keeps.
constexpr auto kImportedFieldMembers = std::to_array<std::string_view>({
    "label",
    "description",
    "help_text",
    "input_type",
    "placeholder",
    "prefix",
    "suffix",
    "display_order",
    "reference_field",
    "metadata",
});

Draft open(const Identity& identity, std::string_view entity, Action action) {
    security::require_permission(identity, "data_model", action);
    return lock_draft_for_change(identity, entity);
}

void require_generated(const Draft& draft) {
    if (draft.entity().generated) return;
    throw Failure(Code::conflict,
                  "the table was imported and is not pgwright's to change; change it in the "
                  "database and bring the definition up to date with sync_schema()");
}

void check_imported(const Draft& draft, const Json& changes, Faults& faults) {
    if (draft.entity().generated) return;
    for (const auto& [key, value] : changes.members()) {
        if (std::ranges::find(kImportedFieldMembers, key) == kImportedFieldMembers.end())
            faults.add(key, "cannot be changed, because the table was imported");
    }
}

void store(const Identity& identity, Draft& draft, std::string_view operation,
           const Json& payload) {
    save_draft(draft);
    log_operation(identity, draft.stored.id, operation, payload);
}

// Of the fields there are; the number of fields would put a new one among them once one is gone.
int last_place(const core::EntityDefinition& definition) {
    int last = 0;
    for (const core::FieldDefinition& each : definition.fields)
        last = std::max(last, each.display_order.value_or(0));
    return last;
}

Json named(std::string_view key, const std::string& name, const Json& changes) {
    Json payload = changes.is_object() ? changes : Json::object();
    payload.set(key, Json::string(name));
    return payload;
}

}  // namespace

Draft update_entity(const Identity& identity, std::string_view entity, const Json& changes) {
    Draft draft = open(identity, entity, Action::update);
    Faults faults;
    core::change_entity(draft.definition, changes, draft.lifecycle(), faults);
    faults.raise("the entity's definition is not valid");
    require_free_name(identity, draft.entity().name, draft.stored.id);
    store(identity, draft, "update_entity", changes);
    return read_draft(identity, draft.stored.id.to_string());
}

// Fields -----------------------------------------------------------------------------------------

Edited create_field(const Identity& identity, std::string_view entity, const Json& definition) {
    Draft draft = open(identity, entity, Action::create);
    require_generated(draft);
    const core::Uuid id = data::new_id();
    Faults faults;
    if (const Json* name = definition.find("name"); name != nullptr && name->is_string()) {
        for (const core::FieldDefinition& each : draft.definition.fields)
            if (each.field.name == name->text())
                throw Failure(Code::conflict, "a field of that name exists already",
                              {{"name", "is taken"}});
    }
    core::EntityDefinition changed = draft.definition;
    core::add_field(changed, id, definition, faults);
    if (changed.fields.size() > draft.definition.fields.size()) {
        core::FieldDefinition& field = changed.fields.back();
        if (!field.display_order) field.display_order = last_place(draft.definition) + 1;
        resolve_reference(identity.tenant_id(), changed.entity, field, "", faults);
    }
    faults.raise("the field's definition is not valid");
    draft.definition = std::move(changed);
    store(identity, draft, "create_field", definition);
    return {std::move(draft), id};
}

Edited update_field(const Identity& identity, std::string_view entity, std::string_view field,
                    const Json& changes) {
    Draft draft = open(identity, entity, Action::update);
    const core::FieldDefinition before = core::require_field(draft.definition, field);
    Faults faults;
    check_imported(draft, changes, faults);
    core::EntityDefinition changed = draft.definition;
    core::change_field(changed, before.field.id, changes, faults);
    core::FieldDefinition& after = core::require_field(changed, before.field.id.to_string());
    resolve_reference(identity.tenant_id(), changed.entity, after, "", faults);
    faults.raise("the field's definition is not valid");
    draft.definition = std::move(changed);
    store(identity, draft, "update_field", named("field", before.field.name, changes));
    return {std::move(draft), before.field.id};
}

namespace {

// Lookups of other entities may show a record by that field.
void require_not_displayed(const core::Uuid& entity, const std::string& field) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(entity).add_text(field);
    const pg::Result result = pg::execute(
        "SELECT e.name || '.' || f.name FROM pgwright.field_definitions f JOIN "
        "pgwright.entity_definitions e ON e.id = f.entity_id WHERE f.reference_entity_id = $1 AND "
        "f.reference_field = $2 AND e.id <> $1 AND NOT f.is_deleted AND NOT e.is_deleted ORDER BY "
        "1",
        params, true);
    std::vector<core::Fault> faults;
    for (std::size_t i = 0; i < result.rows(); ++i)
        faults.push_back({result.row(i).text(0), "displays the field"});
    if (!faults.empty())
        throw Failure(Code::conflict, "the field is displayed by lookups of other entities",
                      std::move(faults), "Change their reference_field first.");
}

}  // namespace

void delete_field(const Identity& identity, std::string_view entity, std::string_view field) {
    Draft draft = open(identity, entity, Action::delete_);
    require_generated(draft);
    const core::Field removed = core::require_field(draft.definition, field).field;
    require_not_displayed(draft.stored.id, removed.name);
    core::remove_field(draft.definition, removed.id);
    store(identity, draft, "delete_field", named("field", removed.name, Json()));
}

// Indexes ----------------------------------------------------------------------------------------

Edited create_index(const Identity& identity, std::string_view entity, const Json& definition) {
    Draft draft = open(identity, entity, Action::create);
    require_generated(draft);
    const core::Uuid id = data::new_id();
    Faults faults;
    core::add_index(draft.definition, id, definition, faults);
    faults.raise("the index's definition is not valid");
    store(identity, draft, "create_index", definition);
    return {std::move(draft), id};
}

Edited update_index(const Identity& identity, std::string_view entity, std::string_view index,
                    const Json& changes) {
    Draft draft = open(identity, entity, Action::update);
    require_generated(draft);
    const core::IndexDefinition before = core::require_index(draft.definition, index);
    Faults faults;
    core::change_index(draft.definition, before.id, changes, faults);
    faults.raise("the index's definition is not valid");
    store(identity, draft, "update_index", named("index", before.name, changes));
    return {std::move(draft), before.id};
}

void delete_index(const Identity& identity, std::string_view entity, std::string_view index) {
    Draft draft = open(identity, entity, Action::delete_);
    require_generated(draft);
    const core::IndexDefinition removed = core::require_index(draft.definition, index);
    core::remove_index(draft.definition, removed.id);
    store(identity, draft, "delete_index", named("index", removed.name, Json()));
}

}  // namespace pgwright::schema

namespace {

namespace core = pgwright::core;
namespace pg = pgwright::pg;
namespace schema = pgwright::schema;
using pgwright::security::require_identity;

Datum field_datum(const schema::Edited& edited) {
    return pg::json_datum(schema::DefinitionView(edited.draft).field(edited.id.to_string()));
}

Datum index_datum(const schema::Edited& edited) {
    return pg::json_datum(schema::DefinitionView(edited.draft).index(edited.id.to_string()));
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_update_entity) {
    const auto draft =
        schema::update_entity(*require_identity(), args.text(0), core::parse_json(args.text(1)));
    return pg::json_datum(schema::DefinitionView(draft).entity());
}

PGWRIGHT_FUNCTION(pgwright_create_field) {
    return field_datum(
        schema::create_field(*require_identity(), args.text(0), core::parse_json(args.text(1))));
}

PGWRIGHT_FUNCTION(pgwright_update_field) {
    return field_datum(schema::update_field(*require_identity(), args.text(0), args.text(1),
                                            core::parse_json(args.text(2))));
}

PGWRIGHT_FUNCTION(pgwright_delete_field) {
    schema::delete_field(*require_identity(), args.text(0), args.text(1));
    return pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_create_index) {
    return index_datum(
        schema::create_index(*require_identity(), args.text(0), core::parse_json(args.text(1))));
}

PGWRIGHT_FUNCTION(pgwright_update_index) {
    return index_datum(schema::update_index(*require_identity(), args.text(0), args.text(1),
                                            core::parse_json(args.text(2))));
}

PGWRIGHT_FUNCTION(pgwright_delete_index) {
    schema::delete_index(*require_identity(), args.text(0), args.text(1));
    return pg::return_void();
}
