// The text forms of values: numbers by their digits, dates and times by the calendar. Everything that
// is accepted here the server accepts with the same meaning; the reverse need not hold ("infinity",
// "tomorrow" and "1/2/2024" are refused).
#include <algorithm>
#include <charconv>
#include <optional>

#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) noexcept {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
}

bool take(std::string_view& text, char c) noexcept {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

// A number is digits with the point after `point` of them (before the first one when negative). The
// digits are those of the whole and of the fraction, without the zeros in front.
struct Decimal {
    bool negative = false;
    std::string_view whole, fraction;
    std::ptrdiff_t point = 0;
    std::ptrdiff_t scale = 0;  // digits after the point as written, exponent applied

    [[nodiscard]] std::size_t size() const noexcept { return whole.size() + fraction.size(); }
    [[nodiscard]] char digit(std::size_t i) const noexcept {
        if (i < whole.size()) return whole[i];
        return i < size() ? fraction[i - whole.size()] : '0';
    }
};

constexpr std::ptrdiff_t kMaxExponent = 9999;

// The text after the digits: nothing, or e[+-]digits; nullopt when malformed or out of bounds.
std::optional<std::ptrdiff_t> read_exponent(std::string_view text) noexcept {
    if (text.empty()) return 0;
    if (!take(text, 'e') && !take(text, 'E')) return std::nullopt;
    const bool negative = take(text, '-');
    if (!negative) take(text, '+');
    const auto digits = take_digits(text);
    if (digits.empty() || !text.empty()) return std::nullopt;
    std::ptrdiff_t exponent = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (result.ec != std::errc() || exponent > kMaxExponent) return std::nullopt;
    return negative ? -exponent : exponent;
}

void strip_leading_zeros(Decimal& number) noexcept {
    number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
    number.point += static_cast<std::ptrdiff_t>(number.whole.size());
    if (!number.whole.empty()) return;
    const auto zeros = std::min(number.fraction.find_first_not_of('0'), number.fraction.size());
    number.fraction.remove_prefix(zeros);
    number.point -= static_cast<std::ptrdiff_t>(zeros);
}

std::optional<Decimal> read_decimal(std::string_view text) noexcept {
    Decimal number;
    number.negative = take(text, '-');
    number.whole = take_digits(text);
    if (number.whole.empty()) return std::nullopt;
    if (take(text, '.')) {
        number.fraction = take_digits(text);
        if (number.fraction.empty()) return std::nullopt;
    }
    const auto exponent = read_exponent(text);
    if (!exponent) return std::nullopt;
    number.point = *exponent;
    number.scale = std::max<std::ptrdiff_t>(
        0, static_cast<std::ptrdiff_t>(number.fraction.size()) - *exponent);
    strip_leading_zeros(number);
    if (number.size() == 0) number.negative = false;  // -0 is 0
    return number;
}

int compare_magnitudes(const Decimal& a, const Decimal& b) noexcept {
    if (a.size() == 0 || b.size() == 0)
        return static_cast<int>(a.size() != 0) - static_cast<int>(b.size() != 0);
    if (a.point != b.point) return a.point < b.point ? -1 : 1;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (a.digit(i) != b.digit(i)) return a.digit(i) < b.digit(i) ? -1 : 1;
    }
    return 0;
}

// Takes exactly that many digits off the text's front.
std::optional<int> take_number(std::string_view& text, std::size_t length) noexcept {
    if (text.size() < length ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), is_digit)) {
        return std::nullopt;
    }
    int number = 0;
    for (std::size_t i = 0; i < length; ++i) number = number * 10 + (text[i] - '0');
    text.remove_prefix(length);
    return number;
}

bool take_number_to(std::string_view& text, int highest) noexcept {
    const auto number = take_number(text, 2);
    return number && *number <= highest;
}

int days_in(int year, int month) noexcept {
    if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool take_date(std::string_view& text) noexcept {
    const auto year = take_number(text, 4);
    if (!year || *year < 1 || !take(text, '-')) return false;
    const auto month = take_number(text, 2);
    if (!month || *month < 1 || *month > 12 || !take(text, '-')) return false;
    const auto day = take_number(text, 2);
    return day && *day >= 1 && *day <= days_in(*year, *month);
}

bool take_time(std::string_view& text) noexcept {
    if (!take_number_to(text, 23) || !take(text, ':') || !take_number_to(text, 59)) return false;
    if (!take(text, ':')) return true;
    if (!take_number_to(text, 59)) return false;
    if (!take(text, '.')) return true;
    const auto fraction = take_digits(text);
    return !fraction.empty() && fraction.size() <= 6;
}

// Nothing is an offset too. The server's own limit is 15:59.
bool take_offset(std::string_view& text) noexcept {
    if (text.empty() || take(text, 'Z') || take(text, 'z')) return true;
    if (!take(text, '+') && !take(text, '-')) return false;
    if (!take_number_to(text, 15)) return false;
    if (text.empty()) return true;
    take(text, ':');
    return take_number_to(text, 59);
}

bool take_local_datetime(std::string_view& text) noexcept {
    if (!take_date(text)) return false;
    if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return text.empty();
    return take_time(text);
}

}  // namespace

bool is_integer_text(std::string_view digits, std::int64_t lowest, std::int64_t highest) noexcept {
    std::int64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, number);
    return result.ec == std::errc() && result.ptr == end && number >= lowest && number <= highest;
}

bool is_decimal_text(std::string_view digits) noexcept {
    const auto number = read_decimal(digits);
    constexpr auto limit = static_cast<std::ptrdiff_t>(kMaxNumberDigits);
    return number && number->scale <= limit && (number->size() == 0 || number->point <= limit);
}

int compare_decimals(std::string_view a, std::string_view b) noexcept {
    const Decimal left = read_decimal(a).value_or(Decimal{});
    const Decimal right = read_decimal(b).value_or(Decimal{});
    if (left.negative != right.negative) return left.negative ? -1 : 1;
    return left.negative ? compare_magnitudes(right, left) : compare_magnitudes(left, right);
}

std::size_t significant_scale(std::string_view digits) noexcept {
    const Decimal number = read_decimal(digits).value_or(Decimal{});
    std::size_t length = number.size();
    while (length > 0 && number.digit(length - 1) == '0') --length;
    const auto scale = static_cast<std::ptrdiff_t>(length) - number.point;
    return length > 0 && scale > 0 ? static_cast<std::size_t>(scale) : 0;
}

bool is_date_text(std::string_view text) noexcept { return take_date(text) && text.empty(); }

bool is_time_text(std::string_view text) noexcept { return take_time(text) && text.empty(); }

bool is_datetime_text(std::string_view text) noexcept {
    return take_local_datetime(text) && take_offset(text) && text.empty();
}

bool is_local_datetime_text(std::string_view text) noexcept {
    return take_local_datetime(text) && text.empty();
}

}  // namespace pgwright::core
