// Parses one HTTP message after the other from bytes the session has received. Wraps Beast's parser
// so that only one file pays for it; does no input or output of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "shim/error.hpp"
#include "shim/request.hpp"

namespace pgwright::shim {

class RequestReader {
  public:
    enum class State { head, body, complete, failed };

    RequestReader(std::size_t header_limit, std::size_t body_limit);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    // Forgets the last message; a fresh parser for the next.
    void start();
    // Takes bytes until the head, or after it the body, is complete. Returns how many it took; the
    // rest is to be offered again, with more behind it. Call only in states head and body.
    std::size_t put(std::string_view bytes);

    State state() const { return state_; }
    // Complete from state body on; the body from state complete on. In state failed what was read.
    Request& request() { return request_; }
    // In state failed.
    const ApiError& error() const { return error_; }

  private:
    struct Parser;

    bool count_head(std::size_t bytes);
    void fail(int code_value, const std::string& reason);
    void read_fields();
    void read_framing();
    void check_head();

    std::size_t header_limit_;
    std::size_t body_limit_;
    std::unique_ptr<Parser> parser_;
    State state_ = State::head;
    std::size_t head_bytes_ = 0;
    Request request_;
    ApiError error_;
};

}  // namespace pgwright::shim
