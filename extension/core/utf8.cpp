#include "core/utf8.hpp"

#include <algorithm>

namespace pgwright::core {
namespace {

bool continues_character(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

std::size_t count_characters(std::string_view utf8) noexcept {
    return utf8.size() -
           static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), continues_character));
}

std::string_view clip_utf8(std::string_view utf8, std::size_t max_bytes) noexcept {
    if (utf8.size() <= max_bytes) return utf8;
    while (max_bytes > 0 && continues_character(utf8[max_bytes])) --max_bytes;
    return utf8.substr(0, max_bytes);
}

}  // namespace pgwright::core
