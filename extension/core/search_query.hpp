// What people type to search for:
//
//     running shoes        records with both words, in any of the fields that are searched
//     "new york"           the words as they are, next to each other
//     red OR blue          one of them (OR in capitals, or |)
//     -used  -"second hand"   records without
//     john.smith@acme      words that are written together: next to each other, the last may go on
//
// A word alone is also found as the beginning of a longer one, in its other grammatical forms where the
// language is known, and misspelt: with one letter wrong, missing or too many, or two changed over, in
// words of kMinMisspeltLetters letters or more without digits. From kVariantLetters letters on it may be
// the misspelt beginning of a longer word, too.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgwright::core {

inline constexpr std::size_t kMaxSearchLength = 500;  // characters
inline constexpr std::size_t kMaxQueryWords = 20;
inline constexpr std::size_t kMinMisspeltLetters = 4;
inline constexpr std::size_t kVariantLetters = 7;  // of a word that the index knows misspellings of

struct QueryWord {
    std::string composed;
    std::string folded;
    std::u32string letters;      // of folded
    std::string stem;            // folded; empty without a language
    std::string stem_beginning;  // that words of the stem are looked for by
    bool may_be_misspelt = false;
};

// Words next to each other, mostly one.
struct SearchTerm {
    std::vector<QueryWord> words;
    bool is_exact = false;  // in quotes, or to be left out
};

// One of its terms must be there; or, where it is excluded, none.
struct SearchGroup {
    std::vector<SearchTerm> alternatives;
    bool excluded = false;
};

struct SearchQuery {
    std::string language;  // of search_languages(); empty: words have no other forms
    std::vector<SearchGroup> groups;
};

// Any text is a query; what is no word counts for nothing.
SearchQuery parse_search(std::string_view text, std::string_view language);
// What is wrong with a query that a person made: it is too long, or holds nothing to look for.
std::optional<std::string> search_fault(std::string_view text, const SearchQuery& query);

// A query, or the words of one of its groups, excluded or not, as the operator pgwright.@@@ and
// search_rank() take it: the language, a colon, and a text that parses to the same.
std::string search_text(const SearchQuery& query, const SearchGroup& group);
std::string search_text(const SearchQuery& query);
SearchQuery parse_search_text(std::string_view text);

std::u32string letters_of(std::string_view folded);
// Words with a digit are numbers and codes, which are not misspelt: one is not meant for another.
bool has_digit(std::string_view folded) noexcept;

}  // namespace pgwright::core
