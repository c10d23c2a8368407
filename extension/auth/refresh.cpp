// SQL: try_refresh. A refresh token is exchanged once; the row of a used one stays, so that a copy which
// comes later, or at the same time (the row's lock makes one of them later), is known for what it is:
// whoever has a copy may be a thief, so the session ends for both. That must be committed, hence errors
// are answers here.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/answer.hpp"
#include "auth/random.hpp"
#include "auth/session.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

constexpr std::size_t kMaxRefreshTokenBytes = 256;

std::string refused() {
    return error_answer({core::Code::authentication_required,
                         "the refresh token is not valid, was used or has expired"});
}

// The token's row, locked; nothing when there is none.
pg::Result lock_token(std::string_view token) {
    pg::Params params;
    params.add_bytea(sha256(token));
    return pg::execute(
        "SELECT r.id, r.used_at IS NOT NULL, r.expires_at <= pg_catalog.clock_timestamp(), "
        "r.session_id, s.user_id, s.tenant_id"
        "  FROM pgwright.refresh_tokens r JOIN pgwright.sessions s ON s.id = r.session_id"
        " WHERE r.token_hash = $1 FOR UPDATE OF r",
        params, false);
}

std::string refresh(std::string_view token) {
    if (token.size() > kMaxRefreshTokenBytes) return refused();
    const security::Scope scope(security::Rights::engine);
    const pg::Result found = lock_token(token);
    if (found.empty()) return refused();
    const pg::Row row = found.row(0);
    if (row.boolean(1)) {
        revoke_session(row.uuid(3));
        return refused();
    }
    if (row.boolean(2)) return refused();
    pg::Params params;
    params.add_uuid(row.uuid(0));
    pg::execute(
        "UPDATE pgwright.refresh_tokens SET used_at = pg_catalog.clock_timestamp() WHERE id = $1",
        params, false);
    // Whether session, user and tenant are still good.
    const OpenedSession opened =
        issue_tokens(row.uuid(4), row.uuid(5), row.uuid(3), SessionKind::login);
    return opened.identity ? describe_session(opened) : refused();
}

}  // namespace

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_try_refresh) {
    return pgwright::pg::json_datum(
        pgwright::auth::refresh(pgwright::auth::required_text(args, 0, "refresh_token")));
}
