// UUIDs as 16 bytes in network order, and the time-ordered version 7 of RFC 9562 that record ids are.
// Pure: the clock and the random bytes come from the caller.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pgwright::core {

inline constexpr std::size_t kUuidTextLength = 36;

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    friend bool operator==(const Uuid&, const Uuid&) = default;
    // NOLINTNEXTLINE(modernize-use-nullptr): the null is the compiler's
    friend auto operator<=>(const Uuid&, const Uuid&) = default;

    [[nodiscard]] bool is_nil() const noexcept { return *this == Uuid{}; }
    // Lower case, with hyphens.
    [[nodiscard]] std::string to_string() const;
    // The same into 36 bytes at `out`, without a terminator.
    void write(char* out) const noexcept;

    // The canonical form in either case: 8-4-4-4-12 digits. The server's other spellings (braces, no
    // hyphens) are refused.
    static std::optional<Uuid> parse(std::string_view text) noexcept;
};

// Version 7: 48 bits of milliseconds since 1970, then the version, the variant and 74 random bits.
// Only the low 48 bits of `unix_millis` count.
Uuid uuid_v7(std::uint64_t unix_millis, std::span<const std::uint8_t, 10> random) noexcept;

}  // namespace pgwright::core

template <>
struct std::hash<pgwright::core::Uuid> {
    std::size_t operator()(const pgwright::core::Uuid& uuid) const noexcept;
};
