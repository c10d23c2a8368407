// The light type check before the database: it catches what a person mistypes in a URL, with a
// message that says what to do. The database decides everything else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "shim/route.hpp"

namespace pgwright::shim {

// What is wrong with `text` as a value of this kind ("must be an integer"), or nothing. Accepts no
// less than the server's input functions do for the kinds it checks.
std::optional<std::string> check_value(ArgumentKind kind, std::string_view text,
                                       std::size_t json_depth_limit);

}  // namespace pgwright::shim
