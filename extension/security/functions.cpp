// SQL: user_id, tenant_id, has_permission, whoami, me. The first three stand in every policy, as
// scalar sub-selects, so that a statement calls each once.
#include "pg/guard.hpp"

#include "auth/api_key.hpp"
#include "security/identity.hpp"

namespace {

using pgwright::security::Identity;

void write_permissions(const Identity& identity, pgwright::core::JsonWriter& writer) {
    writer.key("permissions");
    writer.begin_array();
    for (const std::string& permission : identity.permissions.list()) writer.string(permission);
    writer.end_array();
    writer.key("expires_at");
    if (identity.api_key && identity.claims.expires_at == pgwright::auth::kNoExpiry)
        writer.null();
    else
        writer.integer(identity.claims.expires_at);
    if (identity.api_key) {
        writer.key("api_key");
        writer.string(identity.api_key->to_string());
    }
}

Datum describe(const Identity* identity) {
    pgwright::core::JsonWriter writer;
    writer.begin_object();
    writer.key("authenticated");
    writer.boolean(identity != nullptr);
    if (identity != nullptr) {
        pgwright::security::describe_identity(*identity, writer);
        write_permissions(*identity, writer);
    }
    writer.end_object();
    return pgwright::pg::json_datum(writer.view());
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_user_id) {
    const auto identity = pgwright::security::current_identity();
    return identity ? pgwright::pg::uuid_datum(identity->user_id())
                    : pgwright::pg::return_null(args);
}

PGWRIGHT_FUNCTION(pgwright_tenant_id) {
    const auto identity = pgwright::security::current_identity();
    return identity ? pgwright::pg::uuid_datum(identity->tenant_id())
                    : pgwright::pg::return_null(args);
}

PGWRIGHT_FUNCTION(pgwright_has_permission) {
    const auto wanted = pgwright::core::Permission::parse(args.text(0));
    if (!wanted)
        throw pgwright::core::Failure(pgwright::core::Code::validation_error,
                                      "a permission is written resource:action[:scope]");
    const auto identity = pgwright::security::current_identity();
    return pgwright::pg::bool_datum(
        identity && identity->permissions.allows(wanted->resource, wanted->action, wanted->scope));
}

PGWRIGHT_FUNCTION(pgwright_whoami) {
    return describe(pgwright::security::current_identity().get());
}

PGWRIGHT_FUNCTION(pgwright_me) { return describe(pgwright::security::require_identity().get()); }
