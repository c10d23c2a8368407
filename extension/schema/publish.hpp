// Publishing drafts. One transaction: either tables, constraints, policies, grants, triggers, status and
// log are all there, or nothing is but the record of the failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "schema/migration_record.hpp"
#include "schema/table_record.hpp"

namespace pgwright::schema {

struct PublishOptions {
    std::optional<std::string> message;
    bool allow_destructive = false;
    core::Json backfill;                     // of the only entity, or {"entity": {...}} of several
    std::optional<std::string> fingerprint;  // of the preview that was agreed to
};

// Publishes the drafts of these entities (names or ids) together and returns their migrations' ids, in
// the order of the names. Raises CONFLICT for a draft that is not open, a stale fingerprint, a
// destructive change that was not allowed; VALIDATION_ERROR for what the rows do not satisfy.
std::vector<core::Uuid> publish(const security::Identity& identity,
                                const std::vector<std::string>& names,
                                const PublishOptions& options);

// What follows once a table is as the definition says: rows and versions. The table was `table` before
// the changes that made that.
void adopt_definition(const core::EntityDefinition& before, const core::EntityDefinition& after,
                      int version, const core::TableState& table, const Made& made);

// Lookups of other entities that display a field by its name follow when it gets another one; so do
// the permissions of roles when the entity itself does.
void carry_names_along(const core::EntityDefinition& before, const core::EntityDefinition& after);

}  // namespace pgwright::schema
