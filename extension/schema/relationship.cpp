// SQL: create_relationship, list_relationships, get_relationship, update_relationship,
// delete_relationship. A relationship is a row that says what it made: a lookup in its target's draft,
// or the draft of a junction entity. It takes effect when those are published.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include <algorithm>

#include "core/relationship.hpp"
#include "data/new_id.hpp"
#include "schema/create.hpp"
#include "schema/definition.hpp"
#include "schema/edit.hpp"
#include "schema/execution.hpp"
#include "schema/lifecycle.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using core::RelationshipDefinition;
using core::RelationshipKind;
using security::Identity;
using security::Rights;
using security::Scope;

Json text(const std::optional<std::string>& value) { return value ? Json::string(*value) : Json(); }

// Ends -------------------------------------------------------------------------------------------

StoredEntity require_end(const Identity& identity, const std::string& name, const char* key) {
    auto stored = read_stored_entity(identity.tenant_id(), name);
    if (!stored)
        throw Failure(Code::validation_error, "the relationship's definition is not valid",
                      {{key, "there is no entity of that name"}});
    return std::move(*stored);
}

struct Ends {
    StoredEntity source, target;

    [[nodiscard]] core::RelationshipEnds names() const {
        return {source.name,
                target.name,
                source.definition.entity.label,
                target.definition.entity.label,
                source.id.to_string(),
                target.id.to_string()};
    }
};

void require_free_name(const Identity& identity, const std::string& name) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add_text(name);
    const bool taken = !pg::execute(
                            "SELECT FROM pgwright.relationship_definitions WHERE tenant_id = $1 "
                            "AND name = $2 AND NOT is_deleted",
                            params, true)
                            .empty();
    if (taken)
        throw Failure(Code::conflict, "a relationship of that name exists already",
                      {{"name", "is taken"}});
}

// What it makes ----------------------------------------------------------------------------------

struct Made {
    std::optional<core::Uuid> field, junction;
    std::string target_field;
};

// A lookup to the source that is there already becomes the relationship's.
Made make_lookup(const Identity& identity, const RelationshipDefinition& relationship,
                 const Ends& ends) {
    const Json lookup = core::lookup_definition(relationship, ends.names());
    const std::string name = lookup.find("name")->text();
    const core::EntityDefinition& target =
        ends.target.draft ? *ends.target.draft : ends.target.definition;
    for (const core::FieldDefinition& each : target.fields) {
        const core::Field& field = each.field;
        if (field.name == name && field.reference && field.reference->entity_id == ends.source.id)
            return {field.id, {}, name};
    }
    return {create_field(identity, ends.target.id.to_string(), lookup).id, {}, name};
}

Made make(const Identity& identity, const RelationshipDefinition& relationship, const Ends& ends) {
    if (relationship.kind != RelationshipKind::many_to_many)
        return make_lookup(identity, relationship, ends);
    const Draft junction =
        create_entity(identity, core::junction_definition(relationship, ends.names()));
    return {{}, junction.stored.id, {}};
}

// Rows -------------------------------------------------------------------------------------------

Json row_of(const RelationshipDefinition& relationship) {
    Json row = Json::object();
    row.set("name", Json::string(relationship.name));
    row.set("label", Json::string(relationship.label));
    row.set("description", text(relationship.description));
    row.set("relationship_type",
            Json::string(std::string(core::relationship_kind_name(relationship.kind))));
    row.set("source_field_name", text(relationship.source_field));
    row.set("junction_table_name", text(relationship.junction));
    row.set("junction_source_field", text(relationship.junction_source));
    row.set("junction_target_field", text(relationship.junction_target));
    const bool link = relationship.kind == RelationshipKind::many_to_many;
    row.set("on_delete",
            Json::string(relationship.on_delete.value_or(link ? "CASCADE" : "NO ACTION")));
    row.set("on_update", Json::string(relationship.on_update.value_or("NO ACTION")));
    row.set("is_active", Json::boolean(relationship.active));
    row.set("display_in_source", Json::boolean(relationship.display_in_source));
    row.set("display_in_target", Json::boolean(relationship.display_in_target));
    row.set("metadata", relationship.metadata);
    return row;
}

Json id_or_null(const std::optional<core::Uuid>& id) {
    return id ? Json::string(id->to_string()) : Json();
}

// The junction's names as they came to be.
void set_junction(Json& row, const Identity& identity, const Made& made) {
    row.set("junction_entity_id", id_or_null(made.junction));
    if (!made.junction) return;
    const Draft junction = read_draft(identity, made.junction->to_string());
    row.set("junction_table_name", Json::string(junction.entity().table));
    row.set("junction_source_field", Json::string(junction.definition.fields[0].field.name));
    row.set("junction_target_field", Json::string(junction.definition.fields[1].field.name));
}

void insert(const Json& row) {
    pg::Params params;
    params.add_text(row.dump());
    execute_as_engine(
        "INSERT INTO pgwright.relationship_definitions (id, tenant_id, name, label, description, "
        "relationship_type, source_entity_id, source_field_name, target_entity_id, "
        "target_field_name, target_field_id, junction_table_name, junction_source_field, "
        "junction_target_field, junction_entity_id, on_delete, on_update, is_active, "
        "display_in_source, display_in_target, metadata)"
        " SELECT r.id, r.tenant_id, r.name, r.label, r.description, r.relationship_type, "
        "r.source_entity_id, r.source_field_name, r.target_entity_id, r.target_field_name, "
        "r.target_field_id, r.junction_table_name, r.junction_source_field, "
        "r.junction_target_field, r.junction_entity_id, r.on_delete, r.on_update, r.is_active, "
        "r.display_in_source, r.display_in_target, r.metadata"
        "  FROM jsonb_populate_record(NULL::pgwright.relationship_definitions, $1::jsonb) AS r",
        params);
}

std::string create(const Json& json) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", Action::create);
    core::Faults faults;
    const RelationshipDefinition relationship = core::parse_relationship_definition(json, faults);
    faults.raise("the relationship's definition is not valid");
    const Ends ends{require_end(*identity, relationship.source, "source_entity"),
                    require_end(*identity, relationship.target, "target_entity")};
    require_free_name(*identity, relationship.name);
    const Made made = make(*identity, relationship, ends);
    const core::Uuid id = data::new_id();
    Json row = row_of(relationship);
    row.set("id", Json::string(id.to_string()));
    row.set("tenant_id", Json::string(identity->tenant_id().to_string()));
    row.set("source_entity_id", Json::string(ends.source.id.to_string()));
    row.set("target_entity_id", Json::string(ends.target.id.to_string()));
    row.set("target_field_name",
            made.target_field.empty() ? Json() : Json::string(made.target_field));
    row.set("target_field_id", id_or_null(made.field));
    set_junction(row, *identity, made);
    insert(row);
    log_operation(*identity, ends.target.id, "create_relationship", json);
    return definition_json("relationship_definitions", id);
}

// Reading ----------------------------------------------------------------------------------------

Json is(const char* field, Json value) {
    Json condition = Json::object();
    condition.set("field", Json::string(field));
    condition.set("operator", Json::string("eq"));
    condition.set("value", std::move(value));
    return condition;
}

Json tree(const char* word, Json::Array conditions) {
    Json json = Json::object();
    json.set("operator", Json::string(word));
    json.set("conditions", Json::array(std::move(conditions)));
    return json;
}

std::string list(std::optional<std::string_view> entity) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", Action::read);
    Json::Array conditions = {is("is_deleted", Json::boolean(false))};
    if (entity) {
        const auto stored = read_stored_entity(identity->tenant_id(), *entity);
        if (!stored) throw Failure(Code::resource_not_found, "there is no entity of that name");
        const Json id = Json::string(stored->id.to_string());
        conditions.push_back(tree("OR", {is("source_entity_id", id), is("target_entity_id", id)}));
    }
    return definition_list_json("relationship_definitions", tree("AND", std::move(conditions)),
                                "name");
}

// By name or id.
Json require_relationship(const Identity& identity, std::string_view name_or_id) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add_text(name_or_id);
    const pg::Result result = pg::execute(
        "SELECT to_jsonb(r)::text FROM pgwright.relationship_definitions r WHERE r.tenant_id = $1 "
        "AND NOT r.is_deleted AND (r.name = $2 OR r.id::text = $2)",
        params, true);
    if (result.empty()) throw Failure(Code::resource_not_found, "there is no such relationship");
    return core::parse_json(result.row(0).text(0));
}

core::Uuid id_of(const Json& row, const char* key) {
    const Json* const value = row.find(key);
    return core::Uuid::parse(value == nullptr ? "" : value->text()).value_or(core::Uuid{});
}

// Changing ---------------------------------------------------------------------------------------

bool has_lookup(const Json& row) { return !row.find("target_field_id")->is_null(); }

void change_lookup(const Identity& identity, const Json& row, const Json& changes) {
    Json field = Json::object();
    for (const auto* key : {"on_delete", "on_update"}) {
        if (const Json* value = changes.find(key)) field.set(key, *value);
    }
    if (const Json* name = changes.find("target_field_name")) field.set("name", *name);
    if (field.members().empty()) return;
    if (!has_lookup(row))
        throw Failure(Code::validation_error, "the relationship's definition is not valid",
                      {{field.members().front().first,
                        "belongs to the lookups of the junction entity; change them there"}});
    (void)update_field(identity, row.find("target_entity_id")->text(),
                       row.find("target_field_id")->text(), field);
}

// The whole row with the changes in it must be what somebody could have defined.
void check_changed(const Json& row, const Json& changes, core::Faults& faults) {
    core::check_relationship_changes(changes, faults);
    Json whole = Json::object();
    for (const auto* key : {"name", "label", "description", "relationship_type", "source_entity_id",
                            "target_entity_id", "on_delete", "on_update", "is_active",
                            "display_in_source", "display_in_target", "metadata"})
        whole.set(key, *row.find(key));
    for (const auto& [key, value] : changes.members()) whole.set(key, value);
    core::Faults checked;
    (void)core::parse_relationship_definition(whole, checked);
    for (const core::Fault& fault : checked.list()) {
        if (changes.find(fault.field) != nullptr) faults.add(fault.field, fault.message);
    }
}

void update_row(const core::Uuid& id, const Json& changes) {
    pg::Params params;
    params.add_uuid(id).add_text(changes.dump());
    execute_as_engine(
        "UPDATE pgwright.relationship_definitions d SET label = r.label, description = "
        "r.description, target_field_name = r.target_field_name, on_delete = r.on_delete, "
        "on_update = r.on_update, is_active = r.is_active, display_in_source = "
        "r.display_in_source, display_in_target = r.display_in_target, metadata = r.metadata"
        "  FROM pgwright.relationship_definitions o, LATERAL jsonb_populate_record(o, $2::jsonb) r"
        " WHERE o.id = $1 AND d.id = $1",
        params);
}

std::string update(std::string_view name_or_id, const Json& changes) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", Action::update);
    const Json row = require_relationship(*identity, name_or_id);
    core::Faults faults;
    check_changed(row, changes, faults);
    faults.raise("the relationship's definition is not valid");
    change_lookup(*identity, row, changes);
    const core::Uuid id = id_of(row, "id");
    update_row(id, changes);
    log_operation(*identity, id_of(row, "target_entity_id"), "update_relationship", changes);
    return definition_json("relationship_definitions", id);
}

// The lookup leaves the target's draft; a junction goes while it is a draft and is archived, with its
// links, once it was published.
void take_back(const Identity& identity, const Json& row) {
    if (has_lookup(row)) {
        const std::string target = row.find("target_entity_id")->text();
        const auto stored = read_stored_entity(identity.tenant_id(), target);
        if (!stored) return;
        const auto& fields = (stored->draft ? *stored->draft : stored->definition).fields;
        const core::Uuid field = id_of(row, "target_field_id");
        if (std::ranges::any_of(
                fields, [&](const core::FieldDefinition& each) { return each.field.id == field; }))
            delete_field(identity, target, field.to_string());
        return;
    }
    const auto junction =
        read_stored_entity(identity.tenant_id(), row.find("junction_entity_id")->text());
    if (!junction) return;
    if (junction->status == "published") (void)archive_entity(identity, junction->name);
    if (junction->status == "draft") delete_entity(identity, junction->name, false);
}

void remove(std::string_view name_or_id) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", Action::delete_);
    const Json row = require_relationship(*identity, name_or_id);
    take_back(*identity, row);
    const core::Uuid id = id_of(row, "id");
    {
        Scope scope(Rights::engine);
        pg::Params params;
        params.add_uuid(id);
        pg::execute("UPDATE pgwright.relationship_definitions SET is_deleted = true WHERE id = $1",
                    params, false);
    }
    Json payload = Json::object();
    payload.set("relationship", *row.find("name"));
    log_operation(*identity, id_of(row, "target_entity_id"), "delete_relationship", payload);
}

std::string get(std::string_view name_or_id) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", Action::read);
    return definition_json("relationship_definitions",
                           id_of(require_relationship(*identity, name_or_id), "id"));
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_create_relationship) {
    return pgwright::pg::json_datum(
        pgwright::schema::create(pgwright::core::parse_json(args.text(0))));
}

PGWRIGHT_FUNCTION(pgwright_list_relationships) {
    return pgwright::pg::json_datum(pgwright::schema::list(args.optional_text(0)));
}

PGWRIGHT_FUNCTION(pgwright_get_relationship) {
    return pgwright::pg::json_datum(pgwright::schema::get(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_update_relationship) {
    return pgwright::pg::json_datum(
        pgwright::schema::update(args.text(0), pgwright::core::parse_json(args.text(1))));
}

PGWRIGHT_FUNCTION(pgwright_delete_relationship) {
    pgwright::schema::remove(args.text(0));
    return pgwright::pg::return_void();
}
