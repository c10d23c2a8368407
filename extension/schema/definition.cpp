// Definitions as records of the catalog; see definition.hpp.
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/definition.hpp"

#include "catalog/entity_cache.hpp"
#include "catalog/entity_reader.hpp"
#include "data/records.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;
using core::Json;

namespace {

// Foreign keys refer to tables.
bool is_table(Oid relation) {
    const char kind = pg::call([relation] { return get_rel_relkind(relation); });
    return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

// Why an imported relation cannot be referred to; empty: it can.
std::string obstacle_of(const catalog::LoadedEntity& target) {
    const core::Entity& entity = target.entity;
    if (entity.generated) return {};
    if (OidIsValid(target.relation) && !is_table(target.relation))
        return "refers to " + entity.name + ", which is no table";
    if (entity.key.empty()) return "refers to " + entity.name + ", whose records have no key";
    if (entity.key.size() > 1)
        return "refers to " + entity.name + ", whose key is of " +
               std::to_string(entity.key.size()) + " columns; a lookup holds one";
    const core::Field* const key = entity.find(entity.key.front());
    if (key == nullptr || !core::is_key_type(key->type_oid))
        return "refers to " + entity.name + ", whose key is of a type that no lookup can hold";
    return {};
}

core::Reference reference_to(const core::Entity& entity) {
    core::Reference reference{entity.id, entity.name, entity.schema, entity.table};
    if (entity.key.size() == 1) reference.column = entity.key.front();
    if (entity.generated) return reference;
    reference.key_oid = entity.find(reference.column)->type_oid;
    return reference;
}

std::optional<core::Reference> find_target(const core::Uuid& tenant, const core::Entity& self,
                                           std::string_view name, std::string& obstacle) {
    if (name == self.name || name == self.id.to_string())
        return core::Reference{self.id, self.name, self.schema, self.table};
    const auto target = catalog::read_entity(tenant, name, catalog::Wanted::any);
    obstacle = target ? obstacle_of(*target) : "there is no entity of that name";
    if (!obstacle.empty()) return std::nullopt;
    return reference_to(target->entity);
}

}  // namespace

void resolve_reference(const core::Uuid& tenant, const core::Entity& self,
                       core::FieldDefinition& field, std::string_view path, core::Faults& faults) {
    const bool refers =
        field.field.type == core::FieldType::lookup || field.field.type == core::FieldType::file;
    if (!field.reference_entity || !refers) return;
    auto& reference = field.field.reference;
    std::string obstacle;
    reference = find_target(tenant, self, *field.reference_entity, obstacle);
    if (!reference) return faults.add(std::string(path) + "reference_entity", std::move(obstacle));
    core::set_type_oids(field.field);
    reference->on_delete = field.on_delete.value_or(reference->on_delete);
    reference->on_update = field.on_update.value_or(reference->on_update);
}

void resolve_references(const core::Uuid& tenant, core::EntityDefinition& definition,
                        core::Faults& faults) {
    for (std::size_t i = 0; i < definition.fields.size(); ++i)
        resolve_reference(tenant, definition.entity, definition.fields[i],
                          "fields[" + std::to_string(i) + "].", faults);
}

void log_operation(const security::Identity& identity, const core::Uuid& entity,
                   std::string_view operation, const Json& payload, std::string_view error) {
    security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    if (entity.is_nil())
        params.add_null(UUIDOID);
    else
        params.add_uuid(entity);
    params.add_text(operation).add_text(payload.dump());
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

}  // namespace pgwright::schema
