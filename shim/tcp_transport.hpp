// A session's stream over a TCP socket.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "shim/transport.hpp"

namespace pgwright::shim {

using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class TcpTransport final : public Transport {
  public:
    explicit TcpTransport(TcpSocket socket);

    Task<std::size_t> read(asio::mutable_buffer into) override;
    Task<bool> write(std::string_view head, std::string_view body) override;
    void cancel() override;
    bool peer_gone() override;
    void shutdown_send() override;
    void close() override;

  private:
    TcpSocket socket_;
};

}  // namespace pgwright::shim
