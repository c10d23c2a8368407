// SQL: login, try_login, try_change_password, logout, act_as. A sign-in tells nothing but yes or no: unknown user, wrong password, no
// membership and wrong tenant get the same answer at the same cost.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/account.hpp"
#include "auth/answer.hpp"
#include "auth/lockout.hpp"
#include "auth/password.hpp"
#include "auth/session.hpp"
#include "auth/token_sign_in.hpp"
#include "security/identity.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

using core::Code;
using core::Failure;
using security::Rights;
using security::Scope;

// The tenant asked for, or the only one.
std::optional<core::Uuid> choose_tenant(const core::Uuid& user,
                                        std::optional<std::string_view> slug) {
    const auto memberships = find_memberships(user);
    if (!slug) {
        if (memberships.size() > 1)
            throw Failure(Code::validation_error, "several tenants are open to this user",
                          {{"tenant", "is required"}});
        return memberships.empty() ? std::nullopt : std::optional(memberships.front().tenant);
    }
    for (const Membership& membership : memberships)
        if (membership.slug == *slug) return membership.tenant;
    return std::nullopt;
}

// What came of an attempt. A lock tells how long it lasts: it is the address's, whether or not anybody
// has it.
struct Attempt {
    std::optional<OpenedSession> opened;
    int locked_seconds = 0;
};

Attempt fail(std::string_view email, const std::optional<Account>& account, LoginFault fault) {
    log_failed_login(email, account ? account->user : core::Uuid{}, fault);
    return {};
}

Attempt attempt_login(std::string_view typed_email, std::string_view password,
                      std::optional<std::string_view> tenant) {
    const Scope scope(Rights::engine);
    const std::string email = normalise_email(typed_email);
    if (const int seconds = begin_attempt(email); seconds > 0) return {{}, seconds};
    const auto account = find_account(email);
    const bool fits = password.size() <= kMaxPasswordBytes;
    const bool right = verify_password(password.substr(0, kMaxPasswordBytes),
                                       account && fits ? account->password_hash : std::string());
    if (!right)
        return fail(email, account,
                    account ? LoginFault::wrong_password : LoginFault::unknown_user);
    const auto chosen = choose_tenant(account->user, tenant);
    if (!chosen) return fail(email, account, LoginFault::no_tenant);
    clear_attempts(email);
    return {open_session(account->user, *chosen, SessionKind::login), 0};
}

Failure failure_of(const Attempt& attempt) {
    if (attempt.locked_seconds > 0)
        return {Code::rate_limit_exceeded, "too many failed attempts to sign in; try again in " +
                                               std::to_string(attempt.locked_seconds) + " seconds"};
    return {Code::authentication_required, "e-mail, password or tenant is wrong"};
}

std::string try_login(std::string_view email, std::string_view password,
                      std::optional<std::string_view> tenant) {
    const Attempt attempt = attempt_login(email, password, tenant);
    return attempt.opened ? describe_session(*attempt.opened)
                          : error_answer(failure_of(attempt), attempt.locked_seconds);
}

// The error takes the count back with it: see try_login().
std::string login(std::string_view email, std::string_view password,
                  std::optional<std::string_view> tenant) {
    const Attempt attempt = attempt_login(email, password, tenant);
    if (!attempt.opened) throw failure_of(attempt);
    return describe_session(*attempt.opened);
}

std::string try_change_password(std::string_view old_password, std::string_view new_password) {
    const auto identity = require_session();
    const Scope scope(Rights::engine);
    core::Faults faults;
    check_password(new_password, identity->email,
                   password_rules(identity->user_id(), identity->tenant_id()), "new_password",
                   faults);
    faults.raise("the new password is not valid");
    // Whoever has got hold of an access token alone shall not guess here what he may not at sign-in.
    if (const int seconds = begin_attempt(identity->email); seconds > 0)
        return error_answer(failure_of({{}, seconds}), seconds);
    const auto account = find_account(identity->email);
    if (!verify_password(old_password.substr(0, kMaxPasswordBytes),
                         account ? account->password_hash : std::string())) {
        log_failed_login(identity->email, identity->user_id(), LoginFault::wrong_password);
        return error_answer({Code::validation_error,
                             "the old password is not valid",
                             {{"old_password", "is wrong"}}});
    }
    const int last = password_rules(identity->user_id(), identity->tenant_id()).history;
    if (was_used(identity->user_id(), new_password, last))
        faults.add("new_password",
                   "must not be one of the last " + std::to_string(last) + " passwords");
    faults.raise("the new password is not valid");
    clear_attempts(identity->email);
    set_password(identity->user_id(), new_password);
    revoke_sessions(identity->user_id(), identity->claims.session_id, {});
    return "{}";
}

std::string act_as(std::string_view email, std::optional<std::string_view> tenant) {
    if (!security::is_administrator())
        throw Failure(Code::permission_denied, "act_as is for members of pgwright_admin");
    const auto account = find_account(email);
    if (!account)
        throw Failure(Code::resource_not_found, "there is no active user of that e-mail address");
    const auto chosen = choose_tenant(account->user, tenant);
    if (!chosen) throw Failure(Code::resource_not_found, "the user has no role in that tenant");
    const OpenedSession opened = open_session(account->user, *chosen, SessionKind::act_as);
    pg::call([&opened] {
        SetConfigOption("pgwright.token", opened.access_token.c_str(), PGC_USERSET, PGC_S_SESSION);
    });
    core::JsonWriter writer;
    writer.begin_object();
    security::describe_identity(*opened.identity, writer);
    writer.end_object();
    return std::string(writer.view());
}

}  // namespace

}  // namespace pgwright::auth

namespace {
void require_credentials(const pgwright::pg::Arguments& args) {
    pgwright::core::Faults faults;
    if (args.is_null(0)) faults.add("email", "is required");
    if (args.is_null(1)) faults.add("password", "is required");
    faults.raise("the sign-in is not complete");
}
}  // namespace

PGWRIGHT_FUNCTION(pgwright_login) {
    require_credentials(args);
    return pgwright::pg::json_datum(
        pgwright::auth::login(args.text(0), args.text(1), args.optional_text(2)));
}

PGWRIGHT_FUNCTION(pgwright_try_login) {
    require_credentials(args);
    return pgwright::pg::json_datum(
        pgwright::auth::try_login(args.text(0), args.text(1), args.optional_text(2)));
}

PGWRIGHT_FUNCTION(pgwright_try_change_password) {
    namespace auth = pgwright::auth;
    const auto old_password = auth::required_text(args, 0, "old_password");
    return pgwright::pg::json_datum(
        auth::try_change_password(old_password, auth::required_text(args, 1, "new_password")));
}

PGWRIGHT_FUNCTION(pgwright_logout) {
    const auto identity = pgwright::security::require_identity();
    if (identity->api_key) (void)pgwright::auth::require_session();  // which refuses it
    pgwright::auth::sign_out(*identity);
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_act_as) {
    return pgwright::pg::json_datum(pgwright::auth::act_as(args.text(0), args.optional_text(1)));
}
