// Rows of an import as a table that one statement reads, run as pgwright_runtime, so that row security,
// constraints and triggers hold as for every write.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/query_write.hpp"
#include "core/transfer_rows.hpp"

namespace pgwright::transfer {

// Where rows go and what becomes of records that are there.
struct Target {
    const core::Entity& entity;
    core::ImportAction action = core::ImportAction::insert;
    std::optional<core::UniqueKey> key = std::nullopt;  // of all actions but insert
    // The caller reads records of the entity, and so is told of those that he may not change.
    bool reads = false;
    std::vector<const core::Field*> fields = {};  // of the rows' values
};

using RowPointers = std::vector<const core::ImportRow*>;

// A row of an update that changed nothing.
struct Missing {
    const core::ImportRow* row;
    bool seen;  // the record is there and the caller sees it
};

struct Written {
    std::size_t inserted = 0, updated = 0;
    std::vector<Missing> missing = {};
};

// Writes rows without faults. Throws a Failure in the words of the data model where a constraint or a type was
// broken, and what no row is to blame for as it came.
Written write_ready(const Target& target, std::span<const core::ImportRow* const> rows);

// For each row whether a live record that the caller sees has its key.
std::vector<bool> match_ready(const Target& target, std::span<const core::ImportRow* const> rows);

// A value as a datum of the field's type, in the current memory context. Not for null.
Datum import_datum(const core::Field& field, const core::Json& value);

}  // namespace pgwright::transfer
