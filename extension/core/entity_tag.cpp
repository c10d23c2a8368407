// Entity tags; see entity_tag.hpp.
#include "core/entity_tag.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

#include "core/error.hpp"

namespace pgwright::core {

namespace {

constexpr std::size_t kDigits = 16;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::int64_t> number_of(std::string_view digits) {
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value, 16);
    if (digits.size() != kDigits || parsed.ec != std::errc() || parsed.ptr != end)
        return std::nullopt;
    return std::bit_cast<std::int64_t>(value);
}

[[noreturn]] void refuse(std::string_view argument) {
    throw Failure(
        Code::validation_error, "the version asked for is not valid",
        {{std::string(argument), "must be * or entity tags such as \"0123456789abcdef\""}});
}

// A list of W/"..." and "...", read from the front.
class Reader {
  public:
    Reader(std::string_view text, TagComparison comparison, std::string_view argument)
        : rest_(trimmed(text)), comparison_(comparison), argument_(argument) {}

    TagCondition read() {
        TagCondition condition;
        if (rest_.empty()) refuse(argument_);
        for (std::size_t count = 1;; ++count) {
            read_tag(condition);
            rest_ = trimmed(rest_);
            if (rest_.empty()) return condition;
            if (rest_.front() != ',' || count == kMaxTags) refuse(argument_);
            rest_ = trimmed(rest_.substr(1));
        }
    }

  private:
    void read_tag(TagCondition& condition) {
        const bool weak = rest_.starts_with("W/");
        if (weak) rest_.remove_prefix(2);
        const std::size_t end = rest_.find('"', 1);
        if (!rest_.starts_with('"') || end == std::string_view::npos) refuse(argument_);
        const auto tag = number_of(rest_.substr(1, end - 1));
        rest_.remove_prefix(end + 1);
        if (tag && (!weak || comparison_ == TagComparison::weak)) condition.tags.push_back(*tag);
    }

    std::string_view rest_;
    TagComparison comparison_;
    std::string_view argument_;
};

}  // namespace

bool TagCondition::matches(std::int64_t tag) const noexcept {
    return any || std::ranges::find(tags, tag) != tags.end();
}

TagCondition parse_tags(std::string_view text, TagComparison comparison,
                        std::string_view argument) {
    const std::string_view whole = trimmed(text);
    if (whole == "*") return {true, {}};
    if (const auto bare = number_of(whole)) return {false, {*bare}};
    return Reader(whole, comparison, argument).read();
}

std::string tag_text(std::int64_t tag) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(kDigits, '0');
    auto value = std::bit_cast<std::uint64_t>(tag);
    for (std::size_t i = kDigits; i-- > 0; value >>= 4U) text[i] = digits[value & 15U];
    return text;
}

}  // namespace pgwright::core
