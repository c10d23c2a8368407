// The public keys of an identity provider, and signatures made with their other halves. OpenSSL builds
// the keys and verifies; which keys are good enough, and which algorithm a key may be used for, is
// decided here. Symmetric keys and algorithms do not exist here, so that no public key can ever be
// taken for a secret.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace pgwright::core {

// RFC 7518 and RFC 8037: RSASSA-PKCS1-v1_5 and RSASSA-PSS with SHA-256, ECDSA on P-256 with SHA-256,
// Ed25519.
enum class TokenAlgorithm : std::uint8_t { rs256, ps256, es256, eddsa };

std::string_view algorithm_name(TokenAlgorithm algorithm) noexcept;  // "RS256", ...
std::optional<TokenAlgorithm> find_algorithm(std::string_view name) noexcept;

inline constexpr std::size_t kMaxPublicKeys = 32;
inline constexpr std::size_t kMaxPemBytes = 8192;
inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 8192;

class PublicKey {
  public:
    // A PEM "PUBLIC KEY" block (SubjectPublicKeyInfo): RSA of 2048 to 8192 bits, P-256 or Ed25519.
    // Nothing, and a fault of that field, for anything else.
    static std::optional<PublicKey> from_pem(std::string_view pem, std::string_view field,
                                             Faults& faults);
    // One key of a JWKS (RFC 7517). Nothing for what is well-formed but not for us to use (encryption
    // keys, other types, curves and algorithms); nothing and a fault for what is malformed, weak or secret.
    static std::optional<PublicKey> from_jwk(const Json& jwk, const std::string& field,
                                             Faults& faults);

    // kid; nothing: the key fits tokens of any.
    [[nodiscard]] const std::optional<std::string>& key_id() const noexcept { return key_id_; }
    [[nodiscard]] bool fits(TokenAlgorithm algorithm) const noexcept;
    // Whether the signature over content is this key's. False for an algorithm that the key does not fit.
    [[nodiscard]] bool verifies(TokenAlgorithm algorithm, std::string_view content,
                                std::string_view signature) const;

  private:
    enum class Kind : std::uint8_t { rsa, ec, ed25519 };
    PublicKey(std::shared_ptr<evp_pkey_st> key, Kind kind) : key_(std::move(key)), kind_(kind) {}
    static std::optional<PublicKey> checked(evp_pkey_st* key, std::string_view field,
                                            Faults& faults);

    std::shared_ptr<evp_pkey_st> key_;
    Kind kind_;
    std::optional<std::string> key_id_;
    std::optional<TokenAlgorithm> algorithm_;  // the only one, where the key says so
};

// The keys of a JWKS document, {"keys":[...]}: at most kMaxPublicKeys, each kid once. `field`: what the
// faults are about.
std::vector<PublicKey> read_jwks(const Json& document, std::string_view field, Faults& faults);

}  // namespace pgwright::core
