// What parsing an HTML text may cost at most, told before it is parsed. An HTML5 parser takes quadratic
// time and memory on texts made for it: elements that are never closed make every later character
// walk the stack of open ones, formatting elements are opened again in every paragraph, and attributes
// are compared with each other. None of it can be stopped once it runs.
#pragma once

#include <string_view>

namespace pgwright::core {

// Whether the text may be parsed. Every count is an upper bound whatever the tags mean where they stand
// (in a comment, a script, an attribute), so no text can hide its cost.
bool is_cheap_to_parse(std::string_view html) noexcept;

}  // namespace pgwright::core
