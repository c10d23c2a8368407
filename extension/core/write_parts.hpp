// What the statements that write are put together from.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

using Given = std::vector<std::pair<const Field*, const Json*>>;

// The members of the data with their fields, in the entity's order, so that the same fields give the
// same text in whatever order a client writes them.
Given given_fields(const Entity& entity, const Json& data);

// The field, which has values that can be written. Throws Failure(server_error).
const Field& writable(const Field& field);

// Adds to a list that commas separate.
void append(std::string& list, std::string_view item);

// DELETE FROM or, under soft delete, the UPDATE that marks as deleted, without a condition.
std::string removal_of(const Entity& entity, const SqlBuilder& sql);

}  // namespace pgwright::core
