// The bounds, each measured with libgumbo 0.10 on texts made for the worst: a text at the limit takes
// it about three seconds or 150 MB, and a text of an editor a hundredth of that.
#include "core/rich_text_cost.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pgwright::core {
namespace {

constexpr std::uint64_t kMaxSteps = 6'000'000'000;     // over the stack of open elements
constexpr std::uint64_t kStepsOfTag = 20;              // a tag compares names, a character pointers
constexpr std::uint64_t kMaxCloneBytes = 128'000'000;  // of formatting elements opened again
constexpr std::uint64_t kCloneBytes = 256;             // of one, its attributes aside
constexpr std::size_t kMaxAttributes = 100;            // of one tag
constexpr int kEqualFormatting = 3;                    // of equal ones are opened again

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool ends_name(char c) noexcept { return is_space(c) || c == '/' || c == '>'; }

std::string_view take_until(std::string_view& text, bool (*stops)(char)) noexcept {
    const auto end = std::find_if(text.begin(), text.end(), stops);
    const auto taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(taken.size());
    return taken;
}

void skip(std::string_view& text, bool (*skipped)(char)) noexcept {
    const auto end = std::find_if_not(text.begin(), text.end(), skipped);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
}

// The states of the HTML standard's tokenizer (13.2.5.32 to 39) from the end of a tag's name on.
struct Tag {
    std::string_view name;
    std::size_t attributes = 0;
    std::size_t bytes = 0;
};

void take_value(std::string_view& rest) noexcept {
    rest.remove_prefix(1);  // =
    skip(rest, is_space);
    if (rest.empty()) return;
    if (const char quote = rest.front(); quote == '"' || quote == '\'') {
        const std::size_t end = rest.find(quote, 1);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    } else {
        take_until(rest, [](char c) { return is_space(c) || c == '>'; });
    }
}

// text begins behind the '<'.
Tag read_tag(std::string_view text) noexcept {
    std::string_view rest = text;
    Tag tag{take_until(rest, ends_name)};
    while (tag.attributes <= kMaxAttributes) {
        skip(rest, [](char c) { return is_space(c) || c == '/'; });
        if (rest.empty() || rest.front() == '>') break;
        ++tag.attributes;
        rest.remove_prefix(1);  // whatever it is, '=' too, it is of the name
        take_until(rest, [](char c) { return ends_name(c) || c == '='; });
        skip(rest, is_space);
        if (!rest.empty() && rest.front() == '=') take_value(rest);
    }
    tag.bytes = text.size() - rest.size();
    return tag;
}

// The formatting elements that are opened again any number of times; <a> closes the <a> before it.
constexpr std::array<std::string_view, 13> kFormatting = {
    "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"};

bool equals_lower(std::string_view text, std::string_view lower) noexcept {
    return std::ranges::equal(text, lower, {}, [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
}

class Meter {
  public:
    bool add(const Tag& tag) noexcept {
        ++opened_;
        const auto* const found = std::ranges::find_if(
            kFormatting, [&](std::string_view name) { return equals_lower(tag.name, name); });
        if (found == kFormatting.end()) return tag.attributes <= kMaxAttributes;
        int& plain = plain_[static_cast<std::size_t>(found - kFormatting.begin())];
        if (tag.attributes > 0 || plain++ < kEqualFormatting)
            clone_bytes_ += kCloneBytes + 2 * tag.bytes;
        return tag.attributes <= kMaxAttributes;
    }

    [[nodiscard]] bool is_cheap(std::uint64_t tags, std::uint64_t bytes) const noexcept {
        return opened_ * (bytes + kStepsOfTag * tags) <= kMaxSteps &&
               clone_bytes_ * tags <= kMaxCloneBytes;
    }

  private:
    std::uint64_t opened_ = 0, clone_bytes_ = 0;
    std::array<int, kFormatting.size()> plain_{};
};

}  // namespace

bool is_cheap_to_parse(std::string_view html) noexcept {
    Meter meter;
    std::uint64_t tags = 0;
    for (std::size_t at = html.find('<'); at != std::string_view::npos;
         at = html.find('<', at + 1)) {
        ++tags;
        const std::string_view rest = html.substr(at + 1);
        if (!rest.empty() && is_letter(rest.front()) && !meter.add(read_tag(rest))) return false;
    }
    return meter.is_cheap(tags, html.size());
}

}  // namespace pgwright::core
