// Keys and tokens of identity providers. The input is read as a JWKS document, as PEM and as an identity
// provider's definition, and, as a token, checked by a provider whose key the fuzzer does not know: it
// must never be accepted. Nothing throws but the refusal of a definition.
#include "check.hpp"
#include "core/outside_token.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

// The key of RFC 7515 appendix A.3; its other half is public, but signing is not in the fuzzer's reach.
constexpr std::string_view kDefinition =
    R"({"name":"p","issuer":"joe","audience":"crm","algorithms":["ES256"],"claim_mapping":{"roles":"r"},
        "role_mapping":{"*":"viewer"},"jwks":{"keys":[{"kty":"EC","crv":"P-256",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}})";

void check_document(std::string_view text) {
    Json json;
    try {
        json = parse_json(text);
    } catch (const Failure&) {
        return;
    }
    Faults faults;
    const std::vector<PublicKey> keys = read_jwks(json, "jwks", faults);
    check(keys.size() <= kMaxPublicKeys);
    for (const PublicKey& key : keys)
        for (const TokenAlgorithm algorithm :
             {TokenAlgorithm::rs256, TokenAlgorithm::es256, TokenAlgorithm::eddsa})
            check(!key.verifies(algorithm, "nobody signed this", std::string(64, '\1')));
    try {
        const Json complete = complete_identity_provider(json);
        check(complete_identity_provider(complete) == complete);
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error && !failure.faults().empty());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = pgwright::fuzz::text_of(data, size);
    static const IdentityProvider provider = read_identity_provider(parse_json(kDefinition));
    check_document(text);
    Faults faults;
    check(PublicKey::from_pem(text, "key", faults).has_value() == faults.empty());
    if (const auto jws = parse_jws(text))
        check(!check_outside_token(*jws, provider, kNow).refusal.empty());
    return 0;
}
