// SQL: purge_retired, list_retired; and the register.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/retirement.hpp"

#include "core/identifier.hpp"
#include "schema/definition.hpp"
#include "schema/execution.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Json;
using security::Rights;
using security::Scope;

// A retired column is called _retired_<name>_<mark>, the mark v or r and a version's number; one that
// tells which rows were back-filled ends in _filled, and one whose name was in use in a number.
constexpr std::string_view kRegisterColumnsSql = R"(
INSERT INTO pgwright.retired_objects
    (tenant_id, entity_id, migration_id, kind, schema_name, table_name, column_name, name)
SELECT $1, $2, $3, 'column', $4, $5, a.attname,
       regexp_replace(a.attname, '^_retired_(.*?)_[vr][0-9]+(_filled)?(_[0-9]+)?$', '\1')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $4 AND c.relname = $5 AND a.attnum > 0 AND NOT a.attisdropped
   AND a.attname LIKE '\_retired\_%'
   AND NOT EXISTS (SELECT FROM pgwright.retired_objects o
                    WHERE o.entity_id = $2 AND o.kind = 'column' AND o.status = 'retired'
                      AND o.column_name = a.attname))";

constexpr std::string_view kRestoreColumnsSql = R"(
UPDATE pgwright.retired_objects o SET status = 'restored', ended_at = now()
 WHERE o.entity_id = $1 AND o.kind = 'column' AND o.status = 'retired'
   AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                     JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = o.schema_name AND c.relname = o.table_name
                      AND a.attname = o.column_name AND NOT a.attisdropped))";

struct Retired {
    core::Uuid id;
    core::Uuid entity;
    std::string kind, schema, table, column;
};

std::vector<Retired> retired_before(const core::Uuid& tenant, Datum interval) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(tenant).add(INTERVALOID, interval, false);
    const pg::Result result = pg::execute(
        "SELECT o.id, o.entity_id, o.kind, o.schema_name, o.table_name, coalesce(o.column_name, '')"
        "  FROM pgwright.retired_objects o"
        " WHERE o.tenant_id = $1 AND o.status = 'retired'"
        "   AND o.retired_at <= pg_catalog.now() - $2 ORDER BY o.id FOR UPDATE",
        params, false);
    std::vector<Retired> list;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        list.push_back(
            {row.uuid(0), row.uuid(1), row.text(2), row.text(3), row.text(4), row.text(5)});
    }
    return list;
}

// Without CASCADE: what somebody has built on a retired column keeps it.
std::string drop_statement(const Retired& object) {
    const std::string table = core::quote_qualified(object.schema, object.table);
    if (object.kind == "table") return "DROP TABLE IF EXISTS " + table;
    return "ALTER TABLE IF EXISTS " + table + " DROP COLUMN IF EXISTS " +
           core::quote_identifier(object.column);
}

void mark_purged(const Retired& object) {
    pg::Params params;
    params.add_uuid(object.id);
    execute_as_engine(
        "UPDATE pgwright.retired_objects SET status = 'purged', ended_at = pg_catalog.now() WHERE "
        "id = $1",
        params);
}

Json purged_json(const Retired& object, const std::string& error) {
    Json json = Json::object();
    json.set("id", Json::string(object.id.to_string()));
    json.set("entity_id", Json::string(object.entity.to_string()));
    json.set("kind", Json::string(object.kind));
    json.set("table", Json::string(object.schema + '.' + object.table));
    json.set("column", object.column.empty() ? Json() : Json::string(object.column));
    json.set("purged", Json::boolean(error.empty()));
    json.set("error", error.empty() ? Json() : Json::string(error));
    return json;
}

std::string purge(Datum interval) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    security::require_permission(*identity, "data_model", core::Action::delete_);
    Json report = Json::array();
    for (const Retired& object : retired_before(identity->tenant_id(), interval)) {
        const Outcome outcome = attempt({}, [&] {
            run_as_owner({drop_statement(object)});
            mark_purged(object);
        });
        report.items().push_back(purged_json(object, outcome.error));
        log_operation(*identity, object.entity, "purge_retired", report.items().back(),
                      outcome.error);
    }
    return report.dump();
}

}  // namespace

void register_retired_columns(const core::Entity& entity, const core::Uuid& migration) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(*entity.tenant_id).add_uuid(entity.id).add_uuid(migration);
    params.add_text(entity.schema).add_text(entity.table);
    pg::execute(kRegisterColumnsSql, params, false);
    pg::Params which;
    which.add_uuid(entity.id);
    pg::execute(kRestoreColumnsSql, which, false);
}

void register_retired_table(const core::Entity& entity, const core::Uuid& migration,
                            std::string_view retired_name) {
    pg::Params params;
    params.add_uuid(*entity.tenant_id).add_uuid(entity.id).add_uuid(migration);
    params.add_text(retired_name).add_text(entity.table);
    execute_as_engine(
        "INSERT INTO pgwright.retired_objects (tenant_id, entity_id, migration_id, kind, "
        "schema_name, table_name, name) VALUES ($1, $2, $3, 'table', 'pgwright_retired', $4, $5)",
        params);
}

void mark_table_restored(const core::Uuid& entity) {
    pg::Params params;
    params.add_uuid(entity);
    execute_as_engine(
        "UPDATE pgwright.retired_objects SET status = 'restored', ended_at = pg_catalog.now() "
        "WHERE "
        "entity_id = $1 AND kind = 'table' AND status = 'retired'",
        params);
}

bool is_purged(const core::Uuid& migration) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(migration);
    return !pg::execute(
                "SELECT FROM pgwright.retired_objects WHERE migration_id = $1 AND status = "
                "'purged'",
                params, true)
                .empty();
}

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_purge_retired) {
    return pgwright::pg::json_datum(pgwright::schema::purge(args.datum(0)));
}

PGWRIGHT_FUNCTION(pgwright_list_retired) {
    const auto identity = pgwright::security::require_identity();
    pgwright::security::require_permission(*identity, "data_model", pgwright::core::Action::read);
    return pgwright::pg::json_datum(pgwright::schema::definition_list_json(
        "retired_objects", pgwright::core::Json::object(), "retired_at:desc,id:desc"));
}
