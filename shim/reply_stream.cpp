// Head first, then parts; see reply_stream.hpp.
#include "shim/reply_stream.hpp"

#include <string>
#include <utility>

#include "shim/function_response.hpp"

namespace pgwright::shim {

Task<bool> StreamedReply::take(std::string_view value) {
    if (!head_) {
        head_ = stream_head(value);
        unusable_ = !head_.has_value();
        co_return !unusable_;
    }
    if (value.empty()) {
        co_return true;  // an empty chunk would end the body
    }
    if (!begun_) {
        begun_ = true;
        const bool wanted = co_await out_.begin(*head_);
        if (!wanted) {
            co_return false;
        }
    }
    const bool written = co_await out_.write(value);
    co_return written;
}

}  // namespace pgwright::shim
