// SQL: list_users, get_user, update_user, set_user_roles, remove_user, set_user_status. Changes of the
// people of a tenant come one after another (the tenant's row is locked), so that two owners cannot remove
// each other at once. Nobody touches a user who holds more rights than he does.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/member.hpp"

#include <algorithm>

#include "auth/answer.hpp"
#include "auth/rights.hpp"
#include "auth/session.hpp"
#include "core/utf8.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

using core::Code;
using core::Failure;
using core::Json;
using security::Identity;
using security::Rights;
using security::Scope;

constexpr std::int32_t kMaxPageSize = 100;
constexpr std::size_t kMaxTextLength = 200;
constexpr std::size_t kMaxAttributesBytes = 8192;

// Of "u" in the tenant $1.
constexpr std::string_view kUserJson =
    "pg_catalog.json_build_object('id', u.id, 'email', u.email, 'display_name', u.display_name, "
    "'status', coalesce(m.status, 'active'), 'account_status', u.status, 'department', "
    "m.department, "
    "'attributes', coalesce(m.attributes, '{}'), 'roles', coalesce((SELECT "
    "pg_catalog.json_agg(DISTINCT r.name) FROM pgwright.user_roles x JOIN pgwright.roles r ON r.id "
    "= "
    "x.role_id WHERE x.user_id = u.id AND x.tenant_id = $1), '[]'), 'invited_at', m.invited_at, "
    "'accepted_at', m.accepted_at, 'created_at', coalesce(m.created_at, u.created_at))";
constexpr std::string_view kUserFrom =
    " FROM pgwright.users u LEFT JOIN pgwright.tenant_members m ON m.user_id = u.id AND "
    "m.tenant_id = "
    "$1 WHERE NOT u.is_deleted AND (m.id IS NOT NULL OR EXISTS (SELECT FROM pgwright.user_roles x "
    "WHERE x.user_id = u.id AND x.tenant_id = $1))";

// The pieces of a page: which users are meant, and the page of them.
constexpr std::string_view kUserSearch =
    " AND ($4 = '' OR pg_catalog.strpos(pg_catalog.lower(u.email || ' ' || "
    "coalesce(u.display_name, "
    "'')), pg_catalog.lower($4)) > 0)";
constexpr std::string_view kItemsOpen =
    ") SELECT pg_catalog.json_build_object('items', coalesce((SELECT pg_catalog.json_agg(";
constexpr std::string_view kPage =
    " AND u.id IN (SELECT f.id FROM found f ORDER BY f.email LIMIT $3 OFFSET ($2 - 1)::bigint * "
    "$3)), "
    "'[]'), 'total', count(*), 'page', $2, 'page_size', $3, 'pages', (count(*) + $3 - 1) / "
    "$3)::text "
    "FROM found";

std::string sql_of(std::initializer_list<std::string_view> parts) {
    std::string sql;
    for (const std::string_view part : parts) sql.append(part);
    return sql;
}

std::string describe_user(const core::Uuid& tenant, const core::Uuid& user) {
    pg::Params params;
    params.add_uuid(tenant).add_uuid(user);
    const pg::Result result = pg::execute(
        sql_of({"SELECT ", kUserJson, "::text", kUserFrom, " AND u.id = $2"}), params, false);
    if (result.empty()) not_found("user");
    return result.row(0).text(0);
}

void check_page(std::int32_t page, std::int32_t page_size) {
    core::Faults faults;
    if (page < 1) faults.add("page", "must be at least 1");
    if (page_size < 1 || page_size > kMaxPageSize) faults.add("page_size", "must be from 1 to 100");
    faults.raise("the request is not valid");
}

std::string list_users(std::int32_t page, std::int32_t page_size,
                       std::optional<std::string_view> search) {
    const auto caller = security::require_identity();
    security::require_permission(*caller, "users", core::Action::read);
    check_page(page, page_size);
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(caller->tenant_id()).add_integer(page).add_integer(page_size);
    params.add_text(search.value_or(""));
    return pg::execute(
               sql_of({"WITH found AS MATERIALIZED (SELECT u.id, u.email", kUserFrom, kUserSearch,
                       kItemsOpen, kUserJson, " ORDER BY u.email)", kUserFrom, kPage}),
               params, true)
        .row(0)
        .text(0);
}

std::string get_user(std::string_view text) {
    const auto caller = security::require_identity();
    const core::Uuid user = require_uuid(text, "user");
    if (user != caller->user_id())
        security::require_permission(*caller, "users", core::Action::read);
    const Scope scope(Rights::engine);
    return describe_user(caller->tenant_id(), user);
}

// Changes -----------------------------------------------------------------------------------------

void lock_tenant(const core::Uuid& tenant) {
    pg::Params params;
    params.add_uuid(tenant);
    pg::execute("SELECT FROM pgwright.tenants WHERE id = $1 FOR NO KEY UPDATE", params, false);
}

// The user of the tenant that the caller is about to change.
core::Uuid require_subject(const Identity& caller, std::string_view text, core::Action action) {
    security::require_permission(caller, "users", action);
    const core::Uuid user = require_uuid(text, "user");
    lock_tenant(caller.tenant_id());
    describe_user(caller.tenant_id(), user);
    const auto rights = rights_of_user(user, caller.tenant_id());
    if (const std::string beyond = rights.first_beyond(caller.permissions);
        user != caller.user_id() && !beyond.empty())
        throw Failure(Code::permission_denied, "the user holds more than you do: " + beyond);
    return user;
}

// CONFLICT unless an active owner remains without this user.
void require_other_owner(const core::Uuid& user, const core::Uuid& tenant) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    const pg::Result result = pg::execute(
        "SELECT count(*) FILTER (WHERE x.user_id = $1), count(*) FILTER (WHERE x.user_id <> $1 AND "
        "u.status = 'active' AND NOT u.is_deleted AND coalesce(m.status, 'active') = 'active')"
        "  FROM pgwright.user_roles x"
        "  JOIN pgwright.roles r ON r.id = x.role_id AND r.name = 'owner' AND r.tenant_id IS NULL"
        "  JOIN pgwright.users u ON u.id = x.user_id"
        "  LEFT JOIN pgwright.tenant_members m ON m.user_id = x.user_id AND m.tenant_id = "
        "x.tenant_id"
        " WHERE x.tenant_id = $2",
        params, false);
    if (result.row(0).integer(0) > 0 && result.row(0).integer(1) == 0)
        throw Failure(Code::conflict, "the user is the last active owner of the tenant", {},
                      "Make another user an owner first.");
}

std::optional<std::string> fault_of(std::string_view name, const Json& value) {
    if (name == "display_name" || name == "department") {
        if (value.is_null() ||
            (value.is_string() && core::count_characters(value.text()) <= kMaxTextLength))
            return std::nullopt;
        return "must be null or a text of at most 200 characters";
    }
    if (name == "status") {
        if (value.is_string() && (value.text() == "active" || value.text() == "suspended"))
            return std::nullopt;
        return "must be active or suspended";
    }
    if (name == "attributes") {
        if (value.is_object() && value.dump().size() <= kMaxAttributesBytes) return std::nullopt;
        return "must be an object of at most 8192 bytes";
    }
    return "is not a member of a user that can be changed";
}

void check_definition(const Json& definition) {
    if (!definition.is_object())
        throw Failure(Code::validation_error, "the definition must be a JSON object");
    core::Faults faults;
    for (const auto& [name, value] : definition.members())
        if (auto fault = fault_of(name, value)) faults.add(name, std::move(*fault));
    faults.raise("the user is not valid");
}

void add_member(pg::Params& params, const Json* value) {
    params.add_bool(value != nullptr);
    if (value == nullptr || value->is_null())
        params.add_null(TEXTOID);
    else
        params.add_text(value->is_string() ? value->text() : value->dump());
}

void write_member(const core::Uuid& user, const core::Uuid& tenant, const Json& definition) {
    ensure_member(user, tenant);
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    add_member(params, definition.find("status"));
    add_member(params, definition.find("department"));
    add_member(params, definition.find("attributes"));
    pg::execute(
        "UPDATE pgwright.tenant_members SET status = CASE WHEN $3 THEN $4 ELSE status END, "
        "department "
        "= CASE WHEN $5 THEN $6 ELSE department END, attributes = CASE WHEN $7 THEN $8::jsonb ELSE "
        "attributes END WHERE user_id = $1 AND tenant_id = $2",
        params, false);
}

// An account's name is shown in all its tenants, so only one who shares all of them changes it.
void write_display_name(const core::Uuid& user, const core::Uuid& tenant, const Json& name,
                        bool own) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    const pg::Result others = pg::execute(
        "SELECT FROM pgwright.user_roles WHERE user_id = $1 AND tenant_id <> $2 LIMIT 1", params,
        false);
    if (!own && others.processed() > 0)
        throw Failure(Code::permission_denied,
                      "the user belongs to other tenants too, and names himself",
                      {{"display_name", "is changed by the user alone"}});
    pg::Params values;
    values.add_uuid(user);
    if (name.is_null())
        values.add_null(TEXTOID);
    else
        values.add_text(name.text());
    pg::execute("UPDATE pgwright.users SET display_name = $2 WHERE id = $1", values, false);
}

std::string update_user(std::string_view text, const Json& definition) {
    const auto caller = security::require_identity();
    const Scope scope(Rights::engine);
    check_definition(definition);
    const core::Uuid user = require_subject(*caller, text, core::Action::update);
    const Json* status = definition.find("status");
    if (status != nullptr && status->text() != "active")
        require_other_owner(user, caller->tenant_id());
    write_member(user, caller->tenant_id(), definition);
    if (const Json* name = definition.find("display_name"))
        write_display_name(user, caller->tenant_id(), *name, user == caller->user_id());
    return describe_user(caller->tenant_id(), user);
}

void delete_roles(const core::Uuid& user, const core::Uuid& tenant) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    pg::execute("DELETE FROM pgwright.user_roles WHERE user_id = $1 AND tenant_id = $2", params,
                false);
}

std::string set_user_roles(std::string_view text, const Json& names) {
    const auto caller = security::require_identity();
    const Scope scope(Rights::engine);
    const core::Uuid user = require_subject(*caller, text, core::Action::update);
    const auto roles = require_grantable_roles(names, *caller);
    const bool stays_owner =
        std::ranges::any_of(names.items(), [](const Json& name) { return name.text() == "owner"; });
    if (!stays_owner) require_other_owner(user, caller->tenant_id());
    ensure_member(user, caller->tenant_id());
    delete_roles(user, caller->tenant_id());
    insert_roles(user, caller->tenant_id(), roles);
    return describe_user(caller->tenant_id(), user);
}

void remove_user(std::string_view text) {
    const auto caller = security::require_identity();
    const Scope scope(Rights::engine);
    const core::Uuid user = require_subject(*caller, text, core::Action::delete_);
    require_other_owner(user, caller->tenant_id());
    delete_roles(user, caller->tenant_id());
    revoke_sessions(user, {}, caller->tenant_id());
    pg::Params params;
    params.add_uuid(user).add_uuid(caller->tenant_id());
    pg::execute(
        "UPDATE pgwright.api_keys SET revoked_at = pg_catalog.now() WHERE user_id = $1 AND "
        "tenant_id "
        "= $2 AND revoked_at IS NULL",
        params, false);
    pg::execute("DELETE FROM pgwright.tenant_members WHERE user_id = $1 AND tenant_id = $2", params,
                false);
}

void set_user_status(std::string_view text, std::string_view status) {
    if (!security::is_administrator() && !security::require_identity()->permissions.allows(
                                             "users", core::Action::update, core::Scope::all))
        throw Failure(Code::permission_denied, "permission denied: users:update:all");
    if (status != "active" && status != "disabled")
        throw Failure(Code::validation_error, "the status is not valid",
                      {{"status", "must be active or disabled"}});
    const Scope scope(Rights::engine);
    const core::Uuid user = require_uuid(text, "user");
    pg::Params params;
    params.add_uuid(user).add_text(status);
    const pg::Result result = pg::execute(
        "UPDATE pgwright.users SET status = $2 WHERE id = $1 AND NOT is_deleted", params, false);
    if (result.processed() == 0) not_found("user");
    // A refresh token shall not work again once the account is active again.
    if (status == "disabled") revoke_sessions(user, {}, {});
}

}  // namespace

void ensure_member(const core::Uuid& user, const core::Uuid& tenant) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    pg::execute(
        "INSERT INTO pgwright.tenant_members (user_id, tenant_id) VALUES ($1, $2) ON CONFLICT DO "
        "NOTHING",
        params, false);
}

void insert_roles(const core::Uuid& user, const core::Uuid& tenant,
                  const std::vector<core::Uuid>& roles) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant).add_uuid_array(roles);
    pg::execute(
        "INSERT INTO pgwright.user_roles (user_id, tenant_id, role_id) SELECT $1, $2, role FROM "
        "pg_catalog.unnest($3) role ON CONFLICT DO NOTHING",
        params, false);
}

}  // namespace pgwright::auth

namespace auth = pgwright::auth;

PGWRIGHT_FUNCTION(pgwright_list_users) {
    return pgwright::pg::json_datum(auth::list_users(args.optional_integer(0).value_or(1),
                                                     args.optional_integer(1).value_or(25),
                                                     args.optional_text(2)));
}

PGWRIGHT_FUNCTION(pgwright_get_user) {
    return pgwright::pg::json_datum(auth::get_user(auth::required_text(args, 0, "user")));
}

PGWRIGHT_FUNCTION(pgwright_update_user) {
    const auto user = auth::required_text(args, 0, "user");
    return pgwright::pg::json_datum(auth::update_user(
        user, pgwright::core::parse_json(auth::required_text(args, 1, "definition"))));
}

PGWRIGHT_FUNCTION(pgwright_set_user_roles) {
    const auto user = auth::required_text(args, 0, "user");
    return pgwright::pg::json_datum(auth::set_user_roles(
        user, pgwright::core::parse_json(auth::required_text(args, 1, "roles"))));
}

PGWRIGHT_FUNCTION(pgwright_remove_user) {
    auth::remove_user(auth::required_text(args, 0, "user"));
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_set_user_status) {
    const auto user = auth::required_text(args, 0, "user");
    auth::set_user_status(user, auth::required_text(args, 1, "status"));
    return pgwright::pg::return_void();
}
