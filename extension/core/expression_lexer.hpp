// The words of an expression's text. Positions are bytes of the text, so that a name can be replaced
// where it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pgwright::core::expression {

struct Token {
    enum class Kind : std::uint8_t { name, quoted_name, number, text, symbol, end };
    Kind kind = Kind::end;
    std::string value;  // a name in lower case unless quoted; a text without its quotes
    std::size_t begin = 0, end = 0;  // bytes
};

// Ends with a token of kind end. Throws Failure(validation_error).
std::vector<Token> tokens_of(std::string_view text);

// An unquoted word that is no name: and, or, not, in, true, false, null.
bool is_keyword(std::string_view word) noexcept;
// The name as it must be written in an expression: in quotes unless it is all lower case.
std::string written_name(std::string_view name);

// Position of the byte as people count: in characters, from 1.
std::size_t character_at(std::string_view text, std::size_t byte) noexcept;
[[noreturn]] void fail_at(std::size_t character, const std::string& message);
std::string at(std::size_t character, const std::string& message);  // "character 12: message"

}  // namespace pgwright::core::expression
