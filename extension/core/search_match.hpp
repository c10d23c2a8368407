// Whether texts hold what is searched for, and how well.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/search_query.hpp"
#include "core/stemmer.hpp"

namespace pgwright::core {

// Reads the texts of one record. Fast enough to be run on every row of a table, and never fails.
class SearchMatcher {
  public:
    // The query must outlive it.
    explicit SearchMatcher(const SearchQuery& query);

    // Forgets what was read.
    void reset();
    // Reads one of the record's texts.
    void read(std::string_view text, double weight = 1);

    // All groups were found, and none that is excluded; of a query that only excludes, nothing matches.
    [[nodiscard]] bool matches() const;
    // From 0, for a record without a match, to somewhat over kBestRank: the mean over the groups of their
    // best places, by how a word was found, the weight and the length of the text, and a little for
    // groups found next to each other.
    static constexpr std::int32_t kBestRank = 1'000'000;
    [[nodiscard]] std::int32_t rank() const;

  private:
    // A word that was read, in the forms that comparisons need.
    class Candidate;
    struct TermState {
        std::size_t group = 0;
        const SearchTerm* term = nullptr;
        std::uint32_t ends =
            0;  // bit i: the first i + 1 words of the term end at the last word read
    };

    [[nodiscard]] double score(const QueryWord& word, Candidate& candidate) const;
    [[nodiscard]] bool has_stem(const QueryWord& word, Candidate& candidate) const;
    double advance(TermState& state, Candidate& candidate) const;
    void read_word(Candidate& candidate);
    void note(std::size_t group, double found);

    const SearchQuery& query_;
    std::optional<Stemmer> stemmer_;
    std::vector<TermState> terms_;
    std::vector<double> in_text_, best_;  // by group
    std::vector<bool> here_, before_;     // the group was found at this word, at the one before
    std::vector<bool> near_;              // the group was found next to the one before it
};

// Whether the words are one letter wrong, missing or too many apart, or two neighbours changed over; as
// a beginning: whether `written` is so far from a beginning of `word`.
bool is_misspelling(std::u32string_view written, std::u32string_view word, bool beginning);

}  // namespace pgwright::core
