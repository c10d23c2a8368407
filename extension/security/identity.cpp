// Who is asking; see identity.hpp.
#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"

#include "security/identity.hpp"

#include "auth/api_key.hpp"
#include "auth/signing_key.hpp"
#include "catalog/epoch.hpp"
#include "security/scope.hpp"

namespace pgwright::security {

char* token_setting = nullptr;

namespace {

void load_roles(Identity& identity);

std::uint64_t token_serial = 0;  // counts assignments of the setting, also those of a rollback

using Cache = std::unordered_map<std::string, IdentityPointer>;

struct Current {
    std::uint64_t serial = ~std::uint64_t{0};
    std::uint64_t generation = 0;
    IdentityPointer identity;
};

Cache& cache() {
    static pg::Immortal<Cache> all;
    return *all;
}

Current& current() {
    static pg::Immortal<Current> last;
    return *last;
}

// Seconds since 1970 at the start of the statement; the same in parallel workers.
std::int64_t now_seconds() {
    return static_cast<std::int64_t>(timestamptz_to_time_t(GetCurrentStatementStartTimestamp()));
}

IdentityPointer verify(std::string_view token) {
    const auto key_id = core::token_key_id(token);
    if (!key_id) return nullptr;
    const auto secret = auth::find_signing_secret(*key_id);
    if (!secret) return nullptr;
    const auto claims = core::verify_token(token, *secret, now_seconds());
    return claims ? load_identity(*claims) : nullptr;
}

// An API key's identity: its user's, cut down to its scopes.
IdentityPointer verify_key(std::string_view key) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    auto found = auth::find_api_key(key);
    if (!found) return nullptr;
    load_roles(found->identity);
    if (found->scopes) found->identity.permissions.narrow_to(*found->scopes);
    return std::make_shared<const Identity>(std::move(found->identity));
}

// The identity of a token, from the cache when it is there. Failures are not kept: a flood of bad
// tokens would push out the good ones.
IdentityPointer resolve(std::string_view token) {
    if (token.empty() || token.size() > core::kMaxTokenBytes) return nullptr;
    std::string key(token);
    if (const auto found = cache().find(key); found != cache().end()) return found->second;
    IdentityPointer identity = auth::is_api_key(token) ? verify_key(token) : verify(token);
    if (!identity || !identity->settled) return identity;
    if (cache().size() >= kMaxCachedIdentities) cache().clear();
    cache().emplace(std::move(key), identity);
    return identity;
}

constexpr std::string_view kAccountSql =
    "SELECT u.email, coalesce(u.display_name, ''), t.slug, t.name, s.created_at < "
    "pg_catalog.now(), "
    "coalesce(m.department, ''), coalesce(m.attributes, '{}')::text"
    "  FROM pgwright.sessions s"
    "  JOIN pgwright.users u ON u.id = s.user_id AND u.status = 'active' AND NOT u.is_deleted"
    "  JOIN pgwright.tenants t ON t.id = s.tenant_id AND t.status = 'active' AND NOT t.is_deleted"
    "  LEFT JOIN pgwright.tenant_members m ON m.user_id = s.user_id AND m.tenant_id = s.tenant_id"
    " WHERE coalesce(m.status, 'active') = 'active' AND s.id = $1 AND s.user_id = $2 AND "
    "s.tenant_id = $3 AND s.revoked_at IS NULL AND "
    "s.expires_at > pg_catalog.clock_timestamp()";

constexpr std::string_view kRoleSql =
    "SELECT r.name, p.resource, p.action, p.scope"
    "  FROM pgwright.user_roles m"
    "  JOIN pgwright.roles r ON r.id = m.role_id AND (r.tenant_id IS NULL OR r.tenant_id = "
    "m.tenant_id)"
    "  LEFT JOIN pgwright.role_permissions p ON p.role_id = r.id"
    " WHERE m.user_id = $1 AND m.tenant_id = $2 ORDER BY r.name";

bool load_account(Identity& identity) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID, UUIDOID};
    if (!*plan) *plan = pg::Plan(kAccountSql, types);
    pg::Params params;
    params.add_uuid(identity.claims.session_id)
        .add_uuid(identity.user_id())
        .add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(*plan, params, true);
    if (result.empty()) return false;
    const pg::Row row = result.row(0);
    identity.email = row.text(0);
    identity.display_name = row.text(1);
    identity.tenant_slug = row.text(2);
    identity.tenant_name = row.text(3);
    identity.settled = row.boolean(4);
    identity.department = row.text(5);
    identity.attributes = row.text(6);
    return true;
}

void load_roles(Identity& identity) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID};
    if (!*plan) *plan = pg::Plan(kRoleSql, types);
    pg::Params params;
    params.add_uuid(identity.user_id()).add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(*plan, params, true);
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        std::string name = row.text(0);
        if (identity.roles.empty() || identity.roles.back() != name)
            identity.roles.push_back(std::move(name));
        if (!row.is_null(1)) identity.permissions.grant(row.text(1), row.text(2), row.text(3));
    }
}

}  // namespace

bool Identity::may(std::string_view resource, core::Action action) const noexcept {
    return permissions.allows(resource, action, core::Scope::tenant);
}

IdentityPointer load_identity(const core::Claims& claims) {
    auto identity = std::make_shared<Identity>();
    identity->claims = claims;
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    if (!load_account(*identity)) return nullptr;
    load_roles(*identity);
    return identity;
}

IdentityPointer current_identity() {
    const std::uint64_t generation = catalog::security_epoch().generation();
    Current& last = current();
    if (last.generation != generation) {
        cache().clear();
        last = Current{~token_serial, generation, nullptr};
    }
    if (last.serial != token_serial) {
        const std::uint64_t serial = token_serial;
        IdentityPointer identity = resolve(token_setting == nullptr ? "" : token_setting);
        if (identity && identity->api_key) auth::count_api_key_use(*identity);
        last = Current{serial, generation, std::move(identity)};
    }
    if (last.identity && now_seconds() >= last.identity->claims.expires_at) return nullptr;
    return last.identity;
}

IdentityPointer require_identity() {
    if (auto identity = current_identity()) return identity;
    const bool given = token_setting != nullptr && *token_setting != '\0';
    throw core::Failure(
        core::Code::authentication_required,
        given ? "the access token is not valid or has expired" : "sign in first", {},
        "Send an access token from POST /api/v1/auth/login, or set pgwright.token.");
}

void require_permission(const Identity& identity, std::string_view resource, core::Action action) {
    if (identity.may(resource, action)) return;
    throw core::Failure(core::Code::permission_denied,
                        "permission denied: " + std::string(resource) + ":" +
                            std::string(core::action_name(action)) + ":tenant");
}

void describe_identity(const Identity& identity, core::JsonWriter& writer) {
    writer.key("id");
    writer.string(identity.user_id().to_string());
    writer.key("email");
    writer.string(identity.email);
    writer.key("display_name");
    if (identity.display_name.empty())
        writer.null();
    else
        writer.string(identity.display_name);
    writer.key("tenant");
    writer.begin_object();
    writer.key("id");
    writer.string(identity.tenant_id().to_string());
    writer.key("slug");
    writer.string(identity.tenant_slug);
    writer.key("name");
    writer.string(identity.tenant_name);
    writer.end_object();
    writer.key("roles");
    writer.begin_array();
    for (const std::string& role : identity.roles) writer.string(role);
    writer.end_array();
}

void assign_token(const char* /*value*/, void* /*extra*/) { ++token_serial; }

}  // namespace pgwright::security
