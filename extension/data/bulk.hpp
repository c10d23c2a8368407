// Writing many records in one act: a statement for all of them, or all or none. Every fault of every
// record is told with the record's position. See records.hpp for one record.
//
// The records of a creation, an update and an upsert may have other records nested in them.
//
// Answers are JSON texts: {"created"|"updated"|"deleted": how many, "failed": how many, "errors":
// [{"index","id","code","message","details":[{"field","message"}]}], "ids": [...]}; ids are in the order
// of the request, null for a record that failed. Each takes the permission for the action and, but for
// system entities, the one to write in bulk.
#pragma once

#include "data/records.hpp"

namespace pgwright::data {

struct BulkOptions {
    // Writes what can be written and tells the faults of the rest; else faults are a Failure and nothing
    // is written.
    bool partial = false;
    bool describe = false;  // the answer has the written records too, as "records"
};

inline constexpr std::size_t kMaxBulkRecords = 1000;
// Of a write by condition that is all or nothing.
inline constexpr std::size_t kMaxConditionRecords = 10000;

std::string bulk_create_records(const security::Identity& identity, const core::Entity& entity,
                                core::Json records, const BulkOptions& options = {});
// Each record gives "id" and the members to change.
std::string bulk_update_records(const security::Identity& identity, const core::Entity& entity,
                                core::Json records, const BulkOptions& options = {});
// Creates each record or changes the one that has the same values of a unique key, which upsert_record()
// tells. {"created", "updated", "failed", "errors", "ids", "results"}, the last with "created" or
// "updated" for each record, null for one that failed.
std::string bulk_upsert_records(const security::Identity& identity, const core::Entity& entity,
                                core::Json records, std::optional<std::string_view> key,
                                const BulkOptions& options = {});
std::string bulk_delete_records(const security::Identity& identity, const core::Entity& entity,
                                const core::Json& ids, const BulkOptions& options = {});

// The records that a condition is true of. A condition that is true of all has to be written as one.
std::string update_records_where(const security::IdentityPointer& identity,
                                 const core::Entity& entity, const core::Json& filters,
                                 const core::Json& data, const BulkOptions& options = {});
std::string delete_records_where(const security::IdentityPointer& identity,
                                 const core::Entity& entity, const core::Json& filters,
                                 const BulkOptions& options = {});

}  // namespace pgwright::data
