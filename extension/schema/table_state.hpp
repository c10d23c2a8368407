// Reads what the database really holds of a table; see core/table_state.hpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "core/alter.hpp"
#include "core/table_state.hpp"

namespace pgwright::schema {

core::TableState read_table_state(std::string_view schema, std::string_view table);

// Of every table of a schema at once, by name.
std::map<std::string, core::TableState> read_table_states(std::string_view schema);

// Relations of the schema that are not that table's, and where the extensions are that indexes may use.
core::Surroundings read_surroundings(std::string_view schema, std::string_view table);

}  // namespace pgwright::schema
