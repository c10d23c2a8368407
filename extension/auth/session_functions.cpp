// SQL: list_my_sessions, end_session, logout_everywhere, my_tenants, switch_tenant.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include <algorithm>

#include "auth/account.hpp"
#include "auth/answer.hpp"
#include "auth/session.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

using security::Rights;
using security::Scope;

std::string list_my_sessions() {
    const auto identity = require_session();
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(identity->user_id()).add_uuid(identity->claims.session_id);
    return pg::execute(
               "SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('id', s.id, "
               "'tenant', t.slug, 'created_at', s.created_at, 'last_used_at', coalesce((SELECT "
               "max(r.created_at) FROM pgwright.refresh_tokens r WHERE r.session_id = s.id), "
               "s.created_at), 'expires_at', s.expires_at, 'ip', s.ip, 'user_agent', s.user_agent, "
               "'current', s.id = $2) ORDER BY s.created_at DESC, s.id DESC), '[]')::text"
               "  FROM pgwright.sessions s JOIN pgwright.tenants t ON t.id = s.tenant_id"
               " WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.expires_at > pg_catalog.now()",
               params, true)
        .row(0)
        .text(0);
}

void end_session(std::string_view text) {
    const auto identity = security::require_identity();
    const core::Uuid id = require_uuid(text, "session");
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(id).add_uuid(identity->user_id()).add_bool(!identity->api_key);
    params.add_uuid(identity->tenant_id());
    params.add_bool(identity->may("sessions", core::Action::delete_));
    // A key ends its user's sessions by the permission alone.
    const pg::Result result = pg::execute(
        "SELECT FROM pgwright.sessions WHERE id = $1 AND revoked_at IS NULL AND expires_at > "
        "pg_catalog.now() AND (user_id = $2 AND $3 OR tenant_id = $4 AND $5)",
        params, false);
    if (result.empty()) not_found("session");
    revoke_session(id);
}

std::string logout_everywhere() {
    const auto identity = require_session();
    return R"({"ended":)" + std::to_string(revoke_sessions(identity->user_id(), {}, {})) + "}";
}

std::string my_tenants() {
    const auto identity = security::require_identity();
    core::JsonWriter writer;
    writer.begin_array();
    for (const Membership& membership : find_memberships(identity->user_id())) {
        const bool current = membership.tenant == identity->tenant_id();
        if (identity->api_key && !current) continue;  // a key is for one tenant
        writer.begin_object();
        writer.key("id");
        writer.string(membership.tenant.to_string());
        writer.key("slug");
        writer.string(membership.slug);
        writer.key("name");
        writer.string(membership.name);
        writer.key("current");
        writer.boolean(current);
        writer.end_object();
    }
    writer.end_array();
    return std::string(writer.view());
}

// An administrator's act_as is short on purpose: no session of a sign-in comes of it.
void require_sign_in(const security::Identity& identity) {
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(identity.claims.session_id);
    const pg::Result result = pg::execute(
        "SELECT FROM pgwright.sessions WHERE id = $1 AND kind = 'login'", params, false);
    if (result.empty())
        throw core::Failure(core::Code::permission_denied,
                            "this session is of act_as: call act_as with the other tenant");
}

std::string switch_tenant(std::string_view slug) {
    const auto identity = require_session();
    require_sign_in(*identity);
    const auto memberships = find_memberships(identity->user_id());
    const auto found = std::ranges::find(memberships, slug, &Membership::slug);
    if (found == memberships.end()) not_found("tenant");
    return describe_session(open_session(identity->user_id(), found->tenant, SessionKind::login));
}

}  // namespace

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_list_my_sessions) {
    return pgwright::pg::json_datum(pgwright::auth::list_my_sessions());
}

PGWRIGHT_FUNCTION(pgwright_end_session) {
    pgwright::auth::end_session(pgwright::auth::required_text(args, 0, "session"));
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_logout_everywhere) {
    return pgwright::pg::json_datum(pgwright::auth::logout_everywhere());
}

PGWRIGHT_FUNCTION(pgwright_my_tenants) {
    return pgwright::pg::json_datum(pgwright::auth::my_tenants());
}

PGWRIGHT_FUNCTION(pgwright_switch_tenant) {
    return pgwright::pg::json_datum(
        pgwright::auth::switch_tenant(pgwright::auth::required_text(args, 0, "tenant")));
}
