// HTML as people write it in editors, made harmless: parsed by an HTML5 parser and written anew from an
// allow-list of elements, attributes and URL schemes. What is not on the list is dropped: the element
// alone when its content is text, the content too when it is a script, a style sheet or foreign.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pgwright::core {

inline constexpr std::size_t kMaxRichTextLength = 1'000'000;  // characters

// Why the text is not even parsed: it is too long, or would cost the parser too much (see
// rich_text_cost.hpp). Nothing when it is.
std::optional<std::string> rich_text_fault(std::string_view html);

// The same text comes back when it is sanitised again. Throws Failure(validation_error) with the fault
// of the text, or of what is made of it, which may be longer.
std::string sanitize_rich_text(std::string_view html);

}  // namespace pgwright::core
