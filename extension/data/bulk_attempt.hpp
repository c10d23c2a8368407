// Writing a set of rows of which some may be refused. The server tells one refusal for a statement; which
// rows are to blame is found by halving the set, each half in a subtransaction of its own, so that a
// good row is written by a statement for many and a thousand rows with one bad among them take about
// twenty statements.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pg/error.hpp"

#include "core/error.hpp"

namespace pgwright::data {

struct RowFault {
    std::size_t index;  // of the record in the request
    core::Code code;
    std::string message;
    std::vector<core::Fault> details;  // without index
};

struct BulkOutcome {
    std::vector<std::pair<std::size_t, std::string>> done;  // index and id
    std::vector<RowFault> faults;
};

using Rows = std::span<const std::size_t>;
// Writes these rows, by their indexes, in one statement or a few. Throws when the server refuses the set;
// rows that it finds no fault with but cannot write are faults of its outcome.
using Attempt = std::function<BulkOutcome(Rows rows)>;

// Writes what can be written of the rows. What is no row's fault (a cancelled statement, a lost race, the
// server's resources) is thrown on. The outcome is ordered by index. Call it with a Scope or Spi open.
BulkOutcome write_each(Rows rows, const Attempt& attempt);

// Writes all of the rows or throws a Failure with every fault of every row.
BulkOutcome write_all(Rows rows, const Attempt& attempt);

// One Failure of them all; they are not empty.
[[noreturn]] void raise(const std::vector<RowFault>& faults, std::string_view message);

}  // namespace pgwright::data
