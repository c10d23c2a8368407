// Imports that go on without their makers' connections: whoever may call run_due() gives the time, and the job
// its maker's rights of that moment, no other. Who is whose maker, the engine has written when he queued it.
#pragma once

#include "transfer/job.hpp"

namespace pgwright::transfer {

// Lets the job go on by itself. PERMISSION_DENIED where the caller's token proves less than what he may:
// nothing would hold the job to that. CONFLICT for a job that is over.
void queue(const security::Identity& identity, Job& job);

// The next step of the job that is due first: its next `max_rows` rows, or all of it. False when none is due;
// then jobs that nobody goes on with are ended. What goes wrong is the job's: its transaction stays good.
bool run_due(std::uint64_t max_rows);

}  // namespace pgwright::transfer
