// Executing planned statements: in a subtransaction, under a lock time-out with retries, so that either
// all of it happened or nothing did, and a busy table is never blocked behind a waiting ALTER.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/params.hpp"

namespace pgwright::schema {

struct Outcome {
    std::string error;  // of the statement that failed; empty: it worked
    long long milliseconds = 0;
};

struct TableLock {
    std::string table;  // quoted and qualified
    std::string mode;   // ACCESS EXCLUSIVE
};

// Takes the locks in order, then calls `work`, all in one subtransaction. A lock that cannot be had
// within pgwright.ddl_lock_timeout gives the others back and is tried again after a while,
// pgwright.ddl_lock_attempts times; then CONFLICT. A server error of the work is the outcome; a Failure
// passes through.
Outcome attempt(const std::vector<TableLock>& locks, const std::function<void()>& work);

// Waits for the lock of that name, which is held to the end of the transaction.
void lock_until_commit(std::string_view name);

// One statement that writes the catalog, with the engine's rights.
void execute_as_engine(std::string_view sql, const pg::Params& params);

// Statements as the owner of the tables. Errors pass through.
void run_as_owner(const std::vector<std::string>& scripts);

// Settings.
extern int ddl_lock_timeout;  // milliseconds
extern int ddl_lock_attempts;

}  // namespace pgwright::schema
