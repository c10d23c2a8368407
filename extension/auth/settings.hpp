// Settings of sign-in; defined in module.cpp, times in seconds.
#pragma once

namespace pgwright::auth {

extern int access_token_lifetime;
extern int session_lifetime;
extern int invitation_lifetime;
extern int failed_login_retention;
extern int api_keys_per_user;
extern int api_key_usage_interval;
// What the shim says of the client; any SQL client may set them, so they are notes and no proof.
extern char* client_address;
extern char* client_agent;

}  // namespace pgwright::auth
