// The database connections of one thread. Opens them as they are needed, lends each to one request
// at a time, takes clean ones back and replaces the others, backing off while the database is away.
// Waiting is bounded in number and time. Belongs to one thread; outlives its io_context's run.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

#include "shim/backoff.hpp"
#include "shim/connection.hpp"
#include "shim/interrupt.hpp"
#include "shim/task.hpp"

namespace pgwright::shim {

struct PoolLimits {
    std::size_t size = 8;
    std::size_t queue = 256;
    Duration queue_timeout{5000};
};

struct Acquired {
    std::unique_ptr<Connection> connection;  // null: `refusal` says why
    Unavailable refusal = Unavailable::no_connection;
};

class Pool {
  public:
    Pool(const Executor& executor, Connector& connector, PoolLimits limits, Backoff backoff);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // Begins to keep at least one connection open.
    void start();
    // Refuses whoever waits, closes what is idle, ends all coroutines of the pool.
    void stop();

    // The oldest waiting request is served first. While the database is away refuses at once.
    Task<Acquired> acquire(Interrupt& interrupt);
    // Every connection acquired comes back here, in whatever state.
    void give_back(std::unique_ptr<Connection> connection);

    std::size_t open() const { return open_; }
    std::size_t idle() const { return idle_.size(); }
    std::size_t waiting() const { return waiters_.size(); }

  private:
    struct Waiter {
        explicit Waiter(const Executor& executor) : ready(executor) {}
        void refuse(Unavailable reason) {
            refusal = reason;
            ready.set();
        }
        Event ready;
        std::unique_ptr<Connection> connection;
        Unavailable refusal = Unavailable::no_connection;
    };

    Task<> grow();
    Task<Acquired> wait_in_queue(Interrupt& interrupt);
    bool wants_more() const;
    void provide(std::unique_ptr<Connection> connection);
    void refuse_waiters();
    void wake_grower();

    Executor executor_;
    Connector& connector_;
    PoolLimits limits_;
    Backoff backoff_;
    Timer pause_;
    bool backing_off_ = false;
    bool away_ = false;  // the last attempt to connect failed
    bool stopping_ = false;
    Interrupt stop_;
    std::size_t open_ = 0;                           // idle and lent
    std::vector<std::unique_ptr<Connection>> idle_;  // most recently used last
    std::list<Waiter*> waiters_;
};

}  // namespace pgwright::shim
