// SQL: create_api_key, list_api_keys, get_api_key, update_api_key, rotate_api_key, revoke_api_key. People
// manage their own keys; api_keys:* is for those of others in the tenant, and for keys that manage keys.
// No key comes out of here with more rights than its maker has at that moment, except that a person's own
// key without scopes follows that person's rights.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include <algorithm>

#include "auth/answer.hpp"
#include "auth/api_key.hpp"
#include "auth/rights.hpp"
#include "auth/settings.hpp"
#include "core/utf8.hpp"
#include "core/value_check.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

int api_keys_per_user = 20;

namespace {

using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

constexpr std::size_t kMaxScopes = 200;
constexpr std::size_t kMaxNameLength = 200;

constexpr std::string_view kKeyJson =
    "pg_catalog.json_build_object('id', k.id, 'user_id', k.user_id, 'user_email', (SELECT u.email "
    "FROM pgwright.users u WHERE u.id = k.user_id), 'name', k.name, 'prefix', k.prefix, 'scopes', "
    "k.scopes, 'status', CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN "
    "least(k.expires_at, "
    "k.overlap_ends_at) <= pg_catalog.now() THEN 'expired' ELSE 'active' END, 'expires_at', "
    "k.expires_at, 'last_used_at', (SELECT max(x.last_at) FROM pgwright.api_key_usage x WHERE "
    "x.api_key_id = k.id), 'revoked_at', k.revoked_at, 'replaces', k.replaces, 'rotated_to', "
    "k.rotated_to, 'overlap_ends_at', k.overlap_ends_at, 'created_at', k.created_at, 'created_by', "
    "k.created_by)::text";

std::string select_keys(std::string_view where, const pg::Params& params, bool list) {
    std::string sql = "SELECT ";
    sql += list ? "coalesce('[' || pg_catalog.string_agg(" + std::string(kKeyJson) +
                      ", ',' ORDER BY k.created_at DESC, k.id DESC) || ']', '[]')"
                : std::string(kKeyJson);
    sql.append(" FROM pgwright.api_keys k WHERE ").append(where);
    const pg::Result result = pg::execute(sql, params, false);
    if (result.empty()) not_found("API key");
    return result.row(0).text(0);
}

std::string describe_key(const core::Uuid& key) {
    pg::Params params;
    params.add_uuid(key);
    return select_keys("k.id = $1", params, false);
}

// With the text, which is never told again.
std::string describe_new_key(const core::Uuid& id, const NewKey& made) {
    Json document = core::parse_json(describe_key(id));
    document.set("key", Json::string(made.text()));
    return document.dump();
}

// Rights ------------------------------------------------------------------------------------------

// Own keys are their user's business; those of others, and whatever a key does with keys, need the right.
void require_right(const Identity& caller, bool own, core::Action action) {
    if (own && !caller.api_key && !caller.is_restricted()) return;
    const core::Scope least = own ? core::Scope::own : core::Scope::tenant;
    if (!caller.permissions.allows("api_keys", action, least))
        throw Failure(Code::permission_denied,
                      "permission denied: api_keys:" + std::string(core::action_name(action)) +
                          ":" + std::string(core::scope_name(least)));
}

// null: all rights of the user, which only that user, signed in, hands out.
void require_grantable(const Identity& caller, bool own, const Json& scopes) {
    if (scopes.is_null()) {
        if (own && !caller.api_key && !caller.is_restricted()) return;
        throw Failure(Code::validation_error, "the API key is not valid",
                      {{"scopes", "is required but for a key of one's own"}});
    }
    if (const std::string beyond = read_scopes(scopes).first_beyond(caller.permissions);
        !beyond.empty())
        throw Failure(Code::permission_denied, "a scope is beyond your rights: " + beyond,
                      {{"scopes", "has " + beyond + ", which you do not hold"}});
}

// Definitions -------------------------------------------------------------------------------------

void check_name(const Json& value, core::Faults& faults) {
    const std::size_t length = value.is_string() ? core::count_characters(value.text()) : 0;
    if (length < 1 || length > kMaxNameLength)
        faults.add("name", "must be a text of 1 to 200 characters");
}

// Written in full in the row, so that what is shown is what holds.
Json check_scopes(const Json& value, core::Faults& faults) {
    Json full = Json::array();
    if (value.is_null()) return value;
    if (!value.is_array() || value.items().empty() || value.items().size() > kMaxScopes)
        faults.add("scopes", "must be null or a list of 1 to 200 permissions");
    for (std::size_t i = 0; i < value.items().size() && i < kMaxScopes; ++i) {
        const Json& item = value.items()[i];
        const auto permission =
            item.is_string() ? core::Permission::parse(item.text()) : std::nullopt;
        if (permission)
            full.items().push_back(Json::string(permission->to_string()));
        else
            faults.add("scopes[" + std::to_string(i) + "]",
                       "must be written resource:action[:scope]");
    }
    return full;
}

bool is_past(const std::string& moment) {
    pg::Params params;
    params.add_text(moment);
    return pg::execute("SELECT $1::timestamptz <= pg_catalog.now()", params, true)
        .row(0)
        .boolean(0);
}

void check_expiry(const Json& value, core::Faults& faults) {
    if (value.is_null()) return;
    if (!value.is_string() || !core::is_datetime_text(value.text()))
        faults.add("expires_at", "must be null or a moment: YYYY-MM-DDTHH:MM:SSZ");
    else if (is_past(value.text()))
        faults.add("expires_at", "must be in the future");
}

// The members of a definition, checked; missing ones are left out. Names in `known` may be given.
Json read_definition(const Json& given, std::initializer_list<std::string_view> known) {
    if (!given.is_object())
        throw Failure(Code::validation_error, "the definition must be a JSON object");
    core::Faults faults;
    Json made = Json::object();
    for (const auto& [name, value] : given.members()) {
        made.set(name, value);
        if (std::ranges::find(known, name) == known.end())
            faults.add(name, "is not a member of an API key that can be given");
        else if (name == "name")
            check_name(value, faults);
        else if (name == "scopes")
            made.set(name, check_scopes(value, faults));
        else if (name == "expires_at")
            check_expiry(value, faults);
        else if (!value.is_string() || !core::Uuid::parse(value.text()))
            faults.add(name, "must be the id of a user");
    }
    faults.raise("the API key is not valid");
    return made;
}

void add_json(pg::Params& params, const Json* value) {
    if (value == nullptr || value->is_null())
        params.add_null(TEXTOID);
    else
        params.add_text(value->is_string() ? value->text() : value->dump());
}

// Rows --------------------------------------------------------------------------------------------

// The user's row is locked: two requests at once must not both find room.
void require_room(const core::Uuid& user, const core::Uuid& tenant, std::int64_t most) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    const pg::Result member = pg::execute(
        "SELECT FROM pgwright.users u WHERE u.id = $1 AND EXISTS (SELECT FROM pgwright.user_roles "
        "m "
        "WHERE m.user_id = u.id AND m.tenant_id = $2) FOR NO KEY UPDATE",
        params, false);
    if (member.empty())
        throw Failure(Code::validation_error, "the API key is not valid",
                      {{"user_id", "is not a user of the tenant"}});
    const std::int64_t keys =
        pg::execute(
            "SELECT count(*) FROM pgwright.api_keys WHERE user_id = $1 AND tenant_id = $2 AND "
            "revoked_at IS NULL AND coalesce(least(expires_at, overlap_ends_at) > "
            "pg_catalog.now(), "
            "true)",
            params, false)
            .row(0)
            .integer(0);
    if (keys >= most)
        throw Failure(Code::conflict,
                      "the user has " + std::to_string(keys) + " API keys, the most there may be",
                      {}, "Revoke one that is not needed.");
}

std::string create_key(const Json& given) {
    const auto caller = security::require_identity();
    const security::Scope scope(security::Rights::engine);
    const Json definition = read_definition(given, {"name", "scopes", "expires_at", "user_id"});
    if (definition.find("name") == nullptr)
        throw Failure(Code::validation_error, "the API key is not valid",
                      {{"name", "is required"}});
    const Json* user_id = definition.find("user_id");
    const core::Uuid user =
        user_id == nullptr ? caller->user_id() : *core::Uuid::parse(user_id->text());
    const bool own = user == caller->user_id();
    require_right(*caller, own, core::Action::create);
    const Json* scopes = definition.find("scopes");
    require_grantable(*caller, own, scopes == nullptr ? Json() : *scopes);
    require_room(user, caller->tenant_id(), api_keys_per_user);
    const NewKey made = make_api_key();
    pg::Params params;
    params.add_uuid(caller->tenant_id()).add_uuid(user).add_text(definition.find("name")->text());
    params.add_text(made.prefix).add_bytea(made.hash());
    add_json(params, scopes);
    add_json(params, definition.find("expires_at"));
    const pg::Result result = pg::execute(
        "INSERT INTO pgwright.api_keys (tenant_id, user_id, name, prefix, key_hash, scopes, "
        "expires_at) VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::timestamptz) RETURNING id",
        params, false);
    return describe_new_key(result.row(0).uuid(0), made);
}

struct StoredKey {
    core::Uuid id, user;
    Json scopes;
    bool own = false;
};

// A key the caller may do that with, locked; one that he may not see does not exist. `live`: CONFLICT
// unless it is good, and was not rotated.
StoredKey lock_key(const Identity& caller, std::string_view text, core::Action action, bool live) {
    pg::Params params;
    params.add_uuid(require_uuid(text, "API key")).add_uuid(caller.tenant_id());
    const pg::Result result = pg::execute(
        "SELECT id, user_id, coalesce(scopes::text, 'null'), revoked_at IS NULL AND "
        "coalesce(expires_at > pg_catalog.now(), true), rotated_to IS NULL FROM pgwright.api_keys "
        "WHERE id = $1 AND tenant_id = $2 FOR UPDATE",
        params, false);
    if (result.empty()) not_found("API key");
    const pg::Row row = result.row(0);
    StoredKey key{row.uuid(0), row.uuid(1), core::parse_json(row.text(2)), false};
    key.own = key.user == caller.user_id();
    if (!key.own && !caller.may("api_keys", core::Action::read) && !caller.may("api_keys", action))
        not_found("API key");
    require_right(caller, key.own, action);
    if (live && !row.boolean(3)) throw Failure(Code::conflict, "the API key is revoked or expired");
    if (live && !row.boolean(4)) throw Failure(Code::conflict, "the API key was rotated already");
    return key;
}

std::string update_key(std::string_view text, const Json& given) {
    const auto caller = security::require_identity();
    const security::Scope scope(security::Rights::engine);
    const StoredKey key = lock_key(*caller, text, core::Action::update, true);
    const Json definition = read_definition(given, {"name", "scopes", "expires_at"});
    const Json* scopes = definition.find("scopes");
    const Json* expires_at = definition.find("expires_at");
    if (scopes != nullptr) require_grantable(*caller, key.own, *scopes);
    // A key that lives longer than its maker gave it is as good as a new one.
    if (expires_at != nullptr && scopes == nullptr) require_grantable(*caller, key.own, key.scopes);
    pg::Params params;
    params.add_uuid(key.id);
    add_json(params, definition.find("name"));
    params.add_bool(scopes != nullptr);
    add_json(params, scopes);
    params.add_bool(expires_at != nullptr);
    add_json(params, expires_at);
    pg::execute(
        "UPDATE pgwright.api_keys SET name = coalesce($2, name), scopes = CASE WHEN $3 THEN "
        "$4::jsonb ELSE scopes END, expires_at = CASE WHEN $5 THEN $6::timestamptz ELSE expires_at "
        "END WHERE id = $1",
        params, false);
    return describe_key(key.id);
}

void check_overlap(const pg::Params& overlap) {
    const bool right =
        pg::execute("SELECT $1 >= interval '0' AND $1 <= interval '30 days'", overlap, true)
            .row(0)
            .boolean(0);
    if (!right)
        throw Failure(Code::validation_error, "the overlap is not valid",
                      {{"overlap", "must be from 0 to 30 days"}});
}

std::string rotate_key(std::string_view text, Datum overlap) {
    const auto caller = security::require_identity();
    const security::Scope scope(security::Rights::engine);
    pg::Params period;
    period.add(INTERVALOID, overlap, false);
    check_overlap(period);
    const StoredKey key = lock_key(*caller, text, core::Action::update, true);
    require_grantable(*caller, key.own, key.scopes);
    // Whoever has as many as he may shall be able to replace each.
    require_room(key.user, caller->tenant_id(), 2 * std::int64_t{api_keys_per_user});
    const NewKey made = make_api_key();
    pg::Params params;
    params.add_uuid(key.id).add_text(made.prefix).add_bytea(made.hash());
    const core::Uuid id =
        pg::execute(
            "INSERT INTO pgwright.api_keys (tenant_id, user_id, name, prefix, key_hash, scopes, "
            "expires_at, replaces) SELECT tenant_id, user_id, name, $2, $3, scopes, expires_at, id "
            "FROM pgwright.api_keys WHERE id = $1 RETURNING id",
            params, false)
            .row(0)
            .uuid(0);
    pg::Params old;
    old.add_uuid(key.id).add_uuid(id).add(INTERVALOID, overlap, false);
    pg::execute(
        "UPDATE pgwright.api_keys SET rotated_to = $2, overlap_ends_at = pg_catalog.now() + $3 "
        "WHERE "
        "id = $1",
        old, false);
    return describe_new_key(id, made);
}

void revoke_key(std::string_view text) {
    const auto caller = security::require_identity();
    const security::Scope scope(security::Rights::engine);
    const StoredKey key = lock_key(*caller, text, core::Action::delete_, false);
    pg::Params params;
    params.add_uuid(key.id);
    pg::execute(
        "UPDATE pgwright.api_keys SET revoked_at = pg_catalog.now() WHERE id = $1 AND revoked_at "
        "IS "
        "NULL",
        params, false);
}

// One's own, with api_keys:read everybody's; a key without it sees none but itself.
std::string read_keys(const core::Uuid* id) {
    const auto caller = security::require_identity();
    const security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_uuid(caller->tenant_id()).add_uuid(caller->user_id());
    params.add_bool(caller->may("api_keys", core::Action::read)).add_bool(!caller->api_key);
    params.add_uuid(caller->api_key.value_or(core::Uuid{}));
    std::string where = "k.tenant_id = $1 AND ($3 OR k.user_id = $2 AND ($4 OR k.id = $5))";
    if (id != nullptr) {
        params.add_uuid(*id);
        where += " AND k.id = $6";
    }
    return select_keys(where, params, id == nullptr);
}

}  // namespace

}  // namespace pgwright::auth

namespace auth = pgwright::auth;

PGWRIGHT_FUNCTION(pgwright_create_api_key) {
    return pgwright::pg::json_datum(
        auth::create_key(pgwright::core::parse_json(auth::required_text(args, 0, "definition"))));
}

PGWRIGHT_FUNCTION(pgwright_list_api_keys) {
    return pgwright::pg::json_datum(auth::read_keys(nullptr));
}

PGWRIGHT_FUNCTION(pgwright_get_api_key) {
    const auto id = auth::require_uuid(auth::required_text(args, 0, "key"), "API key");
    return pgwright::pg::json_datum(auth::read_keys(&id));
}

PGWRIGHT_FUNCTION(pgwright_update_api_key) {
    const auto key = auth::required_text(args, 0, "key");
    return pgwright::pg::json_datum(auth::update_key(
        key, pgwright::core::parse_json(auth::required_text(args, 1, "definition"))));
}

PGWRIGHT_FUNCTION(pgwright_rotate_api_key) {
    const auto key = auth::required_text(args, 0, "key");
    if (args.is_null(1))
        throw pgwright::core::Failure(pgwright::core::Code::validation_error,
                                      "the overlap is not valid", {{"overlap", "is required"}});
    return pgwright::pg::json_datum(auth::rotate_key(key, args.datum(1)));
}

PGWRIGHT_FUNCTION(pgwright_revoke_api_key) {
    auth::revoke_key(auth::required_text(args, 0, "key"));
    return pgwright::pg::return_void();
}
