// Sessions and their tokens; see session.hpp.
#include "pg/spi.hpp"

#include "auth/session.hpp"

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

core::Uuid insert_session(const core::Uuid& user, const core::Uuid& tenant, SessionKind kind,
                          const std::string& refresh_token) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant).add_text(kind == SessionKind::login ? "login"
                                                                               : "act_as");
    if (refresh_token.empty())
        params.add_null(BYTEAOID);
    else
        params.add_bytea(sha256(refresh_token));
    params.add_integer(kind == SessionKind::login ? session_lifetime : access_token_lifetime);
    return pg::execute(
               "INSERT INTO pgwright.sessions (user_id, tenant_id, kind, refresh_token_hash, "
               "expires_at)"
               " VALUES ($1, $2, $3, $4, pg_catalog.now() + $5 * interval '1 second') RETURNING id",
               params, false)
        .row(0)
        .uuid(0);
}

}  // namespace

OpenedSession open_session(const core::Uuid& user, const core::Uuid& tenant, SessionKind kind) {
    OpenedSession opened;
    if (kind == SessionKind::login)
        opened.refresh_token = to_base64url(random_bytes(kRefreshTokenBytes));
    security::Scope scope(security::Rights::engine);
    core::Claims claims{user, tenant, insert_session(user, tenant, kind, opened.refresh_token),
                        0,    0,      {}};
    claims.issued_at =
        static_cast<std::int64_t>(timestamptz_to_time_t(GetCurrentStatementStartTimestamp()));
    claims.expires_at = claims.issued_at + access_token_lifetime;
    opened.identity = security::load_identity(claims);
    if (!opened.identity)
        throw core::Failure(core::Code::authentication_required, "the account is not active");
    claims.roles = opened.identity->roles;
    claims.audience = security::token_audience();
    const SigningKey key = signing_key();
    opened.access_token = core::sign_token(claims, key.key_id, key.secret);
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

}  // namespace pgwright::auth
