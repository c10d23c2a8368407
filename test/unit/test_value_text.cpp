// The text forms of values: integers, decimals, dates and times.
#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>

#include "core/value_check.hpp"

using namespace pgwright::core;

namespace {

constexpr auto kLowest = std::numeric_limits<std::int64_t>::min();
constexpr auto kHighest = std::numeric_limits<std::int64_t>::max();

int sign(int number) { return (number > 0) - (number < 0); }

}  // namespace

TEST_CASE("an integer is digits within bounds", "[value_text]") {
    for (const auto* text :
         {"0", "-0", "7", "-7", "007", "9223372036854775807", "-9223372036854775808"}) {
        CAPTURE(text);
        CHECK(is_integer_text(text, kLowest, kHighest));
    }
    for (const auto* text : {"", "-", "+1", "1.0", "1e3", "0x1", " 1", "1 ", "1_000", "--1",
                             "9223372036854775808", "-9223372036854775809"}) {
        CAPTURE(text);
        CHECK_FALSE(is_integer_text(text, kLowest, kHighest));
    }
    CHECK(is_integer_text("2147483647", -2147483648LL, 2147483647));
    CHECK_FALSE(is_integer_text("2147483648", -2147483648LL, 2147483647));
    CHECK_FALSE(is_integer_text(std::string(1000000, '9'), kLowest, kHighest));
}

TEST_CASE("a decimal is a JSON number", "[value_text]") {
    for (const auto* text : {"0", "-0.0", "1.5", "1e5", "1E+5", "1e-5", "12.340e2", "0e999",
                             "123456789012345678901234567890.5"}) {
        CAPTURE(text);
        CHECK(is_decimal_text(text));
    }
    for (const auto* text : {"", "-", ".5", "5.", "1e", "1e+", "1.e5", "+1", "NaN", "Infinity",
                             "-Infinity", "0x1", "1,5", " 1", "1 ", "1e5.5"}) {
        CAPTURE(text);
        CHECK_FALSE(is_decimal_text(text));
    }
}

TEST_CASE("a decimal has at most 1000 digits on either side of the point, whatever its exponent",
          "[value_text]") {
    CHECK(is_decimal_text(std::string(1000, '9') + "." + std::string(1000, '9')));
    CHECK_FALSE(is_decimal_text(std::string(1001, '9')));
    CHECK_FALSE(is_decimal_text("0." + std::string(1001, '9')));
    CHECK(is_decimal_text("1e999"));
    CHECK_FALSE(is_decimal_text("1e1000"));
    CHECK(is_decimal_text("1e-1000"));
    CHECK_FALSE(is_decimal_text("1e-1001"));
    CHECK(is_decimal_text("0.001e1002"));  // a one and 999 zeros
    CHECK_FALSE(is_decimal_text("0.001e1003"));
    for (const auto* text : {"1e1000000", "1e-1000000", "0e1000000", "1e99999999999999999999",
                             "1e-99999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(is_decimal_text(text));
    }
}

TEST_CASE("decimals compare exactly, by their digits", "[value_text]") {
    const char* const ascending[] = {"-1e3",
                                     "-999.999",
                                     "-1.5",
                                     "-1",
                                     "-0.1",
                                     "0",
                                     "1e-1000",
                                     "0.1",
                                     "0.10000000000000000000001",
                                     "1",
                                     "1.0000000000000000000000000001",
                                     "9007199254740992",
                                     "9007199254740993",
                                     "1e999"};
    for (std::size_t i = 0; i < std::size(ascending); ++i) {
        for (std::size_t j = 0; j < std::size(ascending); ++j) {
            CAPTURE(ascending[i], ascending[j]);
            CHECK(sign(compare_decimals(ascending[i], ascending[j])) ==
                  sign(static_cast<int>(i) - static_cast<int>(j)));
        }
    }
    CHECK(compare_decimals("1", "1.000") == 0);
    CHECK(compare_decimals("100", "1e2") == 0);
    CHECK(compare_decimals("0.00120e3", "1.2") == 0);
    CHECK(compare_decimals("-0", "0.0e5") == 0);
    CHECK(compare_decimals("00012", "12") == 0);
}

TEST_CASE("scale counts digits after the point without trailing zeros", "[value_text]") {
    CHECK(significant_scale("1") == 0);
    CHECK(significant_scale("1.00") == 0);
    CHECK(significant_scale("1.50") == 1);
    CHECK(significant_scale("0.001") == 3);
    CHECK(significant_scale("0.000") == 0);
    CHECK(significant_scale("1200e-2") == 0);
    CHECK(significant_scale("1205e-2") == 2);
    CHECK(significant_scale("1.2345e2") == 2);
    CHECK(significant_scale("1e-3") == 3);
    CHECK(significant_scale("100") == 0);
}

TEST_CASE("a date exists in the calendar", "[value_text]") {
    for (const auto* text :
         {"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2023-04-30"}) {
        CAPTURE(text);
        CHECK(is_date_text(text));
    }
    for (const auto* text : {"",
                             "2023-02-29",
                             "1900-02-29",
                             "2023-04-31",
                             "2023-13-01",
                             "2023-00-01",
                             "2023-01-00",
                             "2023-01-32",
                             "0000-01-01",
                             "23-01-01",
                             "2023-1-1",
                             "20230101",
                             "2023/01/01",
                             "2023-01-01 ",
                             " 2023-01-01",
                             "10000-01-01",
                             "-2023-01-01",
                             "today",
                             "infinity",
                             "2023-01-01T00:00"}) {
        CAPTURE(text);
        CHECK_FALSE(is_date_text(text));
    }
}

TEST_CASE("a time is of the day: no 24:00, no leap second, no zone", "[value_text]") {
    for (const auto* text : {"00:00", "23:59", "23:59:59", "12:00:00.5", "12:00:00.123456"}) {
        CAPTURE(text);
        CHECK(is_time_text(text));
    }
    for (const auto* text :
         {"", "24:00", "23:60", "23:59:60", "1:00", "12", "12:", "12:00:", "12:00:00.",
          "12:00:00.1234567", "12:00.5", "12:00Z", "12:00+02", "12:00 PM", " 12:00", "noon"}) {
        CAPTURE(text);
        CHECK_FALSE(is_time_text(text));
    }
}

TEST_CASE("a date and time is ISO 8601, its time and offset optional", "[value_text]") {
    for (const auto* text :
         {"2024-02-29", "2024-02-29T12:00", "2024-02-29 12:00:00", "2024-02-29t12:00:00.123456z",
          "2024-02-29T12:00Z", "2024-02-29T12:00:00+02", "2024-02-29T12:00:00-02:30",
          "2024-02-29T12:00:00+0530", "2024-02-29T12:00:00+15:59"}) {
        CAPTURE(text);
        CHECK(is_datetime_text(text));
    }
    for (const auto* text :
         {"", "2023-02-29T12:00", "2024-02-29T", "2024-02-29T24:00", "2024-02-29T12:00:60Z",
          "2024-02-29Z", "2024-02-29+02", "2024-02-29T12:00+16", "2024-02-29T12:00+02:60",
          "2024-02-29T12:00+2", "2024-02-29T12:00+02:", "2024-02-29T12:00 +02",
          "2024-02-29T12:00ZZ", "2024-02-29  12:00", "2024-02-29T12:00Europe/Berlin", "now",
          "infinity", "1709208000"}) {
        CAPTURE(text);
        CHECK_FALSE(is_datetime_text(text));
    }
    CHECK(is_local_datetime_text("2024-02-29T12:00"));
    CHECK(is_local_datetime_text("2024-02-29"));
    CHECK_FALSE(is_local_datetime_text("2024-02-29T12:00Z"));
}

TEST_CASE("characters are code points, and text is never cut inside one", "[value_text]") {
    CHECK(count_characters("") == 0);
    CHECK(count_characters("aä€😀") == 4);
    CHECK(clip_utf8("aä€😀", 100) == "aä€😀");
    CHECK(clip_utf8("aä€😀", 3) == "aä");
    CHECK(clip_utf8("aä€😀", 5) == "aä");
    CHECK(clip_utf8("aä€😀", 6) == "aä€");
    CHECK(clip_utf8("😀", 3).empty());
    CHECK(echo(std::string(1000000, 'x')).size() == kMaxEchoedBytes);
}
