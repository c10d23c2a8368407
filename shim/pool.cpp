// One coroutine, grow(), opens connections one after the other: a burst of requests cannot become a
// burst of logins, and there is one place that backs off.
#include "shim/pool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

namespace pgwright::shim {

Pool::Pool(const Executor& executor, Connector& connector, PoolLimits limits, Backoff backoff)
    : executor_(executor),
      connector_(connector),
      limits_(limits),
      backoff_(std::move(backoff)),
      pause_(executor, TimePoint::max()) {}

void Pool::start() { asio::co_spawn(executor_, grow(), asio::detached); }

void Pool::stop() {
    stopping_ = true;
    stop_.raise(InterruptReason::shutdown);
    refuse_waiters();
    open_ -= idle_.size();
    idle_.clear();
    pause_.cancel();
}

Task<Acquired> Pool::acquire(Interrupt& interrupt) {
    while (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->alive()) {
            co_return Acquired{std::move(connection)};
        }
        --open_;
    }
    if (stopping_ || (away_ && open_ == 0)) {
        wake_grower();
        co_return Acquired{nullptr, Unavailable::no_connection};
    }
    if (waiters_.size() >= limits_.queue) {
        co_return Acquired{nullptr, Unavailable::queue_full};
    }
    Acquired acquired = co_await wait_in_queue(interrupt);
    co_return std::move(acquired);
}

Task<Acquired> Pool::wait_in_queue(Interrupt& interrupt) {
    Waiter waiter(executor_);
    waiters_.push_back(&waiter);
    wake_grower();
    {
        const Interrupt::Hook hook(interrupt, [&] { waiter.refuse(Unavailable::interrupted); });
        const Alarm alarm(executor_, limits_.queue_timeout,
                          [&] { waiter.refuse(Unavailable::queue_timeout); });
        co_await waiter.ready.wait();
    }
    waiters_.remove(&waiter);
    co_return Acquired{std::move(waiter.connection), waiter.refusal};
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    if (stopping_ || !connection->clean()) {
        --open_;
        connection.reset();
        wake_grower();
        return;
    }
    provide(std::move(connection));
}

// To the request that has waited longest and has not been refused meanwhile, or to the idle ones.
void Pool::provide(std::unique_ptr<Connection> connection) {
    for (Waiter* waiter : waiters_) {
        if (!waiter->ready.is_set()) {
            waiter->connection = std::move(connection);
            waiter->ready.set();
            return;
        }
    }
    idle_.push_back(std::move(connection));
}

void Pool::refuse_waiters() {
    for (Waiter* waiter : waiters_) {
        if (!waiter->ready.is_set()) {
            waiter->refuse(Unavailable::no_connection);
        }
    }
}

bool Pool::wants_more() const {
    return open_ < limits_.size && (open_ == 0 || (idle_.empty() && !waiters_.empty()));
}

void Pool::wake_grower() {
    if (!backing_off_) {
        pause_.cancel();
    }
}

Task<> Pool::grow() {
    while (!stopping_) {
        IoError woken;
        if (!wants_more()) {
            pause_.expires_at(TimePoint::max());
            co_await pause_.async_wait(asio::redirect_error(kTask, woken));
            continue;
        }
        std::unique_ptr<Connection> connection = co_await connector_.connect(stop_);
        if (stopping_) {
            break;
        }
        if (connection) {
            away_ = false;
            backoff_.reset();
            ++open_;
            provide(std::move(connection));
            continue;
        }
        away_ = true;
        if (open_ == 0) {
            refuse_waiters();
        }
        backing_off_ = true;
        pause_.expires_after(backoff_.next());
        co_await pause_.async_wait(asio::redirect_error(kTask, woken));
        backing_off_ = false;
    }
}

}  // namespace pgwright::shim
