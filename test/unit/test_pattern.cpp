// E-mail addresses, URLs and phone numbers: the C++ side of pattern_cases.inc.
#include <catch2/catch.hpp>

#include <string>

#include "core/field_type.hpp"
#include "core/pattern.hpp"

using namespace pgwright::core;

namespace {

struct Case {
    std::string_view type;
    std::string_view text;
    bool matches;
};
constexpr Case kCases[] = {
#include "pattern_cases.inc"
};

bool matches(std::string_view type, std::string_view text) {
    return type == "email" ? is_email(text) : type == "url" ? is_url(text) : is_phone(text);
}

}  // namespace

TEST_CASE("addresses, URLs and phone numbers are told from what is none", "[pattern]") {
    for (const auto& each : kCases) {
        CAPTURE(each.type, each.text);
        CHECK(matches(each.type, each.text) == each.matches);
    }
}

TEST_CASE("a pattern is checked in linear time", "[pattern]") {
    const std::size_t million = 1000000;
    CHECK_FALSE(is_email(std::string(million, 'a')));
    CHECK_FALSE(is_email("a@" + std::string(million, 'a')));
    std::string dots = "a@";
    for (std::size_t i = 0; i < million; ++i) dots += "a.";
    CHECK_FALSE(is_email(dots));
    CHECK(is_email(dots + "a"));
    CHECK_FALSE(is_url("http://" + std::string(million, 'a') + " "));
    CHECK_FALSE(is_phone(std::string(million, '1') + std::string(million, ' ')));
}

TEST_CASE("only e-mail, url and phone have a pattern, anchored at both ends", "[pattern]") {
    for (const auto& type : field_types()) {
        CAPTURE(type.name);
        const bool has_pattern = type.name == "email" || type.name == "url" || type.name == "phone";
        CHECK(type.pattern.empty() != has_pattern);
        if (has_pattern) CHECK((type.pattern.front() == '^' && type.pattern.back() == '$'));
    }
}
