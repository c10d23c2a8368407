// Definitions as records of the catalog; see definition.hpp.
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/definition.hpp"

#include "catalog/entity_cache.hpp"
#include "data/records.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;
using core::Json;

catalog::LoadedEntity require_own_entity(const security::Identity& identity,
                                         std::string_view name_or_id) {
    auto loaded = catalog::read_entity(identity.tenant_id(), name_or_id, catalog::Wanted::any);
    if (!loaded) throw Failure(Code::resource_not_found, "there is no entity of that name");
    if (!loaded->entity.tenant_id)
        throw Failure(Code::permission_denied,
                      loaded->entity.name + " belongs to the platform and cannot be changed");
    return std::move(*loaded);
}

namespace {

void lock_entity(const core::Uuid& entity) {
    security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_text("pgwright:entity:" + entity.to_string());
    pg::execute("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))",
                params, false);
}

}  // namespace

catalog::LoadedEntity lock_draft(const security::Identity& identity, std::string_view name_or_id) {
    const core::Uuid id = require_own_entity(identity, name_or_id).entity.id;
    lock_entity(id);
    // Again, now that the definition stands still.
    catalog::LoadedEntity draft = require_own_entity(identity, id.to_string());
    if (draft.status != "draft")
        throw Failure(Code::conflict,
                      "the entity is " + draft.status + "; only drafts are changed and published");
    return draft;
}

namespace {

std::optional<core::Reference> find_target(const security::Identity& identity,
                                           const core::Entity& self, std::string_view name) {
    if (name == self.name || name == self.id.to_string())
        return core::Reference{self.id, self.name, self.schema, self.table, "id"};
    const auto target = catalog::read_entity(identity.tenant_id(), name, catalog::Wanted::any);
    if (!target) return std::nullopt;
    const core::Entity& entity = target->entity;
    return core::Reference{entity.id, entity.name, entity.schema, entity.table, "id"};
}

}  // namespace

void resolve_references(const security::Identity& identity, const core::Entity& self,
                        std::vector<core::FieldDefinition>& fields, bool with_index,
                        core::Faults& faults) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        core::FieldDefinition& definition = fields[i];
        const bool refers = definition.field.type == core::FieldType::lookup ||
                            definition.field.type == core::FieldType::file;
        if (!definition.reference_entity || !refers) continue;
        auto& reference = definition.field.reference;
        reference = find_target(identity, self, *definition.reference_entity);
        if (reference) {
            reference->on_delete = definition.on_delete.value_or(reference->on_delete);
            reference->on_update = definition.on_update.value_or(reference->on_update);
        }
        const std::string path = with_index ? "fields[" + std::to_string(i) + "]." : std::string();
        if (!definition.field.reference)
            faults.add(path + "reference_entity", "there is no entity of that name");
    }
}

void log_operation(const security::Identity& identity, const core::Uuid& entity,
                   std::string_view operation, const Json& payload, std::string_view error) {
    security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_uuid(identity.tenant_id())
        .add_uuid(entity)
        .add_text(operation)
        .add_text(payload.dump());
    params.add_text(error.empty() ? "applied" : "failed");
    if (error.empty())
        params.add_null(TEXTOID);
    else
        params.add_text(error);
    params.add_uuid(identity.user_id());
    pg::execute(
        "INSERT INTO pgwright.schema_ops (tenant_id, entity_id, op_type, payload_json, status, "
        "error, actor_user_id)"
        " VALUES ($1, $2, $3, $4::pg_catalog.jsonb, $5, $6, $7)",
        params, false);
}

namespace {

std::vector<std::string> read(std::string_view records, const Json& filter, std::string_view sort) {
    // What a tenant sees of the catalog's own entities is the same for all, so the nil tenant does.
    const auto entity = catalog::require_entity(core::Uuid{}, records);
    core::ListRequest request;
    request.filter = core::parse_condition(filter, *entity, "filters");
    request.sort = core::parse_sort(sort, *entity);
    request.limit = 0;
    // Definitions are read as the server reads its catalogs: what this statement has just written too.
    pg::FreshSnapshot snapshot;
    return data::read_records(*entity, request);
}

}  // namespace

Json where(std::string_view field, const core::Uuid& value) {
    return Json::object({{std::string(field), Json::string(value.to_string())}});
}

std::string definition_list_json(std::string_view records, const Json& filter,
                                 std::string_view sort) {
    core::JsonWriter writer;
    writer.begin_array();
    for (const std::string& record : read(records, filter, sort)) writer.raw(record);
    writer.end_array();
    return std::string(writer.view());
}

std::string definition_json(std::string_view records, const core::Uuid& id) {
    const auto found = read(records, where("id", id), "");
    if (found.empty()) throw Failure(Code::resource_not_found, "there is no such definition");
    return found.front();
}

std::string entity_json(std::string_view name_or_id) {
    const bool by_id = core::Uuid::parse(name_or_id).has_value();
    const Json filter =
        Json::object({{by_id ? "id" : "name", Json::string(std::string(name_or_id))}});
    // The tenant's own sorts before the platform's, whose tenant is null.
    const auto found = read("entity_definitions", filter, "tenant_id");
    if (found.empty()) throw Failure(Code::resource_not_found, "there is no entity of that name");
    Json entity = core::parse_json(found.front());
    const auto id = core::Uuid::parse(entity.find("id")->text());
    entity.set("fields", core::parse_json(definition_list_json(
                             "field_definitions", where("entity_id", *id), "display_order,name")));
    return entity.dump();
}

}  // namespace pgwright::schema
