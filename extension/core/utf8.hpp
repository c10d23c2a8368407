// UTF-8 text counted and cut by characters (code points). The text is valid: it came out of the JSON
// parser or the server.
#pragma once

#include <cstddef>
#include <string_view>

namespace pgwright::core {

// As char_length() counts.
std::size_t count_characters(std::string_view utf8) noexcept;

// The longest beginning of at most that many bytes that cuts no character in two.
std::string_view clip_utf8(std::string_view utf8, std::size_t max_bytes) noexcept;

// What may be sent back to whoever sent it, in a message or a fault's path.
inline constexpr std::size_t kMaxEchoedBytes = 64;
inline std::string_view echo(std::string_view utf8) noexcept {
    return clip_utf8(utf8, kMaxEchoedBytes);
}

}  // namespace pgwright::core
