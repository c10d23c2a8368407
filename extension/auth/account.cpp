// Accounts; see account.hpp. Also SQL: create_tenant, create_user.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/account.hpp"

#include <algorithm>

#include "auth/password.hpp"
#include "auth/policy.hpp"
#include "core/identifier.hpp"
#include "core/value_check.hpp"
#include "security/identity.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

using core::Code;
using core::Failure;
using security::Rights;
using security::Scope;

// Platform work: for administrators of the database, and for holders of the platform's permission.
void require_platform_permission(std::string_view resource) {
    if (security::is_administrator()) return;
    const auto identity = security::require_identity();
    if (identity->permissions.allows(resource, core::Action::create, core::Scope::all)) return;
    throw Failure(Code::permission_denied,
                  "permission denied: " + std::string(resource) + ":create:all");
}

std::string as_json(const pg::Result& result) { return result.row(0).text(0); }

// The unique index decides, so that two requests at once cannot both pass a check.
pg::Result insert_unique(std::string_view sql, const pg::Params& params, std::string_view field) {
    try {
        return pg::execute(sql, params, false);
    } catch (const pg::Error& error) {
        if (error.sqlstate() != ERRCODE_UNIQUE_VIOLATION) throw;
        throw Failure(Code::conflict, "the " + std::string(field) + " is taken",
                      {{std::string(field), "is taken"}});
    }
}

void create_schema(const std::string& schema) {
    const std::string name = core::quote_identifier(schema);
    pg::run("CREATE SCHEMA " + name + " AUTHORIZATION pgwright_owner");
    pg::run("GRANT USAGE ON SCHEMA " + name + " TO pgwright_runtime, pgwright_user");
}

std::string create_tenant(std::string_view slug, std::string_view name) {
    require_platform_permission("tenants");
    core::Faults faults;
    if (const auto fault = core::slug_fault(slug)) faults.add("slug", *fault);
    const std::size_t length = core::count_characters(name);
    if (length < 1 || length > core::kMaxLabelLength)
        faults.add("name", "must have 1 to 200 characters");
    faults.raise("the tenant is not valid");

    const std::string schema = "t_" + std::string(slug);
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_text(slug).add_text(name).add_text(schema);
    const pg::Result result = insert_unique(
        "INSERT INTO pgwright.tenants (slug, name, schema_name) VALUES ($1, $2, $3)"
        " RETURNING pg_catalog.json_build_object('id', id, 'slug', slug, 'name', name, "
        "'schema_name', schema_name, 'status', status)::text",
        params, "slug");
    if (pg::call([&schema] { return OidIsValid(get_namespace_oid(schema.c_str(), true)); }))
        throw Failure(Code::conflict, "the database already has a schema of that name",
                      {{"slug", "is taken by a schema"}});
    create_schema(schema);
    return as_json(result);
}

struct NewUser {
    std::string email;
    std::string_view password, tenant, role;
    std::optional<std::string_view> display_name;
};

void check_user(const NewUser& user, const PasswordRules& rules) {
    core::Faults faults;
    core::Field email;
    email.type = core::FieldType::email;
    email.max_length = 254;
    email.name = "email";
    core::check_value(email, core::Json::string(user.email), faults);
    check_password(user.password, user.email, rules, "password", faults);
    if (user.display_name && core::count_characters(*user.display_name) > core::kMaxLabelLength)
        faults.add("display_name", "must be at most 200 characters");
    faults.raise("the user is not valid");
}

core::Uuid require_id(std::string_view sql, const pg::Params& params, std::string_view field) {
    const pg::Result result = pg::execute(sql, params, false);
    if (result.empty())
        throw Failure(Code::validation_error, "the user is not valid",
                      {{std::string(field), "does not exist"}});
    return result.row(0).uuid(0);
}

// Nil when there is none, which grant_role() refuses.
core::Uuid find_tenant(std::string_view slug) {
    pg::Params params;
    params.add_text(slug);
    const pg::Result result = pg::execute(
        "SELECT id FROM pgwright.tenants WHERE slug = $1 AND NOT is_deleted", params, false);
    return result.empty() ? core::Uuid{} : result.row(0).uuid(0);
}

void grant_role(const core::Uuid& user, std::string_view tenant_slug, std::string_view role_name) {
    pg::Params tenant_params;
    tenant_params.add_text(tenant_slug);
    const core::Uuid tenant =
        require_id("SELECT id FROM pgwright.tenants WHERE slug = $1 AND NOT is_deleted",
                   tenant_params, "tenant");
    pg::Params role_params;
    role_params.add_text(role_name).add_uuid(tenant);
    const core::Uuid role = require_id(
        "SELECT id FROM pgwright.roles WHERE name = $1 AND (tenant_id = $2 OR tenant_id IS NULL) "
        "ORDER BY tenant_id NULLS LAST LIMIT 1",
        role_params, "role");
    pg::Params params;
    params.add_uuid(user).add_uuid(role).add_uuid(tenant);
    pg::execute("INSERT INTO pgwright.user_roles (user_id, role_id, tenant_id) VALUES ($1, $2, $3)",
                params, false);
    pg::Params member;
    member.add_uuid(user).add_uuid(tenant);
    pg::execute(
        "INSERT INTO pgwright.tenant_members (user_id, tenant_id) VALUES ($1, $2) ON CONFLICT DO "
        "NOTHING",
        member, false);
}

// Only the database's administrators hand out the platform's own role.
void check_role(std::string_view role) {
    if (role == "super_admin" && !security::is_administrator())
        throw Failure(Code::permission_denied,
                      "only a member of pgwright_admin grants the role super_admin");
}

std::string create_user(const NewUser& user) {
    require_platform_permission("users");
    check_role(user.role);
    Scope scope(Rights::engine);
    check_user(user, password_rules({}, find_tenant(user.tenant)));
    const std::string hash = hash_password(user.password);
    pg::Params params;
    params.add_text(user.email).add_text(hash);
    if (user.display_name)
        params.add_text(*user.display_name);
    else
        params.add_null(TEXTOID);
    const pg::Result result = insert_unique(
        "INSERT INTO pgwright.users (email, password_hash, display_name) VALUES ($1, $2, $3)"
        " RETURNING pg_catalog.json_build_object('id', id, 'email', email, 'display_name', "
        "display_name, 'status', status)::text, id",
        params, "email");
    grant_role(result.row(0).uuid(1), user.tenant, user.role);
    return as_json(result);
}

}  // namespace

std::string normalise_email(std::string_view email) {
    const auto first = email.find_first_not_of(" \t\r\n");
    const auto last = email.find_last_not_of(" \t\r\n");
    std::string text(first == std::string_view::npos ? "" : email.substr(first, last - first + 1));
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

std::optional<Account> find_account(std::string_view email) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_text(normalise_email(email));
    const pg::Result result = pg::execute(
        "SELECT id, coalesce(password_hash, '') FROM pgwright.users WHERE email = $1 AND status = "
        "'active' AND NOT is_deleted",
        params, false);
    if (result.empty()) return std::nullopt;
    const pg::Row row = result.row(0);
    return Account{row.uuid(0), row.text(1)};
}

std::vector<Membership> find_memberships(const core::Uuid& user) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(user);
    const pg::Result result = pg::execute(
        "SELECT DISTINCT t.id, t.slug, t.name FROM pgwright.user_roles m JOIN pgwright.tenants t "
        "ON t.id "
        "= m.tenant_id"
        " LEFT JOIN pgwright.tenant_members k ON k.user_id = m.user_id AND k.tenant_id = "
        "m.tenant_id"
        " WHERE m.user_id = $1 AND t.status = 'active' AND NOT t.is_deleted AND coalesce(k.status, "
        "'active') = 'active' ORDER BY t.slug",
        params, false);
    std::vector<Membership> memberships;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        memberships.push_back({row.uuid(0), row.text(1), row.text(2)});
    }
    return memberships;
}

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_create_tenant) {
    return pgwright::pg::json_datum(pgwright::auth::create_tenant(args.text(0), args.text(1)));
}

PGWRIGHT_FUNCTION(pgwright_create_user) {
    return pgwright::pg::json_datum(pgwright::auth::create_user(
        {pgwright::auth::normalise_email(args.text(0)), args.text(1), args.text(2),
         args.optional_text(3).value_or("member"), args.optional_text(4)}));
}
