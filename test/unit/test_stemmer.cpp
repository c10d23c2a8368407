#include <catch2/catch.hpp>

#include <algorithm>

#include "core/stemmer.hpp"

namespace core = pgwright::core;

TEST_CASE("the languages of search are named and sorted") {
    const auto names = core::search_languages();
    CHECK(std::ranges::is_sorted(names));
    for (const char* const name : {"english", "french", "german", "russian", "spanish"})
        CHECK(core::is_search_language(name));
    for (const char* const name : {"", "English", "klingon", "porter", "en"})
        CHECK_FALSE(core::is_search_language(name));
}

TEST_CASE("every language has a stemmer") {
    for (const auto& name : core::search_languages())
        CHECK_FALSE(core::Stemmer(name).stem("a").empty());
}

TEST_CASE("forms of a word have one stem") {
    const core::Stemmer english("english");
    CHECK(english.stem("running") == "run");
    CHECK(english.stem("runs") == "run");
    const core::Stemmer german("german");
    CHECK(german.stem("häuser") == german.stem("haus"));
}
