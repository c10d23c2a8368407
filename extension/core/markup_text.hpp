// The text of a piece of sanitised HTML (rich_text.hpp), for search.
#pragma once

#include <string>
#include <string_view>

namespace pgwright::core {

// Tags of elements that stand in a line of text leave nothing ("<b>pre</b>fix"), others a space; the
// references that the sanitiser writes become their characters. Never fails, whatever the text is.
std::string text_of_markup(std::string_view html);

}  // namespace pgwright::core
