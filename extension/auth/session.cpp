// Sessions and their tokens; see session.hpp.
#include "pg/spi.hpp"

#include "auth/session.hpp"

#include "auth/answer.hpp"
#include "auth/policy.hpp"
#include "auth/random.hpp"
#include "auth/settings.hpp"
#include "auth/signing_key.hpp"
#include "security/scope.hpp"
#include "security/token_verifier.hpp"

namespace pgwright::auth {

int access_token_lifetime = 900;
int session_lifetime = 30 * 86400;

namespace {

constexpr std::size_t kRefreshTokenBytes = 32;

// The oldest beyond the most, one less than it to make room. Looked for before anything is changed: a
// change makes every backend forget its identities.
void make_room(const core::Uuid& user, const core::Uuid& tenant, int most) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant).add_integer(most - 1);
    const pg::Result result = pg::execute(
        "SELECT id FROM pgwright.sessions WHERE user_id = $1 AND tenant_id = $2 AND kind = 'login' "
        "AND "
        "revoked_at IS NULL AND expires_at > pg_catalog.clock_timestamp() ORDER BY created_at "
        "DESC, "
        "id DESC OFFSET $3",
        params, false);
    for (std::size_t i = 0; i < result.rows(); ++i) revoke_session(result.row(i).uuid(0));
}

core::Uuid insert_session(const core::Uuid& user, const core::Uuid& tenant, SessionKind kind) {
    const SessionRules rules = session_rules(tenant);
    if (kind == SessionKind::login) make_room(user, tenant, rules.max_concurrent);
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant).add_text(kind == SessionKind::login ? "login"
                                                                               : "act_as");
    params.add_integer(kind == SessionKind::login ? rules.lifetime_seconds : access_token_lifetime);
    add_client(params);
    return pg::execute(
               "INSERT INTO pgwright.sessions (user_id, tenant_id, kind, expires_at, ip, "
               "user_agent)"
               " VALUES ($1, $2, $3, pg_catalog.now() + $4 * interval '1 second', $5, $6) "
               "RETURNING "
               "id",
               params, false)
        .row(0)
        .uuid(0);
}

std::string insert_refresh_token(const core::Uuid& session) {
    std::string token = to_base64url(random_bytes(kRefreshTokenBytes));
    pg::Params params;
    params.add_uuid(session).add_bytea(sha256(token));
    pg::execute(
        "INSERT INTO pgwright.refresh_tokens (session_id, token_hash, expires_at) SELECT id, $2, "
        "expires_at FROM pgwright.sessions WHERE id = $1",
        params, false);
    return token;
}

}  // namespace

OpenedSession issue_tokens(const core::Uuid& user, const core::Uuid& tenant,
                           const core::Uuid& session, SessionKind kind) {
    OpenedSession opened;
    core::Claims claims{user, tenant, session, 0, 0, {}};
    claims.issued_at =
        static_cast<std::int64_t>(timestamptz_to_time_t(GetCurrentStatementStartTimestamp()));
    claims.expires_at = claims.issued_at + access_token_lifetime;
    opened.identity = security::load_identity(claims);
    if (!opened.identity) return opened;
    claims.roles = opened.identity->roles;
    claims.audience = security::token_audience();
    const SigningKey key = signing_key();
    opened.access_token = core::sign_token(claims, key.key_id, key.secret);
    if (kind == SessionKind::login) opened.refresh_token = insert_refresh_token(session);
    return opened;
}

OpenedSession open_session(const core::Uuid& user, const core::Uuid& tenant, SessionKind kind) {
    const security::Scope scope(security::Rights::engine);
    OpenedSession opened = issue_tokens(user, tenant, insert_session(user, tenant, kind), kind);
    if (!opened.identity)
        throw core::Failure(core::Code::authentication_required, "the account is not active");
    return opened;
}

void revoke_session(const core::Uuid& session) {
    security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_uuid(session);
    pg::execute(
        "UPDATE pgwright.sessions SET revoked_at = pg_catalog.now() WHERE id = $1 AND revoked_at "
        "IS NULL",
        params, false);
}

std::uint64_t revoke_sessions(const core::Uuid& user, const core::Uuid& but,
                              const core::Uuid& tenant) {
    const security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_uuid(user).add_uuid(but).add_bool(tenant.is_nil()).add_uuid(tenant);
    return pg::execute(
               "UPDATE pgwright.sessions SET revoked_at = pg_catalog.now() WHERE user_id = $1 AND "
               "id "
               "<> $2 AND ($3 OR tenant_id = $4) AND revoked_at IS NULL AND expires_at > "
               "pg_catalog.now()",
               params, false)
        .processed();
}

std::string describe_session(const OpenedSession& opened) {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("access_token");
    writer.string(opened.access_token);
    writer.key("refresh_token");
    writer.string(opened.refresh_token);
    writer.key("token_type");
    writer.string("Bearer");
    writer.key("expires_in");
    writer.integer(access_token_lifetime);
    writer.key("user");
    writer.begin_object();
    security::describe_identity(*opened.identity, writer);
    writer.end_object();
    writer.end_object();
    return std::string(writer.view());
}

}  // namespace pgwright::auth
