// SQL: archive_entity, unarchive_entity, discard_draft, rename_entity, delete_entity.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include <algorithm>

#include "core/identifier.hpp"
#include "data/new_id.hpp"
#include "schema/definition.hpp"
#include "schema/definition_view.hpp"
#include "schema/dependants.hpp"
#include "schema/execution.hpp"
#include "schema/lifecycle.hpp"
#include "schema/migration_plan.hpp"
#include "schema/migration_record.hpp"
#include "schema/removal.hpp"
#include "schema/retirement.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;
using security::Rights;
using security::Scope;

Draft lock(const Identity& identity, std::string_view entity, Action action) {
    security::require_permission(identity, "data_model", action);
    return lock_draft(identity, entity);
}

Draft again(const Identity& identity, const Draft& draft) {
    return read_draft(identity, draft.stored.id.to_string());
}

void log(const Identity& identity, const Draft& draft, std::string_view operation,
         std::string_view error = {}) {
    Json payload = Json::object();
    payload.set("entity", Json::string(draft.stored.name));
    log_operation(identity, draft.stored.id, operation, payload, error);
}

// Archiving --------------------------------------------------------------------------------------

// Whoever connects directly is not served either.
void set_access(const core::Entity& entity, bool open) {
    if (!entity.generated) return;
    const std::string table = core::quote_qualified(entity.schema, entity.table);
    const std::string up =
        "GRANT SELECT, INSERT, UPDATE, DELETE ON " + table + " TO pgwright_runtime, pgwright_user";
    const std::string down = "REVOKE ALL ON " + table + " FROM pgwright_runtime, pgwright_user";
    Scope scope(Rights::owner);
    pg::run(open ? up : down);
}

void require_status(const Draft& draft, std::string_view status, const char* advice) {
    if (draft.stored.status == status) return;
    throw Failure(Code::conflict, "the entity is " + draft.stored.status + "; " + advice);
}

}  // namespace

Draft archive_entity(const Identity& identity, std::string_view entity) {
    const Draft draft = lock(identity, entity, Action::execute);
    require_status(draft, "published", "only published entities are archived");
    require_no_dependants(draft.stored.id, "archived");
    set_access(draft.stored.definition.entity, false);
    set_status(draft.stored.id, "archived", draft.stored.version);
    log(identity, draft, "archive_entity");
    return again(identity, draft);
}

namespace {

Draft unarchive(const Identity& identity, std::string_view entity) {
    const Draft draft = lock(identity, entity, Action::execute);
    require_status(draft, "archived", "only archived entities are unarchived");
    set_access(draft.stored.definition.entity, true);
    set_status(draft.stored.id, "published", draft.stored.version);
    log(identity, draft, "unarchive_entity");
    return again(identity, draft);
}

// Drafts -----------------------------------------------------------------------------------------

Draft discard(const Identity& identity, std::string_view entity) {
    const Draft draft = lock(identity, entity, Action::update);
    if (draft.stored.draft_version == 0)
        throw Failure(Code::conflict, "the entity has no open draft", {},
                      "An entity that was never published is deleted with delete_entity().");
    delete_draft_version(draft.stored.id);
    log(identity, draft, "discard_draft");
    return again(identity, draft);
}

Draft rename(const Identity& identity, std::string_view entity, std::string_view name) {
    security::require_permission(identity, "data_model", Action::update);
    Draft draft = lock_draft_for_change(identity, entity);
    if (const auto fault = core::entity_name_fault(name))
        throw Failure(Code::validation_error, "the name is not valid", {{"name", *fault}});
    require_free_name(identity, name, draft.stored.id);
    draft.definition.entity.name = name;
    save_draft(draft);
    Json payload = Json::object();
    payload.set("entity", Json::string(draft.stored.name));
    payload.set("name", Json::string(draft.definition.entity.name));
    log_operation(identity, draft.stored.id, "rename_entity", payload);
    return again(identity, draft);
}

// Deletion ---------------------------------------------------------------------------------------

void mark_deleted(const core::Uuid& entity) {
    pg::Params params;
    params.add_uuid(entity);
    execute_as_engine(
        "UPDATE pgwright.entity_definitions SET is_deleted = true, deleted_at = pg_catalog.now() "
        "WHERE id = $1",
        params);
}

void retire(const Identity& identity, const Draft& draft) {
    const int to = draft.stored.last_version + 1;
    const Removal removal = plan_removal(identity, draft, to);
    MigrationRecord record;
    record.id = data::new_id();
    record.entity_id = draft.stored.id;
    record.name = removal.migration.name;
    record.type = "drop";
    record.from = draft.stored.version;
    record.to = to;
    record.up = removal.migration.up_script();
    record.down = removal.migration.down_script();
    record.changes = changes_json(removal.migration);
    record.down_probes = down_probes_json(removal.migration);
    record.risk = core::risk_name(core::Risk::destructive);
    const core::Entity& entity = draft.stored.definition.entity;
    const Outcome outcome =
        attempt({{core::quote_qualified(entity.schema, entity.table), "ACCESS EXCLUSIVE"}}, [&] {
            run_as_owner(removal_scripts({removal}));
            mark_deleted(draft.stored.id);
        });
    insert_migration(identity, record, outcome, std::nullopt);
    if (!outcome.error.empty())
        throw Failure(Code::conflict, "the table could not be retired: " + outcome.error);
    register_retired_table(entity, record.id, removal.retired_name);
}

}  // namespace

void delete_entity(const Identity& identity, std::string_view entity, bool allow_destructive) {
    const Draft draft = lock(identity, entity, Action::delete_);
    if (draft.stored.status == "published")
        throw Failure(Code::conflict, "the entity is published; archive it before it is deleted");
    require_no_dependants(draft.stored.id, "deleted");
    const core::Entity& own = draft.stored.definition.entity;
    const bool has_table = draft.stored.status == "archived" && own.generated &&
                           read_table_state(own.schema, own.table).exists;
    if (has_table && !allow_destructive)
        throw Failure(Code::conflict, "deleting the entity takes its table out of service", {},
                      "Delete it with allow_destructive; the table is kept until purge_retired().");
    if (has_table)
        retire(identity, draft);
    else
        mark_deleted(draft.stored.id);
    log(identity, draft, "delete_entity");
}

Removal plan_removal(const Identity& identity, const Draft& draft, int to) {
    Removal removal;
    const core::Design design = design_of(identity.tenant_id(), draft.stored.definition);
    removal.actual = read_table_state(design.entity.schema, design.entity.table);
    removal.migration = core::plan_drop(design, removal.actual, draft.stored.version, to);
    removal.retired_name = core::retired_table_name(design.entity, to);
    return removal;
}

std::vector<std::string> removal_scripts(const std::vector<Removal>& removals) {
    std::vector<std::string> keys;
    std::vector<std::string> rest;
    for (const Removal& removal : removals) {
        for (const core::Change& change : removal.migration.changes)
            (change.operation == "drop_foreign_key" ? keys : rest).push_back(change.up);
    }
    std::move(rest.begin(), rest.end(), std::back_inserter(keys));
    return keys;
}

}  // namespace pgwright::schema

namespace {

namespace pg = pgwright::pg;
namespace schema = pgwright::schema;
using pgwright::security::require_identity;

using pgwright::security::Identity;
using Act = schema::Draft (*)(const Identity&, std::string_view);

// The entity as it is after the act, which no open draft of it hides.
Datum act(Act act, const pg::Arguments& args) {
    const auto identity = require_identity();
    const std::string id = act(*identity, args.text(0)).stored.id.to_string();
    return pg::json_datum(schema::DefinitionView(*identity, id, {}).entity());
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_archive_entity) { return act(schema::archive_entity, args); }

PGWRIGHT_FUNCTION(pgwright_unarchive_entity) { return act(schema::unarchive, args); }

PGWRIGHT_FUNCTION(pgwright_discard_draft) { return act(schema::discard, args); }

PGWRIGHT_FUNCTION(pgwright_rename_entity) {
    const schema::Draft draft = schema::rename(*require_identity(), args.text(0), args.text(1));
    return pg::json_datum(schema::DefinitionView(draft).entity());
}

PGWRIGHT_FUNCTION(pgwright_delete_entity) {
    schema::delete_entity(*require_identity(), args.text(0),
                          args.optional_boolean(1).value_or(false));
    return pg::return_void();
}
