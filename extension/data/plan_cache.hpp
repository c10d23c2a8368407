// The backend's cache of prepared statements.
//
// Key: the statement's text and its parameters' types; since values are never in the text, that is the
// entity and the shape of the query. Bound: pgwright.plan_cache_size, least recently used goes first.
// Owner: plan_cache.cpp. A plan whose tables have changed is prepared anew on its next use.
#pragma once

#include "pg/spi.hpp"
#include "pg/value.hpp"

#include "core/query.hpp"

namespace pgwright::data {

struct Prepared {
    pg::Plan plan;
    // Of the statement's columns, then its nested ones, then what a cursor keeps.
    std::vector<pg::TypeOutput> outputs;
};

// Call with the rights that the statement will run with: row security is part of a plan.
std::shared_ptr<const Prepared> prepare(const core::Statement& statement);

// Since the backend began: requests for a plan that was there, and that had to be prepared, also because
// its tables had changed; and the plans that are kept now.
struct PlanCacheUse {
    std::size_t hits = 0;
    std::size_t misses = 0;
    std::size_t plans = 0;
};
PlanCacheUse plan_cache_use();

extern int plan_cache_size;

}  // namespace pgwright::data
