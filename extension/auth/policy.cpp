// Security policies; see policy.hpp. SQL: get_security_policies, update_security_policies.
#include "pg/guard.hpp"
#include "pg/spi.hpp"

#include "auth/policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "auth/answer.hpp"
#include "auth/settings.hpp"
#include "core/json.hpp"
#include "core/value_check.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

namespace {

using core::Json;

// The columns under their groups and names in documents. Bounds as in the table's checks; highest 0: a flag.
struct Rule {
    std::string_view group, name, column;
    int lowest, highest;
    bool platform_only;
};
constexpr std::array kRules{
    Rule{"password_policy", "min_length", "password_min_length", 8, 128, false},
    Rule{"password_policy", "require_lowercase", "password_require_lower", 0, 0, false},
    Rule{"password_policy", "require_uppercase", "password_require_upper", 0, 0, false},
    Rule{"password_policy", "require_digit", "password_require_digit", 0, 0, false},
    Rule{"password_policy", "require_special", "password_require_special", 0, 0, false},
    Rule{"password_policy", "history", "password_history", 0, 24, false},
    Rule{"lockout_policy", "max_attempts", "lockout_max_attempts", 1, 100, true},
    Rule{"lockout_policy", "base_seconds", "lockout_base_seconds", 1, 3600, true},
    Rule{"lockout_policy", "max_seconds", "lockout_max_seconds", 1, 86400, true},
    Rule{"lockout_policy", "reset_seconds", "lockout_reset_seconds", 60, 2592000, true},
    Rule{"session_policy", "lifetime_seconds", "session_lifetime_seconds", 60, 34560000, false},
    Rule{"session_policy", "max_concurrent", "session_max_concurrent", 1, 1000, false},
};

PasswordRules read_password_rules(const pg::Params& params, bool read_only) {
    const pg::Result result = pg::execute(
        "SELECT coalesce(max(p.password_min_length), 8), "
        "coalesce(bool_or(p.password_require_lower), "
        "false), coalesce(bool_or(p.password_require_upper), false), "
        "coalesce(bool_or(p.password_require_digit), false), "
        "coalesce(bool_or(p.password_require_special), false), coalesce(max(p.password_history), 3)"
        "  FROM pgwright.security_policies p"
        " WHERE p.tenant_id IS NULL OR p.tenant_id = $2"
        "    OR EXISTS (SELECT FROM pgwright.user_roles m WHERE m.user_id = $1 AND m.tenant_id = "
        "p.tenant_id)",
        params, read_only);
    const pg::Row row = result.row(0);
    PasswordRules rules;
    rules.min_length = static_cast<int>(row.integer(0));
    rules.lower = row.boolean(1);
    rules.upper = row.boolean(2);
    rules.digit = row.boolean(3);
    rules.special = row.boolean(4);
    rules.history = static_cast<int>(row.integer(5));
    return rules;
}

// Rights ------------------------------------------------------------------------------------------

struct Target {
    core::Uuid tenant;  // nil: the platform
    bool platform = false;
};

// Whose policies are meant, and whether the caller may.
Target require_target(std::string_view scope, core::Action action) {
    if (scope != "tenant" && scope != "platform")
        throw core::Failure(core::Code::validation_error, "the scope is not valid",
                            {{"scope", "must be tenant or platform"}});
    if (scope == "platform") {
        if (!security::is_administrator() &&
            !security::require_identity()->permissions.allows("security", action, core::Scope::all))
            throw core::Failure(
                core::Code::permission_denied,
                "permission denied: security:" + std::string(core::action_name(action)) + ":all");
        return {{}, true};
    }
    const auto identity = security::require_identity();
    security::require_permission(*identity, "security", action);
    return {identity->tenant_id(), false};
}

// Documents ---------------------------------------------------------------------------------------

Json number(int value) { return Json::number(std::to_string(value)); }

// read_only: as the statement's snapshot has them; otherwise with what it has changed.
std::string describe(const Target& target, bool read_only) {
    const security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_uuid({}).add_uuid(target.tenant);
    const PasswordRules password = read_password_rules(params, read_only);
    const LockoutRules lockout = lockout_rules(read_only);
    const SessionRules session = session_rules(target.tenant, read_only);
    const std::array<Json, kRules.size()> values{
        number(password.min_length),      Json::boolean(password.lower),
        Json::boolean(password.upper),    Json::boolean(password.digit),
        Json::boolean(password.special),  number(password.history),
        number(lockout.max_attempts),     number(lockout.base_seconds),
        number(lockout.max_seconds),      number(lockout.reset_seconds),
        number(session.lifetime_seconds), number(session.max_concurrent)};
    Json document = Json::object();
    document.set("scope", Json::string(target.platform ? "platform" : "tenant"));
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        const Json* found = document.find(kRules[i].group);
        Json group = found == nullptr ? Json::object() : *found;
        group.set(kRules[i].name, values[i]);
        document.set(kRules[i].group, std::move(group));
    }
    return document.dump();
}

// What is wrong with the value of a rule; empty: nothing.
std::string fault_of(const Rule& rule, const Json& value, bool platform) {
    if (rule.platform_only && !platform)
        return "is the platform's: sign-in counts attempts before it knows the tenant";
    if (rule.highest == 0) return value.is_boolean() ? "" : "must be true or false";
    if (value.is_number() && core::is_integer_text(value.text(), rule.lowest, rule.highest))
        return "";
    return "must be an integer from " + std::to_string(rule.lowest) + " to " +
           std::to_string(rule.highest);
}

struct Change {
    const Rule* rule;
    Json value;
};

void read_group(const std::string& group, const Json& members, bool platform,
                std::vector<Change>& changes, core::Faults& faults) {
    if (!members.is_object()) {
        faults.add(group, "must be an object");
        return;
    }
    for (const auto& [name, value] : members.members()) {
        std::string field = group;
        field.append(".").append(name);
        const auto* const rule = std::ranges::find_if(kRules, [&, &key = name](const Rule& each) {
            return each.group == group && each.name == key;
        });
        if (rule == kRules.end()) {
            faults.add(field, "is not a rule");
        } else if (std::string fault = fault_of(*rule, value, platform); !fault.empty()) {
            faults.add(field, std::move(fault));
        } else {
            changes.push_back({rule, value});
        }
    }
}

std::vector<Change> read_changes(const Json& policies, bool platform) {
    core::Faults faults;
    std::vector<Change> changes;
    if (!policies.is_object()) faults.add("policies", "must be an object");
    for (const auto& [group, members] : policies.members()) {
        const bool known = std::ranges::any_of(
            kRules, [&, &key = group](const Rule& r) { return r.group == key; });
        if (known)
            read_group(group, members, platform, changes, faults);
        else if (group != "scope")
            faults.add(group, "is not a policy");
    }
    faults.raise("the policies are not valid");
    return changes;
}

// A tenant's first row begins with what the platform says, so that a change changes only what it names.
void ensure_row(const Target& target) {
    std::string columns;
    for (const Rule& rule : kRules) columns.append(", ").append(rule.column);
    pg::Params params;
    if (target.platform)
        params.add_null(UUIDOID);
    else
        params.add_uuid(target.tenant);
    pg::execute(
        "INSERT INTO pgwright.security_policies (tenant_id" + columns + ") SELECT $1" + columns +
            " FROM pgwright.security_policies WHERE tenant_id IS NULL ON CONFLICT DO NOTHING",
        params, false);
    pg::execute(
        "INSERT INTO pgwright.security_policies (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING",
        params, false);
}

void write_changes(const Target& target, const std::vector<Change>& changes) {
    const security::Scope scope(security::Rights::engine);
    ensure_row(target);
    std::string assignments;
    pg::Params params;
    params.add_uuid(target.tenant);
    for (const Change& change : changes) {
        if (change.value.is_boolean()) {
            params.add_bool(change.value.as_boolean());
        } else {
            int value = 0;
            const std::string& digits = change.value.text();
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
            params.add_integer(value);
        }
        assignments.append(assignments.empty() ? "" : ", ").append(change.rule->column);
        assignments.append(" = $").append(std::to_string(params.count()));
    }
    if (assignments.empty()) return;
    pg::execute("UPDATE pgwright.security_policies SET " + assignments + " WHERE " +
                    (target.platform ? "tenant_id IS NULL AND $1 IS NOT NULL" : "tenant_id = $1"),
                params, false);
}

}  // namespace

PasswordRules password_rules(const core::Uuid& user, const core::Uuid& tenant) {
    pg::Params params;
    params.add_uuid(user).add_uuid(tenant);
    return read_password_rules(params, true);
}

LockoutRules lockout_rules(bool read_only) {
    const pg::Result result = pg::execute(
        "SELECT lockout_max_attempts, lockout_base_seconds, lockout_max_seconds, "
        "lockout_reset_seconds FROM pgwright.security_policies WHERE tenant_id IS NULL",
        {}, read_only);
    LockoutRules rules;
    if (result.empty()) return rules;
    const pg::Row row = result.row(0);
    rules.max_attempts = static_cast<int>(row.integer(0));
    rules.base_seconds = static_cast<int>(row.integer(1));
    rules.max_seconds = static_cast<int>(row.integer(2));
    rules.reset_seconds = static_cast<int>(row.integer(3));
    return rules;
}

SessionRules session_rules(const core::Uuid& tenant, bool read_only) {
    pg::Params params;
    params.add_uuid(tenant).add_integer(session_lifetime);
    const pg::Result result = pg::execute(
        "SELECT least($2, min(session_lifetime_seconds)), coalesce(min(session_max_concurrent), "
        "100)"
        " FROM pgwright.security_policies WHERE tenant_id IS NULL OR tenant_id = $1",
        params, read_only);
    const pg::Row row = result.row(0);
    SessionRules rules{};
    rules.lifetime_seconds = static_cast<int>(row.integer(0));
    rules.max_concurrent = static_cast<int>(row.integer(1));
    return rules;
}

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_get_security_policies) {
    const auto target = pgwright::auth::require_target(
        pgwright::auth::required_text(args, 0, "scope"), pgwright::core::Action::read);
    return pgwright::pg::json_datum(pgwright::auth::describe(target, true));
}

PGWRIGHT_FUNCTION(pgwright_update_security_policies) {
    namespace auth = pgwright::auth;
    const auto target =
        auth::require_target(auth::required_text(args, 1, "scope"), pgwright::core::Action::update);
    const auto document = pgwright::core::parse_json(auth::required_text(args, 0, "policies"));
    auth::write_changes(target, auth::read_changes(document, target.platform));
    return pgwright::pg::json_datum(auth::describe(target, false));
}
