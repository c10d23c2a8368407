// What the tests measure: objects whose destruction is counted, and the server's state as it stands.
#pragma once

#include "pg/guard.hpp"

#include "core/json.hpp"

namespace pgwright::test {

// One lives in every scope that an error must unwind.
class Probe {
  public:
    Probe() noexcept { ++alive; }
    ~Probe() {
        --alive;
        ++destroyed;
    }
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    static inline long alive = 0;
    static inline long destroyed = 0;
};

// What a failed statement must leave as it found it.
struct State {
    Oid user = InvalidOid;
    int security = 0;
    std::string search_path;
    std::uint32_t interrupt_holdoff = 0;
    std::uint32_t cancel_holdoff = 0;
    const void* exception_stack = nullptr;
    const void* error_context_stack = nullptr;
    const void* memory_context = nullptr;
    const void* resource_owner = nullptr;
    int nest_level = 0;

    static State now();
    friend bool operator==(const State&, const State&) = default;
};

// Notes the state when its scope ends, so after everything declared later in the scope is gone.
class StateAtExit {
  public:
    explicit StateAtExit(State& out) noexcept : out_(out) {}
    ~StateAtExit() { out_ = State::now(); }
    StateAtExit(const StateAtExit&) = delete;
    StateAtExit& operator=(const StateAtExit&) = delete;

  private:
    State& out_;
};

// The names of the members that differ, as a JSON array.
core::Json differences(const State& before, const State& after);

// An error's fields as JSON.
core::Json describe(const pg::Error& error);

}  // namespace pgwright::test
