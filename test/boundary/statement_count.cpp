// Counts what the executor is started for, through its hook; see test/pgtap/statements.sql.
#include "pg/datum.hpp"
#include "pg/guard.hpp"

#include "core/json.hpp"

#include <map>

namespace pgwright::test {
namespace {

ExecutorStart_hook_type next_hook = nullptr;
bool counting = false;

std::map<std::string, std::int64_t, std::less<>>& started() {
    static auto& started = *new std::map<std::string, std::int64_t, std::less<>>;
    return started;
}

// Called by the server: nothing may be thrown. A statement that could not be noted ends the process,
// which no test takes for success.
void note(const char* sql) noexcept {
    if (counting) ++started()[sql == nullptr ? "" : sql];
}

void on_start(QueryDesc* query, int flags) {
    note(query->sourceText);
    if (next_hook == nullptr)
        standard_ExecutorStart(query, flags);
    else
        next_hook(query, flags);
}

// Forgets what was counted, and counts from now on every statement that this session begins, also
// those inside of functions and triggers.
PGWRIGHT_FUNCTION(pgwright_test_count_statements) {
    static bool installed = false;
    if (!installed) {
        next_hook = ExecutorStart_hook;
        ExecutorStart_hook = on_start;
        installed = true;
    }
    started().clear();
    counting = true;
    return Datum{0};
}

// Stops counting: {"text of a statement": how often, ...}.
PGWRIGHT_FUNCTION(pgwright_test_counted_statements) {
    counting = false;
    core::JsonWriter writer;
    writer.begin_object();
    for (const auto& [sql, times] : started()) {
        writer.key(sql);
        writer.integer(times);
    }
    writer.end_object();
    return pg::json_datum(writer.view());
}

}  // namespace
}  // namespace pgwright::test
