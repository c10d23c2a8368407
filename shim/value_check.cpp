// Mirrors int8in, boolin and uuid_in of the server; what they accept is accepted here.
#include "shim/value_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

#include "shim/ascii.hpp"
#include "shim/json_document.hpp"

namespace pgwright::shim {

namespace {

std::optional<std::string> check_integer(std::string_view text, std::int64_t low,
                                         std::int64_t high) {
    text = trimmed(text);
    if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) {
        text.remove_prefix(1);
    }
    std::int64_t value = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ptr != end || parsed.ec == std::errc::invalid_argument || text.empty()) {
        return "must be an integer";
    }
    if (parsed.ec == std::errc::result_out_of_range || value < low || value > high) {
        return "must be an integer between " + std::to_string(low) + " and " + std::to_string(high);
    }
    return std::nullopt;
}

template <class Integer>
std::optional<std::string> check_integer_of(std::string_view text) {
    return check_integer(text, std::numeric_limits<Integer>::min(),
                         std::numeric_limits<Integer>::max());
}

// The server takes any prefix of these words that tells them apart; "o" does not.
std::optional<std::string> check_boolean(std::string_view text) {
    static constexpr std::array<std::string_view, 8> kWords{"true", "false", "yes", "no",
                                                            "on",   "off",   "1",   "0"};
    text = trimmed(text);
    const auto names = [&](std::string_view word) {
        return text.size() <= word.size() && equal_ignoring_case(text, word.substr(0, text.size()));
    };
    if (text.empty() || equal_ignoring_case(text, "o") ||
        std::none_of(kWords.begin(), kWords.end(), names)) {
        return "must be true or false";
    }
    return std::nullopt;
}

// 32 hexadecimal digits; a hyphen may follow any group of four, braces may surround them all.
std::optional<std::string> check_uuid(std::string_view text) {
    if (text.starts_with('{') && text.ends_with('}')) {
        text = text.substr(1, text.size() - 2);
    }
    std::size_t digits = 0;
    bool after_hyphen = true;
    for (const char c : text) {
        if (c == '-' && !after_hyphen && digits % 4 == 0) {
            after_hyphen = true;
            continue;
        }
        if (!is_hex(c)) {
            return "must be a UUID";
        }
        ++digits;
        after_hyphen = false;
    }
    if (digits != 32 || after_hyphen) {
        return "must be a UUID";
    }
    return std::nullopt;
}

std::optional<std::string> check_json(std::string_view text, std::size_t depth_limit) {
    JsonDocument ignored;
    auto fault = read_json(text, depth_limit, false, ignored);
    if (!fault) {
        return std::nullopt;
    }
    return fault->field.empty() ? fault->message
                                : "has the key \"" + fault->field + "\", which " + fault->message;
}

}  // namespace

std::optional<std::string> check_value(ArgumentKind kind, std::string_view text,
                                       std::size_t json_depth_limit) {
    switch (kind) {
        case ArgumentKind::json: return check_json(text, json_depth_limit);
        case ArgumentKind::boolean: return check_boolean(text);
        case ArgumentKind::uuid: return check_uuid(text);
        case ArgumentKind::smallint: return check_integer_of<std::int16_t>(text);
        case ArgumentKind::integer: return check_integer_of<std::int32_t>(text);
        case ArgumentKind::bigint: return check_integer_of<std::int64_t>(text);
        case ArgumentKind::text:
        case ArgumentKind::bytes:
        case ArgumentKind::other: break;
    }
    return std::nullopt;
}

}  // namespace pgwright::shim
