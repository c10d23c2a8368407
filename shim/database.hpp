// The backend of a thread: takes a connection from the pool, runs the call on it, brings it back.
#pragma once

#include "shim/backend.hpp"
#include "shim/pool.hpp"

namespace pgwright::shim {

class Database final : public Backend {
  public:
    explicit Database(Pool& pool) : pool_(pool) {}

    // Sends a call again, once and on another connection, only if it is idempotent and the server
    // cannot have seen all of it.
    Task<Outcome> execute(const Call& call, Interrupt& interrupt) override;

  private:
    Pool& pool_;
};

}  // namespace pgwright::shim
