// Dates by a pattern; see date_format.hpp.
#include "core/date_format.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace pgwright::core {
namespace {

struct Part {
    std::string_view token;
    std::size_t fewest, most;  // digits
};
constexpr std::array<Part, 3> kParts = {{{"YYYY", 4, 4}, {"MM", 1, 2}, {"DD", 1, 2}}};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Which part the format begins with; kParts.size() for none.
std::size_t part_at(std::string_view format) noexcept {
    const auto* const found = std::ranges::find_if(
        kParts, [&](const Part& part) { return format.starts_with(part.token); });
    return static_cast<std::size_t>(found - kParts.begin());
}

bool is_mark(char c) noexcept {
    return c > ' ' ? !is_digit(c) && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c < 0x7F
                   : c == ' ';
}

std::string_view take_digits(std::string_view& text, std::size_t most) noexcept {
    std::size_t length = 0;
    while (length < most && length < text.size() && is_digit(text[length])) ++length;
    const std::string_view digits = text.substr(0, length);
    text.remove_prefix(length);
    return digits;
}

}  // namespace

bool is_date_format(std::string_view format) noexcept {
    std::array<int, kParts.size()> found{};
    while (!format.empty()) {
        const std::size_t part = part_at(format);
        if (part < kParts.size()) {
            ++found[part];
            format.remove_prefix(kParts[part].token.size());
        } else if (is_mark(format.front())) {
            format.remove_prefix(1);
        } else {
            return false;
        }
    }
    return std::ranges::all_of(found, [](int count) { return count == 1; });
}

std::optional<std::string> to_iso_date(std::string_view text, std::string_view format) {
    std::array<std::string_view, kParts.size()> values;
    while (!format.empty()) {
        const std::size_t part = part_at(format);
        if (part == kParts.size()) {
            if (!text.starts_with(format.front())) return std::nullopt;
            text.remove_prefix(1);
            format.remove_prefix(1);
            continue;
        }
        values[part] = take_digits(text, kParts[part].most);
        if (values[part].size() < kParts[part].fewest) return std::nullopt;
        format.remove_prefix(kParts[part].token.size());
    }
    std::string iso;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
        if (i > 0) iso += '-';
        iso.append(kParts[i].most - values[i].size(), '0').append(values[i]);
    }
    return iso.append(text);
}

}  // namespace pgwright::core
