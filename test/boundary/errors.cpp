// Errors through both doors.
#include "probe.hpp"

#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include "core/error.hpp"

#include <stdexcept>

namespace pgwright::test {
namespace {

// Alive and destroyed probes since the last call, as "alive/destroyed".
PGWRIGHT_FUNCTION(pgwright_test_probes) {
    const std::string counts =
        std::to_string(Probe::alive) + "/" + std::to_string(Probe::destroyed);
    Probe::destroyed = 0;
    return pg::text_datum(counts);
}

// (code, message, field, fault, hint): a core::Failure with one fault, or none when field is NULL.
PGWRIGHT_FUNCTION(pgwright_test_throw_failure) {
    const Probe probe;
    std::vector<core::Fault> faults;
    if (const auto field = args.optional_text(2))
        faults.push_back({std::string(*field), std::string(args.text(3)), -1});
    throw core::Failure(static_cast<core::Code>(args.integer(0)), std::string(args.text(1)),
                        std::move(faults), std::string(args.optional_text(4).value_or("")));
}

// (sqlstate, message, detail, hint): a new pg::Error.
PGWRIGHT_FUNCTION(pgwright_test_throw_error) {
    const Probe probe;
    const std::string_view state = args.text(0);
    throw pg::Error(MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]),
                    std::string(args.text(1)))
        .detail(std::string(args.text(2)))
        .hint(std::string(args.text(3)));
}

// (kind): what else C++ code may throw.
PGWRIGHT_FUNCTION(pgwright_test_throw_other) {
    const Probe probe;
    const std::string_view kind = args.text(0);
    if (kind == "bad_alloc") throw std::bad_alloc();
    if (kind == "exception") throw std::runtime_error("secret 42");
    throw 42;
}

// (sql): runs it; whatever it raises leaves through both doors.
PGWRIGHT_FUNCTION(pgwright_test_run) {
    const Probe outer;
    const pg::Spi spi;
    const Probe inner;
    pg::run(args.text(0));
    return pg::return_void();
}

// (sql): the same with a handler for everything in between, which lets it pass.
PGWRIGHT_FUNCTION(pgwright_test_run_and_rethrow) {
    try {
        const Probe probe;
        const pg::Spi spi;
        pg::run(args.text(0));
    } catch (...) {
        const Probe probe;
        throw;
    }
    return pg::return_void();
}

// (sql): the error as C++ code sees it, caught in a subtransaction; NULL when there is none.
PGWRIGHT_FUNCTION(pgwright_test_catch) {
    try {
        const pg::Spi spi;
        pg::Subtransaction attempt;
        pg::run(args.text(0));
        attempt.commit();
        return pg::return_null(args);
    } catch (const pg::Error& error) {
        return pg::text_datum(describe(error).dump());
    }
}

// (sql): which parts of the server's state a caught error left different, with the hold-off counts
// raised meanwhile. The state is looked at before the subtransaction is rolled back.
PGWRIGHT_FUNCTION(pgwright_test_state_after_error) {
    const std::string sql(args.text(0));
    State before;
    State after;
    try {
        pg::Subtransaction attempt;
        HOLD_INTERRUPTS();
        HOLD_CANCEL_INTERRUPTS();
        before = State::now();
        try {
            const pg::Spi spi;
            pg::run(sql);
        } catch (const pg::Error&) {
            after = State::now();
            RESUME_CANCEL_INTERRUPTS();
            RESUME_INTERRUPTS();
            throw;
        }
    } catch (const pg::Error&) {
        return pg::text_datum(differences(before, after).dump());
    }
    return pg::return_null(args);
}

// Calls itself through SQL until the server's stack is full.
PGWRIGHT_FUNCTION(pgwright_test_recurse) {
    const Probe probe;
    const pg::Spi spi;
    pg::run("SELECT pgwright_test_recurse()");
    return pg::return_void();
}

// Calls itself without any SQL in between, so that only the guard can notice.
PGWRIGHT_FUNCTION(pgwright_test_recurse_directly) {
    const Probe probe;
    FunctionCallInfo fcinfo = args.fcinfo();
    return pg::call([fcinfo] { return pgwright_test_recurse_directly(fcinfo); });
}

// (milliseconds): C++ code that runs for so long but looks for a cancel.
PGWRIGHT_FUNCTION(pgwright_test_busy) {
    const Probe probe;
    const TimestampTz end = GetCurrentTimestamp() + args.integer(0) * std::int64_t{1000};
    while (GetCurrentTimestamp() < end) pg::check_interrupts();
    return pg::return_void();
}

// (n): n errors raised and caught in C++, each in its subtransaction; the last one's SQLSTATE.
PGWRIGHT_FUNCTION(pgwright_test_catch_many) {
    int state = 0;
    for (int i = 0; i < args.integer(0); ++i) {
        try {
            const pg::Subtransaction attempt;
            pg::call([] {
                ereport(ERROR,
                        (errcode(ERRCODE_DIVISION_BY_ZERO), errmsg("no"), errdetail("at all")));
            });
        } catch (const pg::Error& error) {
            state = error.sqlstate();
        }
    }
    return pg::text_datum(unpack_sql_state(state));
}

// The backend's resident memory in kB, without what it shares: touching buffers is no leak.
PGWRIGHT_FUNCTION(pgwright_test_resident_kb) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "r"),
                                                               std::fclose);
    long total = 0;
    long resident = 0;
    long shared = 0;
    if (file == nullptr || std::fscanf(file.get(), "%ld %ld %ld", &total, &resident, &shared) != 3)
        throw std::runtime_error("no /proc/self/statm");
    return pg::bigint_datum((resident - shared) * (sysconf(_SC_PAGESIZE) / 1024));
}

}  // namespace
}  // namespace pgwright::test
