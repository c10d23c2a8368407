// Reads what the server's catalogs say of relations that a tenant may import: those of its own schema
// and of the schemas a database administrator has attached to it, and never the server's, pgwright's,
// another tenant's or a session's temporary ones. Read with the rights of the extension's owner, so
// the result depends on the tenant alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/uuid.hpp"
#include "pg/server.hpp"

namespace pgwright::catalog {

// The documents of introspect(), an array ordered by schema and name; of one schema when it is given.
// One statement, whatever the number of relations.
std::string describe_relations(const core::Uuid& tenant, std::optional<std::string_view> schema);

// Whether the tenant may import from that schema.
bool may_import_from(const core::Uuid& tenant, std::string_view schema);

struct RelationName {
    Oid oid = InvalidOid;
    std::string schema;
    std::string name;
};

// The relation that the text names by SQL's quoting rules, schema and name, among those the tenant may
// import. VALIDATION_ERROR when it is no such name, RESOURCE_NOT_FOUND when there is no such relation.
RelationName require_relation(const core::Uuid& tenant, std::string_view text);

// The same document as above of the relation, with a member "access" that says who may use it already:
// {"row_security","policies":[names],"privileges":[{"grantee","privilege"}],
//  "sequences":[{"schema","name","grantees":[]}]}; grantees are pgwright_runtime and pgwright_user.
// Null when the tenant may not import it.
core::Json read_relation(const core::Uuid& tenant, Oid relation);

}  // namespace pgwright::catalog
