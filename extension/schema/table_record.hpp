// What versions record of their tables. A change records what it has made and what it found in step;
// where somebody else had changed the table, the record keeps what was expected there, so that
// analyze_schema goes on telling of it. Nothing but sync_schema accepts drift.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/json.hpp"
#include "core/table_state.hpp"
#include "core/uuid.hpp"

namespace pgwright::schema {

// What changes, in the shape of changes_json(), have made and renamed.
struct Made {
    std::set<std::string> names;
    std::map<std::string, std::string> renamed;  // old name: new name
    bool row_security = false;                   // was turned on or off
};
Made made_by(const core::Json& changes);
Made unmade_by(const core::Json& changes);  // run backwards

// The state that the published version of the entity recorded, if it did.
std::optional<core::TableState> read_recorded_state(const core::Uuid& entity);

// What to record of the table that was `before` and is `after`.
core::TableState state_to_record(const std::optional<core::TableState>& recorded,
                                 const core::TableState& before, const core::TableState& after,
                                 const Made& made);

}  // namespace pgwright::schema
