#include "pg/iso8601.hpp"

#include <charconv>

namespace pgwright::pg {

namespace {

char* write_text(char* out, std::string_view text) noexcept {
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

char* write_two(char* out, std::int64_t value) noexcept {
    *out++ = static_cast<char>('0' + value / 10 % 10);
    *out++ = static_cast<char>('0' + value % 10);
    return out;
}

char* write_integer(char* out, std::int64_t value) noexcept {
    return std::to_chars(out, out + 20, value).ptr;
}

struct CivilDate {
    std::int64_t year;  // astronomical: 0 is 1 BC
    std::int64_t month;
    std::int64_t day;
};

// The proleptic Gregorian calendar, as the server's. The year is reckoned from 1 March, so that the
// leap day is its last; 400 years are 146,097 days.
CivilDate civil_date(std::int64_t days_since_2000) noexcept {
    const std::int64_t days = days_since_2000 + 730425;  // since 0000-03-01
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t day_of_era = days - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
            day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

char* write_civil(char* out, const CivilDate& date) noexcept {
    const std::int64_t year = date.year > 0 ? date.year : 1 - date.year;
    if (year < 1000) *out++ = '0';
    if (year < 100) *out++ = '0';
    if (year < 10) *out++ = '0';
    out = write_integer(out, year);
    *out++ = '-';
    out = write_two(out, date.month);
    *out++ = '-';
    return write_two(out, date.day);
}

char* write_era(char* out, const CivilDate& date) noexcept {
    return date.year > 0 ? out : write_text(out, " BC");
}

// Microseconds as six digits after a point; `trim` drops trailing zeros.
char* write_fraction(char* out, std::int64_t microseconds, bool trim) noexcept {
    if (microseconds == 0) return out;
    *out++ = '.';
    for (std::int64_t unit = 100000; unit > 0; unit /= 10)
        *out++ = static_cast<char>('0' + microseconds / unit % 10);
    while (trim && out[-1] == '0') --out;
    return out;
}

// Displacement in seconds west of UTC, as the server keeps it.
char* write_zone(char* out, std::int32_t west) noexcept {
    if (west == 0) return write_text(out, "Z");
    const std::int32_t seconds = west > 0 ? west : -west;
    *out++ = west > 0 ? '-' : '+';
    out = write_two(out, seconds / 3600);
    *out++ = ':';
    out = write_two(out, seconds / 60 % 60);
    if (seconds % 60 == 0) return out;
    *out++ = ':';
    return write_two(out, seconds % 60);
}

// One component of an interval; each carries its own sign. Zero is left out.
char* write_component(char* out, std::int64_t value, char unit) noexcept {
    if (value == 0) return out;
    out = write_integer(out, value);
    *out++ = unit;
    return out;
}

char* write_interval_seconds(char* out, std::int64_t microseconds) noexcept {
    if (microseconds == 0) return out;
    if (microseconds < 0) *out++ = '-';
    const std::int64_t size = microseconds < 0 ? -microseconds : microseconds;
    out = write_integer(out, size / USECS_PER_SEC);
    out = write_fraction(out, size % USECS_PER_SEC, true);
    *out++ = 'S';
    return out;
}

}  // namespace

char* write_date(char* out, DateADT date) noexcept {
    if (DATE_IS_NOEND(date)) return write_text(out, "infinity");
    if (DATE_IS_NOBEGIN(date)) return write_text(out, "-infinity");
    const CivilDate civil = civil_date(date);
    return write_era(write_civil(out, civil), civil);
}

char* write_time(char* out, TimeADT time) noexcept {
    out = write_two(out, time / USECS_PER_HOUR);
    *out++ = ':';
    out = write_two(out, time / USECS_PER_MINUTE % 60);
    *out++ = ':';
    out = write_two(out, time / USECS_PER_SEC % 60);
    return write_fraction(out, time % USECS_PER_SEC, false);
}

char* write_timetz(char* out, const TimeTzADT& time) noexcept {
    return write_zone(write_time(out, time.time), time.zone);
}

char* write_timestamp(char* out, Timestamp timestamp, bool utc) noexcept {
    if (TIMESTAMP_IS_NOEND(timestamp)) return write_text(out, "infinity");
    if (TIMESTAMP_IS_NOBEGIN(timestamp)) return write_text(out, "-infinity");
    std::int64_t days = timestamp / USECS_PER_DAY;
    std::int64_t time = timestamp % USECS_PER_DAY;
    if (time < 0) {
        time += USECS_PER_DAY;
        --days;
    }
    const CivilDate civil = civil_date(days);
    out = write_civil(out, civil);
    *out++ = 'T';
    out = write_time(out, time);
    if (utc) *out++ = 'Z';
    return write_era(out, civil);
}

char* write_interval(char* out, const Interval& interval) noexcept {
    switch (compat::finite(interval)) {
        case compat::Finite::positive_infinity: return write_text(out, "infinity");
        case compat::Finite::negative_infinity: return write_text(out, "-infinity");
        case compat::Finite::yes: break;
    }
    if (interval.month == 0 && interval.day == 0 && interval.time == 0)
        return write_text(out, "PT0S");
    *out++ = 'P';
    out = write_component(out, interval.month / MONTHS_PER_YEAR, 'Y');
    out = write_component(out, interval.month % MONTHS_PER_YEAR, 'M');
    out = write_component(out, interval.day, 'D');
    if (interval.time == 0) return out;
    *out++ = 'T';
    out = write_component(out, interval.time / USECS_PER_HOUR, 'H');
    out = write_component(out, interval.time / USECS_PER_MINUTE % 60, 'M');
    return write_interval_seconds(out, interval.time % USECS_PER_MINUTE);
}

}  // namespace pgwright::pg
