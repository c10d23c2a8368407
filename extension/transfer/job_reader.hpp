// A job's file read as rows of its entity: which fields its columns give, by which key records are found, and
// the rows themselves, with what lookups refer to.
#pragma once

#include <optional>

#include "data/caller.hpp"
#include "transfer/job.hpp"
#include "transfer/ready_rows.hpp"

namespace pgwright::transfer {

// What the mapping of a job may say, for that caller. VALIDATION_ERROR for a key that is none.
core::ImportRules rules_of(const Job& job, const data::Caller& caller);

// The key by which records are found, among fields that are given; none for inserts. Becomes the rules' key.
// `faults` receives the fields of the key that nothing gives, VALIDATION_ERROR is thrown where there is no key
// to choose.
std::optional<core::UniqueKey> choose_key(const Job& job, core::ImportRules& rules,
                                          std::span<const core::Field* const> given,
                                          core::Faults& faults);

// Where rows go that give these fields.
Target target_of(const data::Caller& caller, core::ImportAction action,
                 std::optional<core::UniqueKey> key, std::vector<const core::Field*> fields);

// Reads on from where the job is. The first line of a CSV file is read once, and what it says kept in the job.
class JobReader {
  public:
    // VALIDATION_ERROR with every fault of the file as a whole and of the mapping.
    JobReader(Job& job, const data::Caller& caller, core::ByteSource& source);

    // Up to so many rows, or bytes of the file; false when there are no more. Lookups are resolved, and rows
    // that repeat a key have their fault.
    bool read(std::uint64_t most, std::size_t bytes, std::vector<core::ImportRow>& rows);

    [[nodiscard]] const Target& target() const noexcept { return *target_; }
    [[nodiscard]] const core::FilePosition& position() const noexcept { return file_.position(); }
    // The file ended otherwise than a file does; problem() says how.
    [[nodiscard]] bool unreadable() const noexcept { return unreadable_; }
    [[nodiscard]] const std::string& problem() const noexcept { return file_.problem(); }

  private:
    void open_csv(const data::Caller& caller);
    void open_json(const data::Caller& caller);
    bool read_rows(std::uint64_t most, std::size_t bytes, std::vector<core::ImportRow>& rows);

    Job& job_;
    core::FileReader file_;
    std::optional<core::RowReader> reader_;
    std::optional<Target> target_;
    bool unreadable_ = false;
};

}  // namespace pgwright::transfer
