// API keys as identities; see api_key.hpp.
#include "pg/immortal.hpp"
#include "pg/spi.hpp"

#include "auth/api_key.hpp"

#include <sodium.h>

#include <array>

#include "auth/random.hpp"
#include "core/json.hpp"

namespace pgwright::auth {

namespace {

constexpr std::size_t kPrefixBytes = 8;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kPrefixLength = kPrefixBytes * 2;
constexpr std::size_t kSecretLength = 43;  // base64url of 32 bytes

struct Parts {
    std::string_view prefix, secret;
};

std::optional<Parts> split(std::string_view key) {
    if (key.size() != kApiKeyMark.size() + kPrefixLength + 1 + kSecretLength) return std::nullopt;
    key.remove_prefix(kApiKeyMark.size());
    if (key[kPrefixLength] != '_') return std::nullopt;
    return Parts{key.substr(0, kPrefixLength), key.substr(kPrefixLength + 1)};
}

// A digest of ours has 32 bytes, as has what it is compared with.
bool same_digest(std::string_view a, std::string_view b) {
    return a.size() == crypto_hash_sha256_BYTES && b.size() == a.size() &&
           sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

// The end is the earlier of expiry and overlap.
constexpr std::string_view kKeySql =
    "SELECT k.key_hash, k.id, k.user_id, k.tenant_id, pg_catalog.floor(extract(epoch FROM "
    "least(k.expires_at, k.overlap_ends_at)))::bigint, k.scopes::text, k.created_at < "
    "pg_catalog.now()"
    "  FROM pgwright.api_keys k WHERE k.prefix = $1 AND k.revoked_at IS NULL"
    "   AND coalesce(least(k.expires_at, k.overlap_ends_at) > pg_catalog.clock_timestamp(), true)";

FoundKey read_key(const pg::Row& row) {
    FoundKey found;
    security::Identity& identity = found.identity;
    identity.api_key = row.uuid(1);
    identity.claims.user_id = row.uuid(2);
    identity.claims.tenant_id = row.uuid(3);
    identity.claims.expires_at = row.optional_integer(4).value_or(kNoExpiry);
    if (const auto scopes = row.optional_text(5))
        found.scopes = read_scopes(core::parse_json(*scopes));
    identity.settled = row.boolean(6);
    return found;
}

}  // namespace

core::PermissionSet read_scopes(const core::Json& list) {
    core::PermissionSet scopes;
    for (const core::Json& item : list.items()) {
        const auto permission = core::Permission::parse(item.text());
        if (permission)
            scopes.grant(permission->resource, core::action_name(permission->action),
                         core::scope_name(permission->scope));
    }
    return scopes;
}

std::optional<FoundKey> find_api_key(std::string_view key) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr std::array<Oid, 1> types{TEXTOID};
    const auto parts = split(key);
    if (!parts) return std::nullopt;
    if (!*plan) *plan = pg::Plan(kKeySql, types);
    pg::Params params;
    params.add_text(parts->prefix);
    const pg::Result result = pg::execute(*plan, params, true);
    const std::string stored = result.empty() ? std::string(32, '\0') : result.row(0).text(0);
    // Without a row too, so that the time does not tell which prefixes there are.
    const bool right = same_digest(sha256(parts->secret), stored);
    if (result.empty() || !right) return std::nullopt;
    return read_key(result.row(0));
}

std::string NewKey::text() const { return std::string(kApiKeyMark) + prefix + "_" + secret; }

std::string NewKey::hash() const { return sha256(secret); }

NewKey make_api_key() {
    return {to_hex(random_bytes(kPrefixBytes)), to_base64url(random_bytes(kSecretBytes))};
}

}  // namespace pgwright::auth
