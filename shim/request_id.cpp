// Ids are random rather than counted, so that shims side by side do not repeat one another's.
#include "shim/request_id.hpp"

#include <algorithm>

#include "shim/ascii.hpp"

namespace pgwright::shim {

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
    });
}

std::string RequestIds::next() {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string id(32, '0');
    for (std::size_t half = 0; half < 2; ++half) {
        std::uint64_t bits = random_();
        for (std::size_t at = 0; at < 16; ++at, bits >>= 4) {
            id[half * 16 + at] = kDigits[bits & 0x0F];
        }
    }
    return id;
}

}  // namespace pgwright::shim
