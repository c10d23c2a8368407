// Needles, patterns and the search itself; see text_match.hpp.
#include "core/text_match.hpp"

#include <algorithm>

namespace pgwright::core {
namespace {

constexpr char kEscape = '\\';
constexpr char kAnything = '%';

bool is_special(char c) noexcept { return c == kAnything || c == '_' || c == kEscape; }

bool matches_here(std::string_view rest, std::string_view needle, Anchor anchor) noexcept {
    return anchor == Anchor::end ? rest == needle : rest.starts_with(needle);
}

bool matches_by_character(std::string_view text, std::string_view needle, Anchor anchor,
                          CharacterLength length) noexcept {
    while (!matches_here(text, needle, anchor)) {
        if (text.empty()) return false;
        const auto bytes = static_cast<std::size_t>(std::max(1, length(text.data())));
        text.remove_prefix(std::min(bytes, text.size()));
    }
    return true;
}

}  // namespace

std::string like_pattern(std::string_view needle, Anchor anchor) {
    std::string pattern;
    pattern.reserve(needle.size() + 2);
    if (anchor != Anchor::start) pattern += kAnything;
    for (const char c : needle) {
        if (is_special(c)) pattern += kEscape;
        pattern += c;
    }
    if (anchor != Anchor::end) pattern += kAnything;
    return pattern;
}

std::string needle_of(std::string_view pattern, Anchor anchor) {
    if (anchor != Anchor::start) pattern.remove_prefix(1);
    if (anchor != Anchor::end) pattern.remove_suffix(1);
    std::string needle;
    needle.reserve(pattern.size());
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == kEscape) ++i;
        needle += pattern[i];
    }
    return needle;
}

std::optional<Needle> needle_asked_for(std::string_view pattern) {
    const bool before = pattern.starts_with(kAnything);
    if (before) pattern.remove_prefix(1);
    Needle needle;
    bool after = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == kAnything && i + 1 == pattern.size()) {
            after = true;
            break;
        }
        if (pattern[i] == kAnything || pattern[i] == '_') return std::nullopt;
        if (pattern[i] == kEscape && ++i == pattern.size()) return std::nullopt;
        needle.text += pattern[i];
    }
    if (!before && !after) return std::nullopt;
    // Of a single % nothing is left that could stand behind the needle.
    if (before && !after && pattern.empty()) after = true;
    needle.anchor = before && after ? Anchor::anywhere : before ? Anchor::end : Anchor::start;
    return needle;
}

std::optional<std::string> like_fault(std::string_view pattern) {
    const std::size_t last = pattern.find_last_not_of(kEscape);
    const std::size_t escapes = pattern.size() - (last == std::string_view::npos ? 0 : last + 1);
    if (escapes % 2 == 0) return std::nullopt;
    return "must not end in a single backslash; \\\\ stands for one";
}

bool matches(std::string_view text, std::string_view needle, Anchor anchor,
             CharacterLength length) noexcept {
    if (needle.size() > text.size()) return false;
    if (anchor == Anchor::start) return text.starts_with(needle);
    if (length != nullptr) return matches_by_character(text, needle, anchor, length);
    return anchor == Anchor::end ? text.ends_with(needle)
                                 : text.find(needle) != std::string_view::npos;
}

}  // namespace pgwright::core
