// One request to write many records: its rows, what is wrong with some of them, and its answer. What the
// functions of bulk.hpp have in common.
#pragma once

#include "data/bulk.hpp"
#include "data/bulk_attempt.hpp"

namespace pgwright::data {

// PERMISSION_DENIED without the right for the action and, but for system entities, to write in bulk.
void require_bulk(const security::Identity& identity, const core::Entity& entity,
                  core::Action action);

// VALIDATION_ERROR unless it is an array of 1 to kMaxBulkRecords.
void check_list(const core::Json& list, std::string_view name, std::string_view singular);

class BulkRequest {
  public:
    // The options outlive the object.
    BulkRequest(std::size_t rows, const BulkOptions& options) : options_(options), ids_(rows) {}

    void refuse(std::size_t index, std::string message, std::vector<core::Fault> details);
    // The faults that a check of one row has found.
    void refuse(std::size_t index, const core::Faults& found);
    void identify(std::size_t index, std::string id) { ids_[index] = std::move(id); }

    // Writes the good rows: all or, when that is asked for, those that
    // can be. refusal: the message when several are refused beforehand.
    void write(const Attempt& attempt, std::string_view refusal);

    // Those that nothing is known to be wrong with.
    [[nodiscard]] std::vector<std::size_t> good_rows() const;

    // The answer; with an entity it has the records as they are now, when that is asked for.
    [[nodiscard]] std::string answer(std::string_view verb,
                                     const core::Entity* entity = nullptr) const;
    // Where some were created and others updated.
    [[nodiscard]] std::string answer(const core::Entity& entity,
                                     const std::vector<bool>& created) const;

  private:
    // Ids of what was written, in the request's order.
    [[nodiscard]] std::vector<std::string> written() const;
    void write_outcome(core::JsonWriter& writer) const;
    void write_records(core::JsonWriter& writer, const core::Entity& entity) const;

    const BulkOptions& options_;
    std::vector<std::string> ids_;  // as far as they are known
    std::vector<bool> written_;
    std::vector<RowFault> faults_;
};

// The records of these ids as they are now, as JSON texts, without those that the caller does not see.
std::vector<std::string> describe_records(const core::Entity& entity,
                                          const std::vector<std::string>& ids);

}  // namespace pgwright::data
