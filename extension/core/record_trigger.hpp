// What the record trigger of a table is told: the columns it has to look at, each with why.
#pragma once

#include <string>

#include "core/model.hpp"

namespace pgwright::core {

// The arguments of pgwright.stamp_record() in SQL: 'users:owner_id', 'files:photo', 'rich_text:body'.
//   users      refers to a user, who must be of the writer's tenant: the foreign key sees all tenants'
//   files      refers to a file, likewise
//   rich_text  is sanitised when it is written
std::string record_trigger_arguments(const Entity& entity);

}  // namespace pgwright::core
