// Words and their folding; see search_words.hpp.
#include "core/search_words.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace pgwright::core {

namespace {

constexpr char32_t kNone = 0xFFFFFFFF;  // no character

struct Character {
    char32_t value = kNone;
    std::size_t bytes = 1;
};

Character character_at(std::string_view text, std::size_t at) noexcept {
    utf8proc_int32_t value = -1;
    const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
    const auto length =
        utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &value);
    if (length <= 0) return {};
    return {static_cast<char32_t>(value), static_cast<std::size_t>(length)};
}

bool is_ascii(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }
bool is_ascii_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_ascii_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || is_ascii_upper(c); }
bool is_ascii_word(char c) noexcept { return is_ascii_letter(c) || (c >= '0' && c <= '9'); }
char to_ascii_lower(char c) noexcept {
    return is_ascii_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

struct Range {
    char32_t first, last;
};

template <std::size_t N>
bool is_within(char32_t value, const std::array<Range, N>& ranges) noexcept {
    return std::ranges::any_of(ranges, [value](const Range& range) {
        return value >= range.first && value <= range.last;
    });
}

// Written without spaces between words: Hiragana, Katakana, Han.
bool is_ideograph(char32_t value) noexcept {
    static constexpr std::array<Range, 5> kRanges = {{{0x3041, 0x3096},
                                                      {0x30A1, 0x30FA},
                                                      {0x3400, 0x9FFF},
                                                      {0xF900, 0xFAFF},
                                                      {0x20000, 0x3FFFF}}};
    return value >= 0x3041 && is_within(value, kRanges);
}

// Marks that readers of Latin, Greek, Cyrillic, Hebrew and Arabic take for accents or helps to
// pronounce. Elsewhere marks are letters: without them, many words of India would be one.
bool is_accent(char32_t value) noexcept {
    static constexpr std::array<Range, 9> kRanges = {{{0x0300, 0x036F},
                                                      {0x0483, 0x0487},
                                                      {0x0591, 0x05C7},
                                                      {0x0610, 0x061A},
                                                      {0x064B, 0x065F},
                                                      {0x0670, 0x0670},
                                                      {0x06D6, 0x06ED},
                                                      {0x1AB0, 0x1AFF},
                                                      {0x1DC0, 0x1DFF}}};
    return is_within(value, kRanges);
}

bool is_apostrophe(char32_t value) noexcept {
    return value == U'\'' || value == 0x2019 || value == 0x02BC;
}

std::string without_apostrophes(std::string_view word) {
    std::string left;
    for (std::size_t at = 0; at < word.size();) {
        const Character next = character_at(word, at);
        if (!is_apostrophe(next.value)) left += word.substr(at, next.bytes);
        at += next.bytes;
    }
    return left;
}

enum class Kind : std::uint8_t { separator, letter, mark };

Kind kind_of(char32_t value) noexcept {
    if (value == kNone || is_apostrophe(value)) return Kind::separator;
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(value))) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO: return Kind::letter;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME: return Kind::mark;
        default: return Kind::separator;
    }
}

// Letters that Unicode does not take apart, but people type without their strokes.
std::string_view plain_letters(char32_t value) noexcept {
    switch (value) {
        case 0x00E6: return "ae";  // ae ligature
        case 0x00F0:               // eth
        case 0x0111: return "d";   // d with stroke
        case 0x00F8: return "o";   // o with stroke
        case 0x00FE: return "th";  // thorn
        case 0x0127: return "h";   // h with stroke
        case 0x0131: return "i";   // dotless i
        case 0x0142: return "l";   // l with stroke
        case 0x014B: return "n";   // eng
        case 0x0153: return "oe";  // oe ligature
        case 0x0167: return "t";   // t with stroke
        default: return {};
    }
}

void append_utf8(std::string& text, char32_t value) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(value), bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

// A letter taken apart, without the case, width and accents; nothing of a character that is no letter.
void append_folded(std::string& text, char32_t letter) {
    constexpr std::size_t kLongest = 18;  // letters that one is taken apart into
    constexpr auto kOptions = static_cast<utf8proc_option_t>(
        static_cast<unsigned>(UTF8PROC_DECOMPOSE) | static_cast<unsigned>(UTF8PROC_COMPAT) |
        static_cast<unsigned>(UTF8PROC_CASEFOLD) | static_cast<unsigned>(UTF8PROC_IGNORE));
    std::array<utf8proc_int32_t, kLongest> parts{};
    int boundary = 0;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(letter), parts.data(),
                                               kLongest, kOptions, &boundary);
    const std::size_t known = count < 0 ? 0 : std::min(static_cast<std::size_t>(count), kLongest);
    for (std::size_t i = 0; i < known; ++i) {
        const auto part = static_cast<char32_t>(parts[i]);
        if (is_accent(part) || kind_of(part) == Kind::separator) continue;
        const std::string_view plain = plain_letters(part);
        if (plain.empty()) {
            append_utf8(text, part);
        } else {
            text += plain;
        }
    }
}

}  // namespace

bool WordReader::next() {
    if (words_ == kMaxSearchedWords) return false;
    folded_.clear();
    letters_ = 0;
    while (folded_.empty() && end_ < text_.size()) {
        begin_ = end_;
        if (!take_ascii()) take_letters();
    }
    if (folded_.empty()) return false;
    ++words_;
    return true;
}

// The most common word costs no look at Unicode's tables.
bool WordReader::take_ascii() {
    while (begin_ < text_.size() && is_ascii(text_[begin_]) && !is_ascii_word(text_[begin_]))
        ++begin_;
    end_ = begin_;
    while (end_ < text_.size() && is_ascii_word(text_[end_])) ++end_;
    if (end_ < text_.size() && (!is_ascii(text_[end_]) || text_[end_] == '\'')) return false;
    if (end_ == begin_) return true;  // at the end
    const std::size_t length = std::min(end_ - begin_, kMaxWordLength);
    folded_.resize(length);
    std::transform(text_.data() + begin_, text_.data() + begin_ + length, folded_.begin(),
                   to_ascii_lower);
    return true;
}

// Whether a letter of the same word can stand there.
bool WordReader::goes_on(std::size_t at) const {
    if (at >= text_.size()) return false;
    const char32_t letter = character_at(text_, at).value;
    return kind_of(letter) == Kind::letter && !is_ideograph(letter);
}

void WordReader::take_letters() {
    bool begun = false;
    for (end_ = begin_; end_ < text_.size();) {
        const Character next = character_at(text_, end_);
        const Kind kind = kind_of(next.value);
        const bool alone = kind == Kind::letter && is_ideograph(next.value);
        if (kind == Kind::letter && !(alone && begun)) {
            fold(next.value);
            begun = true;
        } else if (kind == Kind::mark && begun) {
            fold(next.value);
        } else if (begun && is_apostrophe(next.value) && goes_on(end_ + next.bytes)) {
            // Passed over.
        } else if (begun) {
            return;
        } else {
            begin_ = end_ + next.bytes;
        }
        end_ += next.bytes;
        if (alone) return;
    }
}

void WordReader::fold(char32_t letter) {
    if (letters_ == kMaxWordLength) return;
    ++letters_;
    append_folded(folded_, letter);
}

std::string WordReader::composed() const {
    const std::string_view source = text_.substr(begin_, end_ - begin_);
    if (std::ranges::all_of(source, is_ascii)) return folded_;
    constexpr auto kOptions = static_cast<utf8proc_option_t>(
        static_cast<unsigned>(UTF8PROC_COMPOSE) | static_cast<unsigned>(UTF8PROC_STABLE) |
        static_cast<unsigned>(UTF8PROC_CASEFOLD));
    utf8proc_uint8_t* made = nullptr;
    const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(source.data()),
                                     static_cast<utf8proc_ssize_t>(source.size()), &made, kOptions);
    // libutf8proc allocates with malloc.
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
    if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
    if (length < 0) return folded_;
    return without_apostrophes(
        {reinterpret_cast<const char*>(made), static_cast<std::size_t>(length)});
}

std::string fold_word(std::string_view word) {
    std::string folded;
    for (std::size_t at = 0; at < word.size();) {
        const Character next = character_at(word, at);
        if (next.value != kNone) append_folded(folded, next.value);
        at += next.bytes;
    }
    return folded;
}

}  // namespace pgwright::core
