// Rows of an import into the entity's table: as many as there are by one statement, run as
// pgwright_runtime, so that row security, constraints and triggers hold as for every write.
#pragma once

#include <span>
#include <vector>

#include "core/transfer_rows.hpp"

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
    report,  // they are told one by one, and the others are inserted
    stop,    // nothing is inserted
};

struct Inserted {
    std::size_t rows = 0;
    std::size_t refused = 0;
};

// Inserts rows without faults; `fields` are those of the rows' values. `faults` receives what the database
// refused; with OnRefusal::stop, one fault at least where not all rows went in. Throws what no row is to
// blame for.
Inserted insert_rows(const core::Entity& entity, std::span<const core::Field* const> fields,
                     std::span<const core::ImportRow> rows, OnRefusal on_refusal,
                     std::vector<RowFault>& faults);

}  // namespace pgwright::transfer
