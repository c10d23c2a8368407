// The header Prefer (RFC 7240), as far as writes heed it.
#pragma once

#include <cstdint>
#include <string_view>

namespace pgwright::core {

enum class ReturnPreference : std::uint8_t { unsaid, minimal, representation };

// What "return" is preferred to be. Other preferences and malformed ones are passed over, as the RFC
// wants it; of several the first counts.
ReturnPreference parse_prefer(std::string_view header) noexcept;

}  // namespace pgwright::core
