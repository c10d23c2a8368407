// Ids for samples.
#pragma once

#include <string>
#include <string_view>

#include "core/uuid.hpp"

namespace pgwright::core::sample {

// An id made of the text; the same text, the same id.
inline Uuid id_of(std::string_view text) {
    std::string digits;
    for (const char c : std::string(text) + "................") {
        const auto byte = static_cast<unsigned char>(c);
        digits += "0123456789abcdef"[byte >> 4U];
        digits += "0123456789abcdef"[byte & 15U];
    }
    const std::string hex = digits.substr(0, 32);
    return *Uuid::parse(hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
                        hex.substr(16, 4) + '-' + hex.substr(20));
}

}  // namespace pgwright::core::sample
