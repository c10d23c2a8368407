// Bytes received and not yet parsed. Contiguous, because the parser wants a whole head at once;
// bounded, because a client decides what comes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

namespace pgwright::shim {

class InputBuffer {
  public:
    explicit InputBuffer(std::size_t limit) : limit_(limit) {}

    std::string_view unread() const { return {bytes_.data() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }

    struct Space {
        char* data;
        std::size_t size;  // 0: the limit is reached
    };
    // Room for up to `wanted` more bytes, at least one unless the limit is reached.
    Space space(std::size_t wanted) {
        if (begin_ > 0) {
            std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        const std::size_t size = std::min(limit_, end_ + wanted);
        if (bytes_.size() < size) {
            bytes_.resize(size);
        }
        return {bytes_.data() + end_, std::min(wanted, bytes_.size() - end_)};
    }
    void commit(std::size_t count) { end_ += count; }
    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) {
            begin_ = end_ = 0;
        }
    }

  private:
    std::size_t limit_;
    std::vector<char> bytes_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace pgwright::shim
