// The statement that inserts imported rows: all of them at once, from rows that the engine holds ready
// under a name, in their order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

// A column of the rows ready: c1, c2, ... in this order.
struct ReadyColumn {
    const Field* field;
    // Some rows do not give the field, which has a default: a boolean column behind it, c1_given, says which
    // do.
    bool marked = false;
};

// INSERT INTO "s"."t" ("name", ...) SELECT v.c1, ... FROM <rows> v. Without columns each row is one of
// defaults; there must be one column then, c0, that nobody reads.
std::string compile_ready_insert(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 std::string_view rows);

}  // namespace pgwright::core
