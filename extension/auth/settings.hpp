// Settings of sign-in; defined in module.cpp, in seconds.
#pragma once

namespace pgwright::auth {

extern int access_token_lifetime;
extern int session_lifetime;

}  // namespace pgwright::auth
