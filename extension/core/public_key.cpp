// Public keys by OpenSSL; see public_key.hpp. Every failure clears OpenSSL's queue of errors, which the
// server's own connections would otherwise take for theirs.
#include "core/public_key.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base64url.hpp"
#include "core/jws.hpp"

namespace pgwright::core {

namespace {

constexpr std::array<std::string_view, 4> kAlgorithms = {"RS256", "PS256", "ES256", "EdDSA"};
constexpr std::size_t kCoordinateBytes = 32;  // P-256 and Ed25519 alike
constexpr std::size_t kPairBytes = 2 * kCoordinateBytes;
constexpr std::size_t kMaxMembers = 32;

template <auto function>
struct Free {
    template <typename T>
    void operator()(T* object) const noexcept {
        function(object);
    }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;

struct ClearErrors {
    ClearErrors() = default;
    ClearErrors(const ClearErrors&) = delete;
    ClearErrors& operator=(const ClearErrors&) = delete;
    ~ClearErrors() { ERR_clear_error(); }
};

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
    return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

// Without it OpenSSL would ask at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

EVP_PKEY* build(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return key;
}

EVP_PKEY* build_rsa(std::string_view modulus, std::string_view exponent) {
    const Builder builder(OSSL_PARAM_BLD_new());
    const Number n = number_of(modulus);
    const Number e = number_of(exponent);
    if (!builder || !n || !e ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    return build("RSA", builder.get());
}

EVP_PKEY* build_ec(const std::string& x, const std::string& y) {
    const Builder builder(OSSL_PARAM_BLD_new());
    const std::string point = "\x04" + x + y;  // uncompressed
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return nullptr;
    return build("EC", builder.get());
}

// 65537 or more, as NIST SP 800-56B wants it, odd, and small enough to be quick.
bool has_good_exponent(const EVP_PKEY* key) {
    BIGNUM* exponent = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) return false;
    const Number owner(exponent);
    return BN_is_odd(exponent) && BN_num_bits(exponent) >= 17 && BN_num_bits(exponent) <= 32;
}

std::string rsa_fault(const EVP_PKEY* key) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < kMinRsaBits)
        return "must be an RSA key of at least " + std::to_string(kMinRsaBits) + " bits";
    if (bits > kMaxRsaBits)
        return "must be an RSA key of at most " + std::to_string(kMaxRsaBits) + " bits";
    return has_good_exponent(key) ? "" : "must have an odd public exponent from 65537 to 2^32";
}

std::string ec_fault(EVP_PKEY* key) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1 ||
        std::string_view(group.data()) != "prime256v1")
        return "must be on the curve P-256";
    const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    const bool on_curve = context && EVP_PKEY_public_check(context.get()) == 1;
    return on_curve ? "" : "is no point of the curve";
}

// A signature of ES256 is two numbers in a row; OpenSSL takes them as DER.
std::string to_der(std::string_view signature) {
    if (signature.size() != kPairBytes) return {};
    const Signature pair(ECDSA_SIG_new());
    Number r = number_of(signature.substr(0, kCoordinateBytes));
    Number s = number_of(signature.substr(kCoordinateBytes));
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
    (void)r.release();
    (void)s.release();
    unsigned char* bytes = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &bytes);
    std::string der(reinterpret_cast<const char*>(bytes),
                    size > 0 ? static_cast<std::size_t>(size) : 0);
    OPENSSL_free(bytes);
    return der;
}

bool set_padding(EVP_PKEY_CTX* context, TokenAlgorithm algorithm) {
    if (algorithm == TokenAlgorithm::rs256)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    if (algorithm != TokenAlgorithm::ps256) return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool verify(EVP_PKEY* key, TokenAlgorithm algorithm, std::string_view content,
            std::string_view signature) {
    const Digest digest(EVP_MD_CTX_new());
    const EVP_MD* const hash = algorithm == TokenAlgorithm::eddsa ? nullptr : EVP_sha256();
    EVP_PKEY_CTX* context = nullptr;  // the digest's
    return digest && EVP_DigestVerifyInit(digest.get(), &context, hash, nullptr, key) == 1 &&
           set_padding(context, algorithm) &&
           EVP_DigestVerify(digest.get(), bytes_of(signature), signature.size(), bytes_of(content),
                            content.size()) == 1;
}

// Members of a JWK -------------------------------------------------------------------------------------

std::string_view text_of(const Json& jwk, std::string_view name) noexcept {
    const Json* const member = jwk.find(name);
    return member != nullptr && member->is_string() ? std::string_view(member->text())
                                                    : std::string_view();
}

bool is_for_signatures(const Json& jwk) {
    const Json* const operations = jwk.find("key_ops");
    if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig") return false;
    if (operations == nullptr) return true;
    const auto names = read_texts(*operations);
    return names && std::ranges::find(*names, "verify") != names->end();
}

bool holds_secret(const Json& jwk) noexcept {
    const auto secrets = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
    return text_of(jwk, "kty") == "oct" || std::ranges::any_of(secrets, [&](const char* name) {
               return jwk.find(name) != nullptr;
           });
}

// The bytes of a member; a fault, and no bytes, when it is not that many (0: any number but none).
std::string bytes_of_member(const Json& jwk, const char* name, std::size_t count,
                            const std::string& field, Faults& faults) {
    auto bytes = decode_base64url(text_of(jwk, name));
    const std::size_t limit = count == 0 ? kMaxRsaBits / 8 : count;
    const bool right = bytes && !bytes->empty() && bytes->size() <= limit &&
                       (count == 0 || bytes->size() == count);
    if (right) return std::move(*bytes);
    faults.add(field + "." + name,
               "must be base64url of " +
                   (count == 0 ? "1 to " + std::to_string(limit) : std::to_string(count)) +
                   " bytes");
    return {};
}

EVP_PKEY* build_jwk(const Json& jwk, const std::string& field, Faults& faults) {
    const std::string_view type = text_of(jwk, "kty");
    const std::size_t before = faults.list().size();
    const auto member = [&](const char* name, std::size_t count) {
        return bytes_of_member(jwk, name, count, field, faults);
    };
    const std::string first = type == "RSA" ? member("n", 0) : member("x", kCoordinateBytes);
    const std::string second = type == "RSA"  ? member("e", 0)
                               : type == "EC" ? member("y", kCoordinateBytes)
                                              : std::string();
    if (faults.list().size() != before) return nullptr;
    EVP_PKEY* const key =
        type == "RSA" ? build_rsa(first, second)
        : type == "EC"
            ? build_ec(first, second)
            : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(first), first.size());
    if (key == nullptr) faults.add(field, "is no valid key");
    return key;
}

// Whether the key is of a type, curve, use and algorithm that we verify with.
bool is_supported(const Json& jwk) {
    const std::string_view type = text_of(jwk, "kty");
    const std::string_view curve = text_of(jwk, "crv");
    const bool known = type == "RSA" || (type == "EC" && curve == "P-256") ||
                       (type == "OKP" && curve == "Ed25519");
    return known && is_for_signatures(jwk) &&
           (jwk.find("alg") == nullptr || find_algorithm(text_of(jwk, "alg")));
}

}  // namespace

std::string_view algorithm_name(TokenAlgorithm algorithm) noexcept {
    return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

std::optional<TokenAlgorithm> find_algorithm(std::string_view name) noexcept {
    const auto found = std::ranges::find(kAlgorithms, name);
    if (found == kAlgorithms.end()) return std::nullopt;
    return static_cast<TokenAlgorithm>(found - kAlgorithms.begin());
}

// Takes the key over.
std::optional<PublicKey> PublicKey::checked(evp_pkey_st* key, std::string_view field,
                                            Faults& faults) {
    const std::shared_ptr<evp_pkey_st> owner(key, EVP_PKEY_free);
    Kind kind = Kind::ed25519;
    std::string fault;
    if (EVP_PKEY_is_a(key, "RSA") == 1) {
        kind = Kind::rsa;
        fault = rsa_fault(key);
    } else if (EVP_PKEY_is_a(key, "EC") == 1) {
        kind = Kind::ec;
        fault = ec_fault(key);
    } else if (EVP_PKEY_is_a(key, "ED25519") != 1) {
        fault = "must be an RSA, P-256 or Ed25519 key";
    }
    if (fault.empty()) return PublicKey(owner, kind);
    faults.add(field, std::move(fault));
    return std::nullopt;
}

std::optional<PublicKey> PublicKey::from_pem(std::string_view pem, std::string_view field,
                                             Faults& faults) {
    constexpr std::string_view kMarker = "-----BEGIN ";
    const ClearErrors clear;
    const std::size_t begin = pem.find(kMarker);
    const bool one = begin != std::string_view::npos &&
                     pem.find(kMarker, begin + 1) == std::string_view::npos &&
                     pem.substr(begin).starts_with("-----BEGIN PUBLIC KEY-----");
    EVP_PKEY* key = nullptr;
    if (one && pem.size() <= kMaxPemBytes) {
        const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        if (bio) key = PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr);
    }
    if (key != nullptr) return checked(key, field, faults);
    faults.add(field, "must be one public key in PEM (-----BEGIN PUBLIC KEY-----)");
    return std::nullopt;
}

std::optional<PublicKey> PublicKey::from_jwk(const Json& jwk, const std::string& field,
                                             Faults& faults) {
    const ClearErrors clear;
    const Json* const key_id = jwk.find("kid");
    if (!jwk.is_object() || jwk.members().size() > kMaxMembers) {
        faults.add(field, "must be a JSON web key");
    } else if (holds_secret(jwk)) {
        faults.add(field, "holds a secret; only public keys belong here");
    } else if (key_id != nullptr && (!key_id->is_string() || !is_key_id(key_id->text()))) {
        faults.add(field + ".kid", "must be 1 to 128 printable ASCII characters without blanks");
    } else if (is_supported(jwk)) {
        EVP_PKEY* const key = build_jwk(jwk, field, faults);
        std::optional<PublicKey> made = key == nullptr ? std::nullopt : checked(key, field, faults);
        if (!made) return std::nullopt;
        if (key_id != nullptr) made->key_id_ = key_id->text();
        made->algorithm_ = find_algorithm(text_of(jwk, "alg"));
        return made;
    }
    return std::nullopt;
}

bool PublicKey::fits(TokenAlgorithm algorithm) const noexcept {
    if (algorithm_ && *algorithm_ != algorithm) return false;
    switch (algorithm) {
        case TokenAlgorithm::rs256:
        case TokenAlgorithm::ps256: return kind_ == Kind::rsa;
        case TokenAlgorithm::es256: return kind_ == Kind::ec;
        case TokenAlgorithm::eddsa: return kind_ == Kind::ed25519;
    }
    return false;
}

bool PublicKey::verifies(TokenAlgorithm algorithm, std::string_view content,
                         std::string_view signature) const {
    if (!fits(algorithm)) return false;
    const ClearErrors clear;
    if (algorithm != TokenAlgorithm::es256)
        return verify(key_.get(), algorithm, content, signature);
    const std::string der = to_der(signature);
    return !der.empty() && verify(key_.get(), algorithm, content, der);
}

std::vector<PublicKey> read_jwks(const Json& document, std::string_view field, Faults& faults) {
    const std::string name(field);
    const Json* const keys = document.find("keys");
    std::vector<PublicKey> read;
    std::set<std::string, std::less<>> names;
    if (keys == nullptr || !keys->is_array() || keys->items().size() > kMaxPublicKeys) {
        faults.add(field, "must be a JSON web key set: an object with at most " +
                              std::to_string(kMaxPublicKeys) + " \"keys\"");
        return read;
    }
    for (std::size_t i = 0; i < keys->items().size(); ++i) {
        const Json& jwk = keys->items()[i];
        const std::string place = name + ".keys[" + std::to_string(i) + "]";
        // Of two keys of one name nobody could say which is meant, also when one is not for us.
        if (const std::string kid(text_of(jwk, "kid")); !kid.empty() && !names.insert(kid).second)
            faults.add(place + ".kid", "is the id of another key, too");
        if (auto key = PublicKey::from_jwk(jwk, place, faults)) read.push_back(std::move(*key));
    }
    return read;
}

}  // namespace pgwright::core
