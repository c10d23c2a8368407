// The outward guard's core. The order matters: the C++ part runs in functions that return before the
// server's error is raised, so that the longjmp passes over frames without destructors only.
#include "pg/guard.hpp"

#include "core/error.hpp"

namespace pgwright::pg {

namespace {

Error from_failure(const core::Failure& failure) {
    const int status = static_cast<int>(failure.code());
    const auto digit = [status](int power) { return static_cast<char>('0' + status / power % 10); };
    return Error(MAKE_SQLSTATE('P', 'W', digit(100), digit(10), digit(1)), failure.message())
        .detail(core::faults_to_json(failure.faults()))
        .hint(failure.hint());
}

Error unforeseen(const char* what) {
    return Error(ERRCODE_INTERNAL_ERROR, "internal error")
        .detail_log(what)
        .hint("The server's log has the details.");
}

// The exception being handled as an Error; nullopt means out of memory.
std::optional<Error> translate() noexcept {
    try {
        try {
            throw;
        } catch (const Error& error) {
            return error;
        } catch (const core::Failure& failure) {
            return from_failure(failure);
        } catch (const std::bad_alloc&) {
            return std::nullopt;
        } catch (const std::exception& exception) {
            return unforeseen(exception.what());
        } catch (...) {
            return unforeseen("an exception that is not a std::exception");
        }
    } catch (...) {
        return std::nullopt;  // translating took more memory than there is
    }
}

struct Outcome {
    Datum result = 0;
    bool failed = false;
    bool from_server = false;
    ErrorData* error = nullptr;  // nullptr with `failed`: out of memory
};
static_assert(std::is_trivially_destructible_v<Outcome>);

std::optional<Error> run(FunctionCallInfo fcinfo, Datum (*body)(void*, FunctionCallInfo),
                         void* state, Outcome& outcome) noexcept {
    std::optional<Error> error;
    try {
        outcome.result = body(state, fcinfo);
        return error;
    } catch (...) {
        outcome.failed = true;
        error = translate();
    }
    return error;
}

// Every C++ object of the call is gone when this returns; what is left is plain data.
Outcome settle(FunctionCallInfo fcinfo, Datum (*body)(void*, FunctionCallInfo),
               void* state) noexcept {
    Outcome outcome;
    const std::optional<Error> error = run(fcinfo, body, state, outcome);
    if (error) {
        outcome.from_server = error->fields().from_server;
        outcome.error = to_error_data(error->fields());
    }
    return outcome;
}

[[noreturn]] void raise(const Outcome& outcome) {
    if (outcome.error == nullptr)
        ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
    // A new error passes the callbacks that describe where it happened; a server's did so already.
    if (!outcome.from_server) ThrowErrorData(outcome.error);
    // As errfinish does: whoever catches the error counts from zero.
    InterruptHoldoffCount = 0;
    QueryCancelHoldoffCount = 0;
    ReThrowError(outcome.error);
}

}  // namespace

Datum detail::run_guarded(FunctionCallInfo fcinfo, Datum (*body)(void*, FunctionCallInfo),
                          void* state) {
    check_stack_depth();
    const Outcome outcome = settle(fcinfo, body, state);
    if (outcome.failed) raise(outcome);
    return outcome.result;
}

void detail::require_trigger_call(FunctionCallInfo fcinfo) {
    if (!CALLED_AS_TRIGGER(fcinfo))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("not called by trigger manager")));
}

}  // namespace pgwright::pg
