// Planning; see migration_plan.hpp.
#include "schema/migration_plan.hpp"

#include <algorithm>

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "catalog/entity_reader.hpp"
#include "core/array_text.hpp"
#include "core/definition_document.hpp"
#include "core/expression.hpp"
#include "core/identifier.hpp"
#include "core/index_definition.hpp"
#include "core/utf8.hpp"
#include "core/value_check.hpp"
#include "schema/access.hpp"
#include "schema/definition.hpp"
#include "schema/table_record.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;
using core::Json;
using security::Identity;
using security::Rights;
using security::Scope;

namespace {

// Checks -----------------------------------------------------------------------------------------

// A lookup needs its target's table: published, published along, or the entity itself.
void check_target(const Identity& identity, const core::Field& field,
                  const std::set<core::Uuid>& together, core::Faults& faults) {
    const core::Uuid& id = field.reference->entity_id;
    if (together.contains(id)) return;
    const auto target =
        catalog::read_entity(identity.tenant_id(), id.to_string(), catalog::Wanted::any);
    const std::string name = target ? target->entity.name : "an entity that is gone";
    if (!target || target->status != "published" || !OidIsValid(target->relation))
        return faults.add(field.name,
                          "refers to " + name + ", which is not published; publish it first");
    const bool system = target->entity.kind == core::EntityKind::system;
    const char* const known = field.type == core::FieldType::file ? "files" : "users";
    if (system && name != known)
        faults.add(field.name, "refers to " + name +
                                   "; of the system's entities only users can be referred to");
}

// What is "fields[3].label" of the document is "name.label" to who publishes.
std::string by_name(const core::EntityDefinition& definition, const std::string& path) {
    constexpr std::string_view list = "fields[";
    if (!path.starts_with(list)) return path;
    const std::size_t close = path.find(']');
    const std::size_t index = std::stoul(path.substr(list.size(), close - list.size()));
    return definition.fields.at(index).field.name + path.substr(close + 1);
}

void check(const Identity& identity, const core::EntityDefinition& definition,
           const std::set<core::Uuid>& together) {
    core::Faults whole;
    core::check_entity(definition, whole);
    core::Faults faults;
    for (const core::Fault& fault : whole.list())
        faults.add(by_name(definition, fault.field), fault.message);
    for (const core::FieldDefinition& each : definition.fields) {
        const bool own =
            each.field.reference && each.field.reference->entity_id == definition.entity.id;
        if (each.field.reference && !own) check_target(identity, each.field, together, faults);
    }
    faults.raise("the entity cannot be published");
}

// Back-fill --------------------------------------------------------------------------------------

std::string column_text(const core::Field& field, const Json& value) {
    if (field.is_array()) return core::array_text(value);
    if (field.type == core::FieldType::json) return value.dump();
    if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
    return value.text();
}

std::map<std::string, std::string> read_backfill(const core::EntityDefinition& definition,
                                                 const Json& backfill) {
    std::map<std::string, std::string> values;
    core::Faults faults;
    if (!backfill.is_null() && !backfill.is_object())
        faults.add("backfill", "must be an object of field: value");
    for (const auto& [name, value] : backfill.members()) {
        const std::string path = "backfill." + std::string(core::echo(name));
        const auto found =
            std::ranges::find(definition.fields, name,
                              [](const core::FieldDefinition& each) { return each.field.name; });
        if (found == definition.fields.end() || found->field.is_calculated()) {
            faults.add(path, "is not a field that can be filled");
        } else if (value.is_null()) {
            faults.add(path, "must not be null");
        } else if (auto fault = core::fault_of_value(found->field, value)) {
            faults.add(path, *std::move(fault));
        } else {
            values.emplace(name, column_text(found->field, value));
        }
    }
    faults.raise("the back-fill is not valid");
    return values;
}

// Probes -----------------------------------------------------------------------------------------

bool has_rows(const core::Entity& entity) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    return !pg::execute(
                "SELECT FROM " + core::quote_qualified(entity.schema, entity.table) + " LIMIT 1",
                pg::Params(), true)
                .empty();
}

// The target of a lookup may be made in the same act, and then holds nothing yet.
bool has_target(const Identity& identity, const core::EntityDefinition& definition,
                const std::string& field) {
    for (const core::FieldDefinition& each : definition.fields) {
        if (each.field.name != field || !each.field.reference) continue;
        const auto target =
            catalog::read_entity(identity.tenant_id(), each.field.reference->entity_id.to_string(),
                                 catalog::Wanted::any);
        return target && OidIsValid(target->relation);
    }
    return true;
}

void ask_rows(const Identity& identity, MigrationPlan& plan) {
    plan.findings.resize(plan.migration.changes.size());
    if (plan.from == 0 || !plan.actual.exists) return;
    if (!has_rows(plan.draft.stored.definition.entity)) return;
    for (std::size_t i = 0; i < plan.migration.changes.size(); ++i) {
        const core::Change& change = plan.migration.changes[i];
        for (core::Probe probe : change.probes) {
            if (probe.kind == core::Probe::Kind::dangling &&
                !has_target(identity, plan.draft.definition, change.field))
                probe.sql = probe.without_target;
            Finding finding = ask(probe);
            if (finding.count == 0) continue;
            if (finding.kind == core::Probe::Kind::loses_precision)
                plan.migration.changes[i].risk = core::Risk::destructive;
            plan.findings[i].push_back(std::move(finding));
        }
    }
}

std::string hash(const std::string& text) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_text(text);
    return pg::execute("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", params, true)
        .row(0)
        .text(0);
}

// Retired columns may be purged at any time, which is no drift.
core::TableState in_service(core::TableState state) {
    std::erase_if(state.columns, [](const core::ColumnState& column) {
        return core::is_retired_name(column.name);
    });
    return state;
}

bool has_drifted(const core::Uuid& entity, const core::TableState& actual) {
    const auto recorded = read_recorded_state(entity);
    return recorded && !(in_service(*recorded) == in_service(actual));
}

void require_free_table(const core::Entity& entity, const core::Surroundings& surroundings,
                        const core::TableState& actual) {
    if (!actual.exists && !surroundings.taken.contains(entity.table)) return;
    throw Failure(Code::conflict,
                  "the schema " + entity.schema + " already has a relation of the table's name",
                  {{"table_name", "is taken"}});
}

void plan_table(const Identity& identity, MigrationPlan& plan,
                const core::Surroundings& surroundings) {
    plan.design = design_of(identity.tenant_id(), plan.draft.definition);
    const core::Design& after = plan.design;
    if (plan.from == 0) {
        require_free_table(after.entity, surroundings, plan.actual);
        plan.migration = core::plan_new_table(after, surroundings);
        return;
    }
    if (!plan.actual.exists)
        throw Failure(Code::conflict,
                      "the entity's table is gone; sync_schema() tells how to get in step again");
    const core::Design before = design_of(identity.tenant_id(), plan.draft.stored.definition);
    plan.migration = core::plan_alter(before, after, plan.actual, plan.from, plan.to, surroundings);
    plan.drifted = has_drifted(plan.draft.stored.id, plan.actual);
}

}  // namespace

Finding ask(const core::Probe& probe) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    const pg::Result result = pg::execute(
        "SELECT p.count::bigint, coalesce(array_to_json(p.sample_ids)::text, '[]') FROM (" +
            probe.sql + ") AS p (count, sample_ids)",
        pg::Params(), true);
    Finding finding{probe.kind, result.row(0).integer(0), {}, probe.message};
    const Json ids = core::parse_json(result.row(0).text(1));
    for (const Json& id : ids.items()) finding.sample_ids.push_back(id.text());
    return finding;
}

core::Design design_of(const core::Uuid& tenant, const core::EntityDefinition& definition) {
    core::EntityDefinition resolved = definition;
    for (core::FieldDefinition& each : resolved.fields) {
        if (each.field.reference && !each.reference_entity)
            each.reference_entity = each.field.reference->entity_id.to_string();
    }
    core::Faults faults;
    resolve_references(tenant, resolved, faults);
    faults.raise("the entity's definition is not valid");
    core::Design design{resolved.entity, resolved.indexes};
    design.entity.resource = design.entity.name;
    // With the system's: indexes may be over created_at, and conditions about it.
    design.entity.fields = core::all_fields(resolved);
    design.entity.search_fields = core::search_fields_of(resolved.indexes);
    core::compile_formulas(design.entity);
    design.entity.access = read_access(tenant, design.entity);
    return design;
}

MigrationPlan plan_migration(const Identity& identity, Draft draft,
                             const std::set<core::Uuid>& together, const Json& backfill) {
    MigrationPlan plan;
    plan.draft = std::move(draft);
    plan.from = plan.draft.stored.status == "draft" ? 0 : plan.draft.stored.version;
    plan.to = plan.draft.is_open() ? plan.draft.version() : plan.from;
    const core::Entity entity = plan.draft.entity();
    plan.actual = read_table_state(entity.schema, entity.table);
    if (entity.generated) {
        check(identity, plan.draft.definition, together);
        core::Surroundings surroundings = read_surroundings(entity.schema, entity.table);
        surroundings.backfill = read_backfill(plan.draft.definition, backfill);
        plan_table(identity, plan, surroundings);
        ask_rows(identity, plan);
    }
    if (plan.migration.type.empty()) plan.migration.type = "alter";
    plan.migration.name = entity.name + "_v" + std::to_string(plan.to);
    plan.fingerprint = hash(plan.migration.up_script() + '\n' + plan.migration.down_script() +
                            '\n' + std::to_string(plan.from) + '\n' + std::to_string(plan.to) +
                            '\n' + core::table_state_json(plan.actual).dump() + '\n' +
                            core::definition_document(plan.draft.definition).dump());
    return plan;
}

std::string fingerprint_of(const std::vector<MigrationPlan>& plans) {
    if (plans.size() == 1) return plans.front().fingerprint;
    std::string all;
    for (const MigrationPlan& plan : plans) all += plan.fingerprint;
    return hash(all);
}

}  // namespace pgwright::schema
