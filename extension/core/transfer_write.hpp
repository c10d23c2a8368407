// The statements that write imported rows: all of them at once, from rows that the engine holds ready under
// a name, in their order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"
#include "core/query_write.hpp"

namespace pgwright::core {

// The columns of the rows ready have names that no condition of an index uses: pgwright_1, pgwright_2, ... in
// this order, and pgwright_n for a row's number.
inline constexpr char kReadyNumber[] = "pgwright_n";
std::string ready_name(std::size_t column);

// One of them.
struct ReadyColumn {
    const Field* field;
    // Some rows do not give the field: a boolean column behind it, pgwright_1_given, says which do.
    bool marked = false;
};

// INSERT INTO "s"."t" AS r ("name", ...) SELECT v.pgwright_1, ... FROM <rows> v. What a row does not give takes the
// field's default. Without columns each row is one of defaults; there must be some column then, that
// nobody reads.
std::string compile_ready_insert(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 std::string_view rows);

// The same, but of a row whose key a record has already the record is changed: what the row gives, and nothing
// of what is written once and has another value. The answer is one row: how many rows went in or were changed,
// and how many of them are new (bigint). The columns of the key are given by every row, and no two rows have
// the same key.
std::string compile_ready_upsert(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 const UniqueKey& key, std::string_view rows);

// UPDATE of the live records that have the rows' keys: what each row gives. Answers the numbers (bigint) of the
// rows that found one.
std::string compile_ready_update(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 const UniqueKey& key, std::string_view rows);

// SELECT of the numbers of the rows whose keys live records have.
std::string compile_ready_match(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                const UniqueKey& key, std::string_view rows);

}  // namespace pgwright::core
