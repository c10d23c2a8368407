// Shutdown in three steps, each bounded: finish what is in flight, cancel it, leave regardless.
#include "shim/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace pgwright::shim {

namespace {

// Beyond the time a cancelled statement may take: for its response to be sent.
constexpr Duration kLeaveAfter{2000};
constexpr Duration kFlushInterval{200};

}  // namespace

Server::Server(const Settings& settings)
    : settings_(settings),
      log_writer_(STDOUT_FILENO),
      log_(log_writer_, settings.log_level),
      signals_(io_.get_executor()),
      listener_(io_.get_executor(), workers_, log_),
      route_watcher_(io_.get_executor(), settings, log_,
                     [this](const std::shared_ptr<const RouteTable>& routes) { publish(routes); }),
      flush_timer_(io_.get_executor()) {}

Server::~Server() = default;

std::optional<std::string> Server::run() {
    if (auto problem = listener_.open(settings_)) {
        return problem;
    }
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    make_workers();
    for (const auto& worker : workers_) {
        worker->start();
    }
    await_signal();
    route_watcher_.start();
    listener_.start();
    asio::co_spawn(io_, flush_log(), asio::detached);
    announce();
    io_.run();
    if (!canceller_.wait_until_idle(kLeaveAfter)) {
        leave_at_once("a cancellation would not end");
    }
    log_.write(LogLevel::info, {{"message", "stopped"}});
    return std::nullopt;
}

void Server::make_workers() {
    workers_running_ = settings_.threads != 0 ? settings_.threads
                                              : std::max(1U, std::thread::hardware_concurrency());
    const auto ended = [this] { asio::post(io_, [this] { worker_ended(); }); };
    for (std::size_t number = 0; number < workers_running_; ++number) {
        workers_.push_back(
            std::make_unique<Worker>(settings_, canceller_, log_writer_, started_, ended));
    }
}

void Server::announce() {
    log_.write(LogLevel::info, {{"message", "listening"},
                                {"version", PGWRIGHT_VERSION},
                                {"address", settings_.listen_address},
                                {"port", std::int64_t{listener_.port()}},
                                {"threads", static_cast<std::int64_t>(workers_.size())}});
    log_.flush();
}

void Server::publish(const std::shared_ptr<const RouteTable>& routes) {
    for (const auto& worker : workers_) {
        worker->set_routes(routes);
    }
}

void Server::await_signal() {
    signals_.async_wait([this](const IoError& cancelled, int) {
        if (cancelled) {
            return;
        }
        if (stopping_) {
            leave_at_once("second signal");
        }
        stop();
        await_signal();
    });
}

void Server::stop() {
    stopping_ = true;
    log_.write(LogLevel::info, {{"message", "stopping"}});
    listener_.stop();
    route_watcher_.stop();
    for (const auto& worker : workers_) {
        worker->stop();
    }
    grace_.emplace(io_.get_executor(), settings_.shutdown_grace, [this] {
        log_.write(LogLevel::warning, {{"message", "the grace period is over"}});
        for (const auto& worker : workers_) {
            worker->abort();
        }
    });
    limit_.emplace(io_.get_executor(),
                   settings_.shutdown_grace + settings_.cancel_timeout + kLeaveAfter,
                   [this] { leave_at_once("requests would not end"); });
}

// The last one lets io_ run out of work.
void Server::worker_ended() {
    if (--workers_running_ == 0) {
        grace_.reset();
        limit_.reset();
        signals_.cancel();
        flush_timer_.cancel();
    }
}

void Server::leave_at_once(const char* reason) {
    log_.write(LogLevel::warning, {{"message", "leaving at once"}, {"reason", reason}});
    log_.flush();
    log_writer_.finish();
    std::_Exit(stopping_ ? EXIT_SUCCESS : EXIT_FAILURE);
}

Task<> Server::flush_log() {
    while (workers_running_ != 0) {
        log_.flush();
        flush_timer_.expires_after(kFlushInterval);
        IoError ignored;
        co_await flush_timer_.async_wait(asio::redirect_error(kTask, ignored));
    }
}

}  // namespace pgwright::shim
