// The records of a request to write many, with those that are nested in them: checked as a whole, and
// written by sets, each set by a statement, however many records it has.
#pragma once

#include <optional>

#include "data/bulk_request.hpp"
#include "data/nested.hpp"

namespace pgwright::data {

class BulkRecords {
  public:
    // Checks the records and tells the request what is wrong with them. The entity outlives the object.
    BulkRecords(const core::Entity& entity, core::Json records, core::Writing kind,
                BulkRequest& request);

    // What a record says of itself.
    [[nodiscard]] const core::Json& own(std::size_t row) const;

    // Writes these rows; `own` are their own data, which names by then what they refer to.
    using WriteOwn = std::function<BulkOutcome(Rows rows, core::Json own)>;
    // What writes some of the records, with what is nested in them: nothing of it when one of them is
    // refused, so that none is left without the record it belongs to. The object outlives it.
    [[nodiscard]] Attempt attempt(WriteOwn write_own) const;

  private:
    void check_nested(BulkRequest& request);
    [[nodiscard]] BulkOutcome write_nested(Rows rows, const WriteOwn& write_own) const;

    const core::Entity& entity_;
    core::Json records_;
    core::Writing kind_;
    std::optional<NestedWrite> nested_;  // all of them taken apart; none has other records else
};

}  // namespace pgwright::data
