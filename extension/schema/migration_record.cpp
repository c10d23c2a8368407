#include "schema/migration_record.hpp"

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "core/error.hpp"
#include "schema/execution.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Code;
using core::Failure;
using security::Rights;
using security::Scope;

void add_optional(pg::Params& params, std::optional<std::string_view> text) {
    if (text)
        params.add_text(*text);
    else
        params.add_null(TEXTOID);
}

constexpr std::string_view kColumns =
    "SELECT m.id, m.entity_id, m.migration_name, m.migration_type, m.from_version, m.to_version,"
    " m.up_script, coalesce(m.down_script, ''), coalesce(m.changes, '[]')::text, m.batch_id,"
    " m.status, m.down_probes::text FROM pgwright.entity_migrations m WHERE ";

MigrationRecord read_record(const pg::Row& row) {
    MigrationRecord record;
    record.id = row.uuid(0);
    record.entity_id = row.uuid(1);
    record.name = row.text(2);
    record.type = row.text(3);
    record.from = static_cast<int>(row.optional_integer(4).value_or(0));
    record.to = static_cast<int>(row.integer(5));
    record.up = row.text(6);
    record.down = row.text(7);
    record.changes = core::parse_json(row.text(8));
    record.batch = row.optional_uuid(9);
    record.status = row.text(10);
    record.down_probes = core::parse_json(row.text(11));
    return record;
}

std::vector<MigrationRecord> read(std::string_view condition, const pg::Params& params) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    const pg::Result result = pg::execute(std::string(kColumns).append(condition), params, true);
    std::vector<MigrationRecord> records;
    for (std::size_t i = 0; i < result.rows(); ++i) records.push_back(read_record(result.row(i)));
    return records;
}

}  // namespace

void insert_migration(const security::Identity& identity, const MigrationRecord& record,
                      const Outcome& outcome, std::optional<std::string_view> message) {
    const bool failed = !outcome.error.empty();
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(record.id).add_uuid(record.entity_id).add_uuid(identity.tenant_id());
    params.add_text(record.name).add_text(record.type);
    if (record.from == 0)
        params.add_null(INT4OID);
    else
        params.add_integer(record.from);
    params.add_integer(record.to).add_text(record.up).add_text(record.down);
    params.add_text(failed ? "failed" : "completed");
    params.add_integer(static_cast<std::int32_t>(outcome.milliseconds));
    add_optional(params, failed ? std::optional<std::string_view>(outcome.error) : std::nullopt);
    add_optional(params, message);
    params.add_text(record.changes.dump()).add_uuid(identity.user_id()).add_text(record.risk);
    if (record.batch)
        params.add_uuid(*record.batch);
    else
        params.add_null(UUIDOID);
    params.add_text(record.down_probes.is_array() ? record.down_probes.dump() : "[]");
    pg::execute(
        "INSERT INTO pgwright.entity_migrations (id, entity_id, tenant_id, migration_name, "
        "migration_type, from_version, to_version, up_script, down_script, status, "
        "execution_time_ms, error_message, commit_message, changes, created_by, risk, batch_id, "
        "down_probes, executed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::pg_catalog.jsonb, "
        "$15, $16, $17, $18::pg_catalog.jsonb, pg_catalog.now())",
        params, false);
}

MigrationRecord require_migration(const security::Identity& identity, std::string_view id) {
    const auto uuid = core::Uuid::parse(id);
    pg::Params params;
    params.add_uuid(uuid.value_or(core::Uuid{})).add_uuid(identity.tenant_id());
    auto found = read("m.id = $1 AND m.tenant_id = $2", params);
    if (found.empty()) throw Failure(Code::resource_not_found, "there is no such migration");
    return std::move(found.front());
}

std::vector<MigrationRecord> standing_migrations(const core::Uuid& entity) {
    pg::Params params;
    params.add_uuid(entity);
    return read("m.entity_id = $1 AND m.status = 'completed' ORDER BY m.created_at DESC, m.id DESC",
                params);
}

std::vector<MigrationRecord> batch_of(const core::Uuid& batch) {
    pg::Params params;
    params.add_uuid(batch);
    return read("m.batch_id = $1 AND m.status = 'completed' ORDER BY m.entity_id", params);
}

void mark_rolled_back(const core::Uuid& migration, const core::Uuid& user) {
    pg::Params params;
    params.add_uuid(migration).add_uuid(user);
    execute_as_engine(
        "UPDATE pgwright.entity_migrations SET status = 'rolled_back', rolled_back_at = "
        "pg_catalog.now(), rolled_back_by = $2 WHERE id = $1",
        params);
}

}  // namespace pgwright::schema
