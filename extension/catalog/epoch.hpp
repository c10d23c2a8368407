// Cache invalidation by proxy: an empty table stands for "the catalog" or "the security tables"; a
// trigger invalidates its relation-cache entry, and PostgreSQL carries the message to every backend
// at commit, and back to this one when a (sub)transaction rolls back.
#pragma once

#include <cstdint>

#include "pg/server.hpp"

namespace pgwright::catalog {

class Epoch {
  public:
    // table: the proxy's name in schema pgwright; a string literal.
    explicit Epoch(const char* table) noexcept : table_(table) {}

    // Counts invalidations. Read it before loading what is to be cached, store it with the entry and
    // compare on use, or a message that lands in between is lost.
    [[nodiscard]] std::uint64_t generation();

    void on_invalidation(Oid relation) noexcept;  // from a relation-cache callback: no look-ups
    void invalidate();                            // from a trigger

  private:
    void resolve();  // takes in pending messages and finds the table

    const char* table_;
    Oid relation_ = InvalidOid;
    std::uint64_t generation_ = 1;
};

Epoch& catalog_epoch() noexcept;
Epoch& security_epoch() noexcept;

}  // namespace pgwright::catalog
