// Cancels statements in the server. PQcancel opens a connection of its own and blocks, so it runs
// on a small pool of threads of this class. Must be destroyed before the io_contexts of its users.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include "shim/task.hpp"

namespace pgwright::shim {

// One cancellation under way. Its connection must not be used again before `ended` is set, or the
// cancellation might hit the next statement.
struct Cancellation {
    explicit Cancellation(const Executor& executor) : ended(executor) {}
    Event ended;
};

class Canceller {
  public:
    Canceller() : threads_(2) {}
    ~Canceller() { threads_.join(); }
    Canceller(const Canceller&) = delete;
    Canceller& operator=(const Canceller&) = delete;

    // Called on the thread of `executor`, where `ended` is set too.
    std::shared_ptr<Cancellation> cancel(PGconn* connection, const Executor& executor);
    // True when none is under way, at once or within `limit`. A server that cannot be reached may
    // keep PQcancel for minutes.
    bool wait_until_idle(Duration limit);

  private:
    void ended();

    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t under_way_ = 0;
    asio::thread_pool threads_;
};

}  // namespace pgwright::shim
