// Needles in texts: what a pattern makes of one, and where one is found.
#include <catch2/catch.hpp>

#include "core/text_match.hpp"

namespace pgwright::core {
namespace {

TEST_CASE("a pattern says where the needle stands, and nothing of it is special", "[text_match]") {
    CHECK(like_pattern("ab", Anchor::anywhere) == "%ab%");
    CHECK(like_pattern("ab", Anchor::start) == "ab%");
    CHECK(like_pattern("ab", Anchor::end) == "%ab");
    CHECK(like_pattern("", Anchor::anywhere) == "%%");
    CHECK(like_pattern(R"(100%_\)", Anchor::start) == R"(100\%\_\\%)");
}

TEST_CASE("a pattern gives its needle back", "[text_match]") {
    for (const Anchor anchor : {Anchor::anywhere, Anchor::start, Anchor::end}) {
        for (const char* const needle :
             {"", "a", "%", R"(\)", R"(\%)", R"(a\_%b\)", "%%", "\xcf\x82"})
            CHECK(needle_of(like_pattern(needle, anchor), anchor) == needle);
    }
}

TEST_CASE("a needle is found where it must stand", "[text_match]") {
    CHECK(matches("abcabc", "ca", Anchor::anywhere));
    CHECK_FALSE(matches("abcabc", "cb", Anchor::anywhere));
    CHECK(matches("abcabd", "abc", Anchor::start));
    CHECK_FALSE(matches("abcabd", "abd", Anchor::start));
    CHECK(matches("abcabd", "abd", Anchor::end));
    CHECK_FALSE(matches("abcabd", "abc", Anchor::end));
    CHECK_FALSE(matches("ab", "abc", Anchor::anywhere));
    for (const Anchor anchor : {Anchor::anywhere, Anchor::start, Anchor::end}) {
        CHECK(matches("", "", anchor));
        CHECK(matches("abc", "", anchor));
        CHECK(matches("abc", "abc", anchor));
        CHECK_FALSE(matches("", "a", anchor));
    }
}

// As in EUC encodings: the second byte of one character and the first of the next make a third one.
TEST_CASE("a needle is not found across two characters", "[text_match]") {
    const auto length = [](const char* at) { return (*at & 0x80) != 0 ? 2 : 1; };
    constexpr std::string_view text = "x\xa1\xb2\xb3\xa4";
    CHECK(matches(text, "\xb2\xb3", Anchor::anywhere));
    CHECK_FALSE(matches(text, "\xb2\xb3", Anchor::anywhere, length));
    CHECK(matches(text, "\xb3\xa4", Anchor::anywhere, length));
    CHECK(matches(text, "\xb3\xa4", Anchor::end, length));
    CHECK_FALSE(matches("x\xa1\xb2", "\xb2", Anchor::end, length));
    CHECK(matches(text, "", Anchor::anywhere, length));
    CHECK(matches(text, "", Anchor::end, length));
    CHECK_FALSE(matches("\xa1", "\xb2", Anchor::anywhere, length));
}

}  // namespace
}  // namespace pgwright::core
