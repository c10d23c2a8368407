// The query compiler's statements that write; see query.hpp. The data has been checked against the
// entity: what counts here is that a statement does exactly what the data says.
#pragma once

#include <span>

#include "core/query.hpp"

namespace pgwright::core {

// What a statement about one record requires and tells beyond the record.
struct RowVersion {
    // The version's tag (bigint, entity_tag.hpp) follows the columns.
    bool tagged = false;
    // The statement finds the record in one of these versions only.
    std::optional<std::vector<std::int64_t>> only = std::nullopt;
};

// What is in the way of a new record without being an error: the statement then has no row.
enum class Existing : std::uint8_t { none, same_key, any };

// INSERT of the given members (checked before), RETURNING all fields. Fields not given take their default.
Statement compile_insert(const Entity& entity, const Json& data, bool tagged = false,
                         Existing existing = Existing::none);

// UPDATE of the given members by id, RETURNING all fields. With no members it is a SELECT, because an
// update of nothing must still answer with the record, and must not stamp it.
Statement compile_update(const Entity& entity, const Json& id, const Json& data,
                         const RowVersion& version = {});
// The same, and every other field that may be written takes its default; a field that is written once
// keeps its value.
Statement compile_replace(const Entity& entity, const Json& id, const Json& data,
                          const RowVersion& version = {});
// DELETE, or the soft delete's UPDATE, by id, RETURNING the key.
Statement compile_delete(const Entity& entity, const Json& id, const RowVersion& version = {});
// Of a record that is marked deleted: takes the mark away, RETURNING all fields; or the record,
// RETURNING the key.
Statement compile_restore(const Entity& entity, const Json& id, const RowVersion& version = {});
Statement compile_purge(const Entity& entity, const Json& id, const RowVersion& version = {});

// The record by id in whatever state: whether it is live (boolean) and, if tagged, its version's tag.
// Without columns.
Statement compile_state(const Entity& entity, const Json& id, bool tagged);

// What tells records apart besides the id: a unique index, as the database has it.
struct UniqueKey {
    std::string name;  // of the index
    std::vector<const Field*> fields;
    std::string predicate;  // of a partial index, over bare columns, as the server wrote it
};

// What ON CONFLICT names: ("sku") WHERE deleted_at IS NULL.
std::string conflict_target(const UniqueKey& key);

// How an upsert tells whether a record is new: by the row itself, or, where rows do not tell (a partitioned
// table), by whether the statement's snapshot has the key.
enum class Novelty : std::uint8_t { by_row, by_key };

// INSERT ... ON CONFLICT of that key DO UPDATE of the other given members. After the columns and the tag
// comes whether the record is new (boolean). No row: a field that is written once has another value.
Statement compile_upsert(const Entity& entity, const Json& data, const UniqueKey& key,
                         bool tagged = false, Novelty novelty = Novelty::by_row);

// Many records ---------------------------------------------------------------------------------------

// One INSERT ... SELECT FROM unnest(...) for all records, RETURNING the key, in the records' order;
// records may give different fields: a null that was given is kept, a field that was not given takes
// its default. records is an array of checked objects; move it in when it is not needed any more.
// skip_existing: a record that is in the way of a unique key stays, and the new one is left out.
Statement compile_bulk_insert(const Entity& entity, Json records, bool skip_existing = false);

// Records of a bulk insert that one statement can insert, and where each was in the request. A default
// that the server alone knows is taken by leaving the column out, so records that give such a column
// and records that do not go separately; where there is no such column, all go together.
struct BulkGroup {
    Json records = Json::array();
    std::vector<std::size_t> positions;
};
std::vector<BulkGroup> group_by_defaults(const Entity& entity, Json records);

// The same INSERT with ON CONFLICT of that key DO UPDATE, RETURNING the key and whether the record is new
// (boolean), in the records' order; a member that a record does not give stays. All of them give the
// key, no two the same. Fewer rows than records: of some a field that is written once has another value,
// or, where the records do not all give the same, a trigger of the table's has changed their keys.
Statement compile_bulk_upsert(const Entity& entity, Json records, const UniqueKey& key,
                              Novelty novelty = Novelty::by_row);
// Of records that all give the key: those whose key an earlier one has, as the positions of both, from 1
// (bigint, bigint). The records may have other members.
Statement compile_repeated_keys(const Entity& entity, std::span<const Json* const> records,
                                const UniqueKey& key);

// Statements about the records of these keys (each as parse_key() gives it, no two the same), of which
// each row tells one that was found: its position, from 1 (bigint). Live records only under soft delete.
// The records of the update give the members to change; a member that a record does not give stays.
Statement compile_bulk_update(const Entity& entity, const Json::Array& keys, Json records);
Statement compile_bulk_delete(const Entity& entity, const Json::Array& keys);
Statement compile_bulk_exists(const Entity& entity, const Json::Array& keys);
// All fields of those records with the position after them; live: deleted ones do not count.
Statement compile_bulk_get(const Entity& entity, const Json::Array& keys, bool live);

// UPDATE or DELETE (or the soft delete's UPDATE) of the live records that the condition is true of,
// RETURNING the key.
Statement compile_update_where(const Entity& entity, const Condition& condition, const Json& data);
Statement compile_delete_where(const Entity& entity, const Condition& condition);
// The keys of the first so many of them, by key.
Statement compile_keys_where(const Entity& entity, const Condition& condition, std::int64_t limit);

}  // namespace pgwright::core
