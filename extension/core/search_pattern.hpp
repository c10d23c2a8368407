// The regular expressions that people may search with: a subset that the server matches in time that
// grows with the text's length, and writes no error about. Read here, and written anew for the server.
//
//   a . [abc] [^a-z]      a character, any, one of a set (ranges and \d \w \s in it)
//   \d \w \s \D \W \S     digit, word character, white space, and the rest; \n \t \r; \. and the like
//   ^ $ \b \B             beginning, end; end of a word, and none
//   ab a|b (a) (?:a)      one after the other, either, grouped
//   * + ? {2} {2,} {2,5}  how often
//   (?i) in front         whatever the case of the letters
//
// No references back, no looking ahead or behind. It finds a text that matches anywhere in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pgwright::core {

inline constexpr std::size_t kMaxPatternLength = 200;   // bytes
inline constexpr std::size_t kMaxPatternStates = 1000;  // characters with repetitions written out
inline constexpr int kMaxRepetitions = 255;             // the server's limit
inline constexpr std::size_t kMaxPatternGroups = 10;    // one in another

struct SearchPattern {
    std::string regex;                      // for the server's operator ~
    std::optional<std::string> fault = {};  // what is wrong with it, for a person
};
SearchPattern read_search_pattern(std::string_view text);

// What is wrong with a LIKE pattern: nothing follows its last backslash.
std::optional<std::string> like_fault(std::string_view pattern);

}  // namespace pgwright::core
