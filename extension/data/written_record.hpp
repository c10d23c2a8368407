// What the writes of one record have in common: the check of its data, the record as it is told
// afterwards, and why it was not written.
#pragma once

#include "data/execution.hpp"
#include "data/nested.hpp"
#include "data/records.hpp"

namespace pgwright::data {

// Checks the data, with what is nested in it; nothing when it holds no other records.
std::optional<NestedWrite> checked_nested(const core::Entity& entity, const core::Json& data,
                                          core::Writing kind);

// The record that a statement answers, with its version's tag after the columns if tagged.
Record written_record(const Execution& execution, bool tagged);
// The record with those that were written with it, and its version after all of it.
Record written_record(const security::Identity& identity, const core::Entity& entity,
                      NestedWrite& nested, bool tagged);

struct RecordState {
    bool visible = false;
    bool live = false;
    std::optional<std::int64_t> tag;
};
// As of now: a write that had to wait for another one has missed what the caller's statement, whose
// snapshot is older, would still see.
RecordState state_of(const security::Identity& identity, const core::Entity& entity,
                     const core::Json& id);

[[noreturn]] void refuse_permission(const core::Entity& entity, core::Action action);
// Of a record that is seen: what is written once has a value already. Returns when nothing is.
void refuse_second_value(const core::Entity& entity, const core::Json& data);

}  // namespace pgwright::data
