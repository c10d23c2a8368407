// The byte stream under a session. TcpTransport is the real one; tests drive a session over a
// scripted stream. One reader and one writer at a time; belongs to one thread.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <string_view>

#include "shim/task.hpp"

namespace pgwright::shim {

class Transport {
  public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    // Bytes received; 0 when the stream has ended, failed, or the wait was cancelled.
    virtual Task<std::size_t> read(asio::mutable_buffer into) = 0;
    // Both parts whole; false when the stream failed or the wait was cancelled.
    virtual Task<bool> write(std::string_view head, std::string_view body) = 0;
    // Ends the read or write that is waiting, if any; the stream stays usable.
    virtual void cancel() = 0;
    // A look without waiting: has the client hung up?
    virtual bool peer_gone() = 0;
    virtual void shutdown_send() = 0;
    virtual void close() = 0;
};

}  // namespace pgwright::shim
