// Queries as search's functions and indexes need them, read once and kept by the backend: a statement
// asks about the same few queries row after row.
#pragma once

#include "core/search_keys.hpp"
#include "core/search_match.hpp"
#include "core/search_query.hpp"

#include <string>

namespace pgwright::data {

struct PreparedSearch {
    explicit PreparedSearch(std::string_view written)
        : source(written), query(core::parse_search_text(written)), matcher(query), probe(query) {}

    std::string source;
    core::SearchQuery query;
    core::SearchMatcher matcher;  // of nothing yet
    core::SearchProbe probe;
};

// Good until the next call. The query is what core::search_text() makes, or any text.
PreparedSearch& prepared_search(std::string_view query);

}  // namespace pgwright::data
