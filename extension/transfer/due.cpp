// The runner of queued imports; see due.hpp.
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include "transfer/due.hpp"

#include "transfer/import.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Failure;

constexpr std::int64_t kPauseSeconds = 60;  // after what may pass by itself

// As his rights are now; a maker who has none any more is nobody.
security::IdentityPointer maker_of(const Job& job) {
    auto identity = security::describe_user(job.user_id, job.tenant_id);
    if (!identity)
        throw Failure(Code::permission_denied, "who made the import has no rights any more");
    return identity;
}

void run_step(Job& job, std::uint64_t max_rows) {
    // Parallel workers would not know the identity.
    pg::SettingsScope settings;
    settings.set("max_parallel_workers_per_gather", "0");
    const security::IdentityPointer identity = maker_of(job);
    const security::ActingAs acting(identity);
    const data::Caller caller(identity, job.entity_id.to_string());
    require_import(caller, job.action);
    JobSource source(job.id, job.status == "processing" ? job.position.bytes : 0);
    run_job(job, caller, source, max_rows);
}

std::string told(const Failure& failure) {
    std::string text = failure.message();
    for (const core::Fault& fault : failure.faults())
        text.append("; ").append(fault.field).append(": ").append(fault.message);
    return text;
}

// A conflict of transactions, resources, an operator: it may go better next time.
bool may_pass(const pg::Error& error) {
    return error.in_class("40") || error.in_class("53") || error.in_class("55") ||
           error.in_class("57") || error.in_class("58");
}

// Its cause is for the server's log alone.
void log(const Job& job, const pg::Error& error) {
    const std::string id = job.id.to_string();
    const char* const name = id.c_str();
    const char* const cause = error.what();
    pg::call([=] { ereport(LOG, (errmsg("import job %s: %s", name, cause))); });
}

struct Outcome {
    std::string problem;  // empty: it went well
    bool postponed = false;
};

Outcome attempt(Job& job, std::uint64_t max_rows) {
    const pg::Spi spi;
    try {
        pg::Subtransaction step;
        run_step(job, max_rows);
        step.commit();
        return {};
    } catch (const Failure& failure) {
        return {told(failure), failure.code() == Code::database_error};
    } catch (const pg::Error& error) {
        if (error.is_cancel()) throw;
        log(job, error);
        return {"an error of the server ended it", may_pass(error)};
    }
}

}  // namespace

void queue(const security::Identity& identity, Job& job) {
    if (identity.is_restricted() || identity.api_key)
        throw Failure(Code::permission_denied,
                      "an import goes on by itself with all rights of its maker, and this token "
                      "proves fewer",
                      {}, "Run it with this token, or queue it signed in.");
    check_runnable(job);
    if (job.status == "failed") {
        job.status = "pending";
        job.counts = {};
        job.position = {};
        job.columns.clear();
        job.problem.clear();
        save_job(job);
    }
    queue_job(job);
}

bool run_due(std::uint64_t max_rows) {
    auto job = lock_due_job();
    if (!job) {
        expire_jobs();
        return false;
    }
    Job before = *job;
    const Outcome outcome = attempt(*job, max_rows);
    if (!outcome.problem.empty()) {
        // What the step did is undone, and what it said of the job with it.
        *job = std::move(before);
        job->problem = outcome.problem;
        if (!outcome.postponed) job->status = "failed";
        save_job(*job);
    }
    queue_job(*job, outcome.postponed ? kPauseSeconds : 0);
    return true;
}

}  // namespace pgwright::transfer
