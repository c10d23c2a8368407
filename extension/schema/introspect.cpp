// SQL: introspect: what the caller's tenant may import.
#include "pg/guard.hpp"

#include "catalog/relation_reader.hpp"
#include "core/error.hpp"
#include "security/identity.hpp"

namespace {

namespace core = pgwright::core;
namespace catalog = pgwright::catalog;
namespace security = pgwright::security;

std::string introspect(std::optional<std::string_view> schema) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::read);
    if (schema && !catalog::may_import_from(identity->tenant_id(), *schema))
        throw core::Failure(core::Code::resource_not_found, "there is no such schema",
                            {{"schema", "is not known"}});
    return catalog::describe_relations(identity->tenant_id(), schema);
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_introspect) {
    return pgwright::pg::json_datum(introspect(args.optional_text(0)));
}
