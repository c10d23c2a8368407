// The whole server: control thread (the caller's), workers, route watcher, shutdown. SIGTERM and
// SIGINT stop it gracefully, a second one at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shim/canceller.hpp"
#include "shim/listener.hpp"
#include "shim/log.hpp"
#include "shim/route_watcher.hpp"
#include "shim/settings.hpp"
#include "shim/worker.hpp"

namespace pgwright::shim {

class Server {
  public:
    // The settings must outlive the server.
    explicit Server(const Settings& settings);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Serves until it is told to stop. Returns why it could not start, or nothing.
    std::optional<std::string> run();

  private:
    void make_workers();
    void announce();
    void publish(const std::shared_ptr<const RouteTable>& routes);
    void await_signal();
    void stop();
    void worker_ended();
    [[noreturn]] void leave_at_once(const char* reason);
    Task<> flush_log();

    const Settings& settings_;
    TimePoint started_ = Clock::now();
    asio::io_context io_{1};
    LogWriter log_writer_;
    LogBuffer log_;
    std::vector<std::unique_ptr<Worker>> workers_;
    Canceller canceller_;  // goes before the workers
    asio::basic_signal_set<Executor> signals_;
    Listener listener_;
    RouteWatcher route_watcher_;
    Timer flush_timer_;
    std::optional<Alarm> grace_;
    std::optional<Alarm> limit_;
    std::size_t workers_running_ = 0;
    bool stopping_ = false;
};

}  // namespace pgwright::shim
