// Import jobs as their table keeps them. A job is its maker's: nobody else runs, changes or cancels it, but
// for the runner of those that he has queued;
// whoever may read transfers of the tenant sees it. All of this runs with the engine's rights.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/transfer_rows.hpp"
#include "security/identity.hpp"
#include "transfer/batch.hpp"

namespace pgwright::transfer {

inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{2} << 30;
inline constexpr std::size_t kPieceBytes = std::size_t{256} << 10;  // a row of import_data
inline constexpr std::size_t kMaxReportedFaults = 10000;            // of one job, in import_errors
inline constexpr std::size_t kMaxListedFaults = 100;                // of these in error_details

struct Counts {
    std::uint64_t processed = 0, successful = 0, failed = 0;
    std::uint64_t inserted = 0, updated = 0;  // together the successful ones
};

struct Job {
    core::Uuid id, entity_id, user_id, tenant_id;
    std::string status;  // pending, processing, completed, failed, cancelled
    bool all_or_nothing = true;
    core::ImportAction action = core::ImportAction::insert;
    std::string key;  // as it was asked for; empty: what the columns give
    core::FileFormat format = core::FileFormat::csv;
    core::ImportOptions options;
    core::Json mapping;                // null: by name
    std::vector<std::string> columns;  // of a CSV file, once its first line was read
    std::uint64_t total_bytes = 0;
    core::FilePosition position;
    Counts counts;
    std::size_t reported = 0;  // faults in import_errors
    core::Json error_details = core::Json::array();
    std::string problem;    // why it failed
    core::Json validation;  // what the last validation found; null: there was none
    bool stored = true;     // its bytes are in import_data
};

// What a request may say of a job; each that it does not say stays as it is.
struct JobRequest {
    std::optional<std::string_view> file_name, format, mode;
    std::optional<std::string_view> mapping, options;  // JSON
    std::optional<std::string_view> action, key;
};

// Makes a job; VALIDATION_ERROR with every fault of the request.
Job create_job(const security::Identity& identity, const core::Entity& entity,
               const JobRequest& request);
// The caller's own job, locked to the end of the transaction. RESOURCE_NOT_FOUND, also for what is no UUID.
Job lock_job(const security::Identity& identity, std::string_view id);
// The same, unless somebody holds it: then nothing, as where there is none.
std::optional<Job> try_lock_job(const security::Identity& identity, std::string_view id);
// Whosever it is: the next one that is queued and that nobody holds.
std::optional<Job> lock_due_job();
// Without a lock: the caller's own job, or RESOURCE_NOT_FOUND.
core::Uuid own_job(const security::Identity& identity, std::string_view id);
// RESOURCE_NOT_FOUND for what is no id.
core::Uuid parse_job_id(std::string_view text);

// The job is due in so many seconds.
void queue_job(const Job& job, std::int64_t seconds = 0);
// Somebody has asked for the end of a job while another transaction held it.
void ask_for_end(const core::Uuid& job);
bool end_is_asked(const Job& job);

// Only of a job that has written nothing.
void change_job(Job& job, const JobRequest& request);
void save_job(const Job& job);
// Notes faults: in import_errors up to their limit, the first ones in the job too.
void report_faults(Job& job, std::span<const RowFault> faults);
void forget_faults(Job& job);
// The keys of rows that are in or were refused; see repeats.hpp.
void forget_keys(const Job& job);
void delete_data(const Job& job);
// Puts bytes behind those that are there.
void append_data(Job& job, std::string_view bytes);

// As JSON texts: one job, or a page of those that the caller sees.
std::string describe_job(const security::Identity& identity, std::string_view id);
std::string list_jobs(const security::Identity& identity, std::optional<std::string_view> entity,
                      std::optional<std::string_view> status, std::int64_t page,
                      std::int64_t page_size);
std::string list_faults(const security::Identity& identity, std::string_view id, std::int64_t page,
                        std::int64_t page_size);

void delete_job(const core::Uuid& job);
// Ends jobs that nobody has gone on with for 30 days, with their files; how many.
std::int64_t expire_jobs();
// Deletes what of the tenant is older than the interval, a datum; how many jobs and export records.
std::int64_t purge(const security::Identity& identity, Datum older_than);

// The bytes of a job from an offset on, piece by piece.
class JobSource final : public core::ByteSource {
  public:
    JobSource(const core::Uuid& job, std::uint64_t offset) : job_(job), offset_(offset) {}
    bool read(std::string& into) override;

  private:
    core::Uuid job_;
    std::uint64_t offset_;
};

}  // namespace pgwright::transfer
