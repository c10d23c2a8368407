// SO_REUSEADDR lets a restarted server take its port back at once.
#include "shim/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <utility>

namespace pgwright::shim {

namespace {

constexpr Duration kLongestPause{1000};

// A connection that was reset before it was accepted says nothing about the next one.
bool concerns_one_connection(const IoError& error) {
    return error == asio::error::connection_aborted || error == asio::error::interrupted ||
           error == asio::error::try_again || error == asio::error::connection_reset;
}

std::string remote_address(const TcpSocket& socket) {
    IoError error;
    const auto endpoint = socket.remote_endpoint(error);
    return error ? std::string() : endpoint.address().to_string();
}

}  // namespace

Listener::Listener(const Executor& executor, std::vector<std::unique_ptr<Worker>>& workers,
                   LogBuffer& log)
    : acceptor_(executor),
      workers_(workers),
      log_(log),
      pause_(executor),
      backoff_(kLongestPause, 1) {}

std::optional<std::string> Listener::open(const Settings& settings) {
    IoError error;
    const auto address = asio::ip::make_address(settings.listen_address, error);
    if (error) {
        return "setting \"listen_address\" is not an IP address";
    }
    const asio::ip::tcp::endpoint endpoint(address, static_cast<std::uint16_t>(settings.port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) {
        acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
        acceptor_.bind(endpoint, error);
    }
    if (!error) {
        acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        return "cannot listen on " + settings.listen_address + ", port " +
               std::to_string(settings.port) + ": " + error.message();
    }
    return std::nullopt;
}

std::uint16_t Listener::port() const { return acceptor_.local_endpoint().port(); }

void Listener::start() { asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached); }

void Listener::stop() {
    stopping_ = true;
    IoError ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

Task<> Listener::accept() {
    while (!stopping_) {
        Worker& worker = *workers_[next_worker_];
        IoError error;
        TcpSocket socket =
            co_await acceptor_.async_accept(worker.executor(), asio::redirect_error(kTask, error));
        if (error) {
            co_await pause_after(error);
            continue;
        }
        backoff_.reset();
        next_worker_ = (next_worker_ + 1) % workers_.size();
        std::string remote = remote_address(socket);
        worker.serve(std::move(socket), std::move(remote));
    }
}

Task<> Listener::pause_after(const IoError& error) {
    if (stopping_ || concerns_one_connection(error)) {
        co_return;
    }
    log_.write(LogLevel::error,
               {{"message", "cannot accept a connection"}, {"problem", error.message()}});
    log_.flush();
    pause_.expires_after(backoff_.next());
    IoError ignored;
    co_await pause_.async_wait(asio::redirect_error(kTask, ignored));
}

}  // namespace pgwright::shim
