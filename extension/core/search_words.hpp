// The words of a text as search sees them: runs of letters and digits, folded so that neither case, nor
// accents, nor the width of a letter tell two apart ("Äpfel", "apfel" and "ＡＰＦＥＬ" are one word).
//
// An apostrophe between letters is passed over ("O'Brien" is obrien). Ideographs and kana, which are
// written without spaces, are words of one letter. A word is its first kMaxWordLength letters, a text its
// first kMaxSearchedWords words. Bytes that are no UTF-8 separate words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pgwright::core {

inline constexpr std::size_t kMaxWordLength = 64;
inline constexpr std::size_t kMaxSearchedWords = 100'000;

class WordReader {
  public:
    explicit WordReader(std::string_view text) noexcept : text_(text) {}

    // Goes to the next word; false at the end.
    bool next();

    // Good until the next call of next().
    [[nodiscard]] std::string_view folded() const noexcept { return folded_; }
    // In lower case but with its accents, as stemmers take it.
    [[nodiscard]] std::string composed() const;
    // Where it stands in the text.
    [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t end() const noexcept { return end_; }

  private:
    bool take_ascii();
    void take_letters();
    [[nodiscard]] bool goes_on(std::size_t at) const;
    void fold(char32_t letter);

    std::string_view text_;
    std::string folded_;
    std::size_t begin_ = 0, end_ = 0;
    std::size_t letters_ = 0;
    std::size_t words_ = 0;
};

// The folded form of a piece of text, whatever it holds.
std::string fold_word(std::string_view word);

}  // namespace pgwright::core
