// Rows of one file that have the same key: the first one counts, the others are faults. A statement that finds
// records by their keys cannot take two rows for one, and which of them won would be chance.
//
// Keys are remembered as two hashes of 64 bits in import_keys, by the hash functions of their types, which
// take for equal what the database does; so a job that goes on later, or in another backend, knows them.
#pragma once

#include <span>

#include "transfer/job.hpp"
#include "transfer/ready_rows.hpp"

namespace pgwright::transfer {

// Adds a fault to each row whose key an earlier row of the job has had, and remembers the others'. Rows with
// faults are passed over.
void refuse_repeats(const Job& job, const Target& target, std::span<core::ImportRow> rows);

}  // namespace pgwright::transfer
