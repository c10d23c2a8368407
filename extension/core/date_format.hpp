// Dates as people write them, by a pattern of DD, MM and YYYY with marks between: "DD.MM.YYYY".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgwright::core {

// Each of the three once, YYYY of four digits, days and months of one or two; every other character
// stands for itself, and none is a letter or digit.
bool is_date_format(std::string_view format) noexcept;

// The text with its date, which it begins with, as YYYY-MM-DD; what follows (a time) stays. Nothing when
// it does not begin with a date of that format. Whether the day exists is not asked.
std::optional<std::string> to_iso_date(std::string_view text, std::string_view format);

}  // namespace pgwright::core
