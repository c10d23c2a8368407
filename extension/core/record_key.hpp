// What identifies a record: the entity's key columns, and their values as the one text that paths and
// answers carry. A key of one column is the value's text as in JSON; of several it is their texts
// joined by ',', where '\' stands before every ',' and '\' that belongs to a value: "7,a\,b".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

// In the key's order; empty for an entity without a key. Throws Failure(server_error) when a key
// column is not a field.
std::vector<const Field*> key_fields(const Entity& entity);
bool is_key_field(const Entity& entity, const Field& field) noexcept;

// The values' texts as one; `parts` has one for each key column.
std::string join_key(std::span<const std::string> parts);

// The key as the compiler takes it: the value, or for several columns an array of them. Throws
// VALIDATION_ERROR: the entity has no key, there are too many or too few parts, a part is no value of
// its column, each told with the column.
Json parse_key(const Entity& entity, std::string_view text);

// The value of the key's column `position`.
const Json& key_part(const Entity& entity, const Json& key, std::size_t position);

// VALIDATION_ERROR when records of the entity cannot be told apart.
void require_key(const Entity& entity);

}  // namespace pgwright::core
