// Keys of words; see search_keys.hpp.
#include "core/search_keys.hpp"

#include <algorithm>
#include <span>

#include "core/search_words.hpp"

namespace pgwright::core {

namespace {

constexpr char kWord = 'w';
constexpr char kVariant = 'v';
// The shortest word that one of kMinMisspeltLetters can be a misspelling of.
constexpr std::size_t kMinVariantLetters = kMinMisspeltLetters - 1;

std::string key(char kind, std::string_view text) { return std::string(1, kind).append(text); }

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Where the letters of a word begin, and its end; no more than kVariantLetters letters.
std::vector<std::size_t> letter_bounds(std::string_view folded) {
    std::vector<std::size_t> bounds;
    for (std::size_t i = 0; i < folded.size() && bounds.size() <= kVariantLetters; ++i)
        if (!is_continuation(folded[i])) bounds.push_back(i);
    if (bounds.size() <= kVariantLetters) bounds.push_back(folded.size());
    return bounds;
}

void add_variants(std::string_view folded, std::vector<std::string>& keys) {
    const std::vector<std::size_t> bounds = letter_bounds(folded);
    const std::string_view beginning = folded.substr(0, bounds.back());
    keys.push_back(key(kVariant, beginning));
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
        std::string left = key(kVariant, beginning.substr(0, bounds[i]));
        keys.push_back(std::move(left.append(beginning.substr(bounds[i + 1]))));
    }
}

bool has_variants(std::string_view folded) {
    return folded.size() >= kMinVariantLetters && !has_digit(folded);
}

}  // namespace

std::vector<std::string> search_keys(std::string_view text) {
    std::vector<std::string> words;
    for (WordReader reader(text); reader.next();) words.emplace_back(reader.folded());
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    std::vector<std::string> keys;
    for (const std::string& word : words) {
        keys.push_back(key(kWord, word));
        if (has_variants(word)) add_variants(word, keys);
    }
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

SearchProbe::SearchProbe(const SearchQuery& query) {
    for (const SearchGroup& group : query.groups) {
        if (group.excluded) {
            certain_ = false;
            continue;
        }
        std::vector<Term>& terms = groups_.emplace_back();
        for (const SearchTerm& term : group.alternatives) terms.push_back(probe(term));
    }
}

SearchProbe::Term SearchProbe::probe(const SearchTerm& term) {
    Term probe{keys_.size(), 0, term.is_exact || term.words.size() > 1, true};
    if (!probe.all) {
        add_ways(term.words.front());
    } else {
        for (std::size_t i = 0; i < term.words.size(); ++i) {
            const bool goes_on = !term.is_exact && i + 1 == term.words.size();
            keys_.push_back({key(kWord, term.words[i].folded), goes_on});
        }
        probe.certain = term.words.size() == 1;
    }
    probe.keys = keys_.size() - probe.first;
    return probe;
}

// The first of the keys is that of the word as it is, which is certain.
void SearchProbe::add_ways(const QueryWord& word) {
    keys_.push_back({key(kWord, word.folded), true});
    if (!word.stem.empty()) keys_.push_back({key(kWord, word.stem_beginning), true});
    if (!word.may_be_misspelt) return;
    std::vector<std::string> variants;
    add_variants(word.folded, variants);
    for (std::string& variant : variants) keys_.push_back({std::move(variant), false});
}

bool matches_key(const SearchProbe::Key& wanted, std::string_view key) noexcept {
    return wanted.is_beginning ? key.starts_with(wanted.text) : key == wanted.text;
}

Found SearchProbe::decide(const Term& term, const std::vector<Found>& has) const {
    const auto found = std::span(has).subspan(term.first, term.keys);
    if (term.all) {
        const Found least = *std::ranges::min_element(found);
        return term.certain ? least : std::min(least, Found::maybe);
    }
    if (found.front() == Found::yes) return Found::yes;
    return std::min(*std::ranges::max_element(found), Found::maybe);
}

Found SearchProbe::decide(const std::vector<Found>& has) const {
    Found all = groups_.empty() ? Found::no : certain_ ? Found::yes : Found::maybe;
    for (const std::vector<Term>& terms : groups_) {
        Found best = Found::no;
        for (const Term& term : terms) best = std::max(best, decide(term, has));
        all = std::min(all, best);
    }
    return all;
}

}  // namespace pgwright::core
