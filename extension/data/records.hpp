// Records: the one engine that reads and writes rows of entities, system ones included. The SQL
// functions and the model's own writes go through here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/entity_tag.hpp"
#include "core/list_request.hpp"
#include "core/query_write.hpp"
#include "core/record_check.hpp"
#include "security/identity.hpp"

namespace pgwright::data {

// Answers as JSON texts. `identity` must hold the permission for what is asked, else
// PERMISSION_DENIED; row security decides about the rows.
// PERMISSION_DENIED unless the caller reads some records of the entity, or everybody does.
void require_read(const security::Identity& identity, const core::Entity& entity);

// RESOURCE_NOT_FOUND unless everybody does.
void require_public(const core::Entity& entity);

// A record as it was read or written.
struct Record {
    std::string id;
    std::string data;                           // a JSON object
    std::optional<std::int64_t> tag = {};       // of its version, when asked for
    bool created = false;                       // else it was there before
    [[nodiscard]] std::string to_json() const;  // {"id","data"}
};

// tagged: tell the version, where the entity's rows have one.
Record get_record(const security::Identity& identity, const core::Entity& entity,
                  std::string_view id, const core::Selection& selection = {},
                  bool with_deleted = false, bool tagged = false);
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

// What a write of one record requires, and what it tells.
struct WriteOptions {
    // Nothing but these versions is written; PRECONDITION_FAILED when the record is in another one.
    std::optional<core::TagCondition> if_match = std::nullopt;
    bool tagged = false;  // tell the version, where the entity's rows have one
};

// only_new: PRECONDITION_FAILED, in the place of CONFLICT, when a unique value is taken.
Record create_record(const security::Identity& identity, const core::Entity& entity,
                     const core::Json& data, bool tagged = false, bool only_new = false);
// Under an id that the caller chooses; PRECONDITION_FAILED when there is a record of this id, in whatever
// state, and also when the caller does not see it. Not of system entities, and not where the database
// alone makes keys.
Record create_record_as(const security::Identity& identity, const core::Entity& entity,
                        std::string_view id, const core::Json& data, bool tagged = false);
// kind: update or replace.
Record update_record(const security::Identity& identity, const core::Entity& entity,
                     std::string_view id, const core::Json& data, const WriteOptions& options = {},
                     core::Writing kind = core::Writing::update);
void delete_record(const security::Identity& identity, const core::Entity& entity,
                   std::string_view id, const WriteOptions& options = {});
// Of records that are marked deleted; CONFLICT for one that is not. To restore takes the right to update,
// to purge that to delete.
Record restore_record(const security::Identity& identity, const core::Entity& entity,
                      std::string_view id, const WriteOptions& options = {});
void purge_record(const security::Identity& identity, const core::Entity& entity,
                  std::string_view id, const WriteOptions& options = {});
// Creates, or updates the record that has the same values of a unique key: the one that `key` names (its
// fields, separated by commas, or the index), or the only one whose fields are all given.
Record upsert_record(const security::Identity& identity, const core::Entity& entity,
                     const core::Json& data, std::optional<std::string_view> key,
                     bool tagged = false);

// The record in whatever state, marked deleted or not, as get_record() tells its data; for reports.
std::string describe_record(const core::Entity& entity, std::string_view id, bool live);

inline constexpr std::int64_t kMaxPageSize = 100;

// The records a filter selects, each as a JSON object text, in order; no page.
std::vector<std::string> read_records(const core::Entity& entity, const core::ListRequest& request);

// PERMISSION_DENIED unless the caller may see records that are marked deleted: whoever may delete them.
void require_deleted(const security::Identity& identity, const core::Entity& entity);

// PERMISSION_DENIED unless the record functions offer that write for the entity.
void require_writable(const core::Entity& entity, bool offered);

// Whoever may not even read the entity is told about the permission, not about the record. What is
// refused for one record is told by refuse(): PERMISSION_DENIED for a record that the caller sees,
// RESOURCE_NOT_FOUND else.
void require_write(const security::Identity& identity, const core::Entity& entity,
                   const core::Json& id, core::Action action);

}  // namespace pgwright::data
