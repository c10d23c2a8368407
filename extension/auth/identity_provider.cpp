// SQL: create_identity_provider, update_identity_provider, delete_identity_provider,
// get_identity_provider, list_identity_providers, identity_provider_test, link_identity, unlink_identity.
// Each tenant has its own. Whoever may write one can act as every member of the tenant, by keys of his
// own making; so security:create and security:update are an owner's rights.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include <algorithm>

#include "auth/account.hpp"
#include "security/outside_identity.hpp"
#include "security/scope.hpp"
#include "security/token_verifier.hpp"

namespace pgwright::auth {

namespace {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Rights;
using security::Scope;

constexpr std::string_view kArea = "security";

// The stored definition with what the server adds.
constexpr std::string_view kProviderJson =
    "(p.definition || pg_catalog.jsonb_build_object('id', p.id, 'created_at', p.created_at, "
    "'updated_at', p.updated_at, 'created_by', p.created_by, 'updated_by', p.updated_by))::text";

security::IdentityPointer require(Action action) {
    auto identity = security::require_identity();
    security::require_permission(*identity, kArea, action);
    return identity;
}

struct StoredProvider {
    core::Uuid id;
    std::string definition;
    std::string json;
};

// By name or id, of the tenant. `suffix`: a locking clause.
StoredProvider find_provider(const core::Uuid& tenant, std::string_view provider,
                             std::string_view suffix = "") {
    const auto id = core::Uuid::parse(provider);
    pg::Params params;
    params.add_uuid(tenant).add_text(provider);
    if (id)
        params.add_uuid(*id);
    else
        params.add_null(UUIDOID);
    const pg::Result result =
        pg::execute("SELECT p.id, p.definition::text, " + std::string(kProviderJson) +
                        " FROM pgwright.identity_providers p"
                        " WHERE p.tenant_id = $1 AND (p.name = $2 OR p.id = $3)"
                        " ORDER BY p.id = $3 DESC NULLS LAST LIMIT 1" +
                        std::string(suffix),
                    params, suffix.empty());
    if (result.empty())
        throw Failure(Code::resource_not_found, "there is no such identity provider");
    const pg::Row row = result.row(0);
    return {row.uuid(0), row.text(1), row.text(2)};
}

// Roles that are mapped to must be there, of the tenant or built in.
void check_roles(const core::Uuid& tenant, const core::IdentityProvider& provider) {
    std::vector<std::string> names;
    for (const auto& [name, roles] : provider.role_mapping)
        names.insert(names.end(), roles.begin(), roles.end());
    pg::Params params;
    params.add_uuid(tenant).add_text_array(names);
    const pg::Result missing = pg::execute(
        "SELECT DISTINCT n.name FROM pg_catalog.unnest($2) AS n (name)"
        " WHERE NOT EXISTS (SELECT FROM pgwright.roles r WHERE r.name = n.name AND (r.tenant_id = "
        "$1 OR r.tenant_id IS NULL)) ORDER BY n.name",
        params, false);
    core::Faults faults;
    for (std::size_t i = 0; i < missing.rows(); ++i)
        faults.add("role_mapping", "names a role that does not exist: " + missing.row(i).text(0));
    faults.raise("the identity provider is not valid");
}

// The definition as it is to be stored.
std::string check_definition(const core::Uuid& tenant, const Json& definition) {
    const Json complete = core::complete_identity_provider(definition);
    check_roles(tenant, core::read_identity_provider(complete));
    return complete.dump();
}

// The unique indexes decide, so that two requests at once cannot both pass a check.
pg::Result store(std::string_view sql, const pg::Params& params) {
    try {
        return pg::execute(sql, params, false);
    } catch (const pg::Error& error) {
        if (error.sqlstate() != ERRCODE_UNIQUE_VIOLATION) throw;
        throw Failure(Code::conflict,
                      "the identity provider's name, or its issuer and audience, are taken",
                      {{"name", "must be the only one of the tenant"},
                       {"audience", "must be the only one of its issuer"}});
    }
}

std::string create(std::string_view text) {
    const auto identity = require(Action::create);
    const Json definition = core::parse_json(text);
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(identity->tenant_id())
        .add_text(check_definition(identity->tenant_id(), definition));
    return store(
               "INSERT INTO pgwright.identity_providers AS p (tenant_id, definition) VALUES ($1, "
               "$2::jsonb) RETURNING " +
                   std::string(kProviderJson),
               params)
        .row(0)
        .text(0);
}

std::string update(std::string_view provider, std::string_view text) {
    const auto identity = require(Action::update);
    const Json changes = core::parse_json(text);
    if (!changes.is_object())
        throw Failure(Code::validation_error, "the identity provider is not valid",
                      {{"definition", "must be a JSON object"}});
    const Scope scope(Rights::engine);
    const StoredProvider stored = find_provider(identity->tenant_id(), provider, " FOR UPDATE");
    Json definition = core::parse_json(stored.definition);
    for (const auto& [name, value] : changes.members()) definition.set(name, value);
    pg::Params params;
    params.add_uuid(stored.id).add_text(check_definition(identity->tenant_id(), definition));
    return store(
               "UPDATE pgwright.identity_providers AS p SET definition = $2::jsonb WHERE p.id = $1 "
               "RETURNING " +
                   std::string(kProviderJson),
               params)
        .row(0)
        .text(0);
}

void remove(std::string_view provider) {
    const auto identity = require(Action::delete_);
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(find_provider(identity->tenant_id(), provider).id);
    pg::execute("DELETE FROM pgwright.identity_providers WHERE id = $1", params, false);
}

std::string get(std::string_view provider) {
    const auto identity = require(Action::read);
    const Scope scope(Rights::engine);
    return find_provider(identity->tenant_id(), provider).json;
}

std::string list() {
    const auto identity = require(Action::read);
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(identity->tenant_id());
    return pg::execute("SELECT coalesce(pg_catalog.json_agg(" + std::string(kProviderJson) +
                           "::json ORDER BY p.name), '[]')::text FROM "
                           "pgwright.identity_providers p WHERE p.tenant_id = $1",
                       params, true)
        .row(0)
        .text(0);
}

// Why a token is refused ------------------------------------------------------------------------------

struct Diagnosis {
    std::string provider;  // empty: none was found
    std::string reason;    // empty: accepted
    std::optional<security::VerifiedToken> token;
};

struct Candidates {
    std::vector<security::FoundProvider> found;
    bool issuer_known = false;
};

Candidates find_candidates(const core::Uuid& tenant, const core::TokenAddress& address) {
    pg::Params params;
    params.add_uuid(tenant).add_text(address.issuer).add_text_array(address.audiences);
    const pg::Result result = pg::execute(
        "SELECT id, definition::text, audience = ANY ($3) FROM pgwright.identity_providers"
        " WHERE tenant_id = $1 AND issuer = $2 ORDER BY name",
        params, true);
    Candidates candidates;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        candidates.issuer_known = true;
        if (row.boolean(2))
            candidates.found.push_back(
                {row.uuid(0), tenant, core::read_identity_provider(core::parse_json(row.text(1)))});
    }
    return candidates;
}

Diagnosis refused(std::string reason) { return {{}, std::move(reason), std::nullopt}; }

Diagnosis diagnose(const core::Uuid& tenant, std::string_view text) {
    if (core::token_key_id(text))
        return refused("it is signed with HS256, as this database's own tokens are");
    const auto jws = core::parse_jws(text);
    if (!jws)
        return refused("it is no signed token: three parts in base64url, header without crit");
    const auto address = core::read_token_address(*jws);
    if (!address)
        return refused(
            "it needs an algorithm among RS256, PS256, ES256, EdDSA, the type JWT or at+jwt or "
            "none, "
            "an issuer (iss) and an audience (aud)");
    Candidates candidates = find_candidates(tenant, *address);
    if (candidates.found.empty())
        return refused(candidates.issuer_known
                           ? "no provider of its issuer in this tenant has its audience"
                           : "no provider of this tenant has its issuer");
    if (candidates.found.size() > 1)
        return refused("its audiences belong to several providers of its issuer");
    security::FoundProvider from = std::move(candidates.found.front());
    core::OutsideCheck check =
        core::check_outside_token(*jws, from.provider, security::now_seconds());
    std::string name = from.provider.name;
    if (!check.refusal.empty()) return {std::move(name), std::string(check.refusal), std::nullopt};
    return {std::move(name), "",
            security::VerifiedToken{std::move(from), std::move(check.claims),
                                    security::token_hash(*jws)}};
}

void write_text(core::JsonWriter& writer, std::string_view name, std::string_view text) {
    writer.key(name);
    if (text.empty())
        writer.null();
    else
        writer.string(text);
}

void write_token(core::JsonWriter& writer, const security::VerifiedToken& token) {
    const core::OutsideClaims& claims = token.claims;
    const auto identity = security::load_outside_identity(token);
    write_text(writer, "subject", claims.subject);
    write_text(writer, "email", claims.email);
    writer.key("email_verified");
    writer.boolean(claims.email_verified);
    write_text(writer, "display_name", claims.display_name);
    write_text(writer, "department", claims.department);
    writer.key("mapped_roles");
    writer.begin_array();
    for (const std::string& role : claims.roles) writer.string(role);
    writer.end_array();
    writer.key("expires_at");
    writer.integer(claims.expires_at);
    writer.key("user");
    if (!identity) return writer.null();
    writer.begin_object();
    security::describe_identity(*identity, writer);
    writer.end_object();
}

// "user" is null while sign_in_with_token() has not linked one, or one that may not come in.
std::string test(std::string_view text) {
    const auto identity = require(Action::read);
    const Scope scope(Rights::engine);
    const Diagnosis found = diagnose(identity->tenant_id(), text);
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("accepted");
    writer.boolean(found.token.has_value());
    write_text(writer, "provider", found.provider);
    write_text(writer, "reason", found.reason);
    if (found.token) write_token(writer, *found.token);
    writer.end_object();
    return std::string(writer.view());
}

// Links by hand ----------------------------------------------------------------------------------------

core::Uuid find_member(const core::Uuid& tenant, std::string_view email) {
    pg::Params params;
    params.add_text(normalise_email(email)).add_uuid(tenant);
    const pg::Result result = pg::execute(
        "SELECT u.id FROM pgwright.users u WHERE u.email = $1 AND NOT u.is_deleted"
        " AND EXISTS (SELECT FROM pgwright.user_roles m WHERE m.user_id = u.id AND m.tenant_id = "
        "$2)",
        params, false);
    if (result.empty())
        throw Failure(Code::validation_error, "the link is not valid",
                      {{"email", "is no member's of the tenant"}});
    return result.row(0).uuid(0);
}

void link(std::string_view provider, std::string_view subject, std::string_view email) {
    const auto identity = require(Action::update);
    if (subject.empty() || subject.size() > 255)
        throw Failure(Code::validation_error, "the link is not valid",
                      {{"subject", "must have 1 to 255 bytes"}});
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(find_provider(identity->tenant_id(), provider).id)
        .add_text(subject)
        .add_uuid(find_member(identity->tenant_id(), email));
    try {
        pg::execute(
            "INSERT INTO pgwright.user_identities (provider_id, subject, user_id) VALUES ($1, $2, "
            "$3)",
            params, false);
    } catch (const pg::Error& error) {
        if (error.sqlstate() != ERRCODE_UNIQUE_VIOLATION) throw;
        throw Failure(Code::conflict, "the subject or the user is linked already",
                      {{"subject", "must be linked to one user, and the user to one subject"}});
    }
}

void unlink(std::string_view provider, std::string_view subject) {
    const auto identity = require(Action::update);
    const Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(find_provider(identity->tenant_id(), provider).id).add_text(subject);
    const pg::Result result =
        pg::execute("DELETE FROM pgwright.user_identities WHERE provider_id = $1 AND subject = $2",
                    params, false);
    if (result.processed() == 0)
        throw Failure(Code::resource_not_found, "the provider has no link of that subject");
}

}  // namespace

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_create_identity_provider) {
    return pgwright::pg::json_datum(pgwright::auth::create(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_update_identity_provider) {
    return pgwright::pg::json_datum(pgwright::auth::update(args.text(0), args.text(1)));
}

PGWRIGHT_FUNCTION(pgwright_delete_identity_provider) {
    pgwright::auth::remove(args.text(0));
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_get_identity_provider) {
    return pgwright::pg::json_datum(pgwright::auth::get(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_list_identity_providers) {
    return pgwright::pg::json_datum(pgwright::auth::list());
}

PGWRIGHT_FUNCTION(pgwright_identity_provider_test) {
    return pgwright::pg::json_datum(pgwright::auth::test(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_link_identity) {
    pgwright::auth::link(args.text(0), args.text(1), args.text(2));
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_unlink_identity) {
    pgwright::auth::unlink(args.text(0), args.text(1));
    return pgwright::pg::return_void();
}
