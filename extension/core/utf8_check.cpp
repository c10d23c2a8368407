// Well-formed UTF-8 after table 3-7 of the Unicode standard; see utf8_check.hpp.
#include "core/utf8_check.hpp"

#include <cstdint>
#include <cstring>

namespace pgwright::core {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t i) noexcept {
    return static_cast<std::uint8_t>(bytes[i]);
}

// Eight bytes of plain ASCII other than NUL: the usual case, looked at together.
bool is_plain_word(std::string_view bytes, std::size_t i) noexcept {
    constexpr std::uint64_t kHighBits = 0x8080808080808080U;
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    if (i + sizeof(std::uint64_t) > bytes.size()) return false;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    return (word & kHighBits) == 0 && ((word - kOnes) & ~word & kHighBits) == 0;
}

struct Lead {
    std::size_t length = 0;  // of the character; 0: no character begins like that
    std::uint8_t lowest = 0x80, highest = 0xBF;  // of its second byte
};

Lead lead_of(std::uint8_t first) noexcept {
    if (first >= 0xC2 && first <= 0xDF) return {2};
    if (first == 0xE0) return {3, 0xA0};
    if (first == 0xED) return {3, 0x80, 0x9F};
    if (first >= 0xE1 && first <= 0xEF) return {3};
    if (first == 0xF0) return {4, 0x90};
    if (first >= 0xF1 && first <= 0xF3) return {4};
    if (first == 0xF4) return {4, 0x80, 0x8F};
    return {};
}

// The length of the character that begins there; 0 when none does.
std::size_t character_length(std::string_view bytes, std::size_t i) noexcept {
    const std::uint8_t first = byte_at(bytes, i);
    if (first < 0x80) return first == 0 ? 0 : 1;
    const Lead lead = lead_of(first);
    if (lead.length == 0 || i + lead.length > bytes.size()) return 0;
    const std::uint8_t second = byte_at(bytes, i + 1);
    if (second < lead.lowest || second > lead.highest) return 0;
    for (std::size_t k = 2; k < lead.length; ++k)
        if ((byte_at(bytes, i + k) & 0xC0) != 0x80) return 0;
    return lead.length;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size();) {
        if (is_plain_word(bytes, i)) {
            i += sizeof(std::uint64_t);
            continue;
        }
        const std::size_t length = character_length(bytes, i);
        if (length == 0) return i;
        i += length;
    }
    return std::nullopt;
}

}  // namespace pgwright::core
