// Running coroutines in a test: an io_context that is polled, never waited for, so that nothing
// depends on time.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>

#include "shim/task.hpp"

namespace pgwright::shim {

class IoTest {
  public:
    Executor executor() { return io_.get_executor(); }
    asio::io_context& io() { return io_; }

    // Everything that can run without time passing.
    void settle() {
        io_.restart();
        io_.poll();
    }
    void spawn(Task<> task) {
        asio::co_spawn(io_, std::move(task), [](std::exception_ptr error) {
            if (error) {
                std::rethrow_exception(error);
            }
        });
        settle();
    }

  private:
    asio::io_context io_{1};
};

}  // namespace pgwright::shim
