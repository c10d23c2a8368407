// Search: any text is a query and any text can be searched; what the matcher accepts the index has found, and a
// query's text says the same query. The first line is the language and the query, the rest the text.
#include <string_view>

#include "check.hpp"
#include "core/markup_text.hpp"
#include "core/search_keys.hpp"
#include "core/search_match.hpp"
#include "core/search_query.hpp"
#include "core/search_words.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

Found found_by_index(const SearchQuery& query, std::string_view text) {
    const std::vector<std::string> keys = search_keys(text);
    const SearchProbe probe(query);
    std::vector<Found> has;
    for (const SearchProbe::Key& wanted : probe.keys()) {
        bool any = false;
        for (const std::string& key : keys) any = any || matches_key(wanted, key);
        has.push_back(any ? Found::yes : Found::no);
    }
    return probe.decide(has);
}

void compare(const SearchQuery& query, std::string_view text) {
    SearchMatcher matcher(query);
    matcher.read(text);
    check(matcher.matches() == (matcher.rank() > 0));
    const Found found = found_by_index(query, text);
    check(found != Found::no || !matcher.matches());
    check(found != Found::yes || matcher.matches());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = pgwright::fuzz::text_of(data, size);
    const std::size_t line = input.find('\n');
    if (line == std::string_view::npos) return 0;
    const SearchQuery query = parse_search_text(input.substr(0, line));
    const std::string written = search_text(query);
    // Longer words are cut, but not where they are written in full.
    if (line <= kMaxWordLength) check(search_text(parse_search_text(written)) == written);
    compare(query, input.substr(line + 1));
    compare(query, text_of_markup(input.substr(line + 1)));
    return 0;
}
