// SQL: login, logout, act_as. A sign-in tells nothing but yes or no: unknown user, wrong password, no
// membership and wrong tenant get the same answer at the same cost.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/account.hpp"
#include "auth/password.hpp"
#include "auth/session.hpp"
#include "auth/settings.hpp"
#include "auth/token_sign_in.hpp"
#include "security/identity.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

using core::Code;
using core::Failure;

[[noreturn]] void refuse() {
    throw Failure(Code::authentication_required, "e-mail, password or tenant is wrong");
}

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

std::string describe(const OpenedSession& opened) {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("access_token");
    writer.string(opened.access_token);
    writer.key("refresh_token");
    writer.string(opened.refresh_token);
    writer.key("token_type");
    writer.string("Bearer");
    writer.key("expires_in");
    writer.integer(access_token_lifetime);
    writer.key("user");
    writer.begin_object();
    security::describe_identity(*opened.identity, writer);
    writer.end_object();
    writer.end_object();
    return std::string(writer.view());
}

std::string login(std::string_view email, std::string_view password,
                  std::optional<std::string_view> tenant) {
    const auto account = password.size() <= kMaxPasswordBytes ? find_account(email) : std::nullopt;
    const bool right = verify_password(password.substr(0, kMaxPasswordBytes),
                                       account ? account->password_hash : std::string());
    if (!right) refuse();
    const auto chosen = choose_tenant(account->user, tenant);
    if (!chosen) refuse();
    return describe(open_session(account->user, *chosen, SessionKind::login));
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

PGWRIGHT_FUNCTION(pgwright_login) {
    if (args.is_null(0) || args.is_null(1)) {
        pgwright::core::Faults faults;
        if (args.is_null(0)) faults.add("email", "is required");
        if (args.is_null(1)) faults.add("password", "is required");
        faults.raise("the sign-in is not complete");
    }
    return pgwright::pg::json_datum(
        pgwright::auth::login(args.text(0), args.text(1), args.optional_text(2)));
}

PGWRIGHT_FUNCTION(pgwright_logout) {
    pgwright::auth::sign_out(*pgwright::security::require_identity());
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_act_as) {
    return pgwright::pg::json_datum(pgwright::auth::act_as(args.text(0), args.optional_text(1)));
}
