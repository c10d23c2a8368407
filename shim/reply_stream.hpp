// A reply that is sent while it is being made. What begins it may be held back until the first part is
// there: before that an error is an answer of its own.
#pragma once

#include <optional>
#include <string_view>

#include "shim/reply.hpp"
#include "shim/row_sink.hpp"
#include "shim/task.hpp"

namespace pgwright::shim {

// The client's side of it, which the session is.
class ReplyStream {
  public:
    ReplyStream() = default;
    ReplyStream(const ReplyStream&) = delete;
    ReplyStream& operator=(const ReplyStream&) = delete;
    virtual ~ReplyStream() = default;

    // Status and headers, once. False: the client is gone, or wants no body.
    virtual Task<bool> begin(const Reply& head) = 0;
    // A part of the body; likewise.
    virtual Task<bool> write(std::string_view part) = 0;
};

// Rows of a function that streams: the first is the head, {"status","headers"}, the others are the body.
class StreamedReply final : public RowSink {
  public:
    explicit StreamedReply(ReplyStream& out) : out_(out) {}

    Task<bool> take(std::string_view value) override;

    // Something was sent.
    bool begun() const { return begun_; }
    // The first row was none; nothing was sent.
    bool unusable() const { return unusable_; }
    // The head, when nothing has been sent: the reply is that and no body.
    std::optional<Reply> unsent_head() { return begun_ ? std::nullopt : std::move(head_); }

  private:
    ReplyStream& out_;
    std::optional<Reply> head_;
    bool begun_ = false;
    bool unusable_ = false;
};

}  // namespace pgwright::shim
