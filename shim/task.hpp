// What coroutines share: one executor type for everything, so that nothing is type-erased on the
// way of a request, and the two small things Asio lacks: an event and an alarm. All of it belongs
// to one thread. Inside a coroutine, name what co_await yields before testing it: g++ 12 lays the
// frame out wrongly for a co_await in the condition of a function without other variables.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "shim/watch_list.hpp"

namespace pgwright::shim {

namespace asio = boost::asio;

using IoError = boost::system::error_code;
using Executor = asio::io_context::executor_type;
template <class T = void>
using Task = asio::awaitable<T, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

inline constexpr asio::use_awaitable_t<Executor> kTask{};

// Set at most once, waited for by at most one coroutine.
class Event {
  public:
    explicit Event(const Executor& executor) : timer_(executor, TimePoint::max()) {}

    void set() {
        set_ = true;
        timer_.cancel();
    }
    bool is_set() const { return set_; }

    Task<> wait() {
        while (!set_) {
            IoError cancelled;
            co_await timer_.async_wait(asio::redirect_error(kTask, cancelled));
        }
    }

  private:
    Timer timer_;
    bool set_ = false;
};

// Calls `action` after `wait`, unless it has been destroyed before. A timer alone cannot promise
// that: its handler may be on its way already.
class Alarm {
  public:
    Alarm(const Executor& executor, Duration wait, std::function<void()> action)
        : timer_(executor, Clock::now() + wait),
          action_(std::make_shared<std::function<void()>>(std::move(action))) {
        timer_.async_wait([action = action_](const IoError& cancelled) {
            if (!cancelled && *action) {
                (*action)();
            }
        });
    }
    ~Alarm() { *action_ = nullptr; }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

  private:
    Timer timer_;
    std::shared_ptr<std::function<void()>> action_;
};

}  // namespace pgwright::shim
