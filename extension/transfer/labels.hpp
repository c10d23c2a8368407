// Lookups whose record a file names by a field of its own: found by one statement for all values of a column,
// with the caller's rights.
#pragma once

#include <span>

#include "core/transfer_rows.hpp"

namespace pgwright::transfer {

// Puts the keys of the records found in the place of the values. A value that no record has, or several, is a
// fault of its row. Rows that have faults are left as they are.
void resolve_labels(std::span<core::ImportRow> rows);

}  // namespace pgwright::transfer
