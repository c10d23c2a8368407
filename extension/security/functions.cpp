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

namespace {

pgwright::core::Permission require_permission_text(std::string_view given) {
    auto wanted = pgwright::core::Permission::parse(given);
    if (!wanted)
        throw pgwright::core::Failure(pgwright::core::Code::validation_error,
                                      "a permission is written resource:action[:scope]");
    return std::move(*wanted);
}

Datum tenant_if(const pgwright::pg::Arguments& args, const Identity* identity, bool held) {
    return held ? pgwright::pg::uuid_datum(identity->tenant_id()) : pgwright::pg::return_null(args);
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_tenant_with) {
    const auto wanted = require_permission_text(args.text(0));
    const auto identity = pgwright::security::current_identity();
    return tenant_if(
        args, identity.get(),
        identity && identity->permissions.allows(wanted.resource, wanted.action, wanted.scope));
}

PGWRIGHT_FUNCTION(pgwright_tenant_with_some) {
    const auto wanted = require_permission_text(args.text(0));
    const auto identity = pgwright::security::current_identity();
    return tenant_if(args, identity.get(),
                     identity && identity->permissions.allows_some(wanted.resource, wanted.action));
}

PGWRIGHT_FUNCTION(pgwright_has_rule) {
    const std::string_view given = args.text(0);
    const std::size_t colon = given.find(':');
    const auto wanted = colon == std::string_view::npos
                            ? std::nullopt
                            : pgwright::core::Permission::parse(given.substr(colon + 1));
    if (!wanted)
        throw pgwright::core::Failure(
            pgwright::core::Code::validation_error,
            "a permission under a row rule is written role:resource:action[:scope]");
    const auto identity = pgwright::security::current_identity();
    const auto scope = identity ? identity->permissions.scope_under(
                                      given.substr(0, colon), wanted->resource, wanted->action)
                                : std::nullopt;
    return pgwright::pg::bool_datum(scope && *scope >= wanted->scope);
}

namespace {

Datum text_array(const auto& texts) {
    std::vector<Datum> names;
    names.reserve(texts.size());
    for (const auto& each : texts) names.push_back(pgwright::pg::text_datum(each));
    return pgwright::pg::call([&names] {
        return PointerGetDatum(construct_array(names.data(), static_cast<int>(names.size()),
                                               TEXTOID, -1, false, TYPALIGN_INT));
    });
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_role_names) {
    const auto identity = pgwright::security::current_identity();
    return text_array(identity ? identity->roles : std::vector<std::string>());
}

PGWRIGHT_FUNCTION(pgwright_platform_areas) { return text_array(pgwright::core::platform_areas()); }

PGWRIGHT_FUNCTION(pgwright_user_email) {
    const auto identity = pgwright::security::current_identity();
    return identity ? pgwright::pg::text_datum(identity->email) : pgwright::pg::return_null(args);
}

PGWRIGHT_FUNCTION(pgwright_user_department) {
    const auto identity = pgwright::security::current_identity();
    return identity && !identity->department.empty()
               ? pgwright::pg::text_datum(identity->department)
               : pgwright::pg::return_null(args);
}

PGWRIGHT_FUNCTION(pgwright_whoami) {
    return describe(pgwright::security::current_identity().get());
}

PGWRIGHT_FUNCTION(pgwright_me) { return describe(pgwright::security::require_identity().get()); }
