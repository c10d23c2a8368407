#include "core/uuid.hpp"

#include <cstring>

namespace pgwright::core {

namespace {

constexpr char kDigits[] = "0123456789abcdef";

// Bytes after which the text has a hyphen.
constexpr bool hyphen_before(std::size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

constexpr int digit_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void Uuid::write(char* out) const noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (hyphen_before(i)) *out++ = '-';
        *out++ = kDigits[bytes[i] >> 4];
        *out++ = kDigits[bytes[i] & 0x0F];
    }
}

std::string Uuid::to_string() const {
    std::string text(kUuidTextLength, '\0');
    write(text.data());
    return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
    if (text.size() != kUuidTextLength) return std::nullopt;
    Uuid uuid;
    std::size_t at = 0;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        if (hyphen_before(i) && text[at++] != '-') return std::nullopt;
        const int high = digit_value(text[at]);
        const int low = digit_value(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
    }
    return uuid;
}

Uuid uuid_v7(std::uint64_t unix_millis, std::span<const std::uint8_t, 10> random) noexcept {
    Uuid uuid;
    for (std::size_t i = 0; i < 6; ++i)
        uuid.bytes[i] = static_cast<std::uint8_t>(unix_millis >> (40 - 8 * i));
    std::memcpy(uuid.bytes.data() + 6, random.data(), random.size());
    uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | (uuid.bytes[6] & 0x0F));
    uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}

}  // namespace pgwright::core

std::size_t std::hash<pgwright::core::Uuid>::operator()(
    const pgwright::core::Uuid& uuid) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, uuid.bytes.data(), sizeof high);
    std::memcpy(&low, uuid.bytes.data() + 8, sizeof low);
    // The first half is the time, nearly constant; the multiplier spreads it (2^64 over the golden ratio).
    return static_cast<std::size_t>((high * 0x9E3779B97F4A7C15ULL) ^ low);
}
