// Entity tags (RFC 9110, 8.8.3 and 13.1): which version of a row a client has seen. A version is told by
// the number that pgwright.row_tag() makes of where and by whom it was written; people see it as sixteen
// hexadecimal digits, in headers in quotes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pgwright::core {

// What If-Match or If-None-Match asks for.
struct TagCondition {
    bool any = false;                // "*": whatever version there is
    std::vector<std::int64_t> tags;  // a tag that is none of ours matches nothing and is not kept
    [[nodiscard]] bool matches(std::int64_t tag) const noexcept;
};

// Weak tags (W/"...") never match by the strong comparison, which If-Match uses.
enum class TagComparison : std::uint8_t { strong, weak };

inline constexpr std::size_t kMaxTags = 100;  // of one header

// "*", or tags separated by commas; the quotes may be left out of a single tag. Throws VALIDATION_ERROR
// that names `argument` for anything else.
TagCondition parse_tags(std::string_view text, TagComparison comparison, std::string_view argument);

// Sixteen hexadecimal digits.
std::string tag_text(std::int64_t tag);

}  // namespace pgwright::core
