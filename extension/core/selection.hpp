// What is read of each record: the fields, and related records that come with it.
//
//   fields   "id,name,company.name", or an array of such names: these and no others. A dotted name
//            expands the relation before the dot and reads that field of it.
//   expand   "company,orders.items": the relations, each with all its fields; or an array of such texts;
//            or an object of options by relation:
//            {"orders": {"fields": ..., "filters": <condition>, "sort": ..., "limit": 5, "expand": ...},
//             "company": true}
#pragma once

#include <optional>
#include <string_view>

#include "core/query.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxExpandDepth = 4;
inline constexpr std::size_t kMaxExpansions = 24;          // in one request
inline constexpr std::int64_t kMaxExpandedRecords = 1000;  // that a limit may ask for
inline constexpr std::size_t kMaxSelectedFields = 1000;

// Whose names are looked up and how.
struct SelectionContext {
    const Entity& entity;
    const FindRelated& find_related;
    const ConditionContext& conditions;
};

// Either may be null. Throws VALIDATION_ERROR with every fault, by the arguments' names.
Selection parse_selection(const Json& fields, const Json& expand, const SelectionContext& context);

}  // namespace pgwright::core
