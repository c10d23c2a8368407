// Dates, times and intervals as text in one fixed form, whatever the session's DateStyle, TimeZone and
// IntervalStyle. Each function writes at most kIsoLength bytes at `out`, no terminator, and returns
// the end. The arithmetic is our own: no allocation, no server call.
#pragma once

#include "pg/server.hpp"

namespace pgwright::pg {

inline constexpr std::size_t kIsoLength = 128;

char* write_date(char* out, DateADT date) noexcept;
char* write_time(char* out, TimeADT time) noexcept;
char* write_timetz(char* out, const TimeTzADT& time) noexcept;
// `utc` appends Z: the value is a timestamp with time zone.
char* write_timestamp(char* out, Timestamp timestamp, bool utc) noexcept;
char* write_interval(char* out, const Interval& interval) noexcept;

}  // namespace pgwright::pg
