// SQL: preview_migration, and the planning that publish shares; see migration.hpp.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include <set>

#include "core/identifier.hpp"
#include "schema/definition.hpp"
#include "schema/migration.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Json;

namespace {

// A lookup needs its target's table: published, or the entity itself.
void check_targets(const security::Identity& identity, const core::Entity& entity,
                   core::Faults& faults) {
    for (const core::Field& field : entity.fields) {
        if (!field.reference || field.reference->entity_id == entity.id) continue;
        const auto target = catalog::read_entity(
            identity.tenant_id(), field.reference->entity_id.to_string(), catalog::Wanted::any);
        if (!target || target->status != "published" || !OidIsValid(target->relation))
            faults.add(field.name, "refers to " + field.reference->entity +
                                       ", which is not published; publish it first");
        else if (target->entity.kind == core::EntityKind::system &&
                 target->entity.name != (field.type == core::FieldType::file ? "files" : "users"))
            faults.add(field.name, "refers to " + field.reference->entity +
                                       "; of the system's entities only users can be referred to");
    }
}

void check(const security::Identity& identity, const core::Entity& entity) {
    core::Faults faults;
    for (const core::Field& field : entity.fields) {
        if (const auto fault = core::field_name_fault(field.name)) faults.add(field.name, *fault);
        core::check_field(field, field.name + ".", faults);
    }
    if (entity.fields.empty())
        faults.add("fields", "an entity needs at least one field to be published");
    check_targets(identity, entity, faults);
    faults.raise("the entity cannot be published");
}

// Names of tables, indexes, ... in the tenant's schema, which the plan must not use again.
std::set<std::string> taken_names(const std::string& schema) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_text(schema);
    const pg::Result result = pg::execute(
        "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid "
        "= c.relnamespace WHERE n.nspname = $1",
        params, true);
    std::set<std::string> names;
    for (std::size_t i = 0; i < result.rows(); ++i) names.insert(result.row(i).text(0));
    return names;
}

Json change_json(const core::Change& change) {
    Json json = Json::object();
    json.set("operation", Json::string(change.operation));
    json.set("object", Json::string(change.object));
    json.set("summary", Json::string(change.summary));
    json.set("up", Json::string(change.up));
    json.set("down", Json::string(change.down));
    json.set("lock", Json::string(change.lock));
    json.set("risk", Json::string(std::string(core::risk_name(change.risk))));
    json.set("rows_affected", Json::number("0"));  // the table is new
    return json;
}

Json impact_json(const core::Migration& migration) {
    core::Risk risk = core::Risk::safe;
    for (const core::Change& change : migration.changes) risk = std::max(risk, change.risk);
    Json json = Json::object();
    json.set("risk", Json::string(std::string(core::risk_name(risk))));
    json.set("changes", Json::number(std::to_string(migration.changes.size())));
    json.set("rows_affected", Json::number("0"));
    return json;
}

std::string preview(std::string_view name_or_id) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::read);
    const catalog::LoadedEntity loaded = require_own_entity(*identity, name_or_id);
    const core::Migration migration = plan_migration(*identity, loaded);
    Json json = Json::object();
    json.set("entity_id", Json::string(loaded.entity.id.to_string()));
    json.set("entity_name", Json::string(loaded.entity.name));
    json.set("up_script", Json::string(migration.up_script()));
    json.set("down_script", Json::string(migration.down_script()));
    json.set("estimated_impact", impact_json(migration));
    json.set("changes", changes_json(migration));
    return json.dump();
}

}  // namespace

core::Migration plan_migration(const security::Identity& identity,
                               const catalog::LoadedEntity& loaded) {
    if (loaded.status == "published")
        return {loaded.entity.name + "_v" + std::to_string(loaded.entity.version), "alter", {}};
    check(identity, loaded.entity);
    const std::set<std::string> taken = taken_names(loaded.entity.schema);
    if (taken.contains(loaded.entity.table))
        throw core::Failure(
            core::Code::conflict,
            "the schema " + loaded.entity.schema + " already has a relation of the table's name",
            {{"table_name", "is taken"}});
    return core::plan_create(loaded.entity, taken);
}

Json changes_json(const core::Migration& migration) {
    Json changes = Json::array();
    for (const core::Change& change : migration.changes)
        changes.items().push_back(change_json(change));
    return changes;
}

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_preview_migration) {
    return pgwright::pg::json_datum(pgwright::schema::preview(args.text(0)));
}
