// The header Prefer; see prefer.hpp.
#include "core/prefer.hpp"

#include <algorithm>

namespace pgwright::core {

namespace {

constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view unquoted(std::string_view text) noexcept {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return quoted ? text.substr(1, text.size() - 2) : text;
}

// One preference, without its parameters.
ReturnPreference preference_of(std::string_view text) noexcept {
    const std::string_view whole = trimmed(text.substr(0, text.find(';')));
    const std::size_t sign = whole.find('=');
    if (sign == std::string_view::npos || !same(trimmed(whole.substr(0, sign)), "return"))
        return ReturnPreference::unsaid;
    const std::string_view value = unquoted(trimmed(whole.substr(sign + 1)));
    if (same(value, "minimal")) return ReturnPreference::minimal;
    return same(value, "representation") ? ReturnPreference::representation
                                         : ReturnPreference::unsaid;
}

}  // namespace

ReturnPreference parse_prefer(std::string_view header) noexcept {
    while (!header.empty()) {
        const std::size_t comma = std::min(header.find(','), header.size());
        const ReturnPreference found = preference_of(header.substr(0, comma));
        if (found != ReturnPreference::unsaid) return found;
        header.remove_prefix(std::min(comma + 1, header.size()));
    }
    return ReturnPreference::unsaid;
}

}  // namespace pgwright::core
