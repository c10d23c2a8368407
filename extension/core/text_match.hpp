// How text is searched: for a needle that stands anywhere, at the beginning or at the end. The needle is
// plain text. Where the server wants a LIKE pattern, it gets one in which nothing of the needle is special.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgwright::core {

enum class Anchor : std::uint8_t { anywhere, start, end };

// The LIKE pattern (escape: backslash) of texts that hold the needle there.
std::string like_pattern(std::string_view needle, Anchor anchor);

// The needle of such a pattern. A pattern is folded as a whole before its needle is taken, as ILIKE
// does it: the lower case of some letters depends on their neighbours.
std::string needle_of(std::string_view pattern, Anchor anchor);

// What a LIKE pattern that somebody wrote asks for, when that is no more than a needle with anything
// before it, behind it, or both.
struct Needle {
    std::string text;
    Anchor anchor = Anchor::anywhere;
};
std::optional<Needle> needle_asked_for(std::string_view pattern);

// What is wrong with a LIKE pattern that somebody wrote: nothing follows its last backslash.
std::optional<std::string> like_fault(std::string_view pattern);

// The bytes of the character that begins there.
using CharacterLength = int (*)(const char* character);

// Whether the text holds the needle there, byte for byte. With encodings whose characters may hold
// another character's bytes, `length` keeps the search to the beginnings of characters.
bool matches(std::string_view text, std::string_view needle, Anchor anchor,
             CharacterLength length = nullptr) noexcept;

}  // namespace pgwright::core
