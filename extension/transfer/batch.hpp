// Rows of an import into the entity's table: as many as there are by one statement, and of what the database
// refuses, which rows it was.
#pragma once

#include <span>
#include <vector>

#include "transfer/ready_rows.hpp"

namespace pgwright::transfer {

// A fault with the place in the file it was found at.
struct RowFault {
    std::uint64_t line;
    std::uint64_t row;
    std::string field;
    std::string message;
};

// What becomes of rows that the database refuses.
enum class OnRefusal {
    report,  // they are told one by one, and the others are written
    stop,    // nothing is written
};

struct BatchCounts {
    std::size_t inserted = 0, updated = 0, refused = 0;
};

// Writes rows without faults. `faults` receives what the database refused; with OnRefusal::stop, one fault at
// least where not all rows went in. Throws what no row is to blame for.
BatchCounts write_rows(const Target& target, const RowPointers& rows, OnRefusal on_refusal,
                       std::vector<RowFault>& faults);

}  // namespace pgwright::transfer
