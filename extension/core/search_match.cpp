// Matching and ranking; see search_match.hpp.
#include "core/search_match.hpp"

#include <algorithm>
#include <cmath>

#include "core/search_words.hpp"

namespace pgwright::core {

namespace {

// What a word is worth that was found so.
constexpr double kWhole = 1.0;
constexpr double kTogether = 0.9;  // words written together, the last going on
constexpr double kForm = 0.8;
constexpr double kBeginning = 0.5, kShareOfBeginning = 0.25;
constexpr double kMisspelt = 0.4;
constexpr double kMisspeltBeginning = 0.3;

constexpr double kNear = 0.1;  // of a group's worth, for standing next to the one before it
constexpr double kLengthPenalty = 0.1;  // for each e-fold of a text's words

bool goes_on(std::u32string_view word, std::u32string_view rest, bool beginning) {
    return beginning ? word.starts_with(rest) : word == rest;
}

}  // namespace

bool is_misspelling(std::u32string_view written, std::u32string_view word, bool beginning) {
    const auto end = std::ranges::mismatch(written, word);
    written.remove_prefix(static_cast<std::size_t>(end.in1 - written.begin()));
    word.remove_prefix(static_cast<std::size_t>(end.in2 - word.begin()));
    if (written.empty()) return beginning || word.size() <= 1;
    if (goes_on(word, written.substr(1), beginning)) return true;  // one too many
    if (word.empty()) return false;
    if (goes_on(word.substr(1), written, beginning)) return true;            // one missing
    if (goes_on(word.substr(1), written.substr(1), beginning)) return true;  // one wrong
    return written.size() > 1 && word.size() > 1 && written[0] == word[1] &&
           written[1] == word[0] && goes_on(word.substr(2), written.substr(2), beginning);
}

class SearchMatcher::Candidate {
  public:
    explicit Candidate(const WordReader& reader) : reader_(reader) {}

    [[nodiscard]] std::string_view folded() const noexcept { return reader_.folded(); }
    [[nodiscard]] std::string composed() const { return reader_.composed(); }
    const std::u32string& letters() {
        if (letters_.empty()) letters_ = letters_of(folded());
        return letters_;
    }
    const std::string& stem(const Stemmer& stemmer) {
        if (stem_.empty()) stem_ = fold_word(stemmer.stem(composed()));
        return stem_;
    }

  private:
    const WordReader& reader_;
    std::u32string letters_;
    std::string stem_;
};

SearchMatcher::SearchMatcher(const SearchQuery& query)
    : query_(query),
      in_text_(query.groups.size()),
      best_(query.groups.size()),
      here_(query.groups.size()),
      before_(query.groups.size()),
      near_(query.groups.size()) {
    if (!query.language.empty()) stemmer_.emplace(query.language);
    for (std::size_t i = 0; i < query.groups.size(); ++i)
        for (const SearchTerm& term : query.groups[i].alternatives) terms_.push_back({i, &term, 0});
}

void SearchMatcher::reset() {
    std::ranges::fill(best_, 0);
    std::fill(near_.begin(), near_.end(), false);
}

void SearchMatcher::read(std::string_view text, double weight) {
    std::ranges::fill(in_text_, 0);
    std::fill(here_.begin(), here_.end(), false);
    for (TermState& state : terms_) state.ends = 0;
    std::size_t words = 0;
    for (WordReader reader(text); reader.next(); ++words) {
        Candidate candidate(reader);
        read_word(candidate);
    }
    if (words == 0) return;
    const double factor = weight / (1 + kLengthPenalty * std::log(static_cast<double>(words)));
    for (std::size_t i = 0; i < best_.size(); ++i)
        best_[i] = std::max(best_[i], in_text_[i] * factor);
}

void SearchMatcher::read_word(Candidate& candidate) {
    before_.swap(here_);
    std::fill(here_.begin(), here_.end(), false);
    for (TermState& state : terms_) note(state.group, advance(state, candidate));
}

void SearchMatcher::note(std::size_t group, double found) {
    if (found <= 0) return;
    in_text_[group] = std::max(in_text_[group], found);
    here_[group] = true;
    if (group > 0 && before_[group - 1]) near_[group] = true;
}

// What the term is worth when it ends at this word; else 0.
double SearchMatcher::advance(TermState& state, Candidate& candidate) const {
    const std::vector<QueryWord>& words = state.term->words;
    if (words.size() == 1 && !state.term->is_exact) return score(words.front(), candidate);
    const std::uint32_t expected = state.ends << 1U | 1U;
    state.ends = 0;
    double worth = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(words.size(), 32); ++i) {
        if ((expected >> i & 1U) == 0) continue;
        const bool is_last = i + 1 == words.size();
        if (candidate.folded() == words[i].folded) {
            state.ends |= 1U << i;
            if (is_last) worth = kWhole;
        } else if (is_last && !state.term->is_exact &&
                   candidate.folded().starts_with(words[i].folded)) {
            worth = kTogether;
        }
    }
    return worth;
}

bool SearchMatcher::has_stem(const QueryWord& word, Candidate& candidate) const {
    return stemmer_ && !word.stem.empty() && candidate.folded().starts_with(word.stem_beginning) &&
           candidate.stem(*stemmer_) == word.stem;
}

double SearchMatcher::score(const QueryWord& word, Candidate& candidate) const {
    const std::string_view folded = candidate.folded();
    if (folded.starts_with(word.folded) && folded.size() == word.folded.size()) return kWhole;
    if (has_stem(word, candidate)) return kForm;
    if (folded.starts_with(word.folded))
        return kBeginning + kShareOfBeginning * static_cast<double>(word.folded.size()) /
                                static_cast<double>(folded.size());
    if (!word.may_be_misspelt || has_digit(folded)) return 0;
    const std::u32string& letters = candidate.letters();
    if (letters.size() <= word.letters.size() + 1 && is_misspelling(word.letters, letters, false))
        return kMisspelt;
    const bool may_begin = word.letters.size() >= kVariantLetters;
    return may_begin && is_misspelling(word.letters, letters, true) ? kMisspeltBeginning : 0;
}

bool SearchMatcher::matches() const {
    bool any = false;
    for (std::size_t i = 0; i < best_.size(); ++i) {
        if ((best_[i] > 0) == query_.groups[i].excluded) return false;
        any = any || best_[i] > 0;
    }
    return any;
}

std::int32_t SearchMatcher::rank() const {
    if (!matches()) return 0;
    double sum = 0;
    double groups = 0;
    for (std::size_t i = 0; i < best_.size(); ++i) {
        if (query_.groups[i].excluded) continue;
        groups += 1;
        sum += best_[i] + (near_[i] ? kNear : 0);
    }
    return std::max(1, static_cast<std::int32_t>(std::lround(sum / groups * kBestRank)));
}

}  // namespace pgwright::core
