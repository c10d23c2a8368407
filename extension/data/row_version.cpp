// The kind of an entity's relation, from the server's caches; see row_version.hpp.
#include "pg/call.hpp"

#include "data/row_version.hpp"

namespace pgwright::data {

bool has_versions(const core::Entity& entity) {
    const char* const schema = entity.schema.c_str();
    const char* const table = entity.table.c_str();
    return pg::call([schema, table] {
        const Oid relation = get_relname_relid(table, get_namespace_oid(schema, false));
        return OidIsValid(relation) && get_rel_relkind(relation) == RELKIND_RELATION;
    });
}

}  // namespace pgwright::data
