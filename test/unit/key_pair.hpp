// Key pairs made by OpenSSL at run time, their public halves as PEM and as a JSON web key, and what
// their private halves sign.
#pragma once

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "core/json.hpp"

namespace pgwright::test {

inline std::string base64url(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

class KeyPair {
  public:
    static KeyPair rsa(unsigned bits) { return KeyPair(EVP_RSA_gen(bits)); }
    static KeyPair ec(const char* curve = "P-256") { return KeyPair(EVP_EC_gen(curve)); }
    static KeyPair ed25519() { return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

    [[nodiscard]] std::string public_pem() const {
        return write([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
    }
    [[nodiscard]] std::string private_pem() const {
        return write([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }

    // The public half; `more`: members such as {"kid":"1"}.
    [[nodiscard]] core::Json jwk(const core::Json& more = core::Json::object()) const {
        core::Json made = core::Json::object();
        const auto set = [&](const char* name, const std::string& text) {
            made.set(name, core::Json::string(text));
        };
        if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
            set("kty", "RSA");
            set("n", base64url(number(OSSL_PKEY_PARAM_RSA_N)));
            set("e", base64url(number(OSSL_PKEY_PARAM_RSA_E)));
        } else if (EVP_PKEY_is_a(key_.get(), "EC") == 1) {
            set("kty", "EC");
            set("crv", "P-256");
            set("x", base64url(number(OSSL_PKEY_PARAM_EC_PUB_X, 32)));
            set("y", base64url(number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)));
        } else {
            set("kty", "OKP");
            set("crv", "Ed25519");
            set("x", base64url(raw_public()));
        }
        for (const auto& [name, value] : more.members()) made.set(name, value);
        return made;
    }

    // As JWS wants it. `padding`: RSA_PKCS1_PADDING or RSA_PKCS1_PSS_PADDING; `salt`: bytes, for the latter.
    [[nodiscard]] std::string sign(std::string_view content, int padding = RSA_PKCS1_PADDING,
                                   int salt = RSA_PSS_SALTLEN_DIGEST) const {
        const bool rsa = EVP_PKEY_is_a(key_.get(), "RSA") == 1;
        const bool ed = EVP_PKEY_is_a(key_.get(), "ED25519") == 1;
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                             EVP_MD_CTX_free);
        EVP_PKEY_CTX* context = nullptr;
        REQUIRE(EVP_DigestSignInit(digest.get(), &context, ed ? nullptr : EVP_sha256(), nullptr,
                                   key_.get()) == 1);
        if (rsa) REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1);
        if (rsa && padding == RSA_PKCS1_PSS_PADDING)
            REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1);
        std::vector<unsigned char> bytes(2048);
        std::size_t size = bytes.size();
        REQUIRE(EVP_DigestSign(digest.get(), bytes.data(), &size,
                               reinterpret_cast<const unsigned char*>(content.data()),
                               content.size()) == 1);
        const std::string made(reinterpret_cast<const char*>(bytes.data()), size);
        return rsa || ed ? made : from_der(made);
    }

    [[nodiscard]] std::string token(std::string_view header, std::string_view claims) const {
        const std::string content = base64url(header) + "." + base64url(claims);
        return content + "." + base64url(sign(content));
    }

  private:
    explicit KeyPair(EVP_PKEY* key) : key_(key, EVP_PKEY_free) { REQUIRE(key != nullptr); }

    template <typename Write>
    static std::string write(Write writer) {
        const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
        REQUIRE(writer(bio.get()) == 1);
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }

    static std::string bytes_of(const BIGNUM* number, std::size_t size) {
        std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size, '\0');
        REQUIRE(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size())) > 0);
        return bytes;
    }

    [[nodiscard]] std::string number(const char* name, std::size_t size = 0) const {
        BIGNUM* found = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &found) == 1);
        std::string bytes = bytes_of(found, size);
        BN_free(found);
        return bytes;
    }

    [[nodiscard]] std::string raw_public() const {
        std::string bytes(32, '\0');
        std::size_t size = bytes.size();
        REQUIRE(EVP_PKEY_get_raw_public_key(
                    key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size) == 1);
        return bytes;
    }

    static std::string from_der(const std::string& der) {
        const auto* data = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size()));
        REQUIRE(pair != nullptr);
        std::string bytes =
            bytes_of(ECDSA_SIG_get0_r(pair), 32) + bytes_of(ECDSA_SIG_get0_s(pair), 32);
        ECDSA_SIG_free(pair);
        return bytes;
    }

    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace pgwright::test
