// Who is asking; see identity.hpp.
#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"

#include "security/identity.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "auth/api_key.hpp"
#include "catalog/epoch.hpp"
#include "security/person.hpp"
#include "security/scope.hpp"
#include "security/token_verifier.hpp"

namespace pgwright::security {

char* token_setting = nullptr;

namespace {

std::uint64_t token_serial = 0;     // counts assignments of the setting, also those of a rollback
std::uint64_t audience_serial = 0;  // the same of pgwright.token_audience

using Cache = std::unordered_map<std::string, IdentityPointer>;

struct Current {
    std::uint64_t serial = ~std::uint64_t{0};
    std::uint64_t generation = 0;
    std::uint64_t audience = 0;
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

// Who the caller is while an ActingAs lives.
std::optional<IdentityPointer>& acting() {
    static pg::Immortal<std::optional<IdentityPointer>> who;
    return *who;
}

// An API key's identity: its user's, cut down to its scopes.
IdentityPointer verify_key(std::string_view key) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    auto found = auth::find_api_key(key);
    if (!found) return nullptr;
    Identity& identity = found->identity;
    identity.good_until = identity.claims.expires_at;
    if (!load_person(identity)) return nullptr;
    load_roles(identity);
    if (identity.held.empty()) return nullptr;
    if (found->scopes) identity.permissions.narrow_to(*found->scopes);
    return std::make_shared<const Identity>(std::move(identity));
}

// The identity of a token, from the cache when it is there. Failures are not kept: a flood of bad
// tokens would push out the good ones.
IdentityPointer resolve(std::string_view token) {
    if (token.empty() || token.size() > core::kMaxTokenBytes) return nullptr;
    std::string key(token);
    if (const auto found = cache().find(key); found != cache().end()) return found->second;
    IdentityPointer identity =
        auth::is_api_key(token) ? verify_key(token) : verify_token(token, now_seconds());
    if (!identity || !identity->settled) return identity;
    if (cache().size() >= kMaxCachedIdentities) cache().clear();
    cache().emplace(std::move(key), identity);
    return identity;
}

constexpr std::string_view kSessionSql =
    "SELECT s.created_at < pg_catalog.now() FROM pgwright.sessions s"
    " WHERE s.id = $1 AND s.user_id = $2 AND s.tenant_id = $3 AND s.revoked_at IS NULL AND "
    "s.expires_at > pg_catalog.clock_timestamp()";

bool load_session(Identity& identity) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID, UUIDOID};
    if (!*plan) *plan = pg::Plan(kSessionSql, types);
    pg::Params params;
    params.add_uuid(identity.claims.session_id)
        .add_uuid(identity.user_id())
        .add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(*plan, params, true);
    if (result.empty()) return false;
    identity.settled = result.row(0).boolean(0);
    return true;
}

void narrow_to_scopes(Identity& identity) {
    if (!identity.claims.scopes) return;
    core::PermissionSet scopes;
    for (const core::Permission& scope : *identity.claims.scopes)
        scopes.grant(scope.resource, core::action_name(scope.action),
                     core::scope_name(scope.scope));
    identity.permissions.narrow_to(scopes);
}

bool is_in_time(const Identity& identity) {
    const std::int64_t now = now_seconds();
    return now < identity.good_until && identity.claims.not_before <= now + core::kClockSkewSeconds;
}

}  // namespace

bool Identity::may(std::string_view resource, core::Action action) const noexcept {
    return permissions.allows_some(resource, action);
}

void add_roles(Identity& identity, HeldRoles held) {
    for (HeldRole& role : held.roles) {
        identity.permissions.add(role.chain);
        identity.held.push_back(std::move(role));
    }
    std::ranges::move(held.names, std::back_inserter(identity.roles));
    std::ranges::sort(identity.roles);
    identity.roles.erase(std::unique(identity.roles.begin(), identity.roles.end()),
                         identity.roles.end());
}

void load_roles(Identity& identity) {
    add_roles(identity, read_roles_of(identity.user_id(), identity.tenant_id()));
}

std::shared_ptr<Identity> load_identity(const core::Claims& claims) {
    auto identity = std::make_shared<Identity>();
    identity->claims = claims;
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    if (!load_session(*identity) || !load_person(*identity)) return nullptr;
    load_roles(*identity);
    narrow_to_scopes(*identity);
    identity->good_until = claims.expires_at;
    return identity;
}

IdentityPointer current_identity() {
    if (acting()) return *acting();
    const std::uint64_t generation = catalog::security_epoch().generation();
    Current& last = current();
    if (last.generation != generation || last.audience != audience_serial) {
        cache().clear();
        last = Current{~token_serial, generation, audience_serial, nullptr};
    }
    if (last.serial != token_serial) {
        const std::uint64_t serial = token_serial;
        IdentityPointer identity = resolve(token_setting == nullptr ? "" : token_setting);
        if (identity && identity->api_key) auth::count_api_key_use(*identity);
        last = Current{serial, generation, audience_serial, std::move(identity)};
    }
    return last.identity && is_in_time(*last.identity) ? last.identity : nullptr;
}

IdentityPointer require_public(std::string_view tenant_slug) {
    auto identity = std::make_shared<Identity>();
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_text(tenant_slug);
    const pg::Result result = pg::execute(
        "SELECT t.id, t.slug, t.name, r.id FROM pgwright.tenants t, pgwright.roles r"
        " WHERE t.slug = $1 AND t.status = 'active' AND NOT t.is_deleted"
        "   AND r.name = 'public' AND r.is_system",
        params, true);
    if (result.empty())
        throw core::Failure(core::Code::resource_not_found, "there is no such tenant");
    const pg::Row row = result.row(0);
    identity->claims.tenant_id = row.uuid(0);
    identity->tenant_slug = row.text(1);
    identity->tenant_name = row.text(2);
    add_roles(*identity, read_role(row.uuid(3), row.uuid(0)));
    return identity;
}

ActingAs::ActingAs(IdentityPointer identity)
    : outer_(std::exchange(acting(), std::move(identity))) {}
ActingAs::~ActingAs() { acting() = std::move(outer_); }

IdentityPointer describe_user(const core::Uuid& user, const core::Uuid& tenant) {
    auto identity = std::make_shared<Identity>();
    identity->claims.user_id = user;
    identity->claims.tenant_id = tenant;
    identity->claims.expires_at = std::numeric_limits<std::int64_t>::max();
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    if (!load_person(*identity)) return nullptr;
    load_roles(*identity);
    return identity->held.empty() ? nullptr : identity;
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
void assign_token_audience(const char* /*value*/, void* /*extra*/) { ++audience_serial; }

}  // namespace pgwright::security
