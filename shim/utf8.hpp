// UTF-8 validation of what a client sent (RFC 3629). Used by the target decoder and the token
// check; JSON bodies are validated while they are parsed.
#pragma once

#include <string_view>

namespace pgwright::shim {

// True for well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace pgwright::shim
