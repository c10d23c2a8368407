// From a token to an identity; see token_verifier.hpp.
#include "security/token_verifier.hpp"

#include <algorithm>

#include "auth/signing_key.hpp"
#include "security/outside_identity.hpp"

namespace pgwright::security {

char* token_audience_setting = nullptr;

namespace {

IdentityPointer verify_own(std::string_view token, std::string_view key_id, std::int64_t now) {
    const auto key = auth::find_verifying_key(key_id);
    if (!key) return nullptr;
    const auto claims = core::verify_token(token, key->secret, now, token_audience());
    auto identity = claims ? load_identity(*claims) : nullptr;
    if (identity) identity->good_until = std::min(identity->good_until, key->retired_at);
    return identity;
}

}  // namespace

std::int64_t now_seconds() {
    return static_cast<std::int64_t>(timestamptz_to_time_t(GetCurrentStatementStartTimestamp()));
}

IdentityPointer verify_token(std::string_view token, std::int64_t now) {
    if (const auto key_id = core::token_key_id(token)) return verify_own(token, *key_id, now);
    const auto verified = verify_outside_token(token, now);
    return verified ? load_outside_identity(*verified) : nullptr;
}

std::string_view token_audience() noexcept {
    return token_audience_setting == nullptr ? std::string_view() : token_audience_setting;
}

}  // namespace pgwright::security
