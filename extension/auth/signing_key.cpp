// The keys that sign access tokens; see signing_key.hpp. Also SQL: rotate_signing_key,
// retire_signing_key, list_signing_keys.
#include "pg/guard.hpp"
#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "auth/signing_key.hpp"

#include "auth/random.hpp"
#include "security/identity.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

constexpr std::size_t kSecretBytes = 32;

std::optional<SigningKey> newest_key() {
    pg::FreshSnapshot snapshot;
    const pg::Result result = pg::execute(
        "SELECT key_id, secret FROM pgwright.signing_keys WHERE retired_at IS NULL ORDER BY "
        "created_at DESC, id DESC LIMIT 1",
        {}, true);
    if (result.empty()) return std::nullopt;
    const pg::Row row = result.row(0);
    return SigningKey{row.text(0), row.text(1)};
}

SigningKey make_key() {
    SigningKey key{to_hex(random_bytes(8)), random_bytes(kSecretBytes)};
    pg::Params params;
    params.add_text(key.key_id).add_bytea(key.secret);
    pg::execute("INSERT INTO pgwright.signing_keys (key_id, secret) VALUES ($1, $2)", params,
                false);
    return key;
}

// Without the secret.
constexpr std::string_view kKeyJson =
    "pg_catalog.json_build_object('key_id', key_id, 'algorithm', algorithm, 'status', CASE WHEN "
    "retired_at IS NULL THEN 'signing' WHEN retired_at > pg_catalog.clock_timestamp() THEN "
    "'verifying' ELSE 'retired' END, 'created_at', created_at, 'retired_at', retired_at)";

// Platform work: for administrators of the database, and for holders of the platform's permission.
void require_key_permission(core::Action action) {
    if (security::is_administrator()) return;
    const auto identity = security::require_identity();
    if (identity->permissions.allows("signing_keys", action, core::Scope::all)) return;
    throw core::Failure(
        core::Code::permission_denied,
        "permission denied: signing_keys:" + std::string(core::action_name(action)) + ":all");
}

void lock_keys() { pg::run("LOCK TABLE pgwright.signing_keys IN SHARE ROW EXCLUSIVE MODE"); }

std::string key_json(std::string_view key_id) {
    pg::Params params;
    params.add_text(key_id);
    return pg::execute("SELECT " + std::string(kKeyJson) +
                           "::text FROM pgwright.signing_keys WHERE key_id = $1",
                       params, false)
        .row(0)
        .text(0);
}

// retire_after: as the server writes an interval. Of two rotations at once the second waits for the
// first and retires its key, too: one key signs at any time.
std::string rotate(Datum retire_after) {
    require_key_permission(core::Action::create);
    security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add(INTERVALOID, retire_after, false);
    const bool right =
        pg::execute("SELECT $1 >= interval '0' AND $1 <= interval '366 days'", params, true)
            .row(0)
            .boolean(0);
    if (!right)
        throw core::Failure(core::Code::validation_error, "the rotation is not valid",
                            {{"retire_after", "must be from 0 to 366 days"}});
    lock_keys();
    pg::execute(
        "UPDATE pgwright.signing_keys SET retired_at = pg_catalog.clock_timestamp() + $1"
        " WHERE retired_at IS NULL",
        params, false);
    return key_json(make_key().key_id);
}

std::string retire(std::string_view key_id) {
    require_key_permission(core::Action::update);
    security::Scope scope(security::Rights::engine);
    lock_keys();
    pg::Params params;
    params.add_text(key_id);
    const pg::Result result = pg::execute(
        "UPDATE pgwright.signing_keys SET retired_at = LEAST(retired_at, "
        "pg_catalog.clock_timestamp()) WHERE key_id = $1",
        params, false);
    if (result.processed() == 0)
        throw core::Failure(core::Code::resource_not_found, "there is no signing key of that id");
    return key_json(key_id);
}

std::string list() {
    require_key_permission(core::Action::read);
    security::Scope scope(security::Rights::engine);
    return pg::execute("SELECT coalesce(pg_catalog.json_agg(" + std::string(kKeyJson) +
                           " ORDER BY created_at DESC, id DESC), '[]')::text FROM "
                           "pgwright.signing_keys",
                       {}, true)
        .row(0)
        .text(0);
}

}  // namespace

std::optional<VerifyingKey> find_verifying_key(std::string_view key_id) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {TEXTOID};
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    if (!*plan)
        *plan = pg::Plan(
            "SELECT secret, CASE WHEN pg_catalog.isfinite(retired_at) THEN "
            "pg_catalog.floor(EXTRACT(EPOCH FROM retired_at))::bigint END"
            "  FROM pgwright.signing_keys"
            " WHERE key_id = $1 AND (retired_at IS NULL OR retired_at > "
            "pg_catalog.clock_timestamp())",
            types);
    pg::Params params;
    params.add_text(key_id);
    const pg::Result result = pg::execute(*plan, params, true);
    if (result.empty()) return std::nullopt;
    const pg::Row row = result.row(0);
    VerifyingKey key{row.text(0)};
    if (const auto retired = row.optional_integer(1)) key.retired_at = *retired;
    return key;
}

SigningKey signing_key() {
    security::Scope scope(security::Rights::engine);
    if (auto key = newest_key()) return *key;
    // Two first sign-ins at once must not make two keys.
    lock_keys();
    if (auto key = newest_key()) return *key;
    return make_key();
}

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_rotate_signing_key) {
    return pgwright::pg::json_datum(pgwright::auth::rotate(args.datum(0)));
}

PGWRIGHT_FUNCTION(pgwright_retire_signing_key) {
    return pgwright::pg::json_datum(pgwright::auth::retire(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_list_signing_keys) {
    return pgwright::pg::json_datum(pgwright::auth::list());
}
