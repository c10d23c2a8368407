// The inward guard: every server function that can raise runs inside pg::call, which turns the
// server's longjmp into a pg::Error thrown after the server's state is back as it was: exception
// stack, error-context stack, memory context and both interrupt hold-off counts.
//
// The lambda must hold no object with a destructor (the longjmp would skip it) and must not throw
// through a server function. An error that is not rethrown must have happened inside a
// pg::Subtransaction: see pg/subtransaction.hpp.
#pragma once

#include "pg/error.hpp"

namespace pgwright::pg {

namespace detail {
// Runs body(state); throws Error when the server raised one. The cost is a sigsetjmp.
void call_erased(void (*body)(void* state), void* state);
}  // namespace detail

// pg::call([&] { return server_function(...); }): the lambda's result, or pg::Error.
template <class Body>
auto call(Body&& body) -> std::invoke_result_t<Body&> {
    using Callable = std::remove_reference_t<Body>;
    using Result = std::invoke_result_t<Body&>;
    static_assert(!std::is_reference_v<Result>, "return a pointer or a value");
    if constexpr (std::is_void_v<Result>) {
        detail::call_erased([](void* state) { (*static_cast<Callable*>(state))(); },
                            const_cast<void*>(static_cast<const void*>(std::addressof(body))));
    } else {
        static_assert(
            std::is_trivially_copyable_v<Result> && std::is_trivially_destructible_v<Result>,
            "a result crosses a longjmp: it must be trivially copyable");
        struct State {
            Callable* body;
            alignas(Result) std::byte result[sizeof(Result)];
        } state{std::addressof(body), {}};
        detail::call_erased(
            [](void* erased) {
                auto* typed = static_cast<State*>(erased);
                ::new (static_cast<void*>(typed->result)) Result((*typed->body)());
            },
            &state);
        return *std::launder(reinterpret_cast<Result*>(state.result));
    }
}

// Ends the session (FATAL), which rolls everything back.
[[noreturn]] void end_session(const char* reason) noexcept;

// pg::call for destructors, which have nobody to tell: when cleaning up itself fails, going on would
// commit what must not be, so the session ends.
template <class Body>
void call_or_end_session(Body&& body) noexcept {
    char reason[256] = "out of memory";
    try {
        call(body);
        return;
    } catch (const std::exception& exception) {
        strlcpy(reason, exception.what(), sizeof reason);
    }
    end_session(reason);
}

// Lets a pending cancel or termination through; for loops that run long outside the server.
inline void check_interrupts() {
    if (InterruptPending) call([] { CHECK_FOR_INTERRUPTS(); });
}

}  // namespace pgwright::pg
