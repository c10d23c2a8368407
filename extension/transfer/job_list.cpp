// What is told of import jobs, and what is left of them; see job.hpp.
#include "pg/spi.hpp"

#include <algorithm>
#include <array>

#include "security/scope.hpp"
#include "transfer/answer.hpp"
#include "transfer/job.hpp"

namespace pgwright::transfer {

using core::Code;
using core::Failure;
using security::Identity;
using security::Rights;
using security::Scope;

namespace {

constexpr std::string_view kColumns =
    "j.id, e.name AS entity, j.entity_id, j.user_id, j.file_name, j.file_format, j.mode, j.action, "
    "j.key_fields AS key, j.status, j.mapping, j.options, j.columns, j.total_bytes, "
    "j.processed_bytes, j.total_rows, "
    "j.processed_rows, j.successful_rows, j.inserted_rows, j.updated_rows, j.failed_rows, "
    "j.validation, j.error_message, "
    "j.error_details, j.queued_at, j.status IN ('pending', 'processing') AND EXISTS (SELECT FROM "
    "pgwright.import_cancellations c WHERE c.job_id = j.id) AS cancel_requested, j.created_at, "
    "j.started_at, j.completed_at";

// The caller's own, or with transfers:read all of the tenant's: parameters $1 and $2.
pg::Params seen_by(const Identity& identity) {
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    if (identity.may("transfers", core::Action::read))
        params.add_null(UUIDOID);
    else
        params.add_uuid(identity.user_id());
    return params;
}

constexpr std::string_view kSeen = "j.tenant_id = $1 AND ($2 IS NULL OR j.user_id = $2)";

constexpr std::array<std::string_view, 5> kStates = {"pending", "processing", "completed", "failed",
                                                     "cancelled"};

void add_optional(pg::Params& params, std::optional<std::string_view> text) {
    if (text)
        params.add_text(*text);
    else
        params.add_null(TEXTOID);
}

}  // namespace

std::string describe_job(const Identity& identity, std::string_view id) {
    pg::Params params = seen_by(identity);
    params.add_uuid(parse_job_id(id));
    const Scope scope(Rights::engine);
    const pg::Result found =
        pg::execute("SELECT " + std::string(kColumns) +
                        " FROM pgwright.import_jobs j JOIN pgwright.entity_definitions e ON e.id = "
                        "j.entity_id WHERE j.id = $3 AND " +
                        std::string(kSeen),
                    params, false);
    if (found.empty()) throw Failure(Code::resource_not_found, "there is no such job");
    core::JsonWriter writer;
    write_row(writer, found.row(0), found.descriptor());
    return std::string(writer.view());
}

std::string list_jobs(const Identity& identity, std::optional<std::string_view> entity,
                      std::optional<std::string_view> status, std::int64_t page,
                      std::int64_t page_size) {
    if (status && std::ranges::find(kStates, *status) == kStates.end())
        throw Failure(
            Code::validation_error, "the filter is not valid",
            {{"status", "must be one of: pending, processing, completed, failed, cancelled"}});
    pg::Params params = seen_by(identity);
    add_optional(params, entity);
    add_optional(params, status);
    const std::string from =
        " FROM pgwright.import_jobs j JOIN pgwright.entity_definitions e ON e.id = j.entity_id "
        "WHERE " +
        std::string(kSeen) +
        " AND ($3 IS NULL OR e.name = $3 OR e.id::text = $3) AND ($4 IS NULL OR j.status = $4)";
    const Scope scope(Rights::engine);
    return page_of(std::string(kColumns), from, "j.created_at DESC, j.id DESC", std::move(params),
                   page, page_size);
}

std::string list_faults(const Identity& identity, std::string_view id, std::int64_t page,
                        std::int64_t page_size) {
    (void)describe_job(identity, id);
    pg::Params params;
    params.add_uuid(parse_job_id(id));
    const Scope scope(Rights::engine);
    return page_of("f.line, f.row_number, f.field, f.message",
                   " FROM pgwright.import_errors f WHERE f.job_id = $1", "f.line, f.id",
                   std::move(params), page, page_size);
}

void delete_job(const core::Uuid& job) {
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job);
    pg::execute("DELETE FROM pgwright.import_jobs WHERE id = $1", params, false);
}

std::int64_t expire_jobs() {
    const Scope scope(Rights::engine);
    const pg::Result ended = pg::execute(
        "WITH old AS (SELECT id FROM pgwright.import_jobs WHERE status IN ('pending', "
        "'processing', 'failed') AND updated_at < pg_catalog.now() - interval '30 days' ORDER BY "
        "updated_at LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED), data AS (DELETE FROM "
        "pgwright.import_data d USING old WHERE d.job_id = old.id), keys AS (DELETE FROM "
        "pgwright.import_keys k USING old WHERE k.job_id = old.id) UPDATE pgwright.import_jobs j "
        "SET status = 'cancelled', error_message = 'nobody went on with it for 30 days', "
        "completed_at = coalesce(completed_at, pg_catalog.now()), updated_at = pg_catalog.now() "
        "FROM old WHERE j.id = old.id",
        pg::Params(), false);
    return static_cast<std::int64_t>(ended.processed());
}

std::int64_t purge(const Identity& identity, Datum older_than) {
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add(INTERVALOID, older_than, false);
    const Scope scope(Rights::engine);
    const pg::Result jobs = pg::execute(
        "DELETE FROM pgwright.import_jobs WHERE tenant_id = $1 AND updated_at < pg_catalog.now() - "
        "$2",
        params, false);
    const pg::Result exports = pg::execute(
        "DELETE FROM pgwright.export_jobs WHERE tenant_id = $1 AND completed_at < "
        "pg_catalog.now() - $2",
        params, false);
    return static_cast<std::int64_t>(jobs.processed() + exports.processed());
}

}  // namespace pgwright::transfer
