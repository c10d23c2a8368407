#include "probe.hpp"

#include "pg/settings.hpp"

namespace pgwright::test {

State State::now() {
    State state;
    GetUserIdAndSecContext(&state.user, &state.security);
    state.search_path = namespace_search_path;
    state.interrupt_holdoff = InterruptHoldoffCount;
    state.cancel_holdoff = QueryCancelHoldoffCount;
    state.exception_stack = PG_exception_stack;
    state.error_context_stack = ::error_context_stack;
    state.memory_context = CurrentMemoryContext;
    state.resource_owner = CurrentResourceOwner;
    state.nest_level = GetCurrentTransactionNestLevel();
    return state;
}

core::Json differences(const State& before, const State& after) {
    core::Json names = core::Json::array();
    const auto compare = [&names](const char* name, bool same) {
        if (!same) names.items().push_back(core::Json::string(name));
    };
    compare("user", before.user == after.user);
    compare("security", before.security == after.security);
    compare("search_path", before.search_path == after.search_path);
    compare("interrupt_holdoff", before.interrupt_holdoff == after.interrupt_holdoff);
    compare("cancel_holdoff", before.cancel_holdoff == after.cancel_holdoff);
    compare("exception_stack", before.exception_stack == after.exception_stack);
    compare("error_context_stack", before.error_context_stack == after.error_context_stack);
    compare("memory_context", before.memory_context == after.memory_context);
    compare("resource_owner", before.resource_owner == after.resource_owner);
    compare("nest_level", before.nest_level == after.nest_level);
    return names;
}

core::Json describe(const pg::Error& error) {
    core::Json fields = core::Json::object();
    const auto add = [&fields](const char* name, const std::string& value) {
        fields.set(name, core::Json::string(value));
    };
    add("sqlstate", unpack_sql_state(error.sqlstate()));
    add("message", error.message());
    add("detail", error.detail());
    add("hint", error.hint());
    add("context", error.context());
    add("schema", error.schema());
    add("table", error.table());
    add("column", error.column());
    add("constraint", error.constraint());
    fields.set("is_cancel", core::Json::boolean(error.is_cancel()));
    return fields;
}

}  // namespace pgwright::test
