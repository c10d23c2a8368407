// Failed attempts to sign in; see lockout.hpp.
#include "pg/spi.hpp"

#include "auth/lockout.hpp"

#include <algorithm>

#include "auth/answer.hpp"
#include "auth/policy.hpp"
#include "auth/random.hpp"
#include "auth/settings.hpp"

namespace pgwright::auth {

int failed_login_retention = 90 * 86400;

namespace {

// Nothing is returned while the address is locked.
constexpr std::string_view kCountSql =
    "INSERT INTO pgwright.login_attempts AS a (email_hash, failures, last_failed_at)"
    " VALUES ($1, 1, pg_catalog.clock_timestamp())"
    " ON CONFLICT (email_hash) DO UPDATE SET failures = CASE WHEN a.last_failed_at < "
    "pg_catalog.clock_timestamp() - $2 * interval '1 second' THEN 1 ELSE a.failures + 1 END,"
    "  last_failed_at = pg_catalog.clock_timestamp(), locked_until = NULL"
    " WHERE a.locked_until IS NULL OR a.locked_until <= pg_catalog.clock_timestamp()"
    " RETURNING failures";

int seconds_left(const pg::Params& key) {
    const pg::Result result = pg::execute(
        "SELECT greatest(1, pg_catalog.ceil(extract(epoch FROM locked_until - "
        "pg_catalog.clock_timestamp())))::integer FROM pgwright.login_attempts WHERE email_hash = "
        "$1",
        key, false);
    return result.empty() || result.row(0).is_null(0) ? 1
                                                      : static_cast<int>(result.row(0).integer(0));
}

// base, 2 base, 4 base, ... up to the most.
int lock_seconds(const LockoutRules& rules, std::int64_t failures) {
    const std::int64_t doublings = std::min<std::int64_t>(failures - rules.max_attempts, 20);
    const std::int64_t seconds = static_cast<std::int64_t>(rules.base_seconds) << doublings;
    return static_cast<int>(std::min<std::int64_t>(seconds, rules.max_seconds));
}

// A few old rows go with each new one, so the tables stay in proportion to what goes on.
void purge() {
    pg::Params params;
    params.add_integer(failed_login_retention);
    pg::execute(
        "DELETE FROM pgwright.failed_logins WHERE id IN (SELECT id FROM pgwright.failed_logins "
        "WHERE "
        "created_at < pg_catalog.now() - $1 * interval '1 second' ORDER BY created_at LIMIT 10 FOR "
        "UPDATE SKIP LOCKED)",
        params, false);
    pg::execute(
        "DELETE FROM pgwright.login_attempts WHERE email_hash IN (SELECT email_hash FROM "
        "pgwright.login_attempts WHERE last_failed_at < pg_catalog.now() - $1 * interval '1 "
        "second' "
        "ORDER BY last_failed_at LIMIT 10 FOR UPDATE SKIP LOCKED)",
        params, false);
}

std::string_view reason_of(LoginFault fault) {
    switch (fault) {
        case LoginFault::unknown_user: return "unknown_user";
        case LoginFault::wrong_password: return "wrong_password";
        case LoginFault::no_tenant: return "no_tenant";
    }
    return "wrong_password";
}

}  // namespace

int begin_attempt(std::string_view email) {
    const LockoutRules rules = lockout_rules();
    pg::Params key;
    key.add_bytea(sha256(email));
    pg::Params params;
    params.add_bytea(sha256(email)).add_integer(rules.reset_seconds);
    const pg::Result result = pg::execute(kCountSql, params, false);
    if (result.empty()) return seconds_left(key);
    const std::int64_t failures = result.row(0).integer(0);
    if (failures >= rules.max_attempts) {
        key.add_integer(lock_seconds(rules, failures));
        pg::execute(
            "UPDATE pgwright.login_attempts SET locked_until = pg_catalog.clock_timestamp() + $2 * "
            "interval '1 second' WHERE email_hash = $1",
            key, false);
    }
    return 0;
}

void clear_attempts(std::string_view email) {
    pg::Params params;
    params.add_bytea(sha256(email));
    pg::execute("DELETE FROM pgwright.login_attempts WHERE email_hash = $1", params, false);
}

void log_failed_login(std::string_view email, const core::Uuid& user, LoginFault fault) {
    purge();
    pg::Params params;
    if (user.is_nil())
        params.add_null(UUIDOID);
    else
        params.add_uuid(user);
    params.add_text(email).add_text(reason_of(fault));
    add_client(params);
    pg::execute(
        "INSERT INTO pgwright.failed_logins (user_id, email, reason, ip, user_agent) VALUES ($1, "
        "pg_catalog.left($2, 254), $3, $4, $5)",
        params, false);
}

}  // namespace pgwright::auth
