// SQL: sync_schema. Definitions and database are brought together again: the differences of
// core/drift.hpp, executed as it plans them, in one act with the rows, versions and records that tell
// of them. What stays different afterwards is what the answer says is left, or nothing stays at all.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <iterator>

#include "core/identifier.hpp"
#include "core/table_part.hpp"
#include "data/new_id.hpp"
#include "schema/backup.hpp"
#include "schema/definition.hpp"
#include "schema/definition_store.hpp"
#include "schema/draft.hpp"
#include "schema/drift.hpp"
#include "schema/execution.hpp"
#include "schema/import_follow.hpp"
#include "schema/migration_plan.hpp"
#include "schema/migration_record.hpp"
#include "schema/publish.hpp"
#include "schema/retirement.hpp"
#include "schema/table_record.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Change;
using core::Code;
using core::Difference;
using core::Failure;
using core::Json;
using core::TableState;
using core::Uuid;
using security::Identity;
using security::Rights;
using security::Scope;

enum class Direction { database, definition };

struct Request {
    Direction direction = Direction::database;
    std::optional<Uuid> entity;
    bool dry_run = false;
    bool allow_destructive = false;
};

struct EntitySync {
    const Subject* subject = nullptr;
    std::vector<Difference> differences, taken;
    std::vector<core::Left> left;
    core::EntityDefinition definition;
    core::Migration migration;
    std::optional<core::ImportUpdate> update;  // of an imported relation's definition
    Uuid record;
};

// Planning ---------------------------------------------------------------------------------------

std::string next_name(const Subject& subject) {
    return subject.name + "_v" + std::to_string(subject.last_version + 1);
}

// Policies and row security come back; the relation itself is somebody else's to change.
void protect_imported(EntitySync& sync) {
    sync.definition = sync.subject->definition;
    sync.migration.name = next_name(*sync.subject);
    for (const Difference& each : sync.differences) {
        if (each.database.empty()) {
            sync.left.push_back({each,
                                 "the relation is not pgwright's to change; the definition can "
                                 "follow it"});
            continue;
        }
        sync.taken.push_back(each);
        sync.migration.changes.push_back(
            {each.object_type == "policy" ? "create_policy" : "enable_row_security", each.object,
             "Protect the records as the import did", each.database, "", "ACCESS EXCLUSIVE",
             core::Risk::caution});
    }
}

// The relation is described anew, as a whole; its protection is another matter.
void follow_imported(const Identity& identity, EntitySync& sync) {
    sync.definition = sync.subject->definition;
    std::string obstacle;
    if (!std::ranges::all_of(sync.differences, core::is_protection)) {
        sync.update = plan_follow(identity, *sync.subject, sync.differences);
        obstacle = sync.update->obstacle;
        sync.migration = sync.update->migration;
        if (!obstacle.empty()) sync.update.reset();
    }
    sync.migration.name = next_name(*sync.subject);
    for (const Difference& each : sync.differences) {
        if (core::is_protection(each))
            sync.left.push_back(
                {each, "protects the records; it is repaired in the database, never accepted"});
        else if (!obstacle.empty())
            sync.left.push_back({each, obstacle});
        else
            sync.taken.push_back(each);
    }
}

constexpr const char* kNeedsPermission =
    "was added in the database; allow_destructive takes it out of service";

void plan_database(EntitySync& sync, const Request& request) {
    const Subject& subject = *sync.subject;
    sync.definition = subject.definition;
    for (const Difference& each : sync.differences) {
        if (core::is_left_alone(each, request.allow_destructive))
            sync.left.push_back({each, kNeedsPermission});
        else if (each.database.empty())
            sync.left.push_back({each, "no statement repairs it; change it by hand"});
        else
            sync.taken.push_back(each);
    }
    sync.migration = core::plan_repair(subject.input(), sync.taken, request.allow_destructive);
}

// The state with its indexes under the names that their definitions give them.
TableState renamed(TableState state, const std::vector<Change>& renames) {
    for (const Change& rename : renames) {
        const std::string from = rename.summary.substr(7, rename.summary.find(" to ") - 7);
        for (core::ObjectState& index : state.indexes) {
            if (index.name != from) continue;
            const std::size_t at = index.definition.find(core::quote_identifier(from));
            const std::size_t bare = at == std::string::npos ? index.definition.find(from) : at;
            const std::size_t size = at == std::string::npos ? from.size() : from.size() + 2;
            index.definition.replace(bare, size, rename.object);
            index.name = rename.object;
        }
    }
    return state;
}

// What was taken over is then made the way pgwright makes it: a varchar(40) becomes a text of at most
// 40 characters, with the constraint that says so.
void plan_definition(const Identity& identity, EntitySync& sync) {
    const Subject& subject = *sync.subject;
    core::Adoption adoption =
        core::adopt_database(subject.definition, subject.input(), sync.differences, &data::new_id);
    sync.left = std::move(adoption.left);
    sync.taken = std::move(adoption.taken);
    sync.definition = std::move(adoption.definition);
    const core::Design design = compiled_design(identity, sync.definition);
    const TableState actual = renamed(subject.actual, adoption.renames);
    core::DriftInput input{design,
                           subject.recorded ? &*subject.recorded : nullptr,
                           actual,
                           subject.access,
                           *subject.surroundings,
                           subject.last_version + 1};
    std::vector<Difference> rest = core::find_differences(input);
    std::erase_if(rest, [&](const Difference& each) {
        return !adoption.fields.contains(each.field) || core::is_protection(each);
    });
    sync.migration = core::plan_repair(input, rest, false);
    auto& changes = sync.migration.changes;
    changes.insert(changes.begin(), adoption.renames.begin(), adoption.renames.end());
}

void require_no_draft(const Subject& subject) {
    if (subject.draft_version == 0) return;
    throw Failure(Code::conflict,
                  "the entity " + subject.name + " has an open draft, version " +
                      std::to_string(subject.draft_version) +
                      "; publish or discard it before the definition follows the database");
}

std::vector<EntitySync> plan(const Identity& identity, const Subjects& subjects,
                             const Request& request) {
    std::vector<EntitySync> syncs;
    for (const Subject& subject : subjects.list()) {
        EntitySync sync;
        sync.subject = &subject;
        sync.differences = drift_of(subject);
        if (sync.differences.empty()) continue;
        const bool generated = subject.design.entity.generated;
        if (request.direction == Direction::database) {
            generated ? plan_database(sync, request) : protect_imported(sync);
        } else {
            require_no_draft(subject);
            generated ? plan_definition(identity, sync) : follow_imported(identity, sync);
        }
        syncs.push_back(std::move(sync));
    }
    return syncs;
}

// Execution --------------------------------------------------------------------------------------

// What the owner of the tables may not do: the extension's does it.
bool is_engines(const EntitySync& sync, const Change& change) {
    return change.operation == "set_owner" || !sync.definition.entity.generated;
}

void run_as_engine(const EntitySync& sync) {
    Scope scope(Rights::engine);
    for (const Change& change : sync.migration.changes)
        if (is_engines(sync, change) && !change.up.empty()) pg::run(change.up);
}

std::vector<std::string> scripts_of(const EntitySync& sync) {
    std::vector<std::string> scripts;
    for (const Change& change : sync.migration.changes)
        if (!is_engines(sync, change)) scripts.push_back(change.up);
    return scripts;
}

bool is_accepted(const Difference& each, const Request& request) {
    if (request.direction != Direction::definition || !each.kind.starts_with("added_"))
        return false;
    if (each.object_type == "column") return core::field_members_of_type(each.actual).is_null();
    return each.object_type != "policy";
}

void make(Made& made, const Difference& difference, const TableState& table) {
    made.names.insert(difference.object);
    if (!difference.field.empty()) made.names.insert(difference.field);
    if (difference.kind == "row_security_disabled") made.row_security = true;
    if (difference.object_type != "key") return;
    for (const core::ObjectState& each : table.constraints)
        if (each.definition.starts_with("PRIMARY KEY")) made.names.insert(each.name);
}

// What is left is not forgotten: the record keeps saying what is expected of it. But what was merely
// added, and lets nobody at anything, is accepted when the database is right.
TableState record_of(const EntitySync& sync, const Request& request, const TableState& now) {
    const Subject& subject = *sync.subject;
    Made made = made_by(changes_json(sync.migration));
    const auto make_known = [&](const Difference& each) {
        make(made, each, now);
        if (subject.recorded) make(made, each, *subject.recorded);
    };
    for (const Difference& each : sync.taken) make_known(each);
    for (const core::Left& each : sync.left)
        if (is_accepted(each.difference, request)) make_known(each.difference);
    return state_to_record(subject.recorded, subject.actual, now, made);
}

void adopt(const Identity& identity, EntitySync& sync, const Request& request) {
    const core::Entity entity = sync.subject->definition.entity;
    const int version = sync.subject->last_version + 1;
    if (sync.update) {
        store_follow(entity.id, *sync.update);
        sync.definition = read_draft(identity, entity.id.to_string()).definition;
        carry_names_along(sync.subject->definition, sync.definition);
    }
    write_rows(sync.definition);
    const TableState now = read_table_state(entity.schema, entity.table);
    write_published_version(sync.definition, version,
                            core::table_state_json(record_of(sync, request, now)));
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(entity.id).add_integer(version);
    pg::execute(
        "UPDATE pgwright.entity_definitions e SET version = $2, parent_version_id = (SELECT "
        "v.parent_version_id FROM pgwright.entity_versions v WHERE v.entity_id = e.id AND "
        "v.version "
        "= $2) WHERE e.id = $1",
        params, false);
}

// An open draft stays open, numbered after the version that came between.
void renumber_draft(const Subject& subject) {
    if (subject.draft_version == 0) return;
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(subject.id).add_integer(subject.last_version + 2);
    pg::execute(
        "UPDATE pgwright.entity_versions SET version = $2 WHERE entity_id = $1 AND status = "
        "'draft'",
        params, false);
}

// Of what was taken nothing may still be different.
void verify(const Identity& identity, const EntitySync& sync) {
    const Subjects now(identity, sync.subject->id);
    for (const Difference& each : drift_of(now.list().front())) {
        const bool known = std::ranges::any_of(sync.left, [&](const core::Left& left) {
            return left.difference.kind == each.kind && left.difference.object == each.object;
        });
        if (!known)
            throw Failure(Code::conflict,
                          "the synchronisation would not bring " + sync.subject->name +
                              " in step; nothing was changed",
                          {{each.object,
                            each.kind + ": expected " + each.expected + ", found " + each.actual}});
    }
}

std::vector<TableLock> locks_of(const std::vector<EntitySync>& syncs) {
    std::vector<TableLock> locks;
    for (const EntitySync& sync : syncs) {
        const bool owned = sync.subject->access.owner == "pgwright_owner";
        if (sync.subject->actual.exists && owned && !sync.migration.changes.empty())
            locks.push_back(
                {core::qualified_table(sync.subject->design.entity), "ACCESS EXCLUSIVE"});
    }
    return locks;
}

void require_unchanged(const EntitySync& sync) {
    const core::Entity& entity = sync.subject->design.entity;
    if (read_table_state(entity.schema, entity.table) == sync.subject->actual) return;
    throw Failure(Code::conflict, "the table of " + entity.name + " has changed meanwhile");
}

void execute(const Identity& identity, std::vector<EntitySync>& syncs, const Request& request) {
    for (EntitySync& sync : syncs) {
        require_unchanged(sync);
        run_as_engine(sync);
        run_as_owner(scripts_of(sync));
        renumber_draft(*sync.subject);
        adopt(identity, sync, request);
        verify(identity, sync);
    }
}

std::string_view direction_name(Direction direction) {
    return direction == Direction::database ? "database" : "definition";
}

core::Risk risk_of(const core::Migration& migration) {
    core::Risk risk = core::Risk::safe;
    for (const Change& change : migration.changes) risk = std::max(risk, change.risk);
    return risk;
}

void record(const Identity& identity, EntitySync& sync, const Outcome& outcome,
            const Request& request) {
    sync.record = data::new_id();
    MigrationRecord record;
    record.id = sync.record;
    record.entity_id = sync.subject->id;
    record.name = sync.migration.name;
    record.type = "alter";
    record.from = sync.subject->version;
    record.to = sync.subject->last_version + 1;
    record.up = sync.migration.up_script();
    record.down = sync.migration.down_script();
    record.changes = changes_json(sync.migration);
    record.risk = core::risk_name(risk_of(sync.migration));
    insert_migration(identity, record, outcome, "Synchronised with the database");
    register_retired_columns(sync.definition.entity, sync.record);
    log_operation(
        identity, sync.subject->id, "sync_schema",
        Json::object({{"direction", Json::string(std::string(direction_name(request.direction)))},
                      {"migration_id", Json::string(sync.record.to_string())}}));
}

// Answers ----------------------------------------------------------------------------------------

Json left_json(const core::Left& left, const Request& request) {
    Json json = difference_json(left.difference);
    json.set("reason", Json::string(left.reason));
    json.set("accepted", Json::boolean(is_accepted(left.difference, request)));
    return json;
}

Json entity_json(const EntitySync& sync, const Request& request, bool done) {
    Json taken = Json::array();
    for (const Difference& each : sync.taken) taken.items().push_back(difference_json(each));
    Json left = Json::array();
    bool in_sync = true;
    for (const core::Left& each : sync.left) {
        left.items().push_back(left_json(each, request));
        in_sync = in_sync && is_accepted(each.difference, request);
    }
    Json json = Json::object();
    json.set("entity_id", Json::string(sync.subject->id.to_string()));
    json.set("entity_name", Json::string(sync.subject->name));
    json.set("in_sync", Json::boolean(in_sync));
    json.set("synchronised", std::move(taken));
    json.set("left", std::move(left));
    json.set("changes", changes_json(sync.migration));
    json.set("migration_id", done ? Json::string(sync.record.to_string()) : Json());
    return json;
}

std::string answer(const std::vector<EntitySync>& syncs, const Request& request,
                   const std::optional<Uuid>& backup) {
    bool all = true;
    Json entities = Json::array();
    for (const EntitySync& sync : syncs) {
        const bool done = backup.has_value() && sync.record != Uuid{};
        entities.items().push_back(entity_json(sync, request, done));
        all = all && entities.items().back().find("in_sync")->as_boolean();
    }
    Json json = Json::object();
    json.set("direction", Json::string(std::string(direction_name(request.direction))));
    json.set("dry_run", Json::boolean(request.dry_run));
    json.set("in_sync", Json::boolean(all));
    json.set("backup_id", backup ? Json::string(backup->to_string()) : Json());
    json.set("entities", std::move(entities));
    return json.dump();
}

// Every entity's lock is taken before anything is compared, in the order of the ids.
void lock_all(const Identity& identity, const Request& request) {
    if (request.entity) {
        (void)lock_draft(identity, request.entity->to_string());
        return;
    }
    const Subjects subjects(identity, std::nullopt);
    std::vector<Uuid> ids;
    for (const Subject& each : subjects.list())
        if (!drift_of(each).empty()) ids.push_back(each.id);
    std::ranges::sort(ids);
    for (const Uuid& id : ids) (void)lock_draft(identity, id.to_string());
}

// Accepting what was added changes the record alone, which is a version of its own too.
bool does_anything(const EntitySync& sync, const Request& request) {
    return !sync.taken.empty() || std::ranges::any_of(sync.left, [&](const core::Left& left) {
        return is_accepted(left.difference, request);
    });
}

std::string sync(const Identity& identity, const Request& request) {
    if (!request.dry_run) lock_all(identity, request);
    const Subjects subjects(identity, request.entity);
    std::vector<EntitySync> syncs = plan(identity, subjects, request);
    std::vector<EntitySync> working, idle;
    for (EntitySync& each : syncs)
        (does_anything(each, request) ? working : idle).push_back(std::move(each));
    std::optional<Uuid> backup;
    if (!request.dry_run && !working.empty()) {
        backup = create_backup(identity, "before sync_schema", std::nullopt, Occasion::automatic);
        const Outcome outcome =
            attempt(locks_of(working), [&] { execute(identity, working, request); });
        if (!outcome.error.empty())
            throw Failure(Code::conflict,
                          "the synchronisation failed and changed nothing: " + outcome.error);
        for (EntitySync& each : working) record(identity, each, outcome, request);
    }
    std::ranges::move(idle, std::back_inserter(working));
    return answer(working, request, backup);
}

Request request_of(const Identity& identity, const pg::Arguments& args) {
    Request request;
    const std::string_view direction = args.text(0);
    if (direction != "database" && direction != "definition")
        throw Failure(Code::validation_error, "the direction is not valid",
                      {{"direction", "must be database or definition"}});
    request.direction = direction == "database" ? Direction::database : Direction::definition;
    if (const auto entity = args.optional_text(1)) {
        const Draft draft = read_draft(identity, *entity);
        if (draft.stored.status == "draft")
            throw Failure(Code::conflict, "the entity " + draft.stored.name +
                                              " is not published; there is nothing to synchronise");
        request.entity = draft.stored.id;
    }
    request.dry_run = args.optional_boolean(2).value_or(false);
    request.allow_destructive = args.optional_boolean(3).value_or(false);
    return request;
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_sync_schema) {
    namespace schema = pgwright::schema;
    const auto identity = pgwright::security::require_identity();
    pgwright::security::require_permission(*identity, "data_model",
                                           pgwright::core::Action::execute);
    return pgwright::pg::json_datum(schema::sync(*identity, schema::request_of(*identity, args)));
}
