// The io_context is the first member and so the last to go: everything else uses it.
#include "shim/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <random>
#include <utility>

namespace pgwright::shim {

namespace {

PoolLimits pool_limits(const Settings& settings) {
    return {settings.pool_size, settings.queue_limit, settings.queue_timeout};
}

}  // namespace

Worker::Worker(const Settings& settings, Canceller& canceller, LogWriter& log_writer,
               TimePoint started, std::function<void()> ended)
    : settings_(settings),
      log_(log_writer, settings.log_level),
      connector_(executor(), settings, canceller,
                 [this](const std::string& problem) { report_failure(problem); }),
      pool_(executor(), connector_, pool_limits(settings),
            Backoff(settings.reconnect_limit, std::random_device{}())),
      database_(pool_),
      service_(database_, log_, settings.json_depth_limit, started),
      host_{service_, log_, watch_list_, request_ids_, settings},
      ended_(std::move(ended)) {}

Worker::~Worker() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

void Worker::run() {
    pool_.start();
    asio::co_spawn(io_, tick(), asio::detached);
    io_.run();
    log_.flush();
    ended_();
}

void Worker::report_failure(const std::string& problem) {
    log_.write(LogLevel::error,
               {{"message", "cannot connect to the database"}, {"problem", problem}});
}

void Worker::serve(TcpSocket socket, std::string remote) {
    asio::post(io_, [this, socket = std::move(socket), remote = std::move(remote)]() mutable {
        asio::co_spawn(io_, serve_session(std::move(socket), std::move(remote)), asio::detached);
    });
}

Task<> Worker::serve_session(TcpSocket socket, std::string remote) {
    std::string problem;
    try {
        Session session(host_, std::make_unique<TcpTransport>(std::move(socket)),
                        std::move(remote));
        co_await session.run();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (!problem.empty()) {
        log_.write(LogLevel::error, {{"message", "a session failed"}, {"exception", problem}});
    }
}

void Worker::set_routes(std::shared_ptr<const RouteTable> routes) {
    asio::post(io_, [this, routes = std::move(routes)]() mutable {
        service_.set_routes(std::move(routes));
    });
}

void Worker::stop() {
    asio::post(io_, [this] {
        host_.stopping = true;
        watch_list_.stop();
    });
}

void Worker::abort() {
    asio::post(io_, [this] { watch_list_.abort(); });
}

// Ends, and with it the thread, once the last session has ended after stop().
Task<> Worker::tick() {
    Timer timer(executor());
    while (!host_.stopping || watch_list_.size() != 0) {
        timer.expires_after(WatchList::kInterval);
        IoError ignored;
        co_await timer.async_wait(asio::redirect_error(kTask, ignored));
        watch_list_.tick(Clock::now());
        log_.flush();
    }
    pool_.stop();
}

}  // namespace pgwright::shim
