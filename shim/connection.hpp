// A database connection as the pool sees it. PgConnection is the real one; tests use a fake.
#pragma once

#include <memory>

#include "shim/backend.hpp"
#include "shim/interrupt.hpp"
#include "shim/task.hpp"

namespace pgwright::shim {

struct RunResult {
    Outcome outcome = Unavailable::connection_lost;
    bool may_have_run = true;  // false: the server cannot have seen the whole batch
};

class Connection {
  public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    // A cheap look before use: has the server hung up while the connection was idle?
    virtual bool alive() = 0;
    // Runs one batch. Afterwards no answer and no cancellation is under way, or clean() is false.
    virtual Task<RunResult> run(const Call& call, Interrupt& interrupt) = 0;
    // May serve another request. A connection that is not clean is dropped, never passed on.
    virtual bool clean() const = 0;
};

class Connector {
  public:
    Connector() = default;
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;
    virtual ~Connector() = default;

    // Null when the attempt failed, which has been logged, or was interrupted.
    virtual Task<std::unique_ptr<Connection>> connect(Interrupt& interrupt) = 0;
};

}  // namespace pgwright::shim
