// SQL: import_entity, preview_import; see import.hpp.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include <chrono>

#include "catalog/entity_reader.hpp"
#include "catalog/relation_reader.hpp"
#include "core/identifier.hpp"
#include "core/import.hpp"
#include "data/new_id.hpp"
#include "schema/access.hpp"
#include "schema/definition.hpp"
#include "schema/definition_view.hpp"
#include "schema/execution.hpp"
#include "schema/import.hpp"
#include "schema/migration_plan.hpp"
#include "schema/migration_record.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

namespace {

struct Plan {
    catalog::RelationName name;
    core::Relation relation;
    core::Entity entity;
    Json row, fields;
    core::Migration migration;
};

enum class Purpose { preview, import };

// To the end of the transaction: nobody renames, moves, changes or drops the relation meanwhile. The
// changes take a stronger lock; two tenants that import the same relation queue up before the weaker
// one, or each would wait for the other's.
void lock_relation(Oid relation, Purpose purpose) {
    if (purpose == Purpose::import) lock_until_commit("import:" + std::to_string(relation));
    pg::call([relation] { LockRelationOid(relation, AccessShareLock); });
}

void require_unchanged(const Identity& identity, const catalog::RelationName& name) {
    const std::string text = core::quote_qualified(name.schema, name.name);
    if (catalog::require_relation(identity.tenant_id(), text).oid != name.oid)
        throw Failure(Code::conflict, "the relation has been replaced meanwhile");
}

bool is_taken(const Identity& identity, std::string_view name) {
    const auto found = catalog::read_entity(identity.tenant_id(), name, catalog::Wanted::any);
    return found.has_value() && found->entity.tenant_id.has_value();
}

std::string free_name(const Identity& identity, std::string_view relation_name) {
    for (int n = 1;; ++n) {
        std::string name = core::suggested_entity_name(relation_name, n);
        if (!core::entity_name_fault(name) && !is_taken(identity, name)) return name;
    }
}

std::string entity_name(const Identity& identity, const core::Relation& relation,
                        const core::ImportDefinition& definition) {
    if (!definition.name) return free_name(identity, relation.name);
    if (is_taken(identity, *definition.name))
        throw Failure(Code::conflict, "an entity of that name exists already",
                      {{"name", "is taken"}});
    return *definition.name;
}

void require_importable(const core::Relation& relation) {
    if (!relation.obstacle.empty())
        throw Failure(Code::conflict, "the relation cannot be imported: it " + relation.obstacle,
                      {{"relation", relation.obstacle}});
    for (const std::string& policy : relation.policies)
        if (policy.starts_with("pgwright_"))
            throw Failure(Code::conflict, "the relation cannot be imported: it has the policy " +
                                              policy + " already");
}

core::Entity describe(const Identity& identity, const core::Relation& relation,
                      const core::ImportDefinition& definition) {
    core::Entity entity;
    entity.id = data::new_id();
    entity.tenant_id = identity.tenant_id();
    entity.name = entity_name(identity, relation, definition);
    entity.resource = entity.name;
    entity.schema = relation.schema;
    entity.table = relation.name;
    entity.generated = false;
    return entity;
}

Plan plan(const Identity& identity, std::string_view relation_text, const Json& json,
          Purpose purpose) {
    Plan plan;
    plan.name = catalog::require_relation(identity.tenant_id(), relation_text);
    lock_relation(plan.name.oid, purpose);
    require_unchanged(identity, plan.name);
    plan.relation =
        core::parse_relation(catalog::read_relation(identity.tenant_id(), plan.name.oid));
    require_importable(plan.relation);
    core::Faults faults;
    const core::ImportDefinition definition =
        core::parse_import_definition(json, plan.relation, faults);
    faults.raise("the import's definition is not valid");
    plan.entity = describe(identity, plan.relation, definition);
    plan.row = core::import_entity_row(plan.entity, plan.relation, definition);
    plan.fields = core::import_field_rows(plan.entity, plan.relation, definition);
    plan.entity.soft_delete = plan.row.find("supports_soft_delete")->as_boolean();
    plan.migration = core::plan_import(plan.entity, plan.relation, definition.stamp);
    return plan;
}

Json migration_json(const core::Migration& migration) {
    Json json = Json::object();
    json.set("up_script", Json::string(migration.up_script()));
    json.set("down_script", Json::string(migration.down_script()));
    json.set("changes", changes_json(migration));
    return json;
}

// Entity and fields in one statement, so that no backend sees the one without the others. Targets of
// lookups are found by name: the tenant's own before the platform's.
constexpr const char* kStore = R"sql(
WITH entity AS (
    INSERT INTO pgwright.entity_definitions
           (id, tenant_id, name, label, plural_label, description, icon, category, schema_name, table_name, relation_kind,
            key_fields, is_readonly, readonly_reason, supports_soft_delete, supports_attachments, supports_comments,
            primary_field, default_sort_field, default_sort_order, search_language, origin, status)
    SELECT $1, $2, e.name, e.label, e.plural_label, e.description, e.icon, e.category, e.schema_name, e.table_name, e.relation_kind,
           e.key_fields, e.is_readonly, e.readonly_reason, e.supports_soft_delete, false, false,
           e.primary_field, e.default_sort_field, e.default_sort_order, e.search_language, 'imported', 'published'
      FROM jsonb_populate_record(NULL::pgwright.entity_definitions, $3::jsonb) e)
INSERT INTO pgwright.field_definitions
       (entity_id, tenant_id, name, label, description, help_text, field_type, data_type, is_required, is_nullable, is_unique,
        is_indexed, is_readonly, max_length, decimal_places, allowed_values, display_order, input_type, item_type,
        reference_entity_id, relationship_type)
SELECT $1, $2, f ->> 'name', f ->> 'label', f ->> 'description', f ->> 'help_text', f ->> 'field_type', f ->> 'data_type',
       (f ->> 'is_required')::boolean, (f ->> 'is_nullable')::boolean, (f ->> 'is_unique')::boolean,
       (f ->> 'is_indexed')::boolean, (f ->> 'is_readonly')::boolean, (f ->> 'max_length')::integer,
       (f ->> 'decimal_places')::integer, nullif(f -> 'allowed_values', 'null'), (f ->> 'display_order')::integer, f ->> 'input_type', f ->> 'item_type',
       CASE WHEN f ->> 'reference_entity' = $3::jsonb ->> 'name' THEN $1
            ELSE (SELECT e.id FROM pgwright.entity_definitions e
                   WHERE e.name = f ->> 'reference_entity' AND (e.tenant_id = $2 OR e.tenant_id IS NULL) AND NOT e.is_deleted
                   ORDER BY e.tenant_id NULLS LAST LIMIT 1) END,
       f ->> 'relationship_type'
  FROM jsonb_array_elements($4::jsonb) f)sql";

// Fields of other imported relations whose foreign key leads to the key of this one ($1).
constexpr const char* kLink = R"sql(
UPDATE pgwright.field_definitions f
   SET field_type = 'lookup', input_type = 'select', reference_entity_id = target.id,
       relationship_type = CASE WHEN f.is_unique THEN 'one-to-one' ELSE 'many-to-one' END
  FROM pgwright.entity_definitions target
  JOIN pg_namespace tn ON tn.nspname = target.schema_name
  JOIN pg_class tc ON tc.relnamespace = tn.oid AND tc.relname = target.table_name
  JOIN pg_constraint k ON k.confrelid = tc.oid AND k.contype = 'f' AND cardinality(k.conkey) = 1
  JOIN pg_attribute key ON key.attrelid = tc.oid AND key.attnum = k.confkey[1] AND target.key_fields = to_jsonb(ARRAY[key.attname])
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  JOIN pg_class sc ON sc.oid = k.conrelid
  JOIN pg_namespace sn ON sn.oid = sc.relnamespace
  JOIN pgwright.entity_definitions source ON source.schema_name = sn.nspname AND source.table_name = sc.relname
       AND source.origin = 'imported' AND NOT source.is_deleted
 WHERE target.id = $1 AND source.tenant_id = target.tenant_id AND source.id <> target.id
   AND f.entity_id = source.id AND f.name = a.attname AND NOT f.is_deleted
   AND f.reference_entity_id IS NULL AND f.field_type <> 'other' AND f.allowed_values IS NULL)sql";

void store(const Plan& plan) {
    security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_uuid(plan.entity.id)
        .add_uuid(*plan.entity.tenant_id)
        .add_text(plan.row.dump())
        .add_text(plan.fields.dump());
    pg::execute(kStore, params, false);
    pg::Params target;
    target.add_uuid(plan.entity.id);
    pg::execute(kLink, target, false);
}

long long execute(const core::Migration& migration) {
    const auto start = std::chrono::steady_clock::now();
    security::Scope scope(security::Rights::engine);
    for (const core::Change& change : migration.changes) pg::run(change.up);
    const auto elapsed = std::chrono::steady_clock::now() - start;
    return std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
}

void record(const Identity& identity, const Plan& plan, long long milliseconds) {
    MigrationRecord record;
    record.id = data::new_id();
    record.entity_id = plan.entity.id;
    record.name = plan.migration.name;
    record.type = "create";
    record.up = plan.migration.up_script();
    record.down = plan.migration.down_script();
    record.changes = changes_json(plan.migration);
    record.risk = core::risk_name(core::Risk::safe);
    insert_migration(identity, record, {"", milliseconds}, std::nullopt);
}

Json payload(const Plan& plan) {
    return Json::object({{"relation", Json::string(core::quote_qualified(plan.relation.schema,
                                                                         plan.relation.name))},
                         {"entity", Json::string(plan.entity.name)}});
}

}  // namespace

void lock_imports(const Identity& identity) {
    lock_until_commit("import:" + identity.tenant_id().to_string());
}

std::string import_entity(std::string_view relation, const Json& definition) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    lock_imports(*identity);
    const Plan planned = plan(*identity, relation, definition, Purpose::import);
    const long long milliseconds = execute(planned.migration);
    require_unchanged(*identity, planned.name);
    store(planned);
    adopt_access(planned.entity);
    grant_defaults(planned.entity.id);
    record(*identity, planned, milliseconds);
    log_operation(*identity, planned.entity.id, "import_entity", payload(planned));
    const std::string id = planned.entity.id.to_string();
    const core::TableState state = read_table_state(planned.entity.schema, planned.entity.table);
    write_published_version(read_draft(*identity, id).definition, 1, core::table_state_json(state));
    Json answer = core::parse_json(DefinitionView(*identity, id, std::nullopt).entity());
    answer.set("migration", migration_json(planned.migration));
    return answer.dump();
}

std::string preview_import(std::string_view relation, const Json& definition) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    const Plan planned = plan(*identity, relation, definition, Purpose::preview);
    Json answer = planned.row;
    answer.set("fields", planned.fields);
    answer.set("migration", migration_json(planned.migration));
    return answer.dump();
}

}  // namespace pgwright::schema

namespace {

pgwright::core::Json definition_of(const pgwright::pg::Arguments& args) {
    const auto text = args.optional_text(1);
    return text ? pgwright::core::parse_json(*text) : pgwright::core::Json();
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_import_entity) {
    return pgwright::pg::json_datum(
        pgwright::schema::import_entity(args.text(0), definition_of(args)));
}

PGWRIGHT_FUNCTION(pgwright_preview_import) {
    return pgwright::pg::json_datum(
        pgwright::schema::preview_import(args.text(0), definition_of(args)));
}
