// The unique keys of an entity's table, as an upsert may name them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/error.hpp"
#include "core/query_write.hpp"

namespace pgwright::data {

// The key that `named` names: its fields in any order, separated by commas, or its index, by the name in
// the definition or in the database. Without a name the only key whose fields all of the records give,
// or, when there is none, some. VALIDATION_ERROR, with the keys there are, for none and for several.
// Fields that the caller does not know make no key.
core::UniqueKey unique_key_of(const core::Entity& entity,
                              std::span<const core::Json* const> records,
                              std::optional<std::string_view> named);

// Adds a fault for each field of the key that the record does not give.
void check_key(const core::UniqueKey& key, const core::Json& record, core::Faults& faults);

// The key of that name, whatever the data gives.
core::UniqueKey named_unique_key(const core::Entity& entity, std::string_view name);
// The only key whose fields are all among these; by_id: or the record's own, when its fields are.
core::UniqueKey unique_key_among(const core::Entity& entity,
                                 std::span<const core::Field* const> fields, bool by_id);

}  // namespace pgwright::data
