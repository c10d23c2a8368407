// The backend's queries; see search_cache.hpp.
#include "pg/server.hpp"

#include "data/search_cache.hpp"

#include <algorithm>
#include <list>

#include "pg/immortal.hpp"

namespace pgwright::data {

PreparedSearch& prepared_search(std::string_view query) {
    constexpr std::size_t kMostKept = 32;
    static pg::Immortal<std::list<PreparedSearch>> kept;
    const auto found = std::ranges::find_if(
        *kept, [&](const PreparedSearch& search) { return search.source == query; });
    if (found == kept->end()) {
        if (kept->size() == kMostKept) kept->pop_back();
        kept->emplace_front(query);
    } else if (found != kept->begin()) {
        kept->splice(kept->begin(), *kept, found);
    }
    kept->front().matcher.reset();
    return kept->front();
}

}  // namespace pgwright::data
