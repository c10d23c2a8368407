// SQL: unimport_entity. The recorded import is undone change by change, from the last to the first:
// what somebody has taken away since needs no undoing, and what somebody has built on it is in the way.
#include "pg/guard.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include "catalog/entity_reader.hpp"
#include "schema/definition.hpp"
#include "schema/draft.hpp"
#include "schema/import.hpp"
#include "schema/migration_record.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;
using core::Json;
using core::Uuid;
using security::Identity;

namespace {

Draft require_imported(const Identity& identity, std::string_view name_or_id) {
    Draft draft = lock_draft(identity, name_or_id);
    if (draft.entity().generated)
        throw Failure(Code::conflict, "the entity was not imported: its table is pgwright's own");
    return draft;
}

Oid relation_of(const Identity& identity, const Uuid& entity) {
    const auto loaded =
        catalog::read_entity(identity.tenant_id(), entity.to_string(), catalog::Wanted::any);
    return loaded ? loaded->relation : InvalidOid;
}

pg::Params entity_parameter(const Uuid& entity) {
    pg::Params params;
    params.add_uuid(entity);
    return params;
}

std::vector<std::string> texts(const char* sql, const pg::Params& params) {
    security::Scope scope(security::Rights::engine);
    const pg::Result result = pg::execute(sql, params, false);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < result.rows(); ++i) all.push_back(result.row(i).text(0));
    return all;
}

// A generated table's lookup is a foreign key of pgwright's making; an imported one's is not.
void require_unreferenced(const Uuid& entity) {
    std::vector<core::Fault> faults;
    for (const std::string& user : texts(
             "SELECT e.name || '.' || f.name FROM pgwright.field_definitions f JOIN "
             "pgwright.entity_definitions e ON e.id = f.entity_id WHERE f.reference_entity_id = $1 "
             "AND NOT f.is_deleted AND NOT e.is_deleted AND e.origin = 'generated' ORDER BY 1",
             entity_parameter(entity)))
        faults.push_back({user, "refers to the entity"});
    if (!faults.empty())
        throw Failure(Code::conflict, "the entity is referred to by others", std::move(faults));
}

// To turn row security off would open what they close.
void require_no_other_policies(Oid relation, const std::vector<std::string>& ours) {
    if (!OidIsValid(relation)) return;
    pg::Params params;
    params.add_oid(relation).add_text_array(ours);
    const auto others = texts(
        "SELECT polname::text FROM pg_policy WHERE polrelid = $1 AND polname <> ALL ($2::name[]) "
        "ORDER BY 1",
        params);
    if (!others.empty())
        throw Failure(Code::conflict,
                      "the relation has got the policy " + others.front() +
                          " since it was imported; without row security it would not hold",
                      {}, "Drop the policy, or import the relation again when it has one.");
}

struct Undo {
    std::vector<Uuid> migrations;
    std::vector<std::string> statements;  // in the order they are to be run
    std::vector<std::string> policies;
    bool disables_row_security = false;
};

std::string member(const Json& json, std::string_view key) {
    const Json* const found = json.find(key);
    return found == nullptr ? std::string() : found->text();
}

void read_changes(Undo& undo, const Json& changes) {
    for (std::size_t i = changes.items().size(); i-- > 0;) {
        const Json& change = changes.items()[i];
        std::string down = member(change, "down");
        if (!down.empty()) undo.statements.push_back(std::move(down));
        const std::string operation = member(change, "operation");
        if (operation == "create_policy") undo.policies.push_back(member(change, "object"));
        undo.disables_row_security |= operation == "enable_row_security";
    }
}

// The import, and what followed the relation since.
Undo read_undo(const Uuid& entity) {
    const auto standing = standing_migrations(entity);
    if (standing.empty() || standing.back().type != "create")
        throw Failure(Code::server_error, "the record of the import is missing");
    Undo undo;
    for (const MigrationRecord& migration : standing) {
        undo.migrations.push_back(migration.id);
        read_changes(undo, migration.changes);
    }
    return undo;
}

bool is_gone(const pg::Error& error) {
    return error.sqlstate() == ERRCODE_UNDEFINED_TABLE ||
           error.sqlstate() == ERRCODE_UNDEFINED_OBJECT ||
           error.sqlstate() == ERRCODE_INVALID_SCHEMA_NAME;
}

void run_unless_gone(const std::string& statement) {
    try {
        pg::Subtransaction work;
        pg::run(statement);
        work.commit();
    } catch (const pg::Error& error) {
        if (!is_gone(error)) throw;
    }
}

void undo_changes(const Undo& undo) {
    security::Scope scope(security::Rights::engine);
    for (const std::string& statement : undo.statements) run_unless_gone(statement);
}

// The definition goes, and lookups of other imported relations become what their columns are.
constexpr const char* kForget[] = {
    R"sql(
UPDATE pgwright.field_definitions f
   SET field_type = pgwright.field_type_of(a.atttypid), input_type = NULL, reference_entity_id = NULL, relationship_type = NULL
  FROM pgwright.entity_definitions e
  JOIN pg_namespace n ON n.nspname = e.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = e.table_name
  JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE f.reference_entity_id = $1 AND f.entity_id = e.id AND e.id <> $1 AND a.attname = f.name
   AND e.origin = 'imported' AND NOT e.is_deleted AND NOT f.is_deleted)sql",
    "UPDATE pgwright.field_definitions SET is_deleted = true WHERE entity_id = $1",
    "UPDATE pgwright.entity_definitions SET is_deleted = true, deleted_at = now(), status = "
    "'archived' WHERE id = $1",
    "DELETE FROM pgwright.entity_versions WHERE entity_id = $1 AND status = 'draft'",
};

void forget(const Uuid& entity, const std::vector<Uuid>& migrations, const Uuid& user) {
    security::Scope scope(security::Rights::engine);
    for (const char* const sql : kForget) pg::execute(sql, entity_parameter(entity), false);
    for (const Uuid& migration : migrations) mark_rolled_back(migration, user);
}

}  // namespace

void unimport_entity(std::string_view name_or_id) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    lock_imports(*identity);
    const Uuid entity = require_imported(*identity, name_or_id).stored.id;
    require_unreferenced(entity);
    const Undo undo = read_undo(entity);
    if (undo.disables_row_security)
        require_no_other_policies(relation_of(*identity, entity), undo.policies);
    undo_changes(undo);
    forget(entity, undo.migrations, identity->user_id());
    log_operation(*identity, entity, "unimport_entity", Json::object());
}

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_unimport_entity) {
    pgwright::schema::unimport_entity(args.text(0));
    return pgwright::pg::return_void();
}
