// Cursors: where a page of an ordered list ends, so that the next one begins right after it, whatever
// is inserted or deleted meanwhile. A cursor is opaque to clients: base64url of
// {"q": fingerprint of the query, "v": [values of the sort keys], "b": true when it looks back}.
// It holds nothing that the client was not shown, and what a client puts into it is checked and bound
// like any value, under the same rights; so it needs no signature.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/query.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxCursorLength = 100000;  // characters

// Of what must not change between pages: entity, filter, order, search.
std::string fingerprint(std::string_view query);

std::string write_cursor(std::string_view query_fingerprint, const Position& position);

// The place that a cursor of the same query and order says. Throws VALIDATION_ERROR on "cursor" for
// text that is no cursor and for one of another query.
Position read_cursor(std::string_view cursor, std::string_view query_fingerprint,
                     const std::vector<SortKey>& order);

// What read_cursor() throws for a text that is none; also for one whose values the server turns down.
[[noreturn]] void refuse_cursor();

}  // namespace pgwright::core
