// The sanitiser of rich text: whatever goes in, what comes out parses to allowed elements and
// attributes alone, closes what it opens, and is its own sanitised form.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "check.hpp"
#include "core/error.hpp"
#include "core/rich_text.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

constexpr std::array<std::string_view, 35> kElements = {
    "p",      "br",         "hr", "h1", "h2",   "h3",  "h4",     "h5",        "h6",
    "strong", "b",          "em", "i",  "u",    "s",   "sub",    "sup",       "code",
    "pre",    "blockquote", "ul", "ol", "li",   "a",   "img",    "table",     "thead",
    "tbody",  "tr",         "td", "th", "span", "div", "figure", "figcaption"};
constexpr std::array<std::string_view, 11> kAttributes = {
    "href", "title", "rel", "src", "alt", "width", "height", "colspan", "rowspan", "start", ""};

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// A reader of the one form that the sanitiser writes, and of nothing else.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    void read() {
        while (!rest_.empty()) {
            check(rest_.front() != '>' && rest_.front() != '"');
            if (rest_.front() == '<') {
                tag();
            } else {
                rest_.remove_prefix(1);
            }
        }
        check(open_.empty());
    }

  private:
    std::string name() {
        std::string name;
        for (; !rest_.empty() && is_letter_or_digit(rest_.front()); rest_.remove_prefix(1))
            name += rest_.front();
        return name;
    }

    void expect(std::string_view text) {
        check(rest_.starts_with(text));
        rest_.remove_prefix(text.size());
    }

    void tag() {
        expect("<");
        if (rest_.starts_with('/')) {
            expect("/");
            check(!open_.empty() && open_.back() == name());
            open_.pop_back();
            return expect(">");
        }
        const std::string element = name();
        check(std::ranges::find(kElements, element) != kElements.end());
        while (rest_.starts_with(' ')) attribute();
        expect(">");
        if (element != "br" && element != "hr" && element != "img") open_.push_back(element);
    }

    void attribute() {
        expect(" ");
        const std::string attribute = name();
        check(!attribute.empty() && std::ranges::find(kAttributes, attribute) != kAttributes.end());
        expect("=\"");
        const std::string_view value = rest_.substr(0, rest_.find('"'));
        check(value.find_first_of("<>") == std::string_view::npos);
        if (attribute == "href" || attribute == "src") address(value);
        rest_.remove_prefix(value.size());
        expect("\"");
    }

    static void address(std::string_view value) {
        const std::size_t end = value.find_first_of(":/?#\\");
        if (end == std::string_view::npos || value[end] != ':') return;
        std::string scheme(value.substr(0, end));
        for (char& c : scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        check(scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel");
    }

    std::string_view rest_;
    std::vector<std::string> open_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const std::string once = sanitize_rich_text(pgwright::fuzz::text_of(data, size));
        Reader(once).read();
        check(sanitize_rich_text(once) == once);
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error);
    }
    return 0;
}
