// Memory contexts as C++ objects, and allocation that throws instead of raising.
// Memory obtained here belongs to a context of the server, never to a C++ owner.
#pragma once

#include "pg/call.hpp"

namespace pgwright::pg {

// palloc in the current context; throws std::bad_alloc instead of raising, Error
// (program_limit_exceeded) for more than the server's 1 GB limit. Cheap: no inward guard.
void* allocate(std::size_t bytes);

// Makes `context` current until the end of the scope.
class ContextSwitch {
  public:
    explicit ContextSwitch(::MemoryContext context) noexcept
        : saved_(MemoryContextSwitchTo(context)) {}
    ~ContextSwitch() { MemoryContextSwitchTo(saved_); }
    ContextSwitch(const ContextSwitch&) = delete;
    ContextSwitch& operator=(const ContextSwitch&) = delete;

  private:
    ::MemoryContext saved_;
};

// A memory context that dies with the object. The parent must outlive it; long-lived ones hang under
// CacheMemoryContext or TopMemoryContext.
class OwnedContext {
  public:
    // `name` must be a string literal: the server keeps the pointer.
    explicit OwnedContext(const char* name, ::MemoryContext parent = CurrentMemoryContext);
    ~OwnedContext();
    OwnedContext(OwnedContext&& other) noexcept
        : context_(std::exchange(other.context_, nullptr)) {}
    OwnedContext& operator=(OwnedContext&& other) noexcept {
        std::swap(context_, other.context_);
        return *this;
    }

    [[nodiscard]] ::MemoryContext get() const noexcept { return context_; }
    // Frees what was allocated in it.
    void reset();

  private:
    ::MemoryContext context_;
};

}  // namespace pgwright::pg
