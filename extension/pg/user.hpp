// Running as another role, and questions about roles.
#pragma once

#include "pg/call.hpp"

namespace pgwright::pg {

// Makes `user` the current user until the end of the scope, with SET ROLE and the like forbidden
// (security-restricted, local user change), on top of the restrictions in force. Check permissions as
// the caller before switching. The destructor restores for return and for C++ exceptions;
// (sub)transaction abort restores for everything else.
class UserSwitch {
  public:
    // `security`: more of the server's SECURITY_ bits, such as SECURITY_NOFORCE_RLS.
    explicit UserSwitch(Oid user, int security = 0) noexcept;
    ~UserSwitch();
    UserSwitch(const UserSwitch&) = delete;
    UserSwitch& operator=(const UserSwitch&) = delete;

  private:
    Oid saved_user_ = InvalidOid;
    int saved_security_ = 0;
};

// The role's oid; throws Error (undefined_object) when there is none. Cached per backend by name,
// emptied by any change to pg_authid.
Oid role_oid(const char* name);

inline Oid current_user() noexcept { return GetUserId(); }

// Whether `member` is `role`, a member of it, directly or indirectly, or a superuser.
bool is_member(Oid member, Oid role);

}  // namespace pgwright::pg
