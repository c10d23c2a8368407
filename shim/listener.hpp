// Accepts connections and deals them out to the workers in turn. An error while accepting, such as
// running out of descriptors, makes it wait; nothing but stop() ends it.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shim/backoff.hpp"
#include "shim/log.hpp"
#include "shim/worker.hpp"

namespace pgwright::shim {

class Listener {
  public:
    Listener(const Executor& executor, std::vector<std::unique_ptr<Worker>>& workers,
             LogBuffer& log);

    // What is wrong with the address, or nothing once it listens.
    std::optional<std::string> open(const Settings& settings);
    std::uint16_t port() const;
    void start();
    void stop();

  private:
    Task<> accept();
    Task<> pause_after(const IoError& error);

    asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
    std::vector<std::unique_ptr<Worker>>& workers_;
    LogBuffer& log_;
    Timer pause_;
    Backoff backoff_;
    std::size_t next_worker_ = 0;
    bool stopping_ = false;
};

}  // namespace pgwright::shim
