// SQL: sign_in_with_token, revoke_outside_tokens. To check a token only reads; to make a user of ours for
// it, or to link one, writes: so that is an act of its own, and until then an unknown subject's token is
// anonymous. Why a token is refused is told to administrators alone (identity_provider_test).
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/token_sign_in.hpp"

#include "auth/account.hpp"
#include "auth/session.hpp"
#include "core/value_check.hpp"
#include "security/outside_identity.hpp"
#include "security/scope.hpp"
#include "security/token_verifier.hpp"

namespace pgwright::auth {

namespace {

using core::Code;
using core::Failure;
using security::Rights;
using security::Scope;
using security::VerifiedToken;

[[noreturn]] void refuse() {
    throw Failure(Code::authentication_required, "the access token is not valid or has expired");
}

// The bearer has proved who he is to the provider, but nobody here answers to it. Why not would tell
// which addresses are taken.
[[noreturn]] void refuse_stranger() {
    throw Failure(Code::authentication_required, "no account belongs to this token", {},
                  "An administrator of the tenant can link one, or let the provider create users.");
}

bool is_email(const std::string& email) {
    core::Faults faults;
    core::Field field;
    field.type = core::FieldType::email;
    field.max_length = 254;
    field.name = "email";
    core::check_value(field, core::Json::string(email), faults);
    return !email.empty() && faults.empty();
}

void add_text_or_null(pg::Params& params, std::string_view text) {
    if (text.empty())
        params.add_null(TEXTOID);
    else
        params.add_text(text);
}

bool is_linked(const VerifiedToken& token) {
    pg::Params params;
    params.add_uuid(token.from.id).add_text(token.claims.subject);
    return pg::execute(
               "SELECT FROM pgwright.user_identities WHERE provider_id = $1 AND subject = $2",
               params, false)
               .processed() > 0;
}

// First sign-ins with a provider's tokens come one after the other; false when it is gone by now.
bool lock_provider(const core::Uuid& provider) {
    pg::Params params;
    params.add_uuid(provider);
    return pg::execute(
               "SELECT FROM pgwright.identity_providers WHERE id = $1 AND is_active FOR NO KEY "
               "UPDATE",
               params, false)
               .processed() > 0;
}

// The member of the tenant with the token's e-mail address, where the provider is trusted with that: an
// active one, no platform administrator, and not linked to another subject of the provider already,
// because providers give addresses to new people.
std::optional<core::Uuid> find_by_email(const VerifiedToken& token) {
    const core::LinkByEmail link = token.from.provider.link_by_email;
    if (link == core::LinkByEmail::never || token.claims.email.empty() ||
        (link == core::LinkByEmail::verified && !token.claims.email_verified))
        return std::nullopt;
    pg::Params params;
    params.add_text(token.claims.email).add_uuid(token.from.tenant_id).add_uuid(token.from.id);
    const pg::Result result = pg::execute(
        "SELECT u.id FROM pgwright.users u"
        " WHERE u.email = $1 AND u.status = 'active' AND NOT u.is_deleted"
        "   AND EXISTS (SELECT FROM pgwright.user_roles m WHERE m.user_id = u.id AND m.tenant_id = "
        "$2)"
        "   AND NOT EXISTS (SELECT FROM pgwright.user_roles m JOIN pgwright.roles r ON r.id = "
        "m.role_id WHERE m.user_id = u.id AND r.name = 'super_admin')"
        "   AND NOT EXISTS (SELECT FROM pgwright.user_identities l WHERE l.provider_id = $3 AND "
        "l.user_id = u.id)",
        params, false);
    return result.empty() ? std::nullopt : std::optional(result.row(0).uuid(0));
}

// The roles are the membership, so without any there is none to be had.
bool add_membership(const core::Uuid& user, const VerifiedToken& token) {
    pg::Params params;
    params.add_uuid(user).add_uuid(token.from.tenant_id).add_text_array(token.claims.roles);
    return pg::execute(
               "INSERT INTO pgwright.user_roles (user_id, role_id, tenant_id)"
               " SELECT DISTINCT ON (r.name) $1, r.id, $2 FROM pgwright.roles r"
               "  WHERE r.name = ANY ($3) AND (r.tenant_id = $2 OR r.tenant_id IS NULL)"
               "  ORDER BY r.name, r.tenant_id NULLS LAST",
               params, false)
               .processed() > 0;
}

// A new user without a password; nothing when the address is no address or taken.
std::optional<core::Uuid> create_user(const VerifiedToken& token) {
    if (!token.from.provider.auto_provision || !is_email(token.claims.email)) return std::nullopt;
    pg::Params params;
    params.add_text(token.claims.email);
    add_text_or_null(params, token.claims.display_name);
    const pg::Result result = pg::execute(
        "INSERT INTO pgwright.users (email, display_name) VALUES ($1, $2)"
        " ON CONFLICT (email) WHERE NOT is_deleted DO NOTHING RETURNING id",
        params, false);
    if (result.empty()) return std::nullopt;
    const core::Uuid user = result.row(0).uuid(0);
    return add_membership(user, token) ? std::optional(user) : std::nullopt;
}

void insert_link(const core::Uuid& user, const VerifiedToken& token) {
    pg::Params params;
    params.add_uuid(token.from.id).add_text(token.claims.subject).add_uuid(user);
    pg::execute(
        "INSERT INTO pgwright.user_identities (provider_id, subject, user_id) VALUES ($1, $2, $3)",
        params, false);
}

// What the provider says of the person now. An unchanged row is left alone: to write it makes every
// backend forget its identities.
void keep_profile(const VerifiedToken& token) {
    pg::Params params;
    params.add_uuid(token.from.id).add_text(token.claims.subject);
    add_text_or_null(params, token.claims.email);
    add_text_or_null(params, token.claims.display_name);
    add_text_or_null(params, token.claims.department);
    const bool differs =
        pg::execute(
            "SELECT FROM pgwright.user_identities WHERE provider_id = $1 AND subject = $2"
            " AND (email, display_name, department) IS DISTINCT FROM ($3, $4, $5)",
            params, false)
            .processed() > 0;
    if (!differs) return;
    pg::execute(
        "UPDATE pgwright.user_identities SET email = $3, display_name = $4, department = $5"
        " WHERE provider_id = $1 AND subject = $2",
        params, false);
}

// True when a user was made.
bool link(const VerifiedToken& token) {
    if (is_linked(token)) return false;
    if (!lock_provider(token.from.id)) refuse();
    if (is_linked(token)) return false;
    const auto known = find_by_email(token);
    const auto user = known ? known : create_user(token);
    if (!user) refuse_stranger();
    insert_link(*user, token);
    return !known;
}

std::string describe(const security::Identity& identity, const VerifiedToken& token, bool created) {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("token_type");
    writer.string("Bearer");
    writer.key("expires_in");
    writer.integer(identity.good_until - security::now_seconds());
    writer.key("provider");
    writer.string(token.from.provider.name);
    writer.key("created");
    writer.boolean(created);
    writer.key("user");
    writer.begin_object();
    security::describe_identity(identity, writer);
    writer.end_object();
    writer.end_object();
    return std::string(writer.view());
}

std::string sign_in_with_token(std::string_view text) {
    const auto token = security::verify_outside_token(text, security::now_seconds());
    if (!token) refuse();
    const Scope scope(Rights::engine);
    const bool created = link(*token);
    keep_profile(*token);
    const auto identity = security::load_outside_identity(*token);
    if (!identity) refuse_stranger();
    return describe(*identity, *token, created);
}

void revoke_token(const security::Identity& identity) {
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(*identity.provider_id)
        .add_bytea(identity.token_hash)
        .add_bigint(identity.claims.expires_at);
    pg::execute("DELETE FROM pgwright.revoked_tokens WHERE expires_at < pg_catalog.now()", {},
                false);
    pg::execute(
        "INSERT INTO pgwright.revoked_tokens (provider_id, token_hash, expires_at)"
        " VALUES ($1, $2, pg_catalog.to_timestamp($3)) ON CONFLICT (token_hash) DO NOTHING",
        params, false);
}

void require_user_permission() {
    if (security::is_administrator()) return;
    if (security::require_identity()->permissions.allows("users", core::Action::update,
                                                         core::Scope::all))
        return;
    throw Failure(Code::permission_denied, "permission denied: users:update:all");
}

// The caller's own, without an address.
void revoke_outside_tokens(std::optional<std::string_view> email) {
    pg::Params params;
    if (email) {
        require_user_permission();
        params.add_text(normalise_email(*email)).add_null(UUIDOID);
    } else {
        params.add_null(TEXTOID).add_uuid(security::require_identity()->user_id());
    }
    const Scope scope(Rights::engine);
    const pg::Result result = pg::execute(
        "UPDATE pgwright.users SET tokens_valid_after = pg_catalog.clock_timestamp()"
        " WHERE (email = $1 OR id = $2) AND NOT is_deleted",
        params, false);
    if (result.processed() == 0)
        throw Failure(Code::resource_not_found, "there is no user of that e-mail address");
}

}  // namespace

void sign_out(const security::Identity& identity) {
    if (identity.provider_id)
        revoke_token(identity);
    else
        revoke_session(identity.claims.session_id);
}

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_sign_in_with_token) {
    const char* const bearer = pgwright::security::token_setting;
    const std::string token(args.optional_text(0).value_or(bearer == nullptr ? "" : bearer));
    return pgwright::pg::json_datum(pgwright::auth::sign_in_with_token(token));
}

PGWRIGHT_FUNCTION(pgwright_revoke_outside_tokens) {
    pgwright::auth::revoke_outside_tokens(args.optional_text(0));
    return pgwright::pg::return_void();
}
