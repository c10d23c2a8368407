// The inward guard's core, the only place besides itself where the server may longjmp to.
#include "pg/call.hpp"

#include "pg/spi.hpp"

#include <csetjmp>

namespace pgwright::pg {

namespace {

// What a raised error leaves disturbed; errfinish zeroes the hold-off counts.
struct ServerState {
    sigjmp_buf* exception_stack = PG_exception_stack;
    ErrorContextCallback* error_context_stack = ::error_context_stack;
    ::MemoryContext context = CurrentMemoryContext;
    std::uint32_t interrupt_holdoff = InterruptHoldoffCount;
    std::uint32_t cancel_holdoff = QueryCancelHoldoffCount;

    void restore() const noexcept {
        PG_exception_stack = exception_stack;
        ::error_context_stack = error_context_stack;
        MemoryContextSwitchTo(context);
        InterruptHoldoffCount = interrupt_holdoff;
        QueryCancelHoldoffCount = cancel_holdoff;
    }
};

// Puts the handler back whichever way the body ends, a C++ exception included.
class HandlerScope {
  public:
    explicit HandlerScope(sigjmp_buf* saved) noexcept : saved_(saved) {}
    ~HandlerScope() { PG_exception_stack = saved_; }
    HandlerScope(const HandlerScope&) = delete;
    HandlerScope& operator=(const HandlerScope&) = delete;

  private:
    sigjmp_buf* saved_;
};

// True when the body ended, false when the server raised an error, which then lies on its error stack.
// Not inlined: the compiler must keep the caller's variables out of registers that longjmp clobbers.
[[gnu::noinline]] bool run_with_handler(void (*body)(void*), void* state) {
    const HandlerScope scope(PG_exception_stack);
    sigjmp_buf handler;
    if (sigsetjmp(handler, 0) != 0) return false;
    PG_exception_stack = &handler;
    body(state);
    return true;
}

// Where an error is copied to on its way out of the server; emptied as soon as it is ours.
::MemoryContext transit = nullptr;

// Runs under a handler: making the context or copying may run out of memory.
void copy_error(void* out) {
    if (transit == nullptr)
        transit = AllocSetContextCreateInternal(TopMemoryContext, "pgwright errors",
                                                ALLOCSET_SMALL_SIZES);
    MemoryContextSwitchTo(transit);
    *static_cast<ErrorData**>(out) = CopyErrorData();
}

class TransitScope {
  public:
    TransitScope() noexcept = default;
    ~TransitScope() {
        if (transit != nullptr) MemoryContextReset(transit);
    }
    TransitScope(const TransitScope&) = delete;
    TransitScope& operator=(const TransitScope&) = delete;
};

[[noreturn]] void throw_taken(const ServerState& saved) {
    saved.restore();
    Spi::leave_to_abort();
    const TransitScope emptied;
    ErrorData* copy = nullptr;
    const bool copied = run_with_handler(copy_error, &copy);
    saved.restore();
    FlushErrorState();
    if (!copied) throw std::bad_alloc();
    throw Error(*copy);
}

}  // namespace

void detail::call_erased(void (*body)(void* state), void* state) {
    const ServerState saved;
    if (!run_with_handler(body, state)) throw_taken(saved);
}

void end_session(const char* reason) noexcept {
    ereport(FATAL, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not clean up after an error"),
                    errdetail_internal("%s", reason)));
    pg_unreachable();
}

}  // namespace pgwright::pg
