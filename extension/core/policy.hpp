// The row predicates behind policies, for those who ask the same of a single row.
#pragma once

#include <string>
#include <vector>

#include "core/ddl.hpp"

namespace pgwright::core {

// SQL over the table's columns, true of the rows that the caller may do that to by a row rule or as their
// author; empty when rows are not told apart. Who holds the action outright may do it to every row.
std::string row_predicate(const Entity& entity, Action action);

// The columns that the entity's policies and its guard look at, each once.
std::vector<std::string> access_columns(const Entity& entity);

}  // namespace pgwright::core
