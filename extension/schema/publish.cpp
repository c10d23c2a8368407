// SQL: publish_entity, publish_entities.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "schema/publish.hpp"

#include <algorithm>

#include "core/identifier.hpp"
#include "data/new_id.hpp"
#include "schema/access.hpp"
#include "schema/access_check.hpp"
#include "schema/definition.hpp"
#include "schema/migration_plan.hpp"
#include "schema/retirement.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Change;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;
using security::Rights;
using security::Scope;

constexpr std::size_t kMaxEntitiesTogether = 100;

// By what the caller calls them; afterwards an entity may have another name.
std::vector<core::Uuid> ids_of(const Identity& identity, const std::vector<std::string>& names) {
    std::vector<core::Uuid> ids;
    ids.reserve(names.size());
    for (const std::string& name : names) ids.push_back(read_draft(identity, name).stored.id);
    return ids;
}

// Locks in the order of the ids, so that two publishers of the same entities do not deadlock.
std::vector<Draft> lock_all(const Identity& identity, std::vector<core::Uuid> ids) {
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end())
        throw Failure(Code::validation_error, "an entity is named twice",
                      {{"entities", "must name each entity once"}});
    std::vector<Draft> drafts;
    drafts.reserve(ids.size());
    for (const core::Uuid& id : ids) drafts.push_back(lock_draft(identity, id.to_string()));
    for (const Draft& draft : drafts) {
        if (!draft.is_open() || draft.stored.status == "archived")
            throw Failure(Code::conflict, "the entity " + draft.stored.name + " is " +
                                              draft.stored.status +
                                              "; only drafts are changed and published");
    }
    return drafts;
}

Json backfill_of(const PublishOptions& options, const Draft& draft, bool single) {
    if (single) return options.backfill;
    for (const auto& [name, values] : options.backfill.members()) {
        if (name == draft.stored.name || name == draft.stored.id.to_string()) return values;
    }
    return {};
}

std::vector<MigrationPlan> plan_all(const Identity& identity, std::vector<Draft> drafts,
                                    const PublishOptions& options) {
    std::set<core::Uuid> together;
    for (const Draft& draft : drafts) together.insert(draft.stored.id);
    std::vector<MigrationPlan> plans;
    for (Draft& draft : drafts) {
        const Json backfill = backfill_of(options, draft, together.size() == 1);
        plans.push_back(plan_migration(identity, std::move(draft), together, backfill));
    }
    return plans;
}

// Refusals ---------------------------------------------------------------------------------------

void require_fresh(const std::vector<MigrationPlan>& plans, const PublishOptions& options) {
    if (!options.fingerprint || *options.fingerprint == fingerprint_of(plans)) return;
    throw Failure(Code::conflict,
                  "the preview is out of date: the draft, the published version or the table has "
                  "changed since",
                  {{"fingerprint", "belongs to an earlier preview"}},
                  "Preview the migration again.");
}

void require_no_blockers(const std::vector<MigrationPlan>& plans) {
    std::vector<core::Fault> all;
    for (const MigrationPlan& plan : plans) {
        for (core::Fault& fault : plan.blockers()) all.push_back(std::move(fault));
    }
    if (!all.empty())
        throw Failure(Code::validation_error, "the existing records do not fit the changes",
                      std::move(all));
}

void require_allowed(const std::vector<MigrationPlan>& plans, const PublishOptions& options) {
    if (options.allow_destructive) return;
    std::vector<core::Fault> faults;
    for (const MigrationPlan& plan : plans) {
        for (const Change& change : plan.migration.changes) {
            if (change.risk == core::Risk::destructive)
                faults.push_back({change.field.empty() ? change.object : change.field,
                                  change.operation + ": " + change.summary});
        }
    }
    if (!faults.empty())
        throw Failure(Code::conflict, "the changes take fields or values out of service",
                      std::move(faults),
                      "Publish with allow_destructive; what is taken out is kept until "
                      "purge_retired().");
}

// Execution --------------------------------------------------------------------------------------

// The strongest of the locks that the changes of an existing table take.
std::string strongest(const core::Migration& migration) {
    static constexpr std::array<std::string_view, 4> kModes = {
        "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE", "SHARE UPDATE EXCLUSIVE"};
    for (const std::string_view mode : kModes) {
        for (const Change& change : migration.changes)
            if (change.lock == mode) return std::string(mode);
    }
    return {};
}

std::vector<TableLock> locks_of(const std::vector<MigrationPlan>& plans) {
    std::vector<TableLock> locks;
    for (const MigrationPlan& plan : plans) {
        const core::Entity& entity = plan.draft.entity();
        if (entity.generated && plan.from != 0 && plan.actual.exists)
            locks.push_back(
                {core::quote_qualified(entity.schema, entity.table), strongest(plan.migration)});
    }
    return locks;
}

// Foreign keys come last, when all the tables they may refer to are there.
std::vector<std::string> scripts_of(const std::vector<MigrationPlan>& plans) {
    std::vector<std::string> first;
    std::vector<std::string> last;
    for (const MigrationPlan& plan : plans) {
        for (const Change& change : plan.migration.changes) {
            const bool key = plans.size() > 1 && change.operation == "add_foreign_key";
            (key ? last : first).push_back(change.up);
        }
    }
    std::move(last.begin(), last.end(), std::back_inserter(first));
    return first;
}

void require_unchanged(const MigrationPlan& plan) {
    const core::Entity& entity = plan.draft.entity();
    if (!entity.generated || read_table_state(entity.schema, entity.table) == plan.actual) return;
    throw Failure(Code::conflict, "the table of " + entity.name + " has changed meanwhile", {},
                  "Preview the migration again.");
}

void execute(const std::vector<MigrationPlan>& plans) {
    for (const MigrationPlan& plan : plans) require_unchanged(plan);
    run_as_owner(scripts_of(plans));
    for (const MigrationPlan& plan : plans)
        adopt_definition(plan.draft.stored.definition, plan.draft.definition, plan.to, plan.actual,
                         made_by(changes_json(plan.migration)));
}

Json operation_payload(const core::Uuid& migration, const PublishOptions& options) {
    Json payload = Json::object();
    payload.set("migration_id", Json::string(migration.to_string()));
    payload.set("commit_message", options.message ? Json::string(*options.message) : Json());
    return payload;
}

void record(const Identity& identity, const MigrationPlan& plan, const core::Uuid& id,
            std::optional<core::Uuid> batch, const Outcome& outcome,
            const PublishOptions& options) {
    MigrationRecord record;
    record.id = id;
    record.entity_id = plan.draft.stored.id;
    record.name = plan.migration.name;
    record.type = plan.migration.type;
    record.from = plan.from;
    record.to = plan.to;
    record.up = plan.migration.up_script();
    record.down = plan.migration.down_script();
    record.changes = changes_json(plan);
    record.down_probes = down_probes_json(plan.migration);
    record.risk = core::risk_name(plan.risk());
    record.batch = batch;
    insert_migration(
        identity, record, outcome,
        options.message ? std::optional<std::string_view>(*options.message) : std::nullopt);
    const core::Entity& entity = plan.draft.entity();
    if (outcome.error.empty() && entity.generated) register_retired_columns(entity, id);
    log_operation(identity, record.entity_id, "publish_entity", operation_payload(id, options),
                  outcome.error);
}

// In the order the caller named them.
std::vector<core::Uuid> in_order(const std::vector<core::Uuid>& entities,
                                 const std::vector<MigrationPlan>& plans,
                                 const std::vector<core::Uuid>& ids) {
    std::vector<core::Uuid> ordered;
    for (const core::Uuid& entity : entities) {
        for (std::size_t i = 0; i < plans.size(); ++i)
            if (plans[i].draft.stored.id == entity) ordered.push_back(ids[i]);
    }
    return ordered;
}

}  // namespace

void carry_names_along(const core::EntityDefinition& before, const core::EntityDefinition& after) {
    Scope scope(Rights::engine);
    for (const core::FieldDefinition& field : after.fields) {
        for (const core::FieldDefinition& old : before.fields) {
            if (old.field.id != field.field.id || old.field.name == field.field.name) continue;
            pg::Params params;
            params.add_uuid(after.entity.id).add_text(old.field.name).add_text(field.field.name);
            pg::execute(
                "UPDATE pgwright.field_definitions SET reference_field = $3 WHERE "
                "reference_entity_id = $1 AND reference_field = $2 AND NOT is_deleted",
                params, false);
        }
    }
    if (before.entity.name == after.entity.name) return;
    pg::Params params;
    params.add_uuid(after.entity.id).add_text(after.entity.name);
    pg::execute("UPDATE pgwright.role_permissions SET resource = $2 WHERE entity_id = $1", params,
                false);
}

void adopt_definition(const core::EntityDefinition& before, const core::EntityDefinition& after,
                      int version, const core::TableState& table, const Made& made) {
    const core::Entity& entity = after.entity;
    const std::vector<RenamedRule> rules = rules_to_rename(before, after);
    const auto recorded = read_recorded_state(entity.id);
    write_rows(after);
    carry_names_along(before, after);
    const core::TableState state = read_table_state(entity.schema, entity.table);
    write_published_version(after, version,
                            core::table_state_json(state_to_record(recorded, table, state, made)));
    set_status(entity.id, "published", version);
    store(rules, entity.id);
    adopt_access(design_of(*entity.tenant_id, after).entity);
}

std::vector<core::Uuid> publish(const Identity& identity, const std::vector<std::string>& names,
                                const PublishOptions& options) {
    security::require_permission(identity, "data_model", core::Action::execute);
    const std::vector<core::Uuid> entities = ids_of(identity, names);
    const auto plans = plan_all(identity, lock_all(identity, entities), options);
    require_fresh(plans, options);
    require_no_blockers(plans);
    require_allowed(plans, options);
    std::vector<core::Uuid> ids;
    for (std::size_t i = 0; i < plans.size(); ++i) ids.push_back(data::new_id());
    // The records come after what they tell of, because they must outlive its failure.
    const Outcome outcome = attempt(locks_of(plans), [&] { execute(plans); });
    const auto batch = plans.size() > 1 ? std::optional<core::Uuid>(data::new_id()) : std::nullopt;
    for (std::size_t i = 0; i < plans.size(); ++i)
        record(identity, plans[i], ids[i], batch, outcome, options);
    return in_order(entities, plans, ids);
}

namespace {

std::vector<std::string> names_of(const Json& json) {
    std::vector<std::string> names;
    for (const Json& item : json.items()) {
        if (item.is_string()) names.push_back(item.text());
    }
    const bool good = json.is_array() && names.size() == json.items().size();
    if (!good || names.empty() || names.size() > kMaxEntitiesTogether)
        throw Failure(
            Code::validation_error, "entities is not valid",
            {{"entities", "must be an array of 1 to " + std::to_string(kMaxEntitiesTogether) +
                              " names or ids of entities"}});
    return names;
}

PublishOptions options_of(const pg::Arguments& args) {
    PublishOptions options;
    if (const auto message = args.optional_text(1)) options.message = std::string(*message);
    options.allow_destructive = args.optional_boolean(2).value_or(false);
    if (const auto backfill = args.optional_text(3)) options.backfill = core::parse_json(*backfill);
    if (const auto fingerprint = args.optional_text(4))
        options.fingerprint = std::string(*fingerprint);
    return options;
}

// The migration's record, with what to know of the entity as it is now.
std::string record_json(const Identity& identity, const core::Uuid& id) {
    Json record = core::parse_json(definition_json("entity_migrations", id));
    const StoredEntity entity = read_draft(identity, record.find("entity_id")->text()).stored;
    Json warnings = Json::array();
    if (entity.status == "published" && entity.definition.entity.generated) {
        const core::Design design = design_of(identity.tenant_id(), entity.definition);
        warnings =
            index_warnings(design, read_table_state(design.entity.schema, design.entity.table));
    }
    record.set("warnings", std::move(warnings));
    return record.dump();
}

std::string records_json(const Identity& identity, const std::vector<core::Uuid>& ids) {
    core::JsonWriter writer;
    writer.begin_array();
    for (const core::Uuid& id : ids) writer.raw(record_json(identity, id));
    writer.end_array();
    return std::string(writer.view());
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_publish_entity) {
    namespace schema = pgwright::schema;
    const auto identity = pgwright::security::require_identity();
    const auto ids =
        schema::publish(*identity, {std::string(args.text(0))}, schema::options_of(args));
    return pgwright::pg::json_datum(schema::record_json(*identity, ids.front()));
}

PGWRIGHT_FUNCTION(pgwright_publish_entities) {
    namespace schema = pgwright::schema;
    const auto identity = pgwright::security::require_identity();
    const auto names = schema::names_of(pgwright::core::parse_json(args.text(0)));
    return pgwright::pg::json_datum(schema::records_json(
        *identity, schema::publish(*identity, names, schema::options_of(args))));
}
