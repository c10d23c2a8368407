// One thread that serves requests: its io_context, its sessions, its database connections. Workers
// share nothing but the route table, which is immutable, the canceller and the log's writer. The
// public functions may be called from any thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "shim/database.hpp"
#include "shim/pg_connection.hpp"
#include "shim/pool.hpp"
#include "shim/session.hpp"
#include "shim/tcp_transport.hpp"

namespace pgwright::shim {

class Worker {
  public:
    // `ended` is called on the worker's thread when it has nothing left to do after stop().
    Worker(const Settings& settings, Canceller& canceller, LogWriter& log_writer, TimePoint started,
           std::function<void()> ended);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start();
    // Where a socket for this worker has to live.
    Executor executor() { return io_.get_executor(); }
    void serve(TcpSocket socket, std::string remote);
    void set_routes(std::shared_ptr<const RouteTable> routes);
    // Ends idle connections, lets requests in flight finish.
    void stop();
    // Cancels what is in flight.
    void abort();

  private:
    void run();
    Task<> serve_session(TcpSocket socket, std::string remote);
    Task<> tick();
    void report_failure(const std::string& problem);

    asio::io_context io_{1};
    const Settings& settings_;
    LogBuffer log_;
    WatchList watch_list_;
    RequestIds request_ids_;
    PgConnector connector_;
    Pool pool_;
    Database database_;
    Service service_;
    SessionHost host_;
    std::function<void()> ended_;
    std::thread thread_;
};

}  // namespace pgwright::shim
