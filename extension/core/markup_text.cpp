// Tags and references; see markup_text.hpp.
#include "core/markup_text.hpp"

#include <algorithm>
#include <array>

namespace pgwright::core {

namespace {

constexpr std::array<std::string_view, 24> kInline = {
    "a",   "abbr", "b", "bdi", "bdo",  "cite",  "code", "del",    "dfn", "em",  "i", "ins",
    "kbd", "mark", "q", "s",   "samp", "small", "span", "strong", "sub", "sup", "u", "var"};

struct Named {
    std::string_view reference;
    std::string_view text;
};
constexpr std::array<Named, 6> kReferences = {{{"&amp;", "&"},
                                               {"&lt;", "<"},
                                               {"&gt;", ">"},
                                               {"&quot;", "\""},
                                               {"&#13;", "\r"},
                                               {"&nbsp;", " "}}};

bool is_name_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// "b" of "<b>" and of "</b>".
std::string_view element_of(std::string_view tag) noexcept {
    tag.remove_prefix(tag.starts_with("</") ? 2 : 1);
    const auto* const end = std::ranges::find_if_not(tag, is_name_letter);
    return tag.substr(0, static_cast<std::size_t>(end - tag.begin()));
}

}  // namespace

std::string text_of_markup(std::string_view html) {
    std::string text;
    text.reserve(html.size());
    while (!html.empty()) {
        const std::size_t plain = std::min(html.find_first_of("<&"), html.size());
        text += html.substr(0, plain);
        html.remove_prefix(plain);
        if (html.empty()) break;
        std::size_t length = 1;
        if (html.front() == '<') {
            const std::size_t end = html.find('>');
            length = end == std::string_view::npos ? html.size() : end + 1;
            if (std::ranges::find(kInline, element_of(html)) == kInline.end()) text += ' ';
        } else {
            const auto* const named = std::ranges::find_if(
                kReferences, [&](const Named& known) { return html.starts_with(known.reference); });
            const bool is_known = named != kReferences.end();
            text += is_known ? named->text : "&";
            if (is_known) length = named->reference.size();
        }
        html.remove_prefix(length);
    }
    return text;
}

}  // namespace pgwright::core
