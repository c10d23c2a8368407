// SQL: rollback_migration. The way back of the entity's last migration: its recorded down scripts in
// reverse, the definition of the version before, and the version that is taken back as the open draft.
// Entities that were published together go back together.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include <algorithm>

#include "core/identifier.hpp"
#include "schema/access.hpp"
#include "schema/definition.hpp"
#include "schema/dependants.hpp"
#include "schema/execution.hpp"
#include "schema/migration_plan.hpp"
#include "schema/migration_record.hpp"
#include "schema/publish.hpp"
#include "schema/removal.hpp"
#include "schema/retirement.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

struct Step {
    MigrationRecord record;
    Draft draft;
    core::TableState table;  // as it is before
    Removal removal;         // of a creation
};

// A deleted entity is not found by name or id, but its deletion can be rolled back.
void undelete(const core::Uuid& entity) {
    pg::Params params;
    params.add_uuid(entity);
    execute_as_engine(
        "UPDATE pgwright.entity_definitions SET is_deleted = false, deleted_at = NULL WHERE id = "
        "$1",
        params);
}

void require_last(const MigrationRecord& record) {
    if (record.status != "completed")
        throw Failure(Code::conflict, "the migration is " + record.status +
                                          "; only completed migrations are rolled back");
    const auto standing = standing_migrations(record.entity_id);
    if (standing.front().id == record.id) return;
    throw Failure(Code::conflict, "a later migration stands on this one",
                  {{standing.front().name, "was published later and must be rolled back first"}});
}

void require_not_purged(const MigrationRecord& record) {
    if (is_purged(record.id))
        throw Failure(Code::conflict,
                      "what the migration took out of service has been purged; it cannot be "
                      "brought back");
}

// What people have written since must find its way back.
void require_way_back(const MigrationRecord& record) {
    auto faults = ask_down_probes(record.down_probes);
    if (!faults.empty())
        throw Failure(Code::conflict, "records have changed so that the way back would lose values",
                      std::move(faults), "Correct these records first.");
}

// Dependants within the same act of publishing go back with it.
void require_free(const MigrationRecord& record, const std::vector<MigrationRecord>& batch) {
    if (record.type != "create") return;
    auto dependants = dependants_of(record.entity_id);
    std::erase_if(dependants, [&](const core::Fault& fault) {
        return std::ranges::any_of(batch, [&](const MigrationRecord& other) {
            return fault.field.starts_with(other.name.substr(0, other.name.rfind("_v")) + '.');
        });
    });
    if (!dependants.empty())
        throw Failure(Code::conflict,
                      "other entities refer to this one; its creation cannot be rolled back",
                      std::move(dependants), "Remove the fields that refer to it first.");
}

bool has_change(const MigrationRecord& record, std::string_view operation) {
    return std::ranges::any_of(record.changes.items(), [&](const Json& change) {
        const Json* const name = change.find("operation");
        return name != nullptr && name->text() == operation;
    });
}

// A synchronisation made a table that had gone missing: its way back retires it.
bool makes_table(const MigrationRecord& record) {
    return record.type == "alter" && has_change(record, "create_table");
}

std::vector<Step> steps_of(const Identity& identity, const MigrationRecord& asked) {
    const auto batch = asked.batch ? batch_of(*asked.batch) : std::vector<MigrationRecord>{asked};
    std::vector<Step> steps;
    for (const MigrationRecord& record : batch) {
        if (record.type == "drop") undelete(record.entity_id);
        Step step{record, lock_draft(identity, record.entity_id.to_string()), {}, {}};
        const core::Entity& entity = step.draft.stored.definition.entity;
        step.table = read_table_state(entity.schema, entity.table);
        require_last(record);
        require_not_purged(record);
        require_free(record, batch);
        if (record.type == "alter") require_way_back(record);
        if (has_change(record, "describe_relation"))
            throw Failure(Code::conflict,
                          "the definition has followed the imported relation, which no rollback "
                          "changes back");
        if (record.type == "create") {
            if (!step.draft.entity().generated)
                throw Failure(Code::conflict,
                              "the migration is an import; unimport_entity() takes it back");
            if (step.draft.stored.status == "archived")
                throw Failure(Code::conflict, "the entity is archived; unarchive it first");
            step.removal = plan_removal(identity, step.draft, record.to);
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

std::vector<std::string> down_scripts(const MigrationRecord& record) {
    std::vector<std::string> scripts;
    for (const Json& change : record.changes.items()) {
        const Json* const down = change.find("down");
        if (down != nullptr && !down->text().empty()) scripts.push_back(down->text());
    }
    std::ranges::reverse(scripts);
    return scripts;
}

std::vector<std::string> scripts_of(const std::vector<Step>& steps) {
    std::vector<std::string> scripts;
    std::vector<Removal> removals;
    for (const Step& step : steps) {
        if (step.record.type == "create") removals.push_back(step.removal);
    }
    for (std::size_t i = steps.size(); i-- > 0;) {
        const Step& step = steps[i];
        if (step.record.type == "create") continue;
        for (std::string& script : down_scripts(step.record)) scripts.push_back(std::move(script));
    }
    for (std::string& script : removal_scripts(removals)) scripts.push_back(std::move(script));
    return scripts;
}

std::vector<TableLock> locks_of(const std::vector<Step>& steps) {
    std::vector<TableLock> locks;
    for (const Step& step : steps) {
        const core::Entity& entity = step.draft.stored.definition.entity;
        const bool there = step.record.type != "drop" && entity.generated &&
                           read_table_state(entity.schema, entity.table).exists;
        if (there)
            locks.push_back(
                {core::quote_qualified(entity.schema, entity.table), "ACCESS EXCLUSIVE"});
    }
    return locks;
}

// Definitions ------------------------------------------------------------------------------------

// The table is retired; the rows are the draft again.
void undo_creation(const Step& step) {
    const Draft& draft = step.draft;
    set_version_status(draft.stored.id, step.record.to, "rolled_back");
    if (draft.stored.draft) write_rows(draft.definition);
    delete_draft_version(draft.stored.id);
    set_status(draft.stored.id, "draft", std::max(draft.version(), draft.stored.last_version + 1));
    register_retired_table(draft.stored.definition.entity, step.record.id,
                           step.removal.retired_name);
}

void undo_change(const Step& step) {
    const Draft& draft = step.draft;
    const core::EntityDefinition taken_back = read_version(draft.stored.id, step.record.to);
    const core::EntityDefinition before = read_version(draft.stored.id, step.record.from);
    adopt_definition(draft.stored.definition, before, step.record.from, step.table,
                     unmade_by(step.record.changes));
    // The way back has made the policies of then.
    if (before.entity.tenant_id) renew_access(*before.entity.tenant_id, draft.stored.id);
    set_version_status(draft.stored.id, step.record.to, "rolled_back");
    if (before.entity.generated) register_retired_columns(before.entity, step.record.id);
    if (makes_table(step.record))
        register_retired_table(before.entity, step.record.id,
                               core::retired_table_name(before.entity, step.record.to));
    if (!draft.stored.draft)
        write_draft_version(taken_back, draft.stored.last_version + 1, step.record.from);
}

void undo_deletion(const Step& step) {
    mark_table_restored(step.draft.stored.id);
    set_status(step.draft.stored.id, "archived", step.record.from);
}

void adopt(const Step& step) {
    if (step.record.type == "create") return undo_creation(step);
    if (step.record.type == "drop") return undo_deletion(step);
    undo_change(step);
}

void log(const Identity& identity, const Step& step, const std::string& error) {
    Json payload = Json::object();
    payload.set("migration_id", Json::string(step.record.id.to_string()));
    log_operation(identity, step.record.entity_id, "rollback_migration", payload, error);
}

std::string rollback(std::string_view id) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    const MigrationRecord asked = require_migration(*identity, id);
    const std::vector<Step> steps = steps_of(*identity, asked);
    const Outcome outcome = attempt(locks_of(steps), [&] {
        // Again, now that nobody writes.
        for (const Step& step : steps) {
            if (step.record.type == "alter") require_way_back(step.record);
        }
        run_as_owner(scripts_of(steps));
        for (const Step& step : steps) {
            adopt(step);
            mark_rolled_back(step.record.id, identity->user_id());
        }
    });
    if (!outcome.error.empty())
        throw Failure(Code::conflict, "the migration cannot be rolled back: " + outcome.error);
    for (const Step& step : steps) log(*identity, step, {});
    return definition_json("entity_migrations", asked.id);
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_rollback_migration) {
    return pgwright::pg::json_datum(pgwright::schema::rollback(args.text(0)));
}
