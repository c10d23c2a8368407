// Aggregates: records grouped by fields and spans of time, and what is counted and summed of each group.
// The groups are rows of a derived entity, so they are filtered (having), sorted and paged by the same
// code as records.
//
//   {"group_by": ["status", "customer.country", {"field": "created_at", "bucket": "month",
//                 "timezone": "Europe/Berlin", "as": "month"}],
//    "aggregates": [{"function": "count"}, {"function": "sum", "field": "total", "as": "revenue"},
//                   {"function": "count", "field": "customer_id", "distinct": true},
//                   {"function": "percentile", "field": "total", "fraction": 0.9},
//                   {"function": "count", "filters": {"paid": true}, "as": "paid"}],
//    "filters": <condition on the records>, "having": <condition on the groups, by their names>,
//    "search": "words to find in the records", "sort": "-revenue", "page": 1, "page_size": 25, "count": "exact"}
//
// Names that are not given with "as" follow: status, customer_country, created_at_month, count,
// sum_total, count_distinct_customer_id, percentile_total. Without group_by there is one group, of all
// records, of none too.
#pragma once

#include <memory>

#include "core/list_request.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxGroupKeys = 16;
inline constexpr std::size_t kMaxAggregates = 32;

struct AggregateRequest {
    std::shared_ptr<const Entity> groups;  // the derived entity
    DerivedTable table;
    ReadList list;  // of the groups
};

// `author` as in ListRequest. Throws VALIDATION_ERROR with every fault, by its path.
AggregateRequest read_aggregate(const Json& document, const Entity& entity,
                                const ListContext& context,
                                const std::optional<Uuid>& author = std::nullopt);

}  // namespace pgwright::core
