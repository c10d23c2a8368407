#include "pg/server.hpp"

#include "schema/execution.hpp"

#include <chrono>

#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include "core/error.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

int ddl_lock_timeout = 2000;
int ddl_lock_attempts = 5;

namespace {

using security::Rights;
using security::Scope;

constexpr double kFirstPause = 0.1;  // seconds; doubled with each attempt

// For as long as the work runs: its own statements may need locks on other tables.
class LockTimeout {
  public:
    LockTimeout() { settings_.set("lock_timeout", std::to_string(ddl_lock_timeout).c_str()); }

  private:
    pg::SettingsScope settings_;
};

void take(const std::vector<TableLock>& locks) {
    Scope scope(Rights::owner);
    for (const TableLock& lock : locks) {
        if (!lock.mode.empty()) pg::run("LOCK TABLE " + lock.table + " IN " + lock.mode + " MODE");
    }
}

void pause(int attempts) {
    Scope scope(Rights::engine);
    pg::run("SELECT pg_catalog.pg_sleep(" +
            std::to_string(kFirstPause * static_cast<double>(1 << attempts)) + ")");
}

// Nothing when it worked; the server's error when it did not.
std::optional<pg::Error> try_once(const std::vector<TableLock>& locks,
                                  const std::function<void()>& work) {
    try {
        pg::Subtransaction all;
        {
            const LockTimeout timeout;
            take(locks);
            work();
        }
        all.commit();
    } catch (const pg::Error& error) {
        if (error.is_cancel()) throw;
        return error;
    }
    return std::nullopt;
}

[[noreturn]] void refuse_busy() {
    throw core::Failure(core::Code::conflict, "the table is in use and could not be locked", {},
                        "Try again later, or raise pgwright.ddl_lock_timeout.");
}

}  // namespace

Outcome attempt(const std::vector<TableLock>& locks, const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    Outcome outcome;
    for (int attempts = 0;; ++attempts) {
        const auto error = try_once(locks, work);
        if (!error) break;
        if (error->sqlstate() != ERRCODE_LOCK_NOT_AVAILABLE) {
            outcome.error = error->message();
            break;
        }
        if (attempts + 1 >= ddl_lock_attempts) refuse_busy();
        pause(attempts);
    }
    const auto elapsed = std::chrono::steady_clock::now() - start;
    outcome.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
    return outcome;
}

void lock_until_commit(std::string_view name) {
    pg::Params params;
    params.add_text("pgwright:" + std::string(name));
    execute_as_engine("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))",
                      params);
}

void execute_as_engine(std::string_view sql, const pg::Params& params) {
    Scope scope(Rights::engine);
    pg::execute(sql, params, false);
}

void run_as_owner(const std::vector<std::string>& scripts) {
    Scope scope(Rights::owner);
    for (const std::string& script : scripts) {
        if (!script.empty()) pg::run(script);
    }
}

}  // namespace pgwright::schema
