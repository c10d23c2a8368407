// Identities of identity providers; see outside_identity.hpp.
#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"

#include "security/outside_identity.hpp"

#include <algorithm>

#include "auth/random.hpp"
#include "security/membership.hpp"
#include "security/person.hpp"
#include "security/scope.hpp"

namespace pgwright::security {

namespace {

constexpr std::string_view kPlatformRole = "super_admin";

// More than one row: the token does not say which.
constexpr std::string_view kProviderSql =
    "SELECT p.id, p.tenant_id, p.definition::text FROM pgwright.identity_providers p"
    "  JOIN pgwright.tenants t ON t.id = p.tenant_id AND t.status = 'active' AND NOT t.is_deleted"
    " WHERE p.issuer = $1 AND p.audience = ANY ($2) AND p.is_active LIMIT 2";

constexpr std::string_view kUserSql =
    "SELECT u.id"
    "  FROM pgwright.user_identities l"
    "  JOIN pgwright.identity_providers p ON p.id = l.provider_id AND p.is_active"
    "  JOIN pgwright.users u ON u.id = l.user_id"
    " WHERE l.provider_id = $1 AND l.subject = $2"
    "   AND (u.tokens_valid_after IS NULL OR pg_catalog.to_timestamp($3) > u.tokens_valid_after)"
    "   AND NOT EXISTS (SELECT FROM pgwright.revoked_tokens r WHERE r.token_hash = $4)";

// A role of the tenant goes before a built-in one of its name.
constexpr std::string_view kTokenRoleSql =
    "SELECT DISTINCT ON (name) id FROM pgwright.roles"
    " WHERE name = ANY ($2) AND (tenant_id = $1 OR tenant_id IS NULL)"
    " ORDER BY name, tenant_id NULLS LAST";

std::optional<core::IdentityProvider> read_definition(const std::string& text) {
    try {
        return core::read_identity_provider(core::parse_json(text));
    } catch (const core::Failure&) {  // written by hand: believed in nothing
        return std::nullopt;
    }
}

std::optional<FoundProvider> find_provider(const core::TokenAddress& address) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {TEXTOID, TEXTARRAYOID};
    const Scope scope(Rights::engine);
    const pg::FreshSnapshot snapshot;
    if (!*plan) *plan = pg::Plan(kProviderSql, types);
    pg::Params params;
    params.add_text(address.issuer).add_text_array(address.audiences);
    const pg::Result result = pg::execute(*plan, params, true);
    if (result.rows() != 1) return std::nullopt;
    const pg::Row row = result.row(0);
    auto provider = read_definition(row.text(2));
    if (!provider) return std::nullopt;
    return FoundProvider{row.uuid(0), row.uuid(1), std::move(*provider)};
}

bool load_user(Identity& identity, const VerifiedToken& token) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, TEXTOID, INT8OID, BYTEAOID};
    if (!*plan) *plan = pg::Plan(kUserSql, types);
    pg::Params params;
    params.add_uuid(token.from.id)
        .add_text(token.claims.subject)
        .add_bigint(token.claims.issued_at)
        .add_bytea(token.hash);
    const pg::Result result = pg::execute(*plan, params, true);
    if (result.empty()) return false;
    identity.claims.user_id = result.row(0).uuid(0);
    return load_person(identity);
}

void load_token_roles(Identity& identity, const std::vector<std::string>& names) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, TEXTARRAYOID};
    if (!*plan) *plan = pg::Plan(kTokenRoleSql, types);
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add_text_array(names);
    const pg::Result result = pg::execute(*plan, params, true);
    for (std::size_t i = 0; i < result.rows(); ++i) {
        add_roles(identity, read_role(result.row(i).uuid(0), identity.tenant_id()));
    }
}

// Whatever the roles say, an identity provider of a tenant vouches for nothing beyond the tenant.
void narrow_to_tenant(core::PermissionSet& permissions) {
    core::PermissionSet tenant;
    tenant.grant("*", "*", "tenant");
    for (const std::string_view area : core::platform_areas()) tenant.grant(area, "*", "tenant");
    permissions.narrow_to(tenant);
}

// False when the user holds the platform's role.
bool load_outside_roles(Identity& identity, const VerifiedToken& token) {
    const core::RolesFrom from = token.from.provider.roles_from;
    if (from != core::RolesFrom::token) load_roles(identity);
    if (std::ranges::find(identity.roles, kPlatformRole) != identity.roles.end()) return false;
    if (from != core::RolesFrom::database) load_token_roles(identity, token.claims.roles);
    narrow_to_tenant(identity.permissions);
    return true;
}

}  // namespace

std::string token_hash(const core::Jws& jws) { return auth::sha256(jws.signing_input); }

std::optional<VerifiedToken> verify_outside_token(std::string_view token, std::int64_t now) {
    const auto jws = core::parse_jws(token);
    const auto address = jws ? core::read_token_address(*jws) : std::nullopt;
    auto from = address ? find_provider(*address) : std::nullopt;
    if (!from) return std::nullopt;
    core::OutsideCheck check = core::check_outside_token(*jws, from->provider, now);
    if (!check.refusal.empty()) return std::nullopt;
    return VerifiedToken{std::move(*from), std::move(check.claims), token_hash(*jws)};
}

IdentityPointer load_outside_identity(const VerifiedToken& token) {
    auto identity = std::make_shared<Identity>();
    identity->claims.tenant_id = token.from.tenant_id;
    identity->claims.issued_at = token.claims.issued_at;
    identity->claims.not_before = token.claims.not_before;
    identity->claims.expires_at = token.claims.expires_at;
    identity->good_until = token.claims.expires_at;
    identity->provider_id = token.from.id;
    identity->token_hash = token.hash;
    // What it rests on sends invalidations when it is written, so a rollback undoes it here, too.
    identity->settled = true;
    const Scope scope(Rights::engine);
    const pg::FreshSnapshot snapshot;
    if (!load_user(*identity, token) ||
        !is_tenant_member(identity->user_id(), identity->tenant_id()) ||
        !load_outside_roles(*identity, token))
        return nullptr;
    identity->claims.roles = identity->roles;
    return identity;
}

}  // namespace pgwright::security
