// Records: the one engine that reads and writes rows of entities, system ones included. The SQL
// functions and the model's own writes go through here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/list_request.hpp"
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
                       std::string_view id, const core::Selection& selection = {},
                       bool with_deleted = false);
// A page; docs/data-api.md says its members.
std::string list_records(const security::Identity& identity, const core::Entity& entity,
                         const core::ReadList& list);
// The records related to one by a relationship's name, as a page. RESOURCE_NOT_FOUND when the caller does
// not see the record, or the name leads nowhere for him.
std::string list_related(const security::IdentityPointer& identity,
                         const std::shared_ptr<const core::Entity>& entity, std::string_view id,
                         std::string_view relationship, const core::ListArguments& arguments,
                         const core::ListContext& context);
// Groups of records, as a page; core/aggregate.hpp says what is asked.
std::string aggregate_records(const security::Identity& identity, const core::Entity& entity,
                              const core::Json& document, const core::ListContext& context);
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

// PERMISSION_DENIED unless the caller may see records that are marked deleted: whoever may delete them.
void require_deleted(const security::Identity& identity, const core::Entity& entity);

// PERMISSION_DENIED unless the record functions offer that write for the entity.
void require_writable(const core::Entity& entity, bool offered);

}  // namespace pgwright::data
