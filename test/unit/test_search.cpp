#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/markup_text.hpp"
#include "core/search_keys.hpp"
#include "core/search_match.hpp"
#include "core/search_query.hpp"
#include "core/search_words.hpp"

namespace core = pgwright::core;
using core::Found;

namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (core::WordReader reader(text); reader.next();) words.emplace_back(reader.folded());
    return words;
}

using Words = std::vector<std::string>;

bool has_key(const std::vector<std::string>& keys, const core::SearchProbe::Key& wanted) {
    return std::ranges::any_of(
        keys, [&](const std::string& key) { return core::matches_key(wanted, key); });
}

Found found_by_index(const core::SearchQuery& query, std::string_view text) {
    const std::vector<std::string> keys = core::search_keys(text);
    const core::SearchProbe probe(query);
    std::vector<Found> has;
    for (const auto& wanted : probe.keys())
        has.push_back(has_key(keys, wanted) ? Found::yes : Found::no);
    return probe.decide(has);
}

std::int32_t rank(std::string_view text, std::string_view query, std::string_view language = "") {
    const core::SearchQuery parsed = core::parse_search(query, language);
    core::SearchMatcher matcher(parsed);
    matcher.read(text);
    // Whatever matches, the index has found.
    const Found found = found_by_index(parsed, text);
    if (matcher.matches()) CHECK(found != Found::no);
    if (found == Found::yes) CHECK(matcher.matches());
    return matcher.rank();
}

bool finds(std::string_view text, std::string_view query, std::string_view language = "") {
    return rank(text, query, language) > 0;
}

}  // namespace

TEST_CASE("words are runs of letters and digits") {
    CHECK(words_of("Hello, world! 42nd-Street").size() == 4);
    CHECK(words_of("  a.b/c_d ") == Words{"a", "b", "c", "d"});
    CHECK(words_of("").empty());
    CHECK(words_of(" .,- \xE2\x80\x93 ").empty());
    CHECK(words_of("john.smith@acme.com") == Words{"john", "smith", "acme", "com"});
}

TEST_CASE("case, accents, width and strokes do not tell words apart") {
    CHECK(words_of("Äpfel CAFÉ naïve") == Words{"apfel", "cafe", "naive"});
    CHECK(words_of("Straße") == Words{"strasse"});
    CHECK(words_of("Łódź Øre Đorđe Þór Æsir") == Words{"lodz", "ore", "dorde", "thor", "aesir"});
    CHECK(words_of("ＡＢＣ１２") == Words{"abc12"});
    CHECK(words_of("ﬁn") == Words{"fin"});
    CHECK(words_of("Ёлка") == words_of("елка"));
    CHECK(words_of("ΟΔΥΣΣΕΎΣ") == words_of("οδυσσευς"));
    CHECK(words_of("cafe\xCC\x81") == Words{"cafe"});  // decomposed
    CHECK(words_of("İstanbul") == Words{"istanbul"});
}

TEST_CASE("marks that are letters stay") { CHECK(words_of("कि") != words_of("का")); }

TEST_CASE("an apostrophe between letters is passed over") {
    CHECK(words_of("O'Brien O’Brien 'quoted' dogs'") ==
          Words{"obrien", "obrien", "quoted", "dogs"});
    CHECK(words_of("l'été") == Words{"lete"});
    CHECK(words_of("ʼ ʼa ŉ") == Words{"a", "n"});
    CHECK(words_of("Häus'京") == Words{"haus", "京"});
    CHECK(finds("L’Été’s", "l'été's", "english"));
}

TEST_CASE("ideographs and kana are words of their own") {
    CHECK(words_of("東京タワー2").size() == 5);
    CHECK(words_of("abc東x") == Words{"abc", "東", "x"});
}

TEST_CASE("words and texts are read up to their limits") {
    CHECK(words_of(std::string(1000, 'a')).front().size() == core::kMaxWordLength);
    std::string many;
    for (std::size_t i = 0; i < core::kMaxSearchedWords + 5; ++i) many += "a ";
    CHECK(words_of(many).size() == core::kMaxSearchedWords);
}

TEST_CASE("bytes that are no UTF-8 separate words") {
    CHECK(words_of("ab\xFF\xFE"
                   "cd") == Words{"ab", "cd"});
    CHECK(words_of("ab\xC3") == Words{"ab"});
}

TEST_CASE("markup is read as its text") {
    CHECK(core::text_of_markup("<p>a<b>b</b></p><p>c &amp; d</p>") == " ab  c & d ");
    CHECK(core::text_of_markup("a<br>b &lt;i&gt; &unknown; <unclosed") == "a b <i> &unknown;  ");
    CHECK(core::text_of_markup("").empty());
}

TEST_CASE("every word must be there, in any order") {
    CHECK(finds("Acme Trading of New York", "york acme"));
    CHECK_FALSE(finds("Acme Trading", "acme york"));
    CHECK(finds("O'Brien & Sons", "obrien"));
    CHECK(finds("Müller", "muller"));
    CHECK(finds("muller", "Müller"));
}

TEST_CASE("a word is found by its beginning") {
    CHECK(finds("microsoft", "micro"));
    CHECK_FALSE(finds("microsoft", "soft"));
    CHECK_FALSE(finds("micro", "microsoft"));
}

TEST_CASE("a word is found misspelt") {
    CHECK(finds("smith", "smiht"));   // changed over
    CHECK(finds("smith", "smitth"));  // one too many
    CHECK(finds("smith", "smth"));    // one missing
    CHECK(finds("smith", "smyth"));   // one wrong
    CHECK(finds("smith", "xmith"));
    CHECK_FALSE(finds("smith", "smxyh"));
    CHECK_FALSE(finds("cat", "cut"));  // too short to tell
    CHECK(finds("müller", "mueller"));
    CHECK(finds("Достоевский", "Достаевский"));
}

TEST_CASE("numbers and codes are not misspelt") {
    CHECK_FALSE(finds("INV1001", "inv1002"));
    CHECK_FALSE(finds("mar7", "marx"));
    CHECK(finds("INV1001", "inv10"));
}

TEST_CASE("a long word may be a misspelt beginning") {
    CHECK(finds("microsoft", "mircros"));
    CHECK(finds("internationalisation", "internatoinal"));
    CHECK_FALSE(finds("microsoft", "mirc"));
}

TEST_CASE("grammatical forms are found in the language") {
    CHECK(finds("he was running fast", "runs", "english"));
    CHECK_FALSE(finds("he was running fast", "runs"));
    CHECK(finds("happily ever after", "happiness", "english") ==
          (core::Stemmer("english").stem("happily") == core::Stemmer("english").stem("happiness")));
    CHECK(finds("viele Häuser", "Haus", "german"));
    CHECK(finds("das Haus", "Häuser", "german"));
}

TEST_CASE("words in quotes stand next to each other as they are") {
    CHECK(finds("offices in New York City", "\"new york\""));
    CHECK_FALSE(finds("York is new", "\"new york\""));
    CHECK_FALSE(finds("new yorkers", "\"new york\""));
    CHECK(finds("a a b", "\"a b\""));
    CHECK(finds("say \"x", "\"x"));  // the quote at the end may be missing
}

TEST_CASE("words written together stand next to each other, the last goes on") {
    CHECK(finds("john.smith@acme.com", "john.smi"));
    CHECK_FALSE(finds("smith john", "john.smith"));
    CHECK(finds("東京都", "東京"));
    CHECK_FALSE(finds("京東", "東京"));
}

TEST_CASE("one of the alternatives is enough") {
    CHECK(finds("a red car", "red OR blue"));
    CHECK(finds("a blue car", "red | blue car"));
    CHECK_FALSE(finds("a green car", "red OR blue"));
    CHECK(finds("or", "or"));
    CHECK(finds("red", "OR red"));
    CHECK(finds("red", "red OR"));
}

TEST_CASE("what is excluded must not be there") {
    CHECK(finds("new car", "car -used"));
    CHECK_FALSE(finds("used car", "car -used"));
    CHECK_FALSE(finds("second hand car", "car -\"second hand\""));
    CHECK(finds("hand car", "car -second-hand"));
    CHECK(finds("a - b", "a - b"));
    CHECK_FALSE(finds("new car", "-used"));  // nothing is looked for
}

TEST_CASE("better places rank higher") {
    CHECK(rank("york", "york") > rank("yorkshire", "york"));
    CHECK(rank("running", "run", "english") < rank("run", "run", "english"));
    CHECK(rank("yorks", "york") > rank("yorkshire", "york"));
    CHECK(rank("yorkshire", "york") > rank("yrok", "york"));
    CHECK(rank("york", "york") > rank("the old town of york", "york"));
    CHECK(rank("new york mills", "new york") > rank("york is new", "new york"));
    CHECK(rank("nothing", "york") == 0);
}

TEST_CASE("the texts of a record count together") {
    const core::SearchQuery query = core::parse_search("acme berlin -closed", "");
    core::SearchMatcher matcher(query);
    matcher.read("Acme");
    CHECK_FALSE(matcher.matches());
    matcher.read("in Berlin", 0.5);
    CHECK(matcher.matches());
    matcher.read("now closed");
    CHECK_FALSE(matcher.matches());
    matcher.reset();
    CHECK(matcher.rank() == 0);
}

TEST_CASE("faults of queries") {
    const auto fault = [](std::string_view text) {
        return core::search_fault(text, core::parse_search(text, "")).value_or("");
    };
    CHECK(fault("acme") == "");
    CHECK(fault("&|!:*()") == "holds no word to look for");
    CHECK(fault("OR | - \"\"") == "holds no word to look for");
    CHECK(fault("") == "holds no word to look for");
    CHECK(fault("-used") == "must hold a word to look for besides those to leave out");
    CHECK(fault(std::string(501, 'a')) == "must be at most 500 characters");
    std::string many;
    for (int i = 0; i < 21; ++i) many += "w" + std::to_string(i) + " ";
    CHECK(fault(many) == "must be at most 20 words");
}

TEST_CASE("a query's text parses to the same query") {
    for (const char* const text :
         {"acme", "Äpfel OR birne \"New York\" john.smith@x -no", "a | b c", "or OR OR"}) {
        const core::SearchQuery query = core::parse_search(text, "german");
        const std::string written = core::search_text(query);
        const core::SearchQuery again = core::parse_search_text(written);
        CHECK(again.language == "german");
        CHECK(core::search_text(again) == written);
        for (const core::SearchGroup& group : query.groups) {
            const std::string alone = core::search_text(query, group);
            CHECK(core::search_text(core::parse_search_text(alone)) == alone);
        }
    }
    CHECK(core::search_text(core::parse_search("a -b", "")) == ":a -\"b\"");
    CHECK(core::parse_search_text(":english:x").language.empty());
    CHECK(core::parse_search_text("no colon").groups.size() == 2);
}

// The index may find too much, never too little: words of a small alphabet, so that they are often
// near each other.
TEST_CASE("the index finds what the matcher accepts") {
    std::mt19937 random(20261121);
    const auto word = [&](std::size_t longest) {
        static const std::vector<std::string> letters = {"a", "b", "é", "ß", "1"};
        std::string made;
        for (std::size_t i = 0, n = 1 + random() % longest; i < n; ++i) {
            const std::size_t which = random() % 40;
            made += which < 30 ? letters[which % 2] : letters[which % 5];
        }
        return made;
    };
    std::size_t matched = 0;
    for (int i = 0; i < 30000; ++i) {
        std::string text = word(12) + ' ' + word(9) + ' ' + word(5);
        std::string query = word(12);
        if (i % 3 == 0) query += (i % 2 == 0 ? " " : "-") + word(3);
        const core::SearchQuery parsed = core::parse_search(query, i % 4 == 0   ? "english"
                                                                   : i % 4 == 1 ? "german"
                                                                                : "");
        core::SearchMatcher matcher(parsed);
        matcher.read(text);
        const Found found = found_by_index(parsed, text);
        if (matcher.matches()) {
            ++matched;
            INFO(text << " / " << query);
            REQUIRE(found != Found::no);
        } else {
            INFO(text << " / " << query);
            REQUIRE(found != Found::yes);
        }
    }
    CHECK(matched > 1000);
}
