// Running and validating; see import.hpp.
#include "pg/subtransaction.hpp"

#include "transfer/import.hpp"

#include <algorithm>
#include <utility>

#include "core/transfer_mapping.hpp"
#include "data/records.hpp"
#include "security/scope.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Entity;
using core::Failure;
using core::Faults;
using core::FileReader;
using core::ImportRow;
using core::ReadState;
using core::RowReader;

// The first line is read once, and what it says kept: the job goes on behind it.
RowReader reader_of(Job& job, const Entity& entity, FileReader& file) {
    Faults faults;
    if (job.format != core::FileFormat::csv) {
        core::MemberMapping mapping(job.mapping, entity, faults);
        faults.raise("the mapping is not valid");
        return {file, entity, std::move(mapping)};
    }
    if (job.columns.empty()) {
        job.columns = core::read_columns(file, job.options.header, faults);
        faults.raise("the file is not valid");
        job.options.delimiter = file.delimiter();
    }
    const auto fields = core::resolve_mapping(job.columns, job.mapping, entity, faults);
    faults.raise("the mapping is not valid");
    return {file, entity, job.options, fields};
}

// Rows of a job, batch by batch.
class Run {
  public:
    Run(Job& job, const Entity& entity, core::ByteSource& source, OnRefusal on_refusal)
        : job_(job),
          entity_(entity),
          on_refusal_(on_refusal),
          file_(source, job.format, job.options.delimiter, job.position),
          reader_(reader_of(job, entity, file_)) {}

    // Up to so many records. False when the end of the file was reached, or its reading failed.
    bool batch(std::uint64_t most = kBatchRows) {
        rows_.clear();
        const bool more = read(std::min<std::uint64_t>(most, kBatchRows));
        insert();
        job_.position = file_.position();
        return more;
    }

    // What was found since the last time, as far as it can be told, by line.
    [[nodiscard]] std::vector<RowFault> take_faults() {
        std::ranges::stable_sort(found_, {}, &RowFault::line);
        return std::exchange(found_, {});
    }

    [[nodiscard]] bool unreadable() const noexcept { return unreadable_; }
    [[nodiscard]] const std::string& problem() const noexcept { return file_.problem(); }

    // From here on rows are looked at and not inserted: nothing of them will stay.
    void only_look() noexcept { only_look_ = true; }

  private:
    bool read(std::uint64_t most) {
        const std::uint64_t begin = file_.position().bytes;
        while (most-- > 0 && file_.position().bytes - begin < kBatchBytes) {
            pg::check_interrupts();
            ImportRow row;
            const ReadState state = reader_.next(row);
            unreadable_ = state == ReadState::failed;
            if (state != ReadState::record) return false;
            ++job_.counts.processed;
            if (row.faults.empty())
                rows_.push_back(std::move(row));
            else
                refuse(row);
        }
        return true;
    }

    void refuse(const ImportRow& row) {
        ++job_.counts.failed;
        if (found_.size() >= kMaxReportedFaults) return;
        for (const core::Fault& fault : row.faults)
            found_.push_back({row.line, row.number, fault.field, fault.message});
    }

    void insert() {
        if (rows_.empty() || only_look_) return;
        const Inserted done = insert_rows(entity_, reader_.fields(), rows_, on_refusal_, found_);
        job_.counts.successful += done.rows;
        job_.counts.failed += done.refused;
    }

    Job& job_;
    const Entity& entity_;
    OnRefusal on_refusal_;
    FileReader file_;
    RowReader reader_;
    std::vector<ImportRow> rows_;
    std::vector<RowFault> found_;
    bool only_look_ = false;
    bool unreadable_ = false;
};

void begin(Job& job) {
    job.counts = {};
    job.position = {};
    job.columns.clear();
    job.problem.clear();
    forget_faults(job);
}

void fail(Job& job, std::string problem) {
    job.status = "failed";
    job.problem = std::move(problem);
}

void complete(Job& job) {
    job.status = "completed";
    delete_data(job);
}

void run_part(Job& job, const Entity& entity, core::ByteSource& source, std::uint64_t max_rows) {
    Run run(job, entity, source, OnRefusal::report);
    const std::uint64_t until = job.counts.processed + max_rows;
    bool more = true;
    while (more && job.counts.processed < until) {
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
void run_whole(Job& job, const Entity& entity, core::ByteSource& source) {
    const pg::Spi spi;
    pg::Subtransaction all;
    Run run(job, entity, source, OnRefusal::stop);
    while (run.batch()) {
        if (job.counts.failed > 0) run.only_look();
    }
    if (!run.unreadable() && job.counts.failed == 0) {
        all.commit();
        return complete(job);
    }
    all.rollback();
    job.counts.successful = 0;
    report_faults(job, run.take_faults());
    fail(job, run.unreadable()
                  ? run.problem()
                  : std::to_string(job.counts.failed) + " rows are not valid; none was imported");
}

void check_runnable(const Job& job) {
    if (job.status == "pending" || job.status == "processing") return;
    const bool again = job.status == "failed" && job.counts.successful == 0;
    if (!again) throw Failure(Code::conflict, "the import is " + job.status);
}

core::Json validation_of(const Counts& counts) {
    core::Json json = core::Json::object();
    const auto number = [](std::uint64_t value) {
        return core::Json::number(std::to_string(value));
    };
    json.set("total_rows", number(counts.processed));
    json.set("valid_rows", number(counts.successful));
    json.set("invalid_rows", number(counts.failed));
    return json;
}

}  // namespace

void require_import(const security::Identity& identity, const Entity& entity) {
    data::require_writable(entity, entity.creatable);
    security::require_permission(identity, entity.resource, core::Action::create);
    security::require_permission(identity, entity.resource, core::Action::bulk);
}

void run_job(Job& job, const Entity& entity, core::ByteSource& source, std::uint64_t max_rows) {
    check_runnable(job);
    if (job.status != "processing") begin(job);
    job.status = "processing";
    if (job.all_or_nothing)
        run_whole(job, entity, source);
    else
        run_part(job, entity, source, max_rows);
    save_job(job);
}

void validate_job(Job& job, const Entity& entity, core::ByteSource& source) {
    check_runnable(job);
    if (job.status == "processing")
        throw Failure(Code::conflict, "the import is under way already");
    begin(job);
    const pg::Spi spi;
    pg::Subtransaction attempt;
    Run run(job, entity, source, OnRefusal::report);
    while (run.batch()) {
    }
    attempt.rollback();
    report_faults(job, run.take_faults());
    job.validation = validation_of(job.counts);
    if (run.unreadable()) job.validation.set("problem", core::Json::string(run.problem()));
    job.counts = {};
    job.position = {};
    job.status = "pending";
    save_job(job);
}

}  // namespace pgwright::transfer
