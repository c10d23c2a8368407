// What the fuzz targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace pgwright::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// A property that does not hold is a crash, which the fuzzer reports with its input.
inline void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace pgwright::fuzz
