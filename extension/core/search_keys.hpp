// What an index of texts keeps, so that a search finds the texts without reading them all: for each word
// of a text the word itself, and what is left of its first kVariantLetters letters when none or one of
// them is dropped. Two words that are a misspelling of each other share one of those.
//
// An index finds every text that the matcher (search_match.hpp) accepts, and others that it does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/search_query.hpp"

namespace pgwright::core {

// Sorted, each once. The first byte tells what a key is.
std::vector<std::string> search_keys(std::string_view text);

enum class Found : std::uint8_t { no, maybe, yes };

// The keys that a query looks for in one text.
class SearchProbe {
  public:
    struct Key {
        std::string text;
        bool is_beginning = false;  // of the keys that match
    };

    explicit SearchProbe(const SearchQuery& query);

    [[nodiscard]] const std::vector<Key>& keys() const noexcept { return keys_; }
    // Whether a text is found, given for each key whether the text has it.
    [[nodiscard]] Found decide(const std::vector<Found>& has) const;

  private:
    struct Term {
        std::size_t first, keys;  // its keys
        bool all;                 // all of them must be there; else one
        bool certain;             // when they are, the term is
    };
    Term probe(const SearchTerm& term);
    void add_ways(const QueryWord& word);
    [[nodiscard]] Found decide(const Term& term, const std::vector<Found>& has) const;

    std::vector<Key> keys_;
    std::vector<std::vector<Term>> groups_;
    bool certain_ = true;
};

// Whether that key of a text is what is looked for.
bool matches_key(const SearchProbe::Key& wanted, std::string_view key) noexcept;

}  // namespace pgwright::core
