// Tokens of identity providers; see outside_token.hpp.
#include "core/outside_token.hpp"

#include <algorithm>
#include <set>

#include "core/utf8.hpp"

namespace pgwright::core {

namespace {

constexpr std::size_t kMaxSubjectBytes = 255;
constexpr std::size_t kMaxTextCharacters = 200;
constexpr std::size_t kMaxEmailBytes = 254;

std::string lower(std::string_view text) {
    std::string low(text);
    for (char& c : low)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return low;
}

// A token of another type, such as a logout token, proves no identity though the key is the same.
bool is_identity_type(const Json* type) {
    if (type == nullptr) return true;
    const std::string name = lower(type->text());
    return type->is_string() && (name == "jwt" || name == "at+jwt" || name == "application/at+jwt");
}

const Json* find_claim(const Json& claims, const ClaimPath& path) noexcept {
    const Json* found = path.empty() ? nullptr : &claims;
    for (const std::string& name : path) {
        if (found == nullptr) return nullptr;
        found = found->find(name);
    }
    return found;
}

// The text of a claim; empty when it is missing, no string, or over the limit.
std::string claim_text(const Json& claims, const ClaimPath& path, std::size_t max_characters) {
    const Json* const found = find_claim(claims, path);
    if (found == nullptr || !found->is_string() || count_characters(found->text()) > max_characters)
        return {};
    return found->text();
}

std::vector<std::string> map_roles(const Json& claims, const IdentityProvider& provider) {
    std::set<std::string> roles;
    const auto grant = [&](std::string_view name) {
        const auto found = provider.role_mapping.find(name);
        if (found != provider.role_mapping.end())
            roles.insert(found->second.begin(), found->second.end());
    };
    grant(kEverybody);
    if (const Json* const given = find_claim(claims, provider.claims.roles))
        if (const auto names = read_texts(*given))
            for (const std::string& name : *names)
                if (name != kEverybody) grant(name);
    roles.erase("super_admin");
    return {roles.begin(), roles.end()};
}

bool is_signed(const Jws& jws, const IdentityProvider& provider, TokenAlgorithm algorithm) {
    return std::ranges::any_of(provider.keys, [&](const PublicKey& key) {
        const bool named = !jws.key_id || !key.key_id() || *jws.key_id == *key.key_id();
        return named && key.verifies(algorithm, jws.signing_input, jws.signature);
    });
}

std::string_view signature_refusal(const Jws& jws, const IdentityProvider& provider) {
    const auto algorithm = find_algorithm(jws.algorithm());
    if (!algorithm ||
        std::ranges::find(provider.algorithms, *algorithm) == provider.algorithms.end())
        return "its algorithm is not one of the provider's";
    const bool has_key = std::ranges::any_of(provider.keys, [&](const PublicKey& key) {
        return key.fits(*algorithm) && (!jws.key_id || !key.key_id() || jws.key_id == key.key_id());
    });
    if (!has_key) return "the provider has no key of that id for that algorithm";
    return is_signed(jws, provider, *algorithm) ? std::string_view() : "its signature is wrong";
}

std::string_view address_refusal(const Jws& jws, const IdentityProvider& provider) {
    const auto address = read_token_address(jws);
    if (!address) return "it is no token of an identity provider";
    if (address->issuer != provider.issuer) return "its issuer is not the provider's";
    const auto& names = address->audiences;
    return std::ranges::find(names, provider.audience) == names.end()
               ? "it is meant for another audience"
               : std::string_view();
}

// Fills the times in.
std::string_view time_refusal(const Json& json, const IdentityProvider& provider, std::int64_t now,
                              OutsideClaims& claims) {
    const auto expires = read_seconds(json.find("exp"));
    const auto issued = read_seconds(json.find("iat"));
    const Json* const not_before = json.find("nbf");
    const auto begins = read_seconds(not_before);
    if (!expires) return "it has no expiry (exp) in whole seconds";
    if (!issued) return "it has no time of issue (iat) in whole seconds";
    if (not_before != nullptr && !begins) return "its beginning (nbf) is not in whole seconds";
    if (now >= *expires) return "it has expired";
    if (begins.value_or(0) > now + kClockSkewSeconds) return "it is not valid yet";
    if (*issued > now + kClockSkewSeconds) return "it was issued in the future";
    // Compared without adding to what the token says, which may be near the end of the numbers.
    if (now - *issued >= provider.max_token_age) return "it is older than the provider allows";
    claims.issued_at = *issued;
    claims.not_before = begins.value_or(0);
    claims.expires_at = std::min(*expires, *issued + provider.max_token_age);
    return {};
}

std::string_view read_person(const Json& json, const IdentityProvider& provider,
                             OutsideClaims& claims) {
    const ClaimMapping& mapping = provider.claims;
    const Json* const verified = find_claim(json, mapping.email_verified);
    claims.subject = claim_text(json, mapping.subject, kMaxSubjectBytes);
    if (claims.subject.empty() || claims.subject.size() > kMaxSubjectBytes)
        return "it names no subject, as a string of up to 255 bytes";
    claims.email = lower(claim_text(json, mapping.email, kMaxEmailBytes));
    // Some providers write the boolean as a string.
    claims.email_verified =
        verified != nullptr && ((verified->is_boolean() && verified->as_boolean()) ||
                                (verified->is_string() && verified->text() == "true"));
    claims.display_name = claim_text(json, mapping.display_name, kMaxTextCharacters);
    claims.department = claim_text(json, mapping.department, kMaxTextCharacters);
    claims.roles = map_roles(json, provider);
    return {};
}

}  // namespace

std::optional<TokenAddress> read_token_address(const Jws& jws) {
    const Json* const issuer = jws.claims.find("iss");
    const Json* const audience = jws.claims.find("aud");
    if (!find_algorithm(jws.algorithm()) || !is_identity_type(jws.header.find("typ")) ||
        issuer == nullptr || !issuer->is_string() || audience == nullptr)
        return std::nullopt;
    auto names = read_texts(*audience);
    if (!names || names->empty()) return std::nullopt;
    return TokenAddress{issuer->text(), std::move(*names)};
}

OutsideCheck check_outside_token(const Jws& jws, const IdentityProvider& provider,
                                 std::int64_t now) {
    OutsideCheck check;
    check.refusal = provider.is_active ? std::string_view() : "the provider is not active";
    if (check.refusal.empty()) check.refusal = signature_refusal(jws, provider);
    if (check.refusal.empty()) check.refusal = address_refusal(jws, provider);
    if (check.refusal.empty())
        check.refusal = time_refusal(jws.claims, provider, now, check.claims);
    if (check.refusal.empty()) check.refusal = read_person(jws.claims, provider, check.claims);
    if (!check.refusal.empty()) check.claims = {};
    return check;
}

}  // namespace pgwright::core
