// Patterns that people give: what they match, what they cost, and which are refused. The cases are also put
// to PostgreSQL, in test/pgtap/patterns.sql.
#include <catch2/catch.hpp>

#include <string>

#include "core/regular_expression.hpp"

using namespace pgwright::core;

namespace {

struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
};
constexpr Case kCases[] = {
#include "regular_expression_cases.inc"
};

std::string fault_of(std::string_view pattern) {
    try {
        (void)RegularExpression::compile(pattern);
    } catch (const Failure& failure) {
        return failure.faults().front().message;
    }
    return "";
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("a pattern matches what it says", "[regular_expression]") {
    for (const Case& each : kCases) {
        CAPTURE(each.pattern, each.text);
        CHECK(RegularExpression::compile(each.pattern)->matches(each.text) == each.matches);
    }
}

TEST_CASE("a pattern is written out for the server, without what depends on a locale",
          "[regular_expression]") {
    const auto written = [](std::string_view pattern) {
        return RegularExpression::compile(pattern)->text();
    };
    CHECK(written(R"(^\d{2}\w\s$)") == R"(^[0-9]{2}[A-Za-z0-9_][ \t\n\v\f\r]$)");
    CHECK(written(R"(\D\W\S)") == R"([^0-9][^A-Za-z0-9_][^ \t\n\v\f\r])");
    CHECK(written("(?:a|b)+") == "(a|b)+");
    CHECK(written(R"([a\-z]}])") == R"([-az]\}\])");
    CHECK(written(R"([^\]\[^])") == R"([^\]\[\^])");
}

TEST_CASE("what is no pattern is told with its place", "[regular_expression]") {
    CHECK(fault_of("") == "must not be empty");
    CHECK(fault_of("^") == "character 2: something must stand here");
    CHECK(fault_of("a||b") == "character 3: something must stand here");
    CHECK(fault_of("é(") == "character 3: something must stand here");
    CHECK(fault_of("(a") == "character 3: a ) is missing");
    CHECK(fault_of("a)") == "character 2: this ) has no (");
    CHECK(fault_of("^a|b$") == "character 5: put the alternatives in parentheses, as in ^(a|b)$");
    CHECK(fault_of("a^b") ==
          "character 2: ^ and $ stand at the ends only; the characters are \\^ and \\$");
    CHECK(fault_of("*a") == "character 1: there is nothing to repeat; the character is \\*");
    CHECK(fault_of("a*?") ==
          "character 3: what is repeated cannot be repeated again, nor lazily; use parentheses");
    CHECK(fault_of("(?=a)") == "character 2: of groups there are ( ) and (?: ) only");
    CHECK(fault_of("(a)\\1").starts_with("character 5: of escapes there are"));
    CHECK(fault_of("\\").starts_with("character 2: of escapes there are"));
    CHECK(fault_of("\\bword").starts_with("character 2: of escapes there are"));
    CHECK(fault_of("[a\\D]").starts_with("character 4: of escapes there are"));
    CHECK(fault_of("[") == "character 2: a ] is missing");
    CHECK(fault_of("[]") == "character 3: these brackets are empty");
    CHECK(fault_of("[z-a]") == "character 5: this range ends before it begins");
    CHECK(fault_of("[\\d-z]") == "");  // a dash of its own
    CHECK(fault_of("[a-\\d]") ==
          "character 6: a range has a character at both ends; a - stands first or last");
    CHECK(fault_of("[[:alpha:]]") ==
          "character 2: write the characters themselves; a [ is \\[ here");
    CHECK(fault_of("a{") == "character 3: a number is missing; the character { is \\{");
    CHECK(fault_of("a{2") == "character 4: a } is missing; the character { is \\{");
    CHECK(fault_of("a{3,2}") == "character 6: this repeats nothing");
    CHECK(fault_of("a{0}") == "character 4: this repeats nothing");
    CHECK(fault_of("a{256}") == "character 6: this repeats more than 255 times");
    CHECK(fault_of(std::string_view("a\0", 2)) == "character 2: no text holds this character");
    CHECK(fault_of(repeated("(", 40)) == "character 33: parentheses are nested too deeply");
}

TEST_CASE("a pattern's size is bounded", "[regular_expression]") {
    CHECK(fault_of(repeated("a", 257)) == "must be at most 256 bytes");
    CHECK(fault_of(repeated("a", 256)) == "");
    CHECK(fault_of("((a{50}){50}){50}") == "repeats too much");
    CHECK(fault_of("a{200}") == "");
    CHECK(fault_of("(a{0,255}){255}") == "repeats too much");
}

TEST_CASE("a match takes time in proportion to the text", "[regular_expression]") {
    const std::string text = repeated("a", 200000) + "b";
    for (const auto* pattern : {"^(a*)*$", "^(a|a)*$", "^(a?a?a?)*$", "(a*a*)*c", "^(a+)+$"}) {
        CAPTURE(pattern);
        CHECK_FALSE(RegularExpression::compile(pattern)->matches(text));
    }
}

TEST_CASE("long texts are left to the constraint", "[regular_expression]") {
    const auto expression = RegularExpression::compile("^[a-z]{200}$");
    CHECK(expression->is_quick(10000));
    CHECK_FALSE(expression->is_quick(1000000));
}
