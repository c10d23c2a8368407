// The keys that sign access tokens; see signing_key.hpp.
#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "auth/signing_key.hpp"

#include "auth/random.hpp"
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

}  // namespace

std::optional<std::string> find_signing_secret(std::string_view key_id) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {TEXTOID};
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    if (!*plan)
        *plan = pg::Plan(
            "SELECT secret FROM pgwright.signing_keys WHERE key_id = $1 AND retired_at IS NULL",
            types);
    pg::Params params;
    params.add_text(key_id);
    const pg::Result result = pg::execute(*plan, params, true);
    return result.empty() ? std::nullopt : std::optional(result.row(0).text(0));
}

SigningKey signing_key() {
    security::Scope scope(security::Rights::engine);
    if (auto key = newest_key()) return *key;
    // Two first sign-ins at once must not make two keys.
    pg::run("LOCK TABLE pgwright.signing_keys IN SHARE ROW EXCLUSIVE MODE");
    if (auto key = newest_key()) return *key;
    return make_key();
}

}  // namespace pgwright::auth
