// Running and validating; see import.hpp.
#include "pg/subtransaction.hpp"

#include "transfer/import.hpp"

#include <algorithm>
#include <utility>

#include "data/records.hpp"
#include "security/scope.hpp"
#include "transfer/batch.hpp"
#include "transfer/job_reader.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Failure;
using core::ImportRow;

// Rows of a job, batch by batch.
class Run {
  public:
    Run(Job& job, const data::Caller& caller, core::ByteSource& source, OnRefusal on_refusal)
        : job_(job), on_refusal_(on_refusal), reader_(job, caller, source) {}

    // Up to so many records. False when the end of the file was reached, or its reading failed.
    bool batch(std::uint64_t most = kBatchRows) {
        const bool more =
            reader_.read(std::min<std::uint64_t>(most, kBatchRows), kBatchBytes, rows_);
        write();
        job_.position = reader_.position();
        return more;
    }

    // What was found since the last time, as far as it can be told, by line.
    [[nodiscard]] std::vector<RowFault> take_faults() {
        std::ranges::stable_sort(found_, {}, &RowFault::line);
        return std::exchange(found_, {});
    }

    [[nodiscard]] bool unreadable() const noexcept { return reader_.unreadable(); }
    [[nodiscard]] const std::string& problem() const noexcept { return reader_.problem(); }

    // From here on rows are looked at and not written: nothing of them will stay.
    void only_look() noexcept { only_look_ = true; }

  private:
    void write() {
        RowPointers good;
        good.reserve(rows_.size());
        for (const ImportRow& row : rows_) {
            if (row.faults.empty())
                good.push_back(&row);
            else
                refuse(row);
        }
        job_.counts.processed += rows_.size();
        if (good.empty() || only_look_) return;
        const BatchCounts done = write_rows(reader_.target(), good, on_refusal_, found_);
        job_.counts.inserted += done.inserted;
        job_.counts.updated += done.updated;
        job_.counts.successful += done.inserted + done.updated;
        job_.counts.failed += done.refused;
    }

    void refuse(const ImportRow& row) {
        ++job_.counts.failed;
        if (found_.size() >= kMaxReportedFaults) return;
        for (const core::Fault& fault : row.faults)
            found_.push_back({row.line, row.number, fault.field, fault.message});
    }

    Job& job_;
    OnRefusal on_refusal_;
    JobReader reader_;
    std::vector<ImportRow> rows_;
    std::vector<RowFault> found_;
    bool only_look_ = false;
};

void begin(Job& job) {
    job.counts = {};
    job.position = {};
    job.columns.clear();
    job.problem.clear();
    forget_faults(job);
    forget_keys(job);
}

void fail(Job& job, std::string problem) {
    job.status = "failed";
    job.problem = std::move(problem);
    forget_keys(job);
}

void complete(Job& job) {
    job.status = "completed";
    delete_data(job);
    forget_keys(job);
}

void cancel_marked(Job& job) {
    job.status = "cancelled";
    delete_data(job);
    forget_keys(job);
}

void run_part(Job& job, const data::Caller& caller, core::ByteSource& source,
              std::uint64_t max_rows) {
    Run run(job, caller, source, OnRefusal::report);
    const std::uint64_t until = job.counts.processed + max_rows;
    bool more = true;
    while (more && job.counts.processed < until) {
        if (end_is_asked(job)) return cancel_marked(job);
        more = run.batch(until - job.counts.processed);
        report_faults(job, run.take_faults());
    }
    if (more) return;
    if (run.unreadable())
        fail(job, run.problem());
    else
        complete(job);
}

// Rows after the first one that is refused are only looked at, so that the report is of the whole file.
void run_whole(Job& job, const data::Caller& caller, core::ByteSource& source) {
    const pg::Spi spi;
    pg::Subtransaction all;
    Run run(job, caller, source, OnRefusal::stop);
    bool ended = end_is_asked(job);
    while (!ended && run.batch()) {
        if (job.counts.failed > 0) run.only_look();
        ended = end_is_asked(job);
    }
    if (!ended && !run.unreadable() && job.counts.failed == 0) {
        all.commit();
        return complete(job);
    }
    all.rollback();
    job.counts.successful = job.counts.inserted = job.counts.updated = 0;
    if (ended) return cancel_marked(job);
    report_faults(job, run.take_faults());
    fail(job, run.unreadable()
                  ? run.problem()
                  : std::to_string(job.counts.failed) + " rows are not valid; none was imported");
}

core::Json validation_of(const Job& job) {
    const Counts& counts = job.counts;
    core::Json json = core::Json::object();
    const auto number = [](std::uint64_t value) {
        return core::Json::number(std::to_string(value));
    };
    json.set("total_rows", number(counts.processed));
    json.set("valid_rows", number(counts.successful));
    json.set("invalid_rows", number(counts.failed));
    if (job.action != core::ImportAction::insert) {
        json.set("new_rows", number(counts.inserted));
        json.set("changed_rows", number(counts.updated));
    }
    return json;
}

}  // namespace

void cancel_job(Job& job) {
    if (job.status == "completed" || job.status == "cancelled")
        throw Failure(Code::conflict, "the import is " + job.status);
    cancel_marked(job);
    save_job(job);
}

void require_import(const data::Caller& caller, core::ImportAction action) {
    const core::Entity& entity = *caller.entity;
    const auto require = [&](bool offered, core::Action right) {
        data::require_writable(entity, offered);
        security::require_permission(*caller.identity, entity.resource, right);
    };
    if (action != core::ImportAction::update) require(entity.creatable, core::Action::create);
    if (action != core::ImportAction::insert) require(entity.updatable, core::Action::update);
    security::require_permission(*caller.identity, entity.resource, core::Action::bulk);
}

void check_runnable(const Job& job) {
    if (job.status == "pending" || job.status == "processing") return;
    const bool again = job.status == "failed" && job.counts.successful == 0;
    if (!again) throw Failure(Code::conflict, "the import is " + job.status);
}

void run_job(Job& job, const data::Caller& caller, core::ByteSource& source,
             std::uint64_t max_rows) {
    check_runnable(job);
    if (job.status != "processing") begin(job);
    job.status = "processing";
    if (job.all_or_nothing)
        run_whole(job, caller, source);
    else
        run_part(job, caller, source, max_rows);
    save_job(job);
}

void validate_job(Job& job, const data::Caller& caller, core::ByteSource& source) {
    check_runnable(job);
    if (job.status == "processing")
        throw Failure(Code::conflict, "the import is under way already");
    begin(job);
    const pg::Spi spi;
    pg::Subtransaction attempt;
    Run run(job, caller, source, OnRefusal::report);
    bool ended = end_is_asked(job);
    while (!ended && run.batch()) ended = end_is_asked(job);
    attempt.rollback();
    if (ended) {
        job.counts = {};
        cancel_marked(job);
        return save_job(job);
    }
    report_faults(job, run.take_faults());
    job.validation = validation_of(job);
    if (run.unreadable()) job.validation.set("problem", core::Json::string(run.problem()));
    job.counts = {};
    job.position = {};
    job.status = "pending";
    save_job(job);
}

}  // namespace pgwright::transfer
