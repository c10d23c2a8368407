// Arrays as the server's input function reads them: {"a","b"}. For SQL text, and for lists of arrays,
// which the server cannot hold as one value without making them a matrix.
#pragma once

#include <string>

#include "core/json.hpp"

namespace pgwright::core {

// Of an array of strings, numbers, booleans and nulls.
std::string array_text(const Json& array);

}  // namespace pgwright::core
