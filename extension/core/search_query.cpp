// Reading and writing queries; see search_query.hpp.
#include "core/search_query.hpp"

#include <algorithm>

#include "core/search_words.hpp"
#include "core/stemmer.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {

namespace {

constexpr std::string_view kSpaces = " \t\r\n\f\v";

// An index knows the words of a stem by their beginning: the letter before the last is where most endings
// change a word ("happy", "happily": happi), so it is the stem without its last letter.
std::string beginning_of(std::string_view stem) {
    constexpr std::size_t kShortest = 3;
    std::u32string letters = letters_of(stem);
    if (letters.size() > kShortest) letters.pop_back();
    std::size_t bytes = 0;
    for (std::size_t count = 0; bytes < stem.size(); ++bytes) {
        const bool begins = (static_cast<unsigned char>(stem[bytes]) & 0xC0U) != 0x80U;
        if (begins && ++count > letters.size()) break;
    }
    return std::string(stem.substr(0, bytes));
}

// A chunk is what stands between spaces, or in quotes.
struct Chunk {
    std::string_view text;
    bool quoted = false;
    bool excluded = false;
};

class QueryReader {
  public:
    QueryReader(std::string_view text, std::string_view language) : text_(text) {
        query_.language = language;
        if (!language.empty()) stemmer_.emplace(language);
    }

    SearchQuery read() {
        while (take_chunk()) {
            if (!chunk_.quoted && !chunk_.excluded && (chunk_.text == "OR" || chunk_.text == "|")) {
                joins_ = !query_.groups.empty() && !query_.groups.back().excluded;
            } else {
                add(term_of(chunk_));
            }
        }
        return std::move(query_);
    }

  private:
    bool take_chunk() {
        text_.remove_prefix(std::min(text_.find_first_not_of(kSpaces), text_.size()));
        if (text_.empty()) return false;
        chunk_ = {};
        chunk_.excluded =
            text_.size() > 1 && text_[0] == '-' && kSpaces.find(text_[1]) == std::string_view::npos;
        if (chunk_.excluded) text_.remove_prefix(1);
        chunk_.quoted = text_.front() == '"';
        if (chunk_.quoted) text_.remove_prefix(1);
        const std::size_t end = std::min(
            chunk_.quoted ? text_.find('"') : text_.find_first_of(" \t\r\n\f\v\""), text_.size());
        chunk_.text = text_.substr(0, end);
        text_.remove_prefix(std::min(end + (chunk_.quoted ? 1 : 0), text_.size()));
        return true;
    }

    [[nodiscard]] SearchTerm term_of(const Chunk& chunk) const {
        SearchTerm term;
        term.is_exact = chunk.quoted || chunk.excluded;
        for (WordReader words(chunk.text); words.next();) {
            term.words.push_back(
                word_of(words.composed(), std::string(words.folded()), term.is_exact));
        }
        return term;
    }

    [[nodiscard]] QueryWord word_of(std::string composed, std::string folded, bool exact) const {
        QueryWord word;
        word.letters = letters_of(folded);
        if (stemmer_ && !exact) {
            word.stem = fold_word(stemmer_->stem(composed));
            word.stem_beginning = beginning_of(word.stem);
        }
        word.may_be_misspelt =
            !exact && word.letters.size() >= kMinMisspeltLetters && !has_digit(folded);
        word.composed = std::move(composed);
        word.folded = std::move(folded);
        return word;
    }

    void add(SearchTerm term) {
        if (term.words.empty()) return;
        if (joins_ && !chunk_.excluded) {
            query_.groups.back().alternatives.push_back(std::move(term));
        } else {
            query_.groups.push_back({{std::move(term)}, chunk_.excluded});
        }
        joins_ = false;
    }

    std::string_view text_;
    std::optional<Stemmer> stemmer_;
    SearchQuery query_;
    Chunk chunk_;
    bool joins_ = false;
};

std::string text_of(const SearchTerm& term) {
    std::string text;
    for (const QueryWord& word : term.words) {
        if (!text.empty()) text += term.is_exact ? ' ' : '-';
        text += word.composed;
    }
    return term.is_exact ? '"' + text + '"' : text;
}

std::string text_of(const SearchGroup& group) {
    std::string text;
    for (const SearchTerm& term : group.alternatives) {
        if (!text.empty()) text += " OR ";
        text += text_of(term);
    }
    return text;
}

std::size_t count_words(const SearchQuery& query) {
    std::size_t count = 0;
    for (const SearchGroup& group : query.groups)
        for (const SearchTerm& term : group.alternatives) count += term.words.size();
    return count;
}

}  // namespace

std::u32string letters_of(std::string_view folded) {
    std::u32string letters;
    for (const char c : folded) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) == 0x80U) {
            letters.back() = letters.back() << 6U | (byte & 0x3FU);
        } else {
            const unsigned payload = byte < 0x80   ? 0x7FU
                                     : byte < 0xE0 ? 0x1FU
                                     : byte < 0xF0 ? 0x0FU
                                                   : 0x07U;
            letters.push_back(byte & payload);
        }
    }
    return letters;
}

bool has_digit(std::string_view folded) noexcept {
    return std::ranges::any_of(folded, [](char c) { return c >= '0' && c <= '9'; });
}

SearchQuery parse_search(std::string_view text, std::string_view language) {
    return QueryReader(text, language).read();
}

std::optional<std::string> search_fault(std::string_view text, const SearchQuery& query) {
    if (count_characters(text) > kMaxSearchLength)
        return "must be at most " + std::to_string(kMaxSearchLength) + " characters";
    if (count_words(query) > kMaxQueryWords)
        return "must be at most " + std::to_string(kMaxQueryWords) + " words";
    if (query.groups.empty()) return "holds no word to look for";
    if (std::ranges::all_of(query.groups, &SearchGroup::excluded))
        return "must hold a word to look for besides those to leave out";
    return std::nullopt;
}

std::string search_text(const SearchQuery& query, const SearchGroup& group) {
    return query.language + ':' + text_of(group);
}

std::string search_text(const SearchQuery& query) {
    std::string text = query.language + ':';
    for (const SearchGroup& group : query.groups) {
        if (text.back() != ':') text += ' ';
        if (group.excluded) text += '-';
        text += text_of(group);
    }
    return text;
}

SearchQuery parse_search_text(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view language =
        colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    const bool is_language = is_search_language(language);
    if (is_language || colon == 0) text.remove_prefix(colon + 1);
    return parse_search(text, is_language ? language : std::string_view());
}

}  // namespace pgwright::core
