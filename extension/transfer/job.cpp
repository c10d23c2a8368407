// Import jobs; see job.hpp.
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "transfer/job.hpp"

#include <algorithm>

#include "core/utf8.hpp"
#include "security/scope.hpp"
#include "transfer/answer.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Failure;
using core::Faults;
using core::Json;
using security::Identity;
using security::Rights;
using security::Scope;

constexpr std::size_t kMaxFileName = 255;

std::uint64_t positive(const pg::Row& row, int column) {
    return static_cast<std::uint64_t>(row.integer(column));
}

std::int64_t stored(std::uint64_t value) { return static_cast<std::int64_t>(value); }

// What a request says, checked, as it is kept.
struct Terms {
    std::optional<core::FileFormat> format;
    std::optional<bool> all_or_nothing;
    std::optional<core::ImportAction> action;
    std::optional<std::string> key;
    std::optional<Json> mapping;
    std::optional<core::ImportOptions> options;
};

std::optional<Json> document(std::optional<std::string_view> text, std::string_view name,
                             Faults& faults) {
    if (!text) return std::nullopt;
    try {
        return core::parse_json(*text);
    } catch (const Failure& failure) {
        faults.add(name, "must be JSON: " + failure.message());
        return std::nullopt;
    }
}

void read_format(const JobRequest& request, Terms& terms, Faults& faults) {
    if (request.format) {
        terms.format = core::find_format(*request.format);
        if (!terms.format || !core::is_importable(*terms.format))
            faults.add("format", "must be one of: csv, jsonl, json");
    } else if (request.file_name) {
        terms.format = core::format_of_file(*request.file_name);
        if (terms.format && !core::is_importable(*terms.format))
            faults.add("file_name", "is of a format that is not read; give csv, jsonl or json");
    }
}

void read_action(const JobRequest& request, Terms& terms, Faults& faults) {
    if (request.key) terms.key = *request.key;
    if (!request.action) return;
    terms.action = core::find_import_action(*request.action);
    if (!terms.action) faults.add("action", "must be one of: insert, upsert, update");
}

Terms read_terms(const JobRequest& request, Faults& faults) {
    Terms terms;
    read_format(request, terms, faults);
    if (request.file_name &&
        (request.file_name->empty() || core::count_characters(*request.file_name) > kMaxFileName))
        faults.add("file_name", "must be between 1 and 255 characters");
    if (request.mode) {
        terms.all_or_nothing = *request.mode == "all";
        if (*request.mode != "all" && *request.mode != "partial")
            faults.add("mode", "must be one of: all, partial");
    }
    read_action(request, terms, faults);
    if (auto mapping = document(request.mapping, "mapping", faults)) {
        if (!mapping->is_null() && !mapping->is_object())
            faults.add("mapping", "must be an object of columns and fields");
        terms.mapping = *std::move(mapping);
    }
    if (const auto options = document(request.options, "options", faults))
        terms.options = core::parse_import_options(*options, faults);
    return terms;
}

void apply(Job& job, Terms terms) {
    if (terms.format) job.format = *terms.format;
    if (terms.all_or_nothing) job.all_or_nothing = *terms.all_or_nothing;
    if (terms.action) job.action = *terms.action;
    if (terms.key) job.key = *std::move(terms.key);
    if (terms.mapping) job.mapping = *std::move(terms.mapping);
    if (terms.options) job.options = *std::move(terms.options);
}

Json options_json(const core::ImportOptions& options) {
    Json json = Json::object();
    if (options.delimiter != '\0')
        json.set("delimiter", Json::string(std::string(1, options.delimiter)));
    json.set("header", Json::boolean(options.header));
    json.set("null_text", Json::string(options.null_text));
    json.set("decimal_comma", Json::boolean(options.decimal_comma));
    if (!options.date_format.empty()) json.set("date_format", Json::string(options.date_format));
    return json;
}

Json names_json(const std::vector<std::string>& names) {
    Json list = Json::array();
    for (const std::string& name : names) list.items().push_back(Json::string(name));
    return list;
}

void add_json(pg::Params& params, const Json& json) {
    if (json.is_null())
        params.add_null(TEXTOID);
    else
        params.add_text(json.dump());
}

Job job_of(const pg::Row& row) {
    Job job;
    job.id = row.uuid(0);
    job.entity_id = row.uuid(1);
    job.status = row.text(2);
    job.all_or_nothing = row.text(3) == "all";
    job.format = core::find_format(row.text(4)).value_or(core::FileFormat::csv);
    Faults none;
    job.options = core::parse_import_options(core::parse_json(row.text(5)), none);
    if (!row.is_null(6)) job.mapping = core::parse_json(row.text(6));
    if (!row.is_null(7)) {
        const Json columns = core::parse_json(row.text(7));
        for (const Json& name : columns.items()) job.columns.push_back(name.text());
    }
    job.total_bytes = positive(row, 8);
    job.position = {positive(row, 9), positive(row, 10), positive(row, 11)};
    job.counts = {positive(row, 12), positive(row, 13), positive(row, 14)};
    job.reported = static_cast<std::size_t>(row.integer(15));
    job.error_details = core::parse_json(row.text(16));
    if (!row.is_null(17)) job.validation = core::parse_json(row.text(17));
    job.action = core::find_import_action(row.text(18)).value_or(core::ImportAction::insert);
    job.key = row.optional_text(19).value_or("");
    job.counts.inserted = positive(row, 20);
    job.counts.updated = positive(row, 21);
    job.user_id = row.uuid(22);
    job.tenant_id = row.uuid(23);
    return job;
}

}  // namespace

core::Uuid parse_job_id(std::string_view text) {
    const auto id = core::Uuid::parse(text);
    if (!id) throw Failure(Code::resource_not_found, "there is no such job");
    return *id;
}

Job create_job(const Identity& identity, const core::Entity& entity, const JobRequest& request) {
    Faults faults;
    Terms terms = read_terms(request, faults);
    if (!terms.format && faults.empty())
        faults.add("format", "is required: csv, jsonl or json, or a file_name that ends so");
    faults.raise("the import is not valid");
    Job job;
    job.entity_id = entity.id;
    job.status = "pending";
    apply(job, std::move(terms));
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add_uuid(entity.id).add_uuid(identity.user_id());
    params.add_text(request.file_name.value_or(""))
        .add_text(core::format_name(job.format))
        .add_text(job.all_or_nothing ? "all" : "partial");
    const pg::Result made = pg::execute(
        "INSERT INTO pgwright.import_jobs (tenant_id, entity_id, user_id, file_name, file_format, "
        "mode) VALUES ($1, $2, $3, nullif($4, ''), $5, $6) RETURNING id",
        params, false);
    job.id = made.row(0).uuid(0);
    job.tenant_id = identity.tenant_id();
    job.user_id = identity.user_id();
    return job;
}

namespace {

// Not FOR UPDATE: who asks for the end of a running job refers to its row.
std::optional<Job> find_and_lock(const std::string& which, const pg::Params& params) {
    const Scope scope(Rights::engine);
    const pg::Result found = pg::execute(
        "SELECT id, entity_id, status, mode, file_format, options::text, mapping::text, "
        "columns::text, total_bytes, processed_bytes, processed_lines, processed_records, "
        "processed_rows, successful_rows, failed_rows, reported_errors, error_details::text, "
        "validation::text, action, key_fields, inserted_rows, updated_rows, user_id, tenant_id "
        "FROM pgwright.import_jobs WHERE " +
            which,
        params, false);
    if (found.empty()) return std::nullopt;
    return job_of(found.row(0));
}

pg::Params own(const Identity& identity, std::string_view id) {
    pg::Params params;
    params.add_uuid(parse_job_id(id)).add_uuid(identity.tenant_id()).add_uuid(identity.user_id());
    return params;
}

constexpr char kOwn[] = "id = $1 AND tenant_id = $2 AND user_id = $3 FOR NO KEY UPDATE";

}  // namespace

Job lock_job(const Identity& identity, std::string_view id) {
    auto job = find_and_lock(kOwn, own(identity, id));
    if (!job) throw Failure(Code::resource_not_found, "there is no such job");
    return *std::move(job);
}

std::optional<Job> try_lock_job(const Identity& identity, std::string_view id) {
    return find_and_lock(std::string(kOwn) + " SKIP LOCKED", own(identity, id));
}

core::Uuid own_job(const Identity& identity, std::string_view id) {
    const Scope scope(Rights::engine);
    const pg::Result found = pg::execute(
        "SELECT id FROM pgwright.import_jobs WHERE id = $1 AND tenant_id = $2 AND user_id = $3",
        own(identity, id), true);
    if (found.empty()) throw Failure(Code::resource_not_found, "there is no such job");
    return found.row(0).uuid(0);
}

std::optional<Job> lock_due_job() {
    return find_and_lock(
        "queued_at <= pg_catalog.clock_timestamp() AND status IN ('pending', 'processing') ORDER "
        "BY queued_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        pg::Params());
}

void change_job(Job& job, const JobRequest& request) {
    if (job.counts.successful > 0 || (job.status != "pending" && job.status != "failed"))
        throw Failure(Code::conflict, "the import is " + job.status + " and cannot be changed");
    Faults faults;
    Terms terms = read_terms(request, faults);
    faults.raise("the import is not valid");
    apply(job, std::move(terms));
    job.status = "pending";
    // Both follow from what was just changed.
    job.columns.clear();
    job.position = {};
}

void save_job(const Job& job) {
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job.id)
        .add_text(job.status)
        .add_text(job.all_or_nothing ? "all" : "partial")
        .add_text(core::format_name(job.format))
        .add_text(options_json(job.options).dump());
    add_json(params, job.mapping);
    add_json(params, job.columns.empty() ? Json() : names_json(job.columns));
    params.add_bigint(stored(job.total_bytes))
        .add_bigint(stored(job.position.bytes))
        .add_bigint(stored(job.position.lines))
        .add_bigint(stored(job.position.records))
        .add_bigint(stored(job.counts.processed))
        .add_bigint(stored(job.counts.successful))
        .add_bigint(stored(job.counts.failed))
        .add_bigint(stored(job.reported))
        .add_text(job.error_details.dump())
        .add_text(job.problem);
    add_json(params, job.validation);
    params.add_text(core::action_text(job.action))
        .add_text(job.key)
        .add_bigint(stored(job.counts.inserted))
        .add_bigint(stored(job.counts.updated));
    pg::execute(
        "UPDATE pgwright.import_jobs SET status = $2, mode = $3, file_format = $4, options = "
        "$5::jsonb, mapping = $6::jsonb, columns = $7::jsonb, total_bytes = $8, processed_bytes = "
        "$9, processed_lines = $10, processed_records = $11, processed_rows = $12, successful_rows "
        "= $13, failed_rows = $14, reported_errors = $15, error_details = $16::jsonb, "
        "error_message = nullif($17, ''), validation = $18::jsonb, action = $19, key_fields = "
        "nullif($20, ''), inserted_rows = $21, updated_rows = $22, updated_at = pg_catalog.now(), "
        "total_rows = CASE WHEN $2 = 'completed' THEN $12 ELSE coalesce(($18::jsonb ->> "
        "'total_rows')::bigint, 0) END, started_at = CASE WHEN $2 <> 'pending' THEN "
        "coalesce(started_at, pg_catalog.now()) END, completed_at = CASE WHEN $2 IN ('completed', "
        "'failed', 'cancelled') THEN coalesce(completed_at, pg_catalog.clock_timestamp()) END "
        "WHERE id = $1",
        params, false);
}

void report_faults(Job& job, std::span<const RowFault> faults) {
    const std::size_t room = kMaxReportedFaults - std::min(kMaxReportedFaults, job.reported);
    const auto kept = faults.first(std::min(faults.size(), room));
    if (kept.empty()) return;
    Json list = Json::array();
    for (const RowFault& fault : kept) {
        Json each = Json::object();
        each.set("line", Json::number(std::to_string(fault.line)));
        each.set("row", Json::number(std::to_string(fault.row)));
        each.set("field", Json::string(fault.field));
        each.set("message", Json::string(fault.message));
        if (job.error_details.items().size() < kMaxListedFaults)
            job.error_details.items().push_back(each);
        list.items().push_back(std::move(each));
    }
    job.reported += kept.size();
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job.id).add_text(list.dump());
    pg::execute(
        "INSERT INTO pgwright.import_errors (tenant_id, job_id, line, row_number, field, message) "
        "SELECT j.tenant_id, j.id, f.line, f.\"row\", nullif(f.field, ''), f.message FROM "
        "pgwright.import_jobs j, pg_catalog.jsonb_to_recordset($2::jsonb) AS f (line bigint, "
        "\"row\" bigint, field text, message text) WHERE j.id = $1",
        params, false);
}

void forget_faults(Job& job) {
    job.error_details = Json::array();
    job.reported = 0;
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job.id);
    pg::execute("DELETE FROM pgwright.import_errors WHERE job_id = $1", params, false);
}

void queue_job(const Job& job, std::int64_t seconds) {
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job.id).add_bigint(seconds);
    pg::execute(
        "UPDATE pgwright.import_jobs SET queued_at = pg_catalog.clock_timestamp() + $2 * interval "
        "'1 second' WHERE id = $1",
        params, false);
}

bool end_is_asked(const Job& job) {
    const Scope scope(Rights::engine);
    const pg::FreshSnapshot now;
    pg::Params params;
    params.add_uuid(job.id);
    return !pg::execute("SELECT FROM pgwright.import_cancellations WHERE job_id = $1", params, true)
                .empty();
}

void ask_for_end(const core::Uuid& job) {
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job);
    pg::execute(
        "INSERT INTO pgwright.import_cancellations (job_id) VALUES ($1) ON CONFLICT DO NOTHING",
        params, false);
}

void forget_keys(const Job& job) {
    if (job.action == core::ImportAction::insert) return;
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job.id);
    pg::execute("DELETE FROM pgwright.import_keys WHERE job_id = $1", params, false);
}

void delete_data(const Job& job) {
    if (!job.stored) return;
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job.id);
    pg::execute("DELETE FROM pgwright.import_data WHERE job_id = $1", params, false);
}

void append_data(Job& job, std::string_view bytes) {
    const Scope scope(Rights::engine);
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, kPieceBytes);
        bytes.remove_prefix(piece.size());
        pg::Params params;
        params.add_uuid(job.id).add_bigint(stored(job.total_bytes)).add_bytea(piece);
        pg::execute(
            "INSERT INTO pgwright.import_data (job_id, start_at, content) VALUES ($1, $2, $3)",
            params, false);
        job.total_bytes += piece.size();
    }
}

bool JobSource::read(std::string& into) {
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(job_).add_bigint(stored(offset_));
    const pg::Result found = pg::execute(
        "SELECT substring(d.content FROM ($2 - d.start_at + 1)::integer) FROM pgwright.import_data "
        "d WHERE d.job_id = $1 AND d.start_at = (SELECT max(x.start_at) FROM pgwright.import_data "
        "x WHERE x.job_id = $1 AND x.start_at <= $2) AND d.start_at + length(d.content) > $2",
        params, false);
    if (found.empty()) return false;
    const std::string bytes = found.row(0).text(0);
    into += bytes;
    offset_ += bytes.size();
    return true;
}

}  // namespace pgwright::transfer
