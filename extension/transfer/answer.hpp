// Answers made of rows of the engine's own tables. Needs an open Scope.
#pragma once

#include <string>

#include "core/json.hpp"
#include "pg/spi.hpp"

namespace pgwright::transfer {

// The row as an object, its columns by name, its values as records' are (docs/json.md).
void write_row(core::JsonWriter& writer, const pg::Row& row, TupleDesc descriptor);

// {"items","total","page","page_size","pages"} of SELECT columns from ORDER BY order. page_size is at most
// 100. VALIDATION_ERROR for a page or page_size that is none.
std::string page_of(const std::string& columns, const std::string& from, const std::string& order,
                    pg::Params params, std::int64_t page, std::int64_t page_size);

}  // namespace pgwright::transfer
