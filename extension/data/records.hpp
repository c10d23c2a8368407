// Records: the one engine that reads and writes rows of entities, system ones included. The SQL
// functions and the model's own writes go through here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/query.hpp"
#include "security/identity.hpp"

namespace pgwright::data {

// Answers as JSON texts. `identity` must hold the permission for what is asked, else
// PERMISSION_DENIED; row security decides about the rows.
// PERMISSION_DENIED unless the caller reads some records of the entity, or everybody does.
void require_read(const security::Identity& identity, const core::Entity& entity);

// RESOURCE_NOT_FOUND unless everybody does.
void require_public(const core::Entity& entity);

std::string get_record(const security::Identity& identity, const core::Entity& entity,
                       std::string_view id);
std::string list_records(const security::Identity& identity, const core::Entity& entity,
                         const core::ListRequest& request);
std::string create_record(const security::Identity& identity, const core::Entity& entity,
                          const core::Json& data);
std::string bulk_create_records(const security::Identity& identity, const core::Entity& entity,
                                core::Json records);
std::string update_record(const security::Identity& identity, const core::Entity& entity,
                          std::string_view id, const core::Json& data);
void delete_record(const security::Identity& identity, const core::Entity& entity,
                   std::string_view id);

inline constexpr std::int64_t kMaxPageSize = 100;
inline constexpr std::size_t kMaxBulkRecords = 1000;

// The records a filter selects, each as a JSON object text, in order; no page.
std::vector<std::string> read_records(const core::Entity& entity, const core::ListRequest& request);

// PERMISSION_DENIED unless the record functions offer that write for the entity.
void require_writable(const core::Entity& entity, bool offered);

}  // namespace pgwright::data
