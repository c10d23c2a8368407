// Imports: what becomes of a job's bytes. The caller's rights and view of the entity hold throughout: create
// and bulk, field rules and row security.
#pragma once

#include "data/caller.hpp"
#include "transfer/job.hpp"

namespace pgwright::transfer {

inline constexpr std::size_t kBatchRows = 5000;  // inserted by one statement
inline constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
inline constexpr std::int64_t kMaxPreviewRows = 100;

// PERMISSION_DENIED unless the caller may write records of the entity in bulk, in that way.
void require_import(const data::Caller& caller, core::ImportAction action);

// CONFLICT for a job that is over.
void check_runnable(const Job& job);
// Ends a job, and deletes its file; CONFLICT for one that is over.
void cancel_job(Job& job);

// Writes the next `max_rows` rows of a job; of a job that is
// all-or-nothing every one. The job says afterwards how far it is: it goes on from there, and what a
// transaction that fails has done is undone with its progress. Between batches it looks whether somebody
// has asked for its end. CONFLICT for a job that is over.
void run_job(Job& job, const data::Caller& caller, core::ByteSource& source,
             std::uint64_t max_rows);

// Does all that a run would do, takes it back and tells every fault.
void validate_job(Job& job, const data::Caller& caller, core::ByteSource& source);

// What the file's columns are, which fields they would give, and the first rows as they would be.
// Changes nothing.
std::string preview_job(const Job& job, const data::Caller& caller, core::ByteSource& source,
                        std::int64_t rows);

}  // namespace pgwright::transfer
