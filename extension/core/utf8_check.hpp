// Whether bytes that came from outside are UTF-8 that the database can keep. What the JSON parser and the
// server have let through needs no such look; files do.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace pgwright::core {

// The offset of the first byte that belongs to no character, an over-long form, a surrogate, something
// beyond U+10FFFF, or is U+0000; nothing when all is well. A character cut off at the end is a fault.
std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) noexcept;

}  // namespace pgwright::core
