// SQL: publish_entity. One transaction: either table, constraints, policies, grants, trigger, status
// and log are all there, or nothing is but the record of the failure.
#include "pg/guard.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include <chrono>

#include "data/new_id.hpp"
#include "schema/definition.hpp"
#include "schema/migration.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Json;
using security::Rights;
using security::Scope;

struct Outcome {
    std::string error;  // empty: it worked
    long long milliseconds = 0;
};

void execute(const core::Migration& migration) {
    Scope scope(Rights::owner);
    for (const core::Change& change : migration.changes) pg::run(change.up);
}

void mark_published(const core::Uuid& entity, const core::Uuid& user) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(entity).add_uuid(user);
    pg::execute(
        "UPDATE pgwright.entity_definitions SET status = 'published', updated_by = $2 WHERE id = "
        "$1",
        params, false);
}

// The subtransaction lets the failure be recorded after its work is undone.
Outcome attempt(const core::Migration& migration, const core::Uuid& entity,
                const core::Uuid& user) {
    const auto start = std::chrono::steady_clock::now();
    Outcome outcome;
    try {
        pg::Subtransaction work;
        execute(migration);
        mark_published(entity, user);
        work.commit();
    } catch (const pg::Error& error) {
        if (error.is_cancel()) throw;
        outcome.error = error.message();
    }
    const auto elapsed = std::chrono::steady_clock::now() - start;
    outcome.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
    return outcome;
}

void add_optional(pg::Params& params, std::optional<std::string_view> text) {
    if (text)
        params.add_text(*text);
    else
        params.add_null(TEXTOID);
}

core::Uuid record(const security::Identity& identity, const core::Entity& entity,
                  const core::Migration& migration, const Outcome& outcome,
                  std::optional<std::string_view> message) {
    const core::Uuid id = data::new_id();
    const bool failed = !outcome.error.empty();
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(id)
        .add_uuid(entity.id)
        .add_uuid(identity.tenant_id())
        .add_text(migration.name)
        .add_text(migration.type);
    params.add_integer(entity.version)
        .add_text(migration.up_script())
        .add_text(migration.down_script());
    params.add_text(failed ? "failed" : "completed")
        .add_integer(static_cast<std::int32_t>(outcome.milliseconds));
    add_optional(params, failed ? std::optional<std::string_view>(outcome.error) : std::nullopt);
    add_optional(params, message);
    params.add_text(changes_json(migration).dump()).add_uuid(identity.user_id());
    pg::execute(
        "INSERT INTO pgwright.entity_migrations (id, entity_id, tenant_id, migration_name, "
        "migration_type, to_version, up_script,"
        " down_script, status, execution_time_ms, error_message, commit_message, changes, "
        "created_by, executed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::pg_catalog.jsonb, $14, "
        "pg_catalog.now())",
        params, false);
    return id;
}

Json operation_payload(const core::Uuid& migration, std::optional<std::string_view> message) {
    Json payload = Json::object();
    payload.set("migration_id", Json::string(migration.to_string()));
    payload.set("commit_message", message ? Json::string(std::string(*message)) : Json());
    return payload;
}

std::string publish(std::string_view name_or_id, std::optional<std::string_view> message) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    const catalog::LoadedEntity draft = lock_draft(*identity, name_or_id);
    const core::Migration migration = plan_migration(*identity, draft);
    const Outcome outcome = attempt(migration, draft.entity.id, identity->user_id());
    const core::Uuid id = record(*identity, draft.entity, migration, outcome, message);
    log_operation(*identity, draft.entity.id, "publish_entity", operation_payload(id, message),
                  outcome.error);
    return definition_json("entity_migrations", id);
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_publish_entity) {
    return pgwright::pg::json_datum(pgwright::schema::publish(args.text(0), args.optional_text(1)));
}
