// The module: magic, settings, and the order in which the subsystems start. One table of settings;
// docs/settings.md repeats it for people.
#include "pg/server.hpp"

#include "pg/compat.hpp"

#include "auth/settings.hpp"
#include "catalog/entity_cache.hpp"
#include "data/plan_cache.hpp"
#include "schema/execution.hpp"
#include "security/identity.hpp"
#include "security/token_verifier.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

namespace {

char* request_id = nullptr;

void define_strings() {
    // Not shown by SHOW ALL: a token is a credential. The assign hook only counts.
    DefineCustomStringVariable("pgwright.token", "The signed token that says who is asking.",
                               nullptr, &pgwright::security::token_setting, "", PGC_USERSET,
                               GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, nullptr,
                               pgwright::security::assign_token, nullptr);
    DefineCustomStringVariable("pgwright.token_audience",
                               "The audience that this database's own tokens carry and must name.",
                               nullptr, &pgwright::security::token_audience_setting, "", PGC_SUSET,
                               0, nullptr, pgwright::security::assign_token_audience, nullptr);
    DefineCustomStringVariable(
        "pgwright.request_id", "The request a statement belongs to, for logs.", nullptr,
        &request_id, "", PGC_USERSET, GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
    DefineCustomStringVariable("pgwright.client_address",
                               "The network address of the client, as the shim saw it.", nullptr,
                               &pgwright::auth::client_address, "", PGC_USERSET, GUC_NOT_IN_SAMPLE,
                               nullptr, nullptr, nullptr);
    DefineCustomStringVariable("pgwright.client_agent", "The client's program, as it calls itself.",
                               nullptr, &pgwright::auth::client_agent, "", PGC_USERSET,
                               GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
}

void define_auth_integers() {
    DefineCustomIntVariable("pgwright.invitation_lifetime", "How long an invitation is good.",
                            nullptr, &pgwright::auth::invitation_lifetime, 7 * 86400, 60,
                            90 * 86400, PGC_SUSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("pgwright.failed_login_retention",
                            "How long failed attempts to sign in are kept.", nullptr,
                            &pgwright::auth::failed_login_retention, 90 * 86400, 86400,
                            3650 * 86400, PGC_SUSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("pgwright.api_keys_per_user",
                            "How many API keys that are good a user may have in a tenant.", nullptr,
                            &pgwright::auth::api_keys_per_user, 20, 0, 10000, PGC_SUSET, 0, nullptr,
                            nullptr, nullptr);
    DefineCustomIntVariable("pgwright.api_key_usage_interval",
                            "How often a backend writes down the use of API keys at most.", nullptr,
                            &pgwright::auth::api_key_usage_interval, 60, 0, 86400, PGC_SUSET,
                            GUC_UNIT_S, nullptr, nullptr, nullptr);
}

void define_integers() {
    DefineCustomIntVariable("pgwright.access_token_lifetime", "How long an access token is good.",
                            nullptr, &pgwright::auth::access_token_lifetime, 900, 60, 86400,
                            PGC_SUSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("pgwright.session_lifetime",
                            "How long a session lasts without a new sign-in.", nullptr,
                            &pgwright::auth::session_lifetime, 30 * 86400, 60, 400 * 86400,
                            PGC_SUSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
    define_auth_integers();
    DefineCustomIntVariable("pgwright.plan_cache_size", "How many statement plans a backend keeps.",
                            nullptr, &pgwright::data::plan_cache_size, 256, 1, 65536, PGC_USERSET,
                            0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("pgwright.entity_cache_size",
                            "How many entities a backend keeps in memory.", nullptr,
                            &pgwright::catalog::entity_cache_size, 1024, 1, 65536, PGC_USERSET, 0,
                            nullptr, nullptr, nullptr);
    DefineCustomIntVariable(
        "pgwright.ddl_lock_timeout",
        "How long a migration waits for a lock before it lets go and tries again.", nullptr,
        &pgwright::schema::ddl_lock_timeout, 2000, 1, 600000, PGC_USERSET, GUC_UNIT_MS, nullptr,
        nullptr, nullptr);
    DefineCustomIntVariable(
        "pgwright.ddl_lock_attempts", "How often a migration tries to lock its tables.", nullptr,
        &pgwright::schema::ddl_lock_attempts, 5, 1, 10, PGC_USERSET, 0, nullptr, nullptr, nullptr);
}

}  // namespace

void _PG_init(void) {
    define_strings();
    define_integers();
    MarkGUCPrefixReserved("pgwright");
    pgwright::catalog::start_entity_cache();
}
