// Importing relations that were there before pgwright, and letting them go again.
//
// The changes run with the rights of the extension's owner, because the relations are other people's:
// the relation is found by name among the schemas of the caller's tenant alone, and from then on known
// by its OID, locked against being renamed, and looked up again by name before and after the changes,
// which name it. Imports of a tenant come one after another.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

// Answers, as JSON texts: the entity with its "fields", and "migration" with "up_script",
// "down_script" and "changes".
std::string import_entity(std::string_view relation, const core::Json& definition);
std::string preview_import(std::string_view relation, const core::Json& definition);
// Takes back what the import did to the relation, and the definition with it.
void unimport_entity(std::string_view name_or_id);

// To the end of the transaction: imports and their undoing, of one tenant.
void lock_imports(const security::Identity& identity);

}  // namespace pgwright::schema
