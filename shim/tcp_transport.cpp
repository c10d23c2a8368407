// Errors of a socket say only that the client is gone: they end the session and nothing else.
#include "shim/tcp_transport.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <utility>

namespace pgwright::shim {

TcpTransport::TcpTransport(TcpSocket socket) : socket_(std::move(socket)) {
    IoError ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

Task<std::size_t> TcpTransport::read(asio::mutable_buffer into) {
    IoError error;
    const std::size_t received =
        co_await socket_.async_read_some(into, asio::redirect_error(kTask, error));
    co_return error ? 0 : received;
}

// The kernel nearly always takes a response at once; only what it does not take is waited for.
Task<bool> TcpTransport::write(std::string_view head, std::string_view body) {
    std::array<asio::const_buffer, 2> parts{asio::buffer(head.data(), head.size()),
                                            asio::buffer(body.data(), body.size())};
    IoError error;
    std::size_t written = socket_.write_some(parts, error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
        error.clear();
        written = 0;
    }
    if (error) {
        co_return false;
    }
    if (written < head.size() + body.size()) {
        const std::size_t of_head = std::min(written, head.size());
        parts[0] += of_head;
        parts[1] += written - of_head;
        co_await asio::async_write(socket_, parts, asio::redirect_error(kTask, error));
    }
    co_return !error;
}

void TcpTransport::cancel() {
    IoError ignored;
    socket_.cancel(ignored);
}

// Reported even while pipelined requests are still unread. A client that closes only its sending
// side counts as gone too.
bool TcpTransport::peer_gone() {
    pollfd look{socket_.native_handle(), POLLRDHUP, 0};
    return ::poll(&look, 1, 0) > 0 &&
           (look.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void TcpTransport::shutdown_send() {
    IoError ignored;
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void TcpTransport::close() {
    IoError ignored;
    socket_.close(ignored);
}

}  // namespace pgwright::shim
