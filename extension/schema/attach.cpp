// SQL: attach_schema, detach_schema: which schemas beyond its own a tenant's designers may look at and
// import from. A decision of a database administrator, who trusts the owners of what is there: their
// triggers run when the engine writes to their tables. Attaching lets our roles into the schema;
// detaching the last tenant takes back what attaching gave.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "core/error.hpp"
#include "core/identifier.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Code;
using core::Failure;
using core::Uuid;
using security::Rights;
using security::Scope;

void require_administrator() {
    if (!security::is_administrator())
        throw Failure(Code::permission_denied,
                      "only a member of pgwright_admin attaches and detaches schemas");
}

Uuid require_tenant(std::string_view slug) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_text(slug);
    const pg::Result result = pg::execute(
        "SELECT id FROM pgwright.tenants WHERE slug = $1 AND NOT is_deleted", params, false);
    if (result.empty())
        throw Failure(Code::resource_not_found, "there is no such tenant",
                      {{"tenant", "is not known"}});
    return result.row(0).uuid(0);
}

// What may never be attached is a fault, also when there is no schema of that name.
void require_attachable(std::string_view schema) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_text(schema);
    const pg::Result result = pg::execute(
        "SELECT $1 ~ '^(pg_|pgwright|information_schema$)' OR EXISTS (SELECT FROM "
        "pgwright.tenants WHERE schema_name = $1), EXISTS (SELECT FROM pg_namespace WHERE nspname "
        "= $1)",
        params, false);
    const pg::Row row = result.row(0);
    if (row.boolean(0))
        throw Failure(Code::validation_error, "the schema cannot be attached",
                      {{"schema", "belongs to the server, to pgwright or to a tenant"}});
    if (!row.boolean(1))
        throw Failure(Code::resource_not_found, "there is no such schema",
                      {{"schema", "is not known"}});
}

pg::Params both(const Uuid& tenant, std::string_view schema) {
    pg::Params params;
    params.add_uuid(tenant).add_text(schema);
    return params;
}

std::vector<std::string> texts(std::string_view sql, const pg::Params& params) {
    const pg::Result result = pg::execute(sql, params, false);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < result.rows(); ++i) all.push_back(result.row(i).text(0));
    return all;
}

void attach(std::string_view schema, const Uuid& tenant) {
    Scope scope(Rights::engine);
    pg::Params name;
    name.add_text(schema);
    const auto strangers = texts(
        "SELECT r FROM unnest(ARRAY['pgwright_runtime', 'pgwright_user', 'pgwright_owner']) r "
        "WHERE NOT "
        "has_schema_privilege(r, $1, 'USAGE')",
        name);
    for (const std::string& role : strangers)
        pg::run("GRANT USAGE ON SCHEMA " + core::quote_identifier(schema) + " TO " + role);
    pg::Params row = both(tenant, schema);
    row.add_text_array(strangers);
    pg::execute(
        "INSERT INTO pgwright.attached_schemas (tenant_id, schema_name, usage_granted) VALUES ($1, "
        "$2, to_jsonb($3)) ON CONFLICT (tenant_id, schema_name) DO NOTHING",
        row, false);
}

void require_nothing_imported(std::string_view schema, const Uuid& tenant) {
    Scope scope(Rights::engine);
    std::vector<core::Fault> faults;
    for (const std::string& entity :
         texts("SELECT name FROM pgwright.entity_definitions WHERE tenant_id = $1 AND schema_name "
               "= $2 AND NOT is_deleted ORDER BY 1",
               both(tenant, schema)))
        faults.push_back({entity, "is imported from the schema"});
    if (!faults.empty()) throw Failure(Code::conflict, "the schema is in use", std::move(faults));
}

// What attaching gave passes on to another tenant that has the schema, or is taken back.
void detach(std::string_view schema, const Uuid& tenant) {
    Scope scope(Rights::engine);
    const pg::Params params = both(tenant, schema);
    const auto granted = texts(
        "WITH gone AS (DELETE FROM pgwright.attached_schemas WHERE tenant_id = $1 AND schema_name "
        "= $2 RETURNING usage_granted), heir AS (SELECT id FROM pgwright.attached_schemas WHERE "
        "tenant_id <> $1 AND schema_name = $2 ORDER BY id LIMIT 1), passed AS (UPDATE "
        "pgwright.attached_schemas a SET usage_granted = a.usage_granted || gone.usage_granted "
        "FROM gone, heir WHERE a.id = heir.id RETURNING a.id) SELECT role FROM gone, "
        "jsonb_array_elements_text(usage_granted) role WHERE NOT EXISTS (SELECT FROM passed) AND "
        "EXISTS (SELECT FROM "
        "pg_namespace WHERE nspname = $2)",
        params);
    for (const std::string& role : granted)
        pg::run("REVOKE USAGE ON SCHEMA " + core::quote_identifier(schema) + " FROM " + role);
}

}  // namespace

void attach_schema(std::string_view schema, std::string_view tenant_slug) {
    require_administrator();
    const Uuid tenant = require_tenant(tenant_slug);
    require_attachable(schema);
    attach(schema, tenant);
}

void detach_schema(std::string_view schema, std::string_view tenant_slug) {
    require_administrator();
    const Uuid tenant = require_tenant(tenant_slug);
    require_nothing_imported(schema, tenant);
    detach(schema, tenant);
}

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_attach_schema) {
    pgwright::schema::attach_schema(args.text(0), args.text(1));
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_detach_schema) {
    pgwright::schema::detach_schema(args.text(0), args.text(1));
    return pgwright::pg::return_void();
}
