// Base64 of RFC 4648 section 4: the standard alphabet, padded, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgwright::pg {

std::string base64_encode(std::string_view bytes);
// nullopt for anything but exactly what base64_encode could have made.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace pgwright::pg
