// Writing JSON by hand: the envelope of an error and the lines of the log are flat and small.
// Strings are escaped so that the result is valid UTF-8 whatever bytes come in.
#pragma once

#include <string>
#include <string_view>

namespace pgwright::shim {

// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Appends `,"name":` or, right after an opening bracket, `"name":`.
void append_json_name(std::string& out, std::string_view name);

}  // namespace pgwright::shim
