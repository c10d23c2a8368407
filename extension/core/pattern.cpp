// The matchers that say in C++ what the patterns' constraints say in SQL.
#include "core/pattern.hpp"

#include <algorithm>

namespace pgwright::core {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_one_of(char c, std::string_view set) noexcept {
    return set.find(c) != std::string_view::npos;
}

bool is_domain_label(std::string_view label) noexcept {
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-'; });
}

// Two labels or more, with a dot between each and the next.
bool is_domain(std::string_view domain) noexcept {
    std::size_t dots = 0;
    for (std::size_t dot = domain.find('.'); dot != std::string_view::npos;
         dot = domain.find('.')) {
        if (!is_domain_label(domain.substr(0, dot))) return false;
        domain.remove_prefix(dot + 1);
        ++dots;
    }
    return dots > 0 && is_domain_label(domain);
}

bool is_local_part_character(char c) noexcept {
    return is_alphanumeric(c) || is_one_of(c, ".!#$%&'*+/=?^_`{|}~-");
}

bool is_url_character(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20U && byte != 0x7FU && !is_one_of(c, "\"<>`{|}^\\");
}

// Removes the longest prefix of such characters and returns it.
template <typename Predicate>
std::string_view take_while(std::string_view& text, Predicate matches) noexcept {
    const auto end = std::find_if_not(text.begin(), text.end(), matches);
    const auto taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(taken.size());
    return taken;
}

// Removes a prefix, given in lower case, whatever the text's case; says whether it was there.
bool take(std::string_view& text, std::string_view prefix) noexcept {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const auto head = text.substr(0, prefix.size());
    if (!std::equal(head.begin(), head.end(), prefix.begin(), prefix.end(),
                    [&](char c, char p) { return lower(c) == p; })) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

// What may follow the number: "x12", "ext 12", "ext. 12". The spaces before it are the number's tail.
bool is_extension(std::string_view text) noexcept {
    if (take(text, "ext")) {
        take(text, ".");
    } else if (!take(text, "x")) {
        return false;
    }
    take_while(text, [](char c) { return c == ' '; });
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

bool is_email(std::string_view text) noexcept {
    const auto local_part = take_while(text, is_local_part_character);
    return !local_part.empty() && take(text, "@") && is_domain(text);
}

bool is_url(std::string_view text) noexcept {
    if (text.starts_with("https://")) {
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else {
        return false;
    }
    return !text.empty() && !is_one_of(text.front(), "/?#") &&
           std::all_of(text.begin(), text.end(), is_url_character);
}

bool is_phone(std::string_view text) noexcept {
    take(text, "+");
    take(text, "(");
    if (text.empty() || !is_digit(text.front())) return false;
    std::string_view number =
        take_while(text, [](char c) { return is_digit(c) || is_one_of(c, " ()./-"); });
    if (!text.empty()) {
        if (!is_extension(text)) return false;
        while (number.back() == ' ') number.remove_suffix(1);
    }
    return is_digit(number.back()) && std::count_if(number.begin(), number.end(), is_digit) >= 3;
}

}  // namespace pgwright::core
