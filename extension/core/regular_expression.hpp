// The regular expressions that people may give a field as its pattern: the part of the notation that
// PostgreSQL and our automaton read alike, written out for the constraint. Neither backtracks on it;
// \d, \w and \s mean ASCII, whatever the locale. docs/field-types.md describes it;
// test/unit/regular_expression_cases.inc holds the cases on which both must agree.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/automaton.hpp"
#include "core/error.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxFieldPatternBytes = 256;   // as it is given
inline constexpr std::size_t kMaxFieldPatternStates = 500;  // its repetitions written out
inline constexpr std::size_t kMaxRepetition = 255;          // PostgreSQL's own limit
// States times bytes of the texts that are matched here; longer ones are the constraint's alone, which
// can be interrupted.
inline constexpr std::size_t kMaxMatchingWork = 5'000'000;

class RegularExpression {
  public:
    // Throws Failure(validation_error) with one fault, "character 4: ...", whose field is empty.
    static std::shared_ptr<const RegularExpression> compile(std::string_view pattern);

    // For PostgreSQL's operator ~: classes in brackets, nothing that depends on a locale.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    // Somewhere in the text, unless the pattern is anchored.
    [[nodiscard]] bool matches(std::string_view text) const { return automaton_.matches(text); }
    // Whether that many bytes are matched soon enough.
    [[nodiscard]] bool is_quick(std::size_t bytes) const noexcept {
        return bytes <= kMaxMatchingWork / automaton_.size();
    }

  private:
    RegularExpression(std::string text, automaton::Automaton automaton);

    std::string text_;
    automaton::Automaton automaton_;
};

}  // namespace pgwright::core
