// A list request as a client writes it, and what the compiler makes a statement of. The arguments of
// list_records() and the members of query_records()'s document are the same, by the same names.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/query.hpp"

namespace pgwright::core {

enum class Count : std::uint8_t { exact, planned, none };

// As given; a null is as good as nothing.
struct ListArguments {
    std::optional<std::int64_t> page, page_size;
    Json sort;     // text or array
    Json filters;  // a condition
    Json filter;   // another one; both must hold
    Json having;   // another one, of the groups of an aggregate
    Json fields, expand;
    std::optional<std::string> cursor;  // empty: the first page of a list that is read by cursors
    std::optional<std::string> count;   // exact, planned, none; by cursor none is the default
    std::optional<std::string> search;  // what to look for; blank: nothing
    bool distinct = false;
    bool include_deleted = false;
    std::string place;  // of what the list is a part, which its cursors belong to; not a request's
};

struct ListContext {
    ConditionContext conditions;
    FindRelated find_related;
    std::int64_t max_page_size = 100;
    std::function<bool(const std::string&)> is_timezone = {};  // the server knows it by that name
};

struct ReadList {
    ListRequest request;
    std::int64_t page = 1;
    std::int64_t page_size = 25;
    Count count = Count::exact;
    bool by_cursor = false;
    bool looks_ahead =
        false;  // the request's limit is one more than the page, to tell whether more follow
    std::string fingerprint;  // of the query, for its cursors
};

// Throws VALIDATION_ERROR with every fault of the request, by the arguments' names.
ReadList read_list(const ListArguments& arguments, const Entity& entity,
                   const ListContext& context);

// {"filters","filter","sort","page","page_size","cursor","fields","expand","count","distinct",
// "include_deleted","search"}; throws VALIDATION_ERROR for other members and wrong kinds.
ListArguments parse_list_document(const Json& document);

}  // namespace pgwright::core
