// SQL: invite_user, accept_invitation, list_invitations, revoke_invitation. The token proves the
// invitation, not who has it: whoever has an account accepts signed in with it, and no password of an
// existing account is ever set here. The rights of the roles are looked at when somebody is invited, and
// the roles by name when he accepts.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/account.hpp"
#include "auth/answer.hpp"
#include "auth/member.hpp"
#include "auth/password.hpp"
#include "auth/random.hpp"
#include "auth/rights.hpp"
#include "auth/settings.hpp"
#include "core/identifier.hpp"
#include "core/value_check.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

int invitation_lifetime = 7 * 86400;

namespace {

using core::Code;
using core::Failure;
using core::Json;
using security::Rights;
using security::Scope;

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kMaxTextLength = 200;

void check_invitation(const std::string& email, std::optional<std::string_view> department) {
    core::Faults faults;
    core::Field field;
    field.type = core::FieldType::email;
    field.max_length = 254;
    field.name = "email";
    core::check_value(field, Json::string(email), faults);
    if (department && core::count_characters(*department) > kMaxTextLength)
        faults.add("department", "must be at most 200 characters");
    faults.raise("the invitation is not valid");
}

void require_no_member(const std::string& email, const core::Uuid& tenant) {
    pg::Params params;
    params.add_text(email).add_uuid(tenant);
    const pg::Result result = pg::execute(
        "SELECT FROM pgwright.users u WHERE u.email = $1 AND NOT u.is_deleted AND (EXISTS (SELECT "
        "FROM pgwright.user_roles x WHERE x.user_id = u.id AND x.tenant_id = $2) OR EXISTS (SELECT "
        "FROM pgwright.tenant_members m WHERE m.user_id = u.id AND m.tenant_id = $2 AND m.status "
        "<> "
        "'invited'))",
        params, false);
    if (result.processed() > 0)
        throw Failure(Code::conflict, "the user belongs to the tenant already",
                      {{"email", "is a user of the tenant"}});
}

// Who has an account appears among the users as invited.
void insert_invited_member(const std::string& email, const core::Uuid& tenant,
                           const core::Uuid& inviter) {
    pg::Params params;
    params.add_text(email).add_uuid(tenant).add_uuid(inviter);
    pg::execute(
        "INSERT INTO pgwright.tenant_members (user_id, tenant_id, status, invited_by, invited_at) "
        "SELECT id, $2, 'invited', $3, pg_catalog.now() FROM pgwright.users WHERE email = $1 AND "
        "NOT "
        "is_deleted ON CONFLICT (user_id, tenant_id) DO UPDATE SET invited_by = "
        "excluded.invited_by, "
        "invited_at = excluded.invited_at",
        params, false);
}

// The one place where an invitation will be sent to its address. Until there is mail, whoever invites
// hands the token over.
std::string deliver_invitation(const std::string& invitation, const std::string& token) {
    Json document = core::parse_json(invitation);
    document.set("token", Json::string(token));
    return document.dump();
}

std::string invite_user(std::string_view typed_email, const Json& roles,
                        std::optional<std::string_view> department) {
    const auto caller = security::require_identity();
    security::require_permission(*caller, "users", core::Action::create);
    const std::string email = normalise_email(typed_email);
    check_invitation(email, department);
    const Scope scope(Rights::engine);
    require_grantable_roles(roles, *caller);
    require_no_member(email, caller->tenant_id());
    pg::Params open;
    open.add_text(email).add_uuid(caller->tenant_id());
    pg::execute(
        "UPDATE pgwright.invitations SET revoked_at = pg_catalog.now() WHERE email = $1 AND "
        "tenant_id "
        "= $2 AND accepted_at IS NULL AND revoked_at IS NULL",
        open, false);
    insert_invited_member(email, caller->tenant_id(), caller->user_id());
    const std::string token = to_base64url(random_bytes(kTokenBytes));
    pg::Params params;
    params.add_uuid(caller->tenant_id()).add_text(email).add_text(roles.dump());
    if (department)
        params.add_text(*department);
    else
        params.add_null(TEXTOID);
    params.add_bytea(sha256(token)).add_integer(invitation_lifetime);
    const pg::Result result = pg::execute(
        "INSERT INTO pgwright.invitations AS i (tenant_id, email, roles, department, token_hash, "
        "expires_at) VALUES ($1, $2, $3::jsonb, $4, $5, pg_catalog.now() + $6 * interval '1 "
        "second') "
        "RETURNING pg_catalog.json_build_object('id', i.id, 'email', i.email, 'roles', i.roles, "
        "'department', i.department, 'expires_at', i.expires_at)::text",
        params, false);
    return deliver_invitation(result.row(0).text(0), token);
}

// Accepting ---------------------------------------------------------------------------------------

struct Invitation {
    core::Uuid id, tenant;
    std::string email, slug;
    Json roles;
};

[[noreturn]] void refuse_token() {
    throw Failure(Code::validation_error, "the invitation is not valid",
                  {{"token", "is unknown, used, revoked or has expired"}});
}

Invitation lock_invitation(std::string_view token) {
    pg::Params params;
    params.add_bytea(sha256(token));
    const pg::Result result = pg::execute(
        "SELECT i.id, i.tenant_id, i.email, t.slug, i.roles::text FROM pgwright.invitations i JOIN "
        "pgwright.tenants t ON t.id = i.tenant_id AND t.status = 'active' AND NOT t.is_deleted "
        "WHERE "
        "i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > "
        "pg_catalog.now() FOR UPDATE OF i",
        params, false);
    if (result.empty()) refuse_token();
    const pg::Row row = result.row(0);
    return {row.uuid(0), row.uuid(1), row.text(2), row.text(3), core::parse_json(row.text(4))};
}

core::Uuid create_invited(const Invitation& invitation, std::optional<std::string_view> password,
                          std::optional<std::string_view> display_name) {
    core::Faults faults;
    if (password)
        check_password(*password, invitation.email, password_rules({}, invitation.tenant),
                       "password", faults);
    else
        faults.add("password", "is required");
    if (display_name && core::count_characters(*display_name) > kMaxTextLength)
        faults.add("display_name", "must be at most 200 characters");
    faults.raise("the user is not valid");
    pg::Params params;
    params.add_text(invitation.email).add_text(hash_password(*password));
    if (display_name)
        params.add_text(*display_name);
    else
        params.add_null(TEXTOID);
    const pg::Result result = pg::execute(
        "INSERT INTO pgwright.users (email, password_hash, display_name) VALUES ($1, $2, $3) ON "
        "CONFLICT DO NOTHING RETURNING id",
        params, false);
    // Made meanwhile by another invitation.
    if (result.empty())
        throw Failure(Code::conflict, "there is an account of that address now: sign in with it");
    return result.row(0).uuid(0);
}

// The account, which must be the caller's when there is one.
core::Uuid require_account(const Invitation& invitation, std::optional<std::string_view> password,
                           std::optional<std::string_view> display_name) {
    pg::Params params;
    params.add_text(invitation.email);
    const pg::Result found = pg::execute(
        "SELECT id FROM pgwright.users WHERE email = $1 AND NOT is_deleted", params, false);
    if (found.empty()) return create_invited(invitation, password, display_name);
    const core::Uuid user = found.row(0).uuid(0);
    const auto caller = security::current_identity();
    if (!caller || caller->api_key || caller->user_id() != user)
        throw Failure(Code::authentication_required,
                      "there is an account of the invited address: sign in with it to accept");
    core::Faults faults;
    if (password) faults.add("password", "is not changed here");
    if (display_name) faults.add("display_name", "is not changed here");
    faults.raise("the request is not valid");
    return user;
}

std::vector<core::Uuid> invited_roles(const Invitation& invitation) {
    std::vector<std::string> names;
    for (const Json& name : invitation.roles.items()) names.push_back(name.text());
    pg::Params params;
    params.add_uuid(invitation.tenant).add_text_array(names);
    const pg::Result result = pg::execute(
        "SELECT DISTINCT ON (name) id FROM pgwright.roles WHERE (tenant_id = $1 OR tenant_id IS "
        "NULL) AND name = ANY ($2) ORDER BY name, tenant_id NULLS LAST",
        params, false);
    std::vector<core::Uuid> roles;
    for (std::size_t i = 0; i < result.rows(); ++i) roles.push_back(result.row(i).uuid(0));
    if (roles.empty()) refuse_token();
    return roles;
}

std::string accept_invitation(std::string_view token, std::optional<std::string_view> password,
                              std::optional<std::string_view> display_name) {
    const Scope scope(Rights::engine);
    const Invitation invitation = lock_invitation(token);
    const core::Uuid user = require_account(invitation, password, display_name);
    ensure_member(user, invitation.tenant);
    pg::Params params;
    params.add_uuid(user).add_uuid(invitation.tenant).add_uuid(invitation.id);
    pg::execute(
        "UPDATE pgwright.tenant_members m SET status = 'active', department = "
        "coalesce(i.department, "
        "m.department), invited_by = i.created_by, invited_at = i.created_at, accepted_at = "
        "pg_catalog.now() FROM pgwright.invitations i WHERE m.user_id = $1 AND m.tenant_id = $2 "
        "AND "
        "i.id = $3",
        params, false);
    insert_roles(user, invitation.tenant, invited_roles(invitation));
    pg::Params done;
    done.add_uuid(invitation.id);
    pg::execute("UPDATE pgwright.invitations SET accepted_at = pg_catalog.now() WHERE id = $1",
                done, false);
    Json answer = Json::object();
    answer.set("user_id", Json::string(user.to_string()));
    answer.set("email", Json::string(invitation.email));
    answer.set("tenant", Json::string(invitation.slug));
    return answer.dump();
}

// Open ones ---------------------------------------------------------------------------------------

std::string list_invitations() {
    const auto caller = security::require_identity();
    security::require_permission(*caller, "users", core::Action::read);
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(caller->tenant_id());
    return pg::execute(
               "SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('id', i.id, "
               "'email', "
               "i.email, 'roles', i.roles, 'department', i.department, 'expires_at', i.expires_at, "
               "'expired', i.expires_at <= pg_catalog.now(), 'created_at', i.created_at, "
               "'created_by', i.created_by) ORDER BY i.created_at DESC, i.id DESC), '[]')::text "
               "FROM "
               "pgwright.invitations i WHERE i.tenant_id = $1 AND i.accepted_at IS NULL AND "
               "i.revoked_at IS NULL",
               params, true)
        .row(0)
        .text(0);
}

void revoke_invitation(std::string_view text) {
    const auto caller = security::require_identity();
    security::require_permission(*caller, "users", core::Action::create);
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(require_uuid(text, "invitation")).add_uuid(caller->tenant_id());
    const pg::Result result = pg::execute(
        "UPDATE pgwright.invitations SET revoked_at = pg_catalog.now() WHERE id = $1 AND tenant_id "
        "= "
        "$2 AND accepted_at IS NULL AND revoked_at IS NULL RETURNING email",
        params, false);
    if (result.empty()) not_found("invitation");
    pg::Params member;
    member.add_text(result.row(0).text(0)).add_uuid(caller->tenant_id());
    pg::execute(
        "DELETE FROM pgwright.tenant_members m USING pgwright.users u WHERE u.id = m.user_id AND "
        "u.email = $1 AND m.tenant_id = $2 AND m.status = 'invited'",
        member, false);
}

}  // namespace

}  // namespace pgwright::auth

namespace auth = pgwright::auth;

PGWRIGHT_FUNCTION(pgwright_invite_user) {
    const auto email = auth::required_text(args, 0, "email");
    return pgwright::pg::json_datum(
        auth::invite_user(email, pgwright::core::parse_json(auth::required_text(args, 1, "roles")),
                          args.optional_text(2)));
}

PGWRIGHT_FUNCTION(pgwright_accept_invitation) {
    return pgwright::pg::json_datum(auth::accept_invitation(
        auth::required_text(args, 0, "token"), args.optional_text(1), args.optional_text(2)));
}

PGWRIGHT_FUNCTION(pgwright_list_invitations) {
    return pgwright::pg::json_datum(auth::list_invitations());
}

PGWRIGHT_FUNCTION(pgwright_revoke_invitation) {
    auth::revoke_invitation(auth::required_text(args, 0, "invitation"));
    return pgwright::pg::return_void();
}
