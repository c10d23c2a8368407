// Public keys: which are taken, from PEM and from JSON web keys, and what they verify. The vectors are
// those of RFC 7515 appendix A and RFC 8037 appendix A.
#include <catch2/catch.hpp>

#include "core/base64url.hpp"
#include "core/public_key.hpp"
#include "key_pair.hpp"

using namespace pgwright::core;
using pgwright::test::base64url;
using pgwright::test::KeyPair;

namespace {

constexpr TokenAlgorithm kAll[] = {TokenAlgorithm::rs256, TokenAlgorithm::ps256,
                                   TokenAlgorithm::es256, TokenAlgorithm::eddsa};

// One pair of each kind: making RSA keys takes its time.
const KeyPair& rsa() {
    static const KeyPair pair = KeyPair::rsa(2048);
    return pair;
}
const KeyPair& ec() {
    static const KeyPair pair = KeyPair::ec();
    return pair;
}
const KeyPair& ed() {
    static const KeyPair pair = KeyPair::ed25519();
    return pair;
}

Json key_set(std::vector<Json> keys) {
    return Json::object({{"keys", Json::array(std::move(keys))}});
}

// The faults of a set as "field: message; ..."; "<n> keys" when there is none.
std::string outcome(const Json& document) {
    Faults faults;
    const std::vector<PublicKey> keys = read_jwks(document, "jwks", faults);
    std::string text;
    for (const Fault& fault : faults.list())
        text += (text.empty() ? "" : "; ") + fault.field + ": " + fault.message;
    return text.empty() ? std::to_string(keys.size()) + " keys" : text;
}

std::string pem_outcome(const std::string& pem) {
    Faults faults;
    const auto key = PublicKey::from_pem(pem, "key", faults);
    CHECK(key.has_value() == faults.empty());
    return faults.empty() ? "taken" : faults.list().front().message;
}

PublicKey key_of(const Json& jwk) {
    Faults faults;
    auto key = PublicKey::from_jwk(jwk, "key", faults);
    REQUIRE(faults.empty());
    REQUIRE(key);
    return *key;
}

Json with(const Json& jwk, std::string_view name, std::string_view value) {
    Json changed = jwk;
    changed.set(name, parse_json(value));
    return changed;
}

bool verifies(const char* jwk, TokenAlgorithm algorithm, std::string_view content,
              std::string_view signature) {
    return key_of(parse_json(jwk))
        .verifies(algorithm, content, decode_base64url(signature).value());
}

}  // namespace

TEST_CASE("signatures of the standards' examples verify", "[public_key]") {
    const std::string_view claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ";
    CHECK(verifies(
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
        TokenAlgorithm::es256, "eyJhbGciOiJFUzI1NiJ9." + std::string(claims),
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
        "Kg6NU1Q"));
    CHECK(verifies(
        R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})",
        TokenAlgorithm::rs256, "eyJhbGciOiJSUzI1NiJ9." + std::string(claims),
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__"
        "dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
        "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjb"
        "KBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
        "eSN9383LcOLn6_dO--xi12jzDwusC-"
        "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9"
        "Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"));
    CHECK(verifies(
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        TokenAlgorithm::eddsa, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"));
}

TEST_CASE("a key verifies what its other half signed, by its own algorithms", "[public_key]") {
    const std::string content = "what was signed";
    for (const KeyPair* pair : {&rsa(), &ec(), &ed()}) {
        Faults faults;
        const auto from_pem = PublicKey::from_pem(pair->public_pem(), "key", faults);
        REQUIRE(from_pem);
        const PublicKey from_jwk = key_of(pair->jwk());
        const std::string signature = pair->sign(content);
        for (const TokenAlgorithm algorithm : kAll) {
            INFO(algorithm_name(algorithm) << " " << signature.size());
            const bool right = pair == &rsa()  ? algorithm == TokenAlgorithm::rs256
                               : pair == &ec() ? algorithm == TokenAlgorithm::es256
                                               : algorithm == TokenAlgorithm::eddsa;
            CHECK(from_pem->verifies(algorithm, content, signature) == right);
            CHECK(from_jwk.verifies(algorithm, content, signature) == right);
            CHECK_FALSE(from_jwk.verifies(algorithm, content + "x", signature));
            CHECK_FALSE(from_jwk.verifies(algorithm, content, signature + "x"));
            CHECK_FALSE(from_jwk.verifies(algorithm, content, signature.substr(1)));
            CHECK_FALSE(from_jwk.verifies(algorithm, content, ""));
            CHECK_FALSE(from_jwk.verifies(algorithm, content, std::string(signature.size(), '\0')));
        }
    }
}

TEST_CASE("PS256 has a salt as long as the digest", "[public_key]") {
    const PublicKey key = key_of(rsa().jwk());
    const auto accepts = [&](int salt) {
        return key.verifies(TokenAlgorithm::ps256, "x",
                            rsa().sign("x", RSA_PKCS1_PSS_PADDING, salt));
    };
    CHECK(accepts(32));
    CHECK_FALSE(accepts(0));
    CHECK_FALSE(accepts(20));
    CHECK_FALSE(key.verifies(TokenAlgorithm::rs256, "x", rsa().sign("x", RSA_PKCS1_PSS_PADDING)));
}

TEST_CASE("ES256 takes no zeros, no DER and nothing beyond the order", "[public_key]") {
    const PublicKey key = key_of(ec().jwk());
    const std::string zeros(32, '\0');
    const std::string ones(32, '\xff');
    const std::string right = ec().sign("x");
    CHECK(key.verifies(TokenAlgorithm::es256, "x", right));
    for (const std::string& pair : {zeros + zeros, zeros + right.substr(32),
                                    right.substr(0, 32) + zeros, ones + ones, right + right})
        CHECK_FALSE(key.verifies(TokenAlgorithm::es256, "x", pair));
}

TEST_CASE("only strong public keys are taken from PEM", "[public_key]") {
    CHECK(pem_outcome(rsa().public_pem()) == "taken");
    CHECK(pem_outcome("a comment\n" + ec().public_pem() + "\n") == "taken");
    CHECK(pem_outcome(KeyPair::rsa(1024).public_pem()) ==
          "must be an RSA key of at least 2048 bits");
    CHECK(pem_outcome(KeyPair::ec("P-384").public_pem()) == "must be on the curve P-256");
    CHECK(pem_outcome(KeyPair::ec("secp256k1").public_pem()) == "must be on the curve P-256");
    const std::string_view other = "must be one public key in PEM (-----BEGIN PUBLIC KEY-----)";
    for (const std::string& pem :
         {std::string(), std::string("x"), rsa().private_pem(),
          rsa().public_pem() + ec().public_pem(), rsa().public_pem().substr(0, 200),
          std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
          std::string("-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                      "AES-256-CBC,00000000000000000000000000000000\n\nAAAA\n-----END PUBLIC "
                      "KEY-----\n"),
          rsa().public_pem() + std::string(kMaxPemBytes, ' ')})
        CHECK(pem_outcome(pem) == other);
}

TEST_CASE("a key set keeps what signs and leaves out what is not for us", "[public_key]") {
    CHECK(outcome(key_set({rsa().jwk(), ec().jwk(), ed().jwk()})) == "3 keys");
    CHECK(outcome(key_set({})) == "0 keys");
    const Json jwk = rsa().jwk();
    CHECK(outcome(key_set({with(jwk, "use", "\"sig\"")})) == "1 keys");
    CHECK(outcome(key_set({with(jwk, "use", "\"enc\"")})) == "0 keys");
    CHECK(outcome(key_set({with(jwk, "key_ops", "[\"verify\"]")})) == "1 keys");
    CHECK(outcome(key_set({with(jwk, "key_ops", "[\"encrypt\"]")})) == "0 keys");
    CHECK(outcome(key_set({with(jwk, "alg", "\"PS256\"")})) == "1 keys");
    for (const char* algorithm : {"\"RS512\"", "\"HS256\"", "\"none\"", "1", "null"})
        CHECK(outcome(key_set({with(jwk, "alg", algorithm)})) == "0 keys");
    CHECK(outcome(key_set({with(ec().jwk(), "crv", "\"P-384\"")})) == "0 keys");
    CHECK(outcome(key_set({parse_json(R"({"kty":"future"})"), parse_json("{}")})) == "0 keys");
}

TEST_CASE("a key is for the algorithm it names", "[public_key]") {
    const PublicKey any = key_of(rsa().jwk());
    const PublicKey pss = key_of(with(rsa().jwk(), "alg", "\"PS256\""));
    CHECK((any.fits(TokenAlgorithm::rs256) && any.fits(TokenAlgorithm::ps256)));
    CHECK_FALSE((any.fits(TokenAlgorithm::es256) || any.fits(TokenAlgorithm::eddsa)));
    CHECK_FALSE(pss.fits(TokenAlgorithm::rs256));
    CHECK(key_of(with(rsa().jwk(), "kid", "\"k\"")).key_id() == "k");
    CHECK_FALSE(any.key_id());
    // An algorithm that is not the key's type.
    CHECK_FALSE(key_of(with(ec().jwk(), "alg", "\"RS256\"")).fits(TokenAlgorithm::rs256));
}

TEST_CASE("malformed, weak and secret keys are refused by name", "[public_key]") {
    const Json jwk = rsa().jwk();
    const std::string place = "jwks.keys[0]";
    CHECK(outcome(key_set({parse_json(R"({"kty":"oct","k":"AAAA"})")})) ==
          place + ": holds a secret; only public keys belong here");
    CHECK(outcome(key_set({with(jwk, "d", "\"AAAA\"")})) ==
          place + ": holds a secret; only public keys belong here");
    CHECK(outcome(key_set({Json::string("x")})) == place + ": must be a JSON web key");
    CHECK(outcome(key_set({with(jwk, "kid", "\"a b\"")})) ==
          place + ".kid: must be 1 to 128 printable ASCII characters without blanks");
    CHECK(outcome(key_set({with(jwk, "kid", "1")})) ==
          place + ".kid: must be 1 to 128 printable ASCII characters without blanks");
    for (const char* bad : {"\"\"", "\"*\"", "\"AQAB=\"", "1", "null"})
        CHECK(outcome(key_set({with(jwk, "n", bad)})) ==
              place + ".n: must be base64url of 1 to 1024 bytes");
    CHECK(outcome(key_set({KeyPair::rsa(1024).jwk()})) ==
          place + ": must be an RSA key of at least 2048 bits");
    for (const char* exponent :
         {"\"AQ\"", "\"Aw\"", "\"AQAA\"", "\"AQAAAAE\""})  // 1, 3, 65536, 2^32+1
        CHECK(outcome(key_set({with(jwk, "e", exponent)})) ==
              place + ": must have an odd public exponent from 65537 to 2^32");
    CHECK(outcome(key_set({with(ec().jwk(), "x", "\"AAAA\"")})) ==
          place + ".x: must be base64url of 32 bytes");
    const Json off_curve =
        with(ec().jwk(), "y", Json::string(base64url(std::string(32, '\1'))).dump());
    CHECK(outcome(key_set({off_curve})) == place + ": is no valid key");
}

TEST_CASE("a key set is one, bounded, with each name once", "[public_key]") {
    const std::string shape =
        "jwks: must be a JSON web key set: an object with at most 32 \"keys\"";
    CHECK(outcome(parse_json("{}")) == shape);
    CHECK(outcome(parse_json(R"({"keys":{}})")) == shape);
    CHECK(outcome(parse_json("[]")) == shape);
    CHECK(outcome(key_set(std::vector<Json>(33, Json::object()))) == shape);
    const Json first = with(rsa().jwk(), "kid", "\"a\"");
    CHECK(outcome(key_set({first, with(ec().jwk(), "kid", "\"b\"")})) == "2 keys");
    CHECK(outcome(key_set({first, with(ec().jwk(), "kid", "\"a\"")})) ==
          "jwks.keys[1].kid: is the id of another key, too");
    CHECK(outcome(key_set({rsa().jwk(), ec().jwk()})) ==
          "2 keys");  // without names they do not clash
}
