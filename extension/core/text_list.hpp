// Lists as texts: "name, -price". What stands between separators, without the blanks around it.
#pragma once

#include <string_view>

namespace pgwright::core {

inline std::string_view trim(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace pgwright::core
