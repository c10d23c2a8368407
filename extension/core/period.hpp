// Spans of time that are told by where they lie from now: today, this_month, last_n_days. All in UTC;
// weeks begin on Monday.
//
//   today yesterday tomorrow            the day
//   this_ last_ next_ with week month quarter year      the one that now is in, the one before, the next
//   last_n_days, ...weeks ...months ...quarters ...years   from the day that lies so far back to today
//   next_n_days, ...                    from today to the day that lies so far ahead
//   last_n_hours, next_n_hours          that many hours up to now, or from now; of dates and times
//
// The number of the last three may stand in the name: last_7_days.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgwright::core {

struct Period {
    enum class Unit : std::uint8_t { hour, day, week, month, quarter, year };
    Unit unit = Unit::day;
    int offset = 0;        // 0: the one that now is in, -1: the one before, 1: the next
    bool counted = false;  // so many of them, back (offset -1) or ahead (offset 1)
    std::optional<int> count = std::nullopt;  // when the name says it
};

// 0 to 5000, which keeps every bound within the dates that the server has.
inline constexpr int kMaxPeriodCount = 5000;

// Nothing when the name is none. A number in it beyond the limit makes it none.
std::optional<Period> find_period(std::string_view name) noexcept;

enum class Moment : std::uint8_t { date, timestamp, timestamptz };

struct PeriodBounds {
    std::string from;  // included
    std::string to;    // not included
};

// The bounds as scalar sub-selects of that type, which a statement evaluates once. `count` is SQL for an
// integer; not looked at unless the period is counted.
PeriodBounds period_bounds(const Period& period, std::string_view count, Moment type);

}  // namespace pgwright::core
