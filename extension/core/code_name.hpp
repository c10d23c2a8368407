// The names of the error codes, as answers carry them.
#pragma once

#include <string_view>

#include "core/error.hpp"

namespace pgwright::core {

// "VALIDATION_ERROR", ...
std::string_view code_name(Code code) noexcept;

}  // namespace pgwright::core
