// The outward guard, through which every SQL-callable function runs:
//
//     PGWRIGHT_FUNCTION(pgwright_list_records) { return data::list_records(args); }
//     PGWRIGHT_TRIGGER(pgwright_record_trigger) { return data::on_record(trigger); }
//
// It catches every C++ exception after all destructors have run, moves plain data out of the handler
// and only then raises the PostgreSQL error:
//
//   pg::Error       the same error, whole
//   core::Failure   SQLSTATE PWnnn, the faults as JSON in DETAIL, the hint
//   std::bad_alloc  53200 out of memory
//   anything else   XX000; the exception's text goes to the server's log alone
#pragma once

#include "pg/arguments.hpp"
#include "pg/call.hpp"
#include "pg/trigger.hpp"

namespace pgwright::pg {

namespace detail {
Datum run_guarded(FunctionCallInfo fcinfo, Datum (*body)(void* state, FunctionCallInfo fcinfo),
                  void* state);
// Raises when the call is not a trigger's; for use before any C++ object exists.
void require_trigger_call(FunctionCallInfo fcinfo);
}  // namespace detail

// Runs body(Arguments&) -> Datum as an SQL-callable function's whole body.
template <class Body>
Datum guarded(FunctionCallInfo fcinfo, Body&& body) {
    using Callable = std::remove_reference_t<Body>;
    return detail::run_guarded(
        fcinfo,
        [](void* state, FunctionCallInfo info) {
            Arguments args(info);
            return static_cast<Datum>((*static_cast<Callable*>(state))(args));
        },
        const_cast<void*>(reinterpret_cast<const void*>(std::addressof(body))));
}

// Runs body(Trigger&) -> Datum as a trigger function's whole body.
template <class Body>
Datum guarded_trigger(FunctionCallInfo fcinfo, Body&& body) {
    using Callable = std::remove_reference_t<Body>;
    detail::require_trigger_call(fcinfo);
    return detail::run_guarded(
        fcinfo,
        [](void* state, FunctionCallInfo info) {
            Trigger trigger(info);
            return static_cast<Datum>((*static_cast<Callable*>(state))(trigger));
        },
        const_cast<void*>(reinterpret_cast<const void*>(std::addressof(body))));
}

}  // namespace pgwright::pg

#define PGWRIGHT_ENTRY(name, guard, Parameter, parameter)                                \
    static Datum name##_body([[maybe_unused]] ::pgwright::pg::Parameter& parameter);     \
    extern "C" {                                                                         \
    PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                            \
    PG_FUNCTION_INFO_V1(name);                                                           \
    Datum name(PG_FUNCTION_ARGS) {                                                       \
        auto body = [](::pgwright::pg::Parameter& given) { return name##_body(given); }; \
        return ::pgwright::pg::guard(fcinfo, body);                                      \
    }                                                                                    \
    }                                                                                    \
    static Datum name##_body([[maybe_unused]] ::pgwright::pg::Parameter& parameter)

// Defines the SQL-callable C function `name`; the braces that follow are its body, given `args`.
#define PGWRIGHT_FUNCTION(name) PGWRIGHT_ENTRY(name, guarded, Arguments, args)
// Defines the trigger function `name`; the braces that follow are its body, given `trigger`.
#define PGWRIGHT_TRIGGER(name) PGWRIGHT_ENTRY(name, guarded_trigger, Trigger, trigger)
