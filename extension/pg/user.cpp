#include "pg/user.hpp"

namespace pgwright::pg {

namespace {

constexpr std::size_t kMaxCachedRoles = 256;

struct CachedRole {
    Oid oid;
    std::uint64_t generation;
};

// Bumped by any change to pg_authid, in this transaction or another, committed or rolled back.
std::uint64_t role_generation = 1;

void forget_roles(Datum, int, uint32) { ++role_generation; }

void watch_roles() {
    static bool watching = false;
    if (watching) return;
    call([] { CacheRegisterSyscacheCallback(AUTHOID, forget_roles, Datum{0}); });
    watching = true;
}

}  // namespace

UserSwitch::UserSwitch(Oid user, int security) noexcept {
    GetUserIdAndSecContext(&saved_user_, &saved_security_);
    SetUserIdAndSecContext(user, saved_security_ | SECURITY_LOCAL_USERID_CHANGE |
                                     SECURITY_RESTRICTED_OPERATION | security);
}

UserSwitch::~UserSwitch() { SetUserIdAndSecContext(saved_user_, saved_security_); }

Oid role_oid(const char* name) {
    static std::unordered_map<std::string, CachedRole> roles;
    watch_roles();
    const auto known = roles.find(name);
    if (known != roles.end() && known->second.generation == role_generation)
        return known->second.oid;

    // Read before looking up: a change that arrives meanwhile makes the entry stale at once.
    const std::uint64_t generation = role_generation;
    const Oid oid = call([name] { return get_role_oid(name, true); });
    if (!OidIsValid(oid))
        throw Error(ERRCODE_UNDEFINED_OBJECT, std::string("role \"") + name + "\" does not exist");
    if (roles.size() >= kMaxCachedRoles) roles.clear();
    roles.insert_or_assign(name, CachedRole{oid, generation});
    return oid;
}

bool is_member(Oid member, Oid role) {
    return call([=] { return is_member_of_role(member, role); });
}

}  // namespace pgwright::pg
