// Entity tags and preferences, as headers write them.
#include <catch2/catch.hpp>

#include "core/entity_tag.hpp"
#include "core/error.hpp"
#include "core/prefer.hpp"

using namespace pgwright::core;

namespace {

TagCondition strong(std::string_view text) {
    return parse_tags(text, TagComparison::strong, "if_match");
}

TagCondition weak(std::string_view text) {
    return parse_tags(text, TagComparison::weak, "if_none_match");
}

bool is_refused(std::string_view text) {
    try {
        strong(text);
        return false;
    } catch (const Failure& failure) {
        return failure.code() == Code::validation_error && failure.faults().size() == 1 &&
               failure.faults().front().field == "if_match";
    }
}

}  // namespace

TEST_CASE("a tag is written as sixteen digits and read back", "[entity_tag]") {
    for (const std::int64_t tag : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, INT64_MIN,
                                   INT64_MAX, std::int64_t{0x0123456789abcdef}}) {
        const std::string text = tag_text(tag);
        CHECK(text.size() == 16);
        CHECK(strong('"' + text + '"').matches(tag));
        CHECK(strong(text).matches(tag));
        CHECK_FALSE(strong(text).matches(tag ^ 1));
    }
    CHECK(tag_text(0x0123456789abcdef) == "0123456789abcdef");
    CHECK(tag_text(-1) == "ffffffffffffffff");
}

TEST_CASE("a header may list tags, and * is any", "[entity_tag]") {
    const TagCondition list = strong(R"( "0000000000000001" ,"0000000000000002")");
    CHECK(list.matches(1));
    CHECK(list.matches(2));
    CHECK_FALSE(list.matches(3));
    CHECK(strong("*").any);
    CHECK(strong(" * ").matches(7));
}

TEST_CASE("tags that are none of ours match nothing, weak ones nothing but weakly",
          "[entity_tag]") {
    CHECK(strong(R"("someone else's")").tags.empty());
    CHECK(strong(R"("")").tags.empty());
    CHECK(strong(R"("00000000000000012")").tags.empty());
    CHECK(strong(R"("-000000000000001")").tags.empty());
    CHECK_FALSE(strong(R"(W/"0000000000000001")").matches(1));
    CHECK(weak(R"(W/"0000000000000001")").matches(1));
    CHECK(weak(R"("x, y", W/"0000000000000001")").matches(1));
}

TEST_CASE("what is no list of tags is refused by name", "[entity_tag]") {
    for (const char* const text :
         {"", " ", "x", "\"", "\"a", "a\"", "\"a\" \"b\"", "\"a\",", ",\"a\"", "W/", "w/\"a\"",
          "*, \"a\"", "\"a\", *", "0123456789abcde", "' OR true --"}) {
        CAPTURE(text);
        CHECK(is_refused(text));
    }
    std::string many = "\"a\"";
    for (std::size_t i = 1; i < kMaxTags; ++i) many += ",\"a\"";
    CHECK_FALSE(is_refused(many));
    CHECK(is_refused(many + ",\"a\""));
}

TEST_CASE("of preferences only return counts, and of several the first", "[prefer]") {
    CHECK(parse_prefer("") == ReturnPreference::unsaid);
    CHECK(parse_prefer("return=minimal") == ReturnPreference::minimal);
    CHECK(parse_prefer("Return = \"Minimal\"") == ReturnPreference::minimal);
    CHECK(parse_prefer("return=representation; x=1") == ReturnPreference::representation);
    CHECK(parse_prefer("respond-async, wait=10, return=minimal") == ReturnPreference::minimal);
    CHECK(parse_prefer("return=minimal, return=representation") == ReturnPreference::minimal);
    for (const char* const text :
         {"return", "return=", "return=none", "minimal", "=", ",,;,", "returns=minimal"})
        CHECK(parse_prefer(text) == ReturnPreference::unsaid);
}
