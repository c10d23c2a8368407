// Definitions of indexes: their rules, and their way to and from JSON. The planner makes the indexes
// (table_index.cpp).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxIndexKeys = 32;  // the server's INDEX_MAX_KEYS
inline constexpr std::size_t kMaxIndexes = 100;   // definitions of one entity

std::string_view index_method_name(IndexMethod method) noexcept;

// A pattern index of a text, which the operator classes of the extension pg_trgm make.
bool needs_trigram(IndexMethod method, const Field& field) noexcept;

// What a search index holds of the field: the operator class, in the schema pgwright. The words of a
// rich text are those between its tags.
std::string_view search_class(const Field& field) noexcept;
// Entity::search_fields of an entity with these indexes.
std::vector<std::string> search_fields_of(std::span<const IndexDefinition> indexes);

std::span<const std::string_view> index_members() noexcept;

// {"name","index_type","field_names","is_unique","condition"}, as IndexDefinition says; path is put
// before the names of the faults: "" or "indexes[2].".
IndexDefinition parse_index_definition(const Json& json, std::string_view path, Faults& faults);

// Names, keys and conditions against the fields, under "indexes[i]"; called by check_entity(). Whether
// pg_trgm is there is the planner's question.
void check_indexes(const EntityDefinition& definition, Faults& faults);
// One of them, against the entity with all its fields.
void check_index(const IndexDefinition& index, const Entity& entity, std::string_view path,
                 Faults& faults);

// The members of its row in pgwright.index_definitions, and the definition such a row holds.
// where_clause: the condition in SQL.
Json index_row(const IndexDefinition& index, const Entity& entity);
IndexDefinition read_index_row(const Json& row);
// A key as field_names holds it: "city", or {"field","order","nulls"}.
Json index_keys_json(const IndexDefinition& index);
// The SQL of the condition; empty without one. Throws what parse_condition() throws.
std::string index_where_clause(const IndexDefinition& index, const Entity& entity);

}  // namespace pgwright::core
