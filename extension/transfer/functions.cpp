// SQL: the import functions. They unpack arguments; the work is in job.hpp and import.hpp.
#include "pg/guard.hpp"

#include "transfer/due.hpp"
#include "transfer/import.hpp"
#include "transfer/job_reader.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Failure;

constexpr std::int64_t kMaxRowsOfRun = 1000000;

// Whoever imports into an entity, which he must be allowed in that way.
struct Importer : data::Caller {
    Importer(const security::IdentityPointer& who, std::string_view name, core::ImportAction action)
        : data::Caller(who, name) {
        require_import(*this, action);
    }
};

struct Caller {
    security::IdentityPointer identity = security::require_identity();
    Job job;

    explicit Caller(const pg::Arguments& args) : job(lock_job(*identity, args.text(0))) {}
    [[nodiscard]] Importer importer() const {
        return {identity, job.entity_id.to_string(), job.action};
    }
    [[nodiscard]] Datum answer() const {
        return pg::json_datum(describe_job(*identity, job.id.to_string()));
    }
};

// file_name, format, mode, mapping, options, action, key: from the argument at `first` on.
JobRequest request_of(const pg::Arguments& args, int first) {
    return {args.optional_text(first),     args.optional_text(first + 1),
            args.optional_text(first + 2), args.optional_text(first + 3),
            args.optional_text(first + 4), args.optional_text(first + 5),
            args.optional_text(first + 6)};
}

// For whose rights are asked before what the request says: a wrong one is told later.
core::ImportAction action_of(const JobRequest& request) {
    return core::find_import_action(request.action.value_or(""))
        .value_or(core::ImportAction::insert);
}

void check_key(const Job& job, const data::Caller& caller) {
    if (job.action == core::ImportAction::insert && !job.key.empty())
        throw Failure(Code::validation_error, "the import is not valid",
                      {{"key", "is for action upsert or update alone"}});
    (void)rules_of(job, caller);
}

void require_pending(const Job& job) {
    if (job.status != "pending")
        throw Failure(Code::conflict,
                      "the import is " + job.status + " and takes no more of the file");
}

// Where the bytes belong, so that a request that is sent again adds nothing.
void check_offset(const Job& job, std::optional<std::int64_t> offset) {
    if (!offset || *offset == static_cast<std::int64_t>(job.total_bytes)) return;
    throw Failure(Code::conflict, "the job goes on elsewhere",
                  {{"offset", "must be " + std::to_string(job.total_bytes)}});
}

void check_size(std::uint64_t bytes) {
    if (bytes > kMaxFileBytes)
        throw Failure(Code::validation_error, "the file is too large",
                      {{"content", "must have at most 2 GB together"}});
}

std::int64_t bounded(std::int64_t value, std::int64_t highest, std::string_view name) {
    if (value < 1 || value > highest)
        throw Failure(Code::validation_error, "the request is not valid",
                      {{std::string(name), "must be between 1 and " + std::to_string(highest)}});
    return value;
}

}  // namespace

}  // namespace pgwright::transfer

namespace {
namespace pg = pgwright::pg;
namespace transfer = pgwright::transfer;
}  // namespace

PGWRIGHT_FUNCTION(pgwright_create_import_job) {
    const auto identity = pgwright::security::require_identity();
    const transfer::JobRequest request = transfer::request_of(args, 1);
    const transfer::Importer importer(identity, args.text(0), transfer::action_of(request));
    const transfer::Job job = transfer::create_job(*identity, *importer.entity, request);
    transfer::check_key(job, importer);
    transfer::save_job(job);
    return pg::json_datum(transfer::describe_job(*identity, job.id.to_string()));
}

PGWRIGHT_FUNCTION(pgwright_update_import_job) {
    transfer::Caller caller(args);
    transfer::change_job(caller.job, transfer::request_of(args, 1));
    transfer::check_key(caller.job, caller.importer());
    transfer::save_job(caller.job);
    return caller.answer();
}

PGWRIGHT_FUNCTION(pgwright_add_import_data) {
    transfer::Caller caller(args);
    transfer::require_pending(caller.job);
    transfer::check_offset(caller.job, args.optional_bigint(2));
    const std::string_view bytes = args.text(1);
    transfer::check_size(caller.job.total_bytes + bytes.size());
    transfer::append_data(caller.job, bytes);
    // What was found in less of the file does not stand.
    caller.job.validation = {};
    transfer::save_job(caller.job);
    return caller.answer();
}

PGWRIGHT_FUNCTION(pgwright_preview_import_job) {
    const transfer::Caller caller(args);
    const transfer::Importer importer = caller.importer();
    transfer::JobSource source(caller.job.id, 0);
    return pg::json_datum(transfer::preview_job(
        caller.job, importer, source,
        transfer::bounded(args.integer(1), transfer::kMaxPreviewRows, "rows")));
}

PGWRIGHT_FUNCTION(pgwright_validate_import_job) {
    transfer::Caller caller(args);
    const transfer::Importer importer = caller.importer();
    transfer::JobSource source(caller.job.id, 0);
    transfer::validate_job(caller.job, importer, source);
    return caller.answer();
}

PGWRIGHT_FUNCTION(pgwright_run_import_job) {
    transfer::Caller caller(args);
    const transfer::Importer importer = caller.importer();
    const bool goes_on = caller.job.status == "processing";
    transfer::JobSource source(caller.job.id, goes_on ? caller.job.position.bytes : 0);
    transfer::run_job(caller.job, importer, source,
                      static_cast<std::uint64_t>(
                          transfer::bounded(args.integer(1), transfer::kMaxRowsOfRun, "max_rows")));
    return caller.answer();
}

PGWRIGHT_FUNCTION(pgwright_queue_import_job) {
    transfer::Caller caller(args);
    (void)caller.importer();
    transfer::queue(*caller.identity, caller.job);
    return caller.answer();
}

PGWRIGHT_FUNCTION(pgwright_run_due_job) {
    return pg::bool_datum(transfer::run_due(static_cast<std::uint64_t>(
        transfer::bounded(args.integer(0), transfer::kMaxRowsOfRun, "max_rows"))));
}

PGWRIGHT_FUNCTION(pgwright_cancel_import_job) {
    const auto identity = pgwright::security::require_identity();
    if (auto job = transfer::try_lock_job(*identity, args.text(0)))
        transfer::cancel_job(*job);
    else
        transfer::ask_for_end(transfer::own_job(*identity, args.text(0)));
    return pg::json_datum(transfer::describe_job(*identity, args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_delete_import_job) {
    const auto identity = pgwright::security::require_identity();
    const pgwright::core::Uuid id = transfer::own_job(*identity, args.text(0));
    const auto job = transfer::try_lock_job(*identity, args.text(0));
    if (!job || job->status == "processing")
        throw transfer::Failure(transfer::Code::conflict, "the import is processing", {},
                                "Cancel it first.");
    transfer::delete_job(id);
    return pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_import_records) {
    const auto identity = pgwright::security::require_identity();
    const transfer::JobRequest request = transfer::request_of(args, 2);
    const transfer::Importer importer(identity, args.text(0), transfer::action_of(request));
    transfer::Job job = transfer::create_job(*identity, *importer.entity, request);
    transfer::check_key(job, importer);
    const std::string_view bytes = args.text(1);
    job.total_bytes = bytes.size();
    job.stored = false;
    pgwright::core::TextSource source(bytes);
    transfer::run_job(job, importer, source, UINT32_MAX);
    return pg::json_datum(transfer::describe_job(*identity, job.id.to_string()));
}

PGWRIGHT_FUNCTION(pgwright_get_import_job) {
    const auto identity = pgwright::security::require_identity();
    return pg::json_datum(transfer::describe_job(*identity, args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_list_import_jobs) {
    const auto identity = pgwright::security::require_identity();
    return pg::json_datum(transfer::list_jobs(
        *identity, args.optional_text(0), args.optional_text(1), args.integer(2), args.integer(3)));
}

PGWRIGHT_FUNCTION(pgwright_list_import_errors) {
    const auto identity = pgwright::security::require_identity();
    return pg::json_datum(
        transfer::list_faults(*identity, args.text(0), args.integer(1), args.integer(2)));
}

PGWRIGHT_FUNCTION(pgwright_purge_transfers) {
    const auto identity = pgwright::security::require_identity();
    pgwright::security::require_permission(*identity, "transfers", pgwright::core::Action::delete_);
    return pg::bigint_datum(transfer::purge(*identity, args.datum(0)));
}
