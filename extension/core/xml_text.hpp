// Text as XML 1.0 has it.
#pragma once

#include <string>
#include <string_view>

namespace pgwright::core {

// Appends it with the characters escaped that would be markup, also within an attribute. A control character
// that XML cannot hold becomes U+FFFD.
void append_xml_text(std::string& out, std::string_view utf8);

}  // namespace pgwright::core
