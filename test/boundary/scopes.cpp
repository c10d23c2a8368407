// Users, settings, roles, memory contexts and triggers.
#include "probe.hpp"

#include "pg/memory.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/trigger.hpp"
#include "pg/user.hpp"

#include "core/error.hpp"

namespace pgwright::test {
namespace {

// (role, how): switches user and settings and leaves by success, error or exception. Answers what was
// in force inside and what was different when the scopes had ended but nothing was rolled back yet.
PGWRIGHT_FUNCTION(pgwright_test_scopes) {
    const std::string role(args.text(0));
    const std::string_view how = args.text(1);
    std::string inside;
    State before;
    State after;
    try {
        pg::Subtransaction attempt;
        before = State::now();
        {
            const StateAtExit observer(after);
            const pg::UserSwitch user(pg::role_oid(role.c_str()));
            pg::SettingsScope settings;
            settings.pin_search_path();
            settings.set("work_mem", "3MB");
            const pg::Spi spi;
            inside = pg::execute(
                         "SELECT current_user || ' ' || current_setting('search_path') || ' ' || "
                         "current_setting('work_mem')",
                         {}, true)
                         .row(0)
                         .text(0);
            if (how == "error") pg::run("SELECT 1/0");
            if (how == "exception") throw core::Failure(core::Code::conflict, "on purpose");
        }
        attempt.commit();
    } catch (const std::exception&) {
    }
    return pg::text_datum(inside + " " + differences(before, after).dump());
}

// (role, sql): runs it as the role, restricted.
PGWRIGHT_FUNCTION(pgwright_test_run_as) {
    const pg::UserSwitch user(pg::role_oid(std::string(args.text(0)).c_str()));
    const pg::Spi spi;
    pg::run(args.text(1));
    return pg::return_void();
}

// The security bits inside a switch within a switch: those of the outer one must stay.
PGWRIGHT_FUNCTION(pgwright_test_security_bits) {
    Oid user = InvalidOid;
    int saved = 0;
    GetUserIdAndSecContext(&user, &saved);
    SetUserIdAndSecContext(user, saved | SECURITY_NOFORCE_RLS);
    int inside = 0;
    {
        const pg::UserSwitch inner(user);
        GetUserIdAndSecContext(&user, &inside);
    }
    int after = 0;
    GetUserIdAndSecContext(&user, &after);
    SetUserIdAndSecContext(user, saved);
    const bool right = inside == (saved | SECURITY_NOFORCE_RLS | SECURITY_LOCAL_USERID_CHANGE |
                                  SECURITY_RESTRICTED_OPERATION) &&
                       after == (saved | SECURITY_NOFORCE_RLS);
    return pg::bool_datum(right);
}

PGWRIGHT_FUNCTION(pgwright_test_role_oid) {
    return pg::oid_datum(pg::role_oid(std::string(args.text(0)).c_str()));
}

PGWRIGHT_FUNCTION(pgwright_test_is_member) {
    return pg::bool_datum(pg::is_member(pg::role_oid(std::string(args.text(0)).c_str()),
                                        pg::role_oid(std::string(args.text(1)).c_str())));
}

// (name, value): sets it for a moment; an invalid value must leave no trace.
PGWRIGHT_FUNCTION(pgwright_test_set) {
    const std::string name(args.text(0));
    const std::string value(args.text(1));
    pg::SettingsScope scope;
    scope.set(name.c_str(), value.c_str());
    return pg::text_datum(pg::setting(name.c_str()).value_or("none"));
}

// Whether pinning does without a change when the path is pinned already: the scope must not take a
// nest level, which a SET inside it would show by being undone.
PGWRIGHT_FUNCTION(pgwright_test_pin_twice) {
    pg::SettingsScope outer;
    outer.pin_search_path();
    {
        pg::SettingsScope inner;
        inner.pin_search_path();
        const pg::Spi spi;
        pg::run("SET work_mem = '5MB'");
    }
    return pg::text_datum(pg::setting("search_path").value_or("none") + " " +
                          pg::setting("work_mem").value_or("none"));
}

// (n): n contexts made, filled, reset and deleted; the number of contexts left over.
PGWRIGHT_FUNCTION(pgwright_test_contexts) {
    const auto children = [] {
        int count = 0;
        for (auto* child = CurrentMemoryContext->firstchild; child != nullptr;
             child = child->nextchild)
            ++count;
        return count;
    };
    const int before = children();
    for (int i = 0; i < args.integer(0); ++i) {
        pg::OwnedContext context("pgwright test");
        {
            const pg::ContextSwitch inside(context.get());
            pg::text_datum("in the context");
        }
        context.reset();
        if (CurrentMemoryContext == context.get())
            throw pg::Error(ERRCODE_INTERNAL_ERROR, "switch did not end");
    }
    return pg::integer_datum(children() - before);
}

// A chunk that the server must refuse: as an exception, not as a jump.
PGWRIGHT_FUNCTION(pgwright_test_too_large) {
    const Probe probe;
    pg::allocate(std::size_t{1} << 30);
    return pg::return_void();
}

// BEFORE ROW: argument 0 says what to do; the column "note" records what the trigger saw.
PGWRIGHT_TRIGGER(pgwright_test_before) {
    const Probe probe;
    const std::string_view how = trigger.argument(0);
    if (how == "skip") return trigger.skip();
    if (how == "fail") throw core::Failure(core::Code::conflict, "refused by trigger");
    if (trigger.deleting() || how == "proceed") return trigger.proceed();
    const pg::Value old_note = trigger.old_value(trigger.attribute("note"));
    const std::string note =
        std::string(trigger.inserting() ? "insert" : "update") +
        (old_note.is_null ? "" : " after " + std::string(pg::varlena_view(old_note.datum)));
    const pg::ColumnChange changes[] = {{trigger.attribute("note"), pg::text_datum(note), false},
                                        {trigger.attribute("gone"), Datum{0}, true}};
    return trigger.replace(changes);
}

// AFTER, row or statement: writes what it sees into the table of argument 0.
PGWRIGHT_TRIGGER(pgwright_test_after) {
    const char* event = trigger.inserting()  ? "insert"
                        : trigger.updating() ? "update"
                        : trigger.deleting() ? "delete"
                                             : "truncate";
    const std::string text = std::string(trigger.for_row() ? "row " : "statement ") + event +
                             (trigger.old_tuple() != nullptr ? " old" : "") +
                             (trigger.new_tuple() != nullptr ? " new" : "");
    const pg::Spi spi;
    pg::Params params;
    params.add_text(text);
    pg::execute("INSERT INTO " + std::string(trigger.argument(0)) + " VALUES ($1)", params, false);
    return trigger.proceed();
}

}  // namespace
}  // namespace pgwright::test
