// Names of periods and their bounds in SQL; see period.hpp.
#include "core/period.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace pgwright::core {

namespace {

struct UnitInfo {
    std::string_view name;
    std::string_view one;       // as an interval
    std::string_view argument;  // of make_interval()
    std::string_view factor;    // of the number given to it
};

// In the order of the enumeration.
constexpr std::array<UnitInfo, 6> kUnits = {{
    {"hour", "'1 hour'", "hours", ""},
    {"day", "'1 day'", "days", ""},
    {"week", "'7 days'", "weeks", ""},
    {"month", "'1 month'", "months", ""},
    {"quarter", "'3 months'", "months", "3 * "},
    {"year", "'1 year'", "years", ""},
}};

// The local time in UTC, of type timestamp.
constexpr std::string_view kNow = "(now() AT TIME ZONE 'UTC')";

const UnitInfo& info(Period::Unit unit) noexcept { return kUnits[static_cast<std::size_t>(unit)]; }

std::optional<Period::Unit> find_unit(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kUnits, name, &UnitInfo::name);
    if (found == kUnits.end()) return std::nullopt;
    return static_cast<Period::Unit>(found - kUnits.begin());
}

// "n_days", "30_days", "1_day"
std::optional<Period> find_counted(std::string_view rest, int direction) noexcept {
    const std::size_t line = rest.find('_');
    if (line == std::string_view::npos) return std::nullopt;
    Period period{.offset = direction, .counted = true};
    const std::string_view number = rest.substr(0, line);
    if (number != "n") {
        int count = 0;
        const char* const end = number.data() + number.size();
        const auto read = std::from_chars(number.data(), end, count);
        if (read.ec != std::errc() || read.ptr != end || count < 0 || count > kMaxPeriodCount)
            return std::nullopt;
        period.count = count;
    }
    std::string_view unit = rest.substr(line + 1);
    if (unit.ends_with('s')) unit.remove_suffix(1);
    const auto found = find_unit(unit);
    if (!found) return std::nullopt;
    period.unit = *found;
    return period;
}

std::optional<Period> find_whole(std::string_view name, int offset) noexcept {
    const auto unit = find_unit(name);
    if (!unit || *unit == Period::Unit::hour || *unit == Period::Unit::day) return std::nullopt;
    return Period{.unit = *unit, .offset = offset};
}

// Removes the prefix when it is there.
bool take(std::string_view& text, std::string_view prefix) noexcept {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::string plus(std::string_view moment, std::string_view interval) {
    return std::string(moment).append(" + ").append(interval).append("::interval");
}

std::string truncated(const UnitInfo& unit) {
    return "date_trunc('" + std::string(unit.name) + "', " + std::string(kNow) + ")";
}

// Both of type timestamp.
PeriodBounds whole(const Period& period) {
    const UnitInfo& unit = info(period.unit);
    const std::string begin = truncated(unit);
    const std::string after = plus(begin, unit.one);
    if (period.offset == 0) return {begin, after};
    if (period.offset > 0) return {after, plus(after, unit.one)};
    return {begin + " - " + std::string(unit.one) + "::interval", begin};
}

PeriodBounds counted(const Period& period, std::string_view count) {
    const UnitInfo& unit = info(period.unit);
    std::string span = "make_interval(" + std::string(unit.argument) + " => ";
    span.append(unit.factor).append(count).append(")");
    const bool hours = period.unit == Period::Unit::hour;
    const std::string here = hours ? std::string(kNow) : truncated(info(Period::Unit::day));
    const std::string step = hours ? "'1 microsecond'" : "'1 day'";
    if (period.offset < 0) return {here + " - " + span, plus(here, step)};
    return {here, plus(here + " + " + span, step)};
}

std::string of_type(const std::string& timestamp, Moment type) {
    switch (type) {
        case Moment::date: return "(SELECT (" + timestamp + ")::date)";
        case Moment::timestamp: return "(SELECT " + timestamp + ")";
        case Moment::timestamptz: break;
    }
    return "(SELECT (" + timestamp + ") AT TIME ZONE 'UTC')";
}

}  // namespace

std::optional<Period> find_period(std::string_view name) noexcept {
    if (name == "today") return Period{};
    if (name == "yesterday") return Period{.offset = -1};
    if (name == "tomorrow") return Period{.offset = 1};
    if (take(name, "this_")) return find_whole(name, 0);
    const bool back = take(name, "last_");
    if (!back && !take(name, "next_")) return std::nullopt;
    const int offset = back ? -1 : 1;
    const auto found = find_whole(name, offset);
    return found ? found : find_counted(name, offset);
}

PeriodBounds period_bounds(const Period& period, std::string_view count, Moment type) {
    const PeriodBounds bounds = period.counted ? counted(period, count) : whole(period);
    return {of_type(bounds.from, type), of_type(bounds.to, type)};
}

}  // namespace pgwright::core
