// Tokens of identity providers: what a provider's definition may say, and which tokens it makes us
// believe. Forged tokens carry a right signature wherever the test is about something else.
#include <openssl/hmac.h>

#include <array>

#include <catch2/catch.hpp>

#include "core/outside_token.hpp"
#include "core/token.hpp"
#include "key_pair.hpp"

using namespace pgwright::core;
using pgwright::test::base64url;
using pgwright::test::KeyPair;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
const std::string kHeader = R"({"alg":"RS256","kid":"r1","typ":"JWT"})";

const KeyPair& rsa() {
    static const KeyPair pair = KeyPair::rsa(2048);
    return pair;
}
const KeyPair& ec() {
    static const KeyPair pair = KeyPair::ec();
    return pair;
}
const KeyPair& stranger() {
    static const KeyPair pair = KeyPair::rsa(2048);
    return pair;
}

Json definition() {
    Json json = parse_json(
        R"({"name":"corp","issuer":"https://idp.example","audience":"crm","algorithms":["RS256","ES256"],
            "claim_mapping":{"roles":"groups","department":["org","unit"]},
            "role_mapping":{"Staff":"member","Bosses":["admin","member"]}})");
    json.set("jwks",
             Json::object({{"keys", Json::array({rsa().jwk(parse_json(R"({"kid":"r1"})")),
                                                 ec().jwk(parse_json(R"({"kid":"e1"})"))})}}));
    return json;
}

Json with(const Json& json, std::string_view name, std::string_view value) {
    Json changed = json;
    changed.set(name, parse_json(value));
    return changed;
}

Json claims() {
    return parse_json(
        R"({"iss":"https://idp.example","aud":"crm","sub":"u-1","iat":1799999990,"exp":1800000900,
            "email":"Ann@Corp.example","email_verified":true,"name":"Ann","groups":["Bosses","Unknown"],
            "org":{"unit":"Sales"}})");
}

std::string refusal_of(std::string_view token, const Json& from, std::int64_t now = kNow) {
    const auto jws = parse_jws(token);
    if (!jws) return "no token";
    const OutsideCheck check = check_outside_token(*jws, read_identity_provider(from), now);
    const bool empty = check.claims.subject.empty() && check.claims.roles.empty();
    CHECK(empty == !check.refusal.empty());  // a refused token tells nothing
    return std::string(check.refusal);
}

std::string refusal(std::string_view token, std::int64_t now = kNow) {
    return refusal_of(token, definition(), now);
}

std::string claim_refusal(std::string_view name, std::string_view value) {
    return refusal(rsa().token(kHeader, with(claims(), name, value).dump()));
}

std::string header_refusal(std::string_view header) {
    return refusal(rsa().token(header, claims().dump()));
}

OutsideClaims accepted(const Json& json, const Json& from) {
    const auto jws = parse_jws(rsa().token(kHeader, json.dump()));
    REQUIRE(jws);
    const OutsideCheck check = check_outside_token(*jws, read_identity_provider(from), kNow);
    REQUIRE(check.refusal.empty());
    return check.claims;
}

std::string definition_faults(const Json& json) {
    try {
        (void)complete_identity_provider(json);
        return "";
    } catch (const Failure& failure) {
        std::string text;
        for (const Fault& fault : failure.faults())
            text += (text.empty() ? "" : "; ") + fault.field + ": " + fault.message;
        return text;
    }
}

std::string definition_faults(std::string_view name, std::string_view value) {
    return definition_faults(with(definition(), name, value));
}

std::string hmac_token(const std::string& header, const std::string& secret) {
    const std::string content = base64url(header) + "." + base64url(claims().dump());
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(),
         &size);
    return content + "." + base64url({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

TEST_CASE("a provider's token tells who its bearer is", "[outside_token]") {
    const OutsideClaims told = accepted(claims(), definition());
    CHECK(told.subject == "u-1");
    CHECK(told.email == "ann@corp.example");
    CHECK(told.email_verified);
    CHECK(told.display_name == "Ann");
    CHECK(told.department == "Sales");
    CHECK(told.roles == std::vector<std::string>{"admin", "member"});
    CHECK(told.issued_at == kNow - 10);
    CHECK(told.expires_at == kNow + 900);
}

TEST_CASE("each key of a provider verifies, and no other", "[outside_token]") {
    CHECK(refusal(rsa().token(kHeader, claims().dump())).empty());
    CHECK(refusal(rsa().token(R"({"alg":"RS256"})", claims().dump())).empty());
    CHECK(refusal(ec().token(R"({"alg":"ES256","kid":"e1"})", claims().dump())).empty());
    CHECK(refusal(stranger().token(kHeader, claims().dump())) == "its signature is wrong");
    CHECK(refusal(KeyPair::ec().token(R"({"alg":"ES256","kid":"e1"})", claims().dump())) ==
          "its signature is wrong");
    const std::string no_key = "the provider has no key of that id for that algorithm";
    CHECK(header_refusal(R"({"alg":"RS256","kid":"r2"})") == no_key);
    CHECK(header_refusal(R"({"alg":"RS256","kid":"e1"})") == no_key);
    CHECK(header_refusal(R"({"alg":"ES256","kid":"r1"})") == no_key);
    CHECK(header_refusal(R"({"alg":"ES256","kid":"e1"})") == "its signature is wrong");
}

TEST_CASE("no signature but the provider's algorithms", "[outside_token]") {
    for (const char* algorithm : {"none", "None", "HS256", "HS384", "RS384", "RS512", "PS256",
                                  "EdDSA", "rs256", "RS256 ", ""}) {
        INFO(algorithm);
        CHECK(header_refusal(R"({"alg":")" + std::string(algorithm) + R"(","kid":"r1"})") ==
              "its algorithm is not one of the provider's");
    }
    const std::string unsigned_token =
        base64url(R"({"alg":"none","kid":"r1"})") + "." + base64url(claims().dump()) + ".";
    CHECK(refusal(unsigned_token) == "no token");
    // The oldest trick: the public key, which everybody has, for a secret.
    for (const std::string& secret : {rsa().public_pem(), rsa().jwk().dump(), std::string()}) {
        const std::string confused =
            hmac_token(R"({"alg":"HS256","kid":"r1","typ":"JWT"})", secret);
        CHECK(refusal(confused) == "its algorithm is not one of the provider's");
        CHECK_FALSE(verify_token(confused, secret, kNow));
        CHECK(refusal(hmac_token(kHeader, secret)) == "its signature is wrong");
    }
    // And the other way round: never one of ours.
    CHECK_FALSE(
        token_key_id(rsa().token(R"({"alg":"RS256","kid":"k1","typ":"JWT"})", claims().dump())));
}

TEST_CASE("keys that a token brings along are not looked at", "[outside_token]") {
    const std::string jwk = stranger().jwk().dump();
    for (const std::string& header :
         {R"({"alg":"RS256","kid":"r1","jwk":)" + jwk + "}",
          R"({"alg":"RS256","jku":"https://evil.example/keys","jwk":)" + jwk + "}",
          std::string(R"({"alg":"RS256","x5u":"https://evil.example","x5c":["AAAA"]})")})
        CHECK(refusal(stranger().token(header, claims().dump())) == "its signature is wrong");
}

TEST_CASE("a header with an extension, a repeated member or an odd key id is no token's",
          "[outside_token]") {
    for (const char* header :
         {R"({"alg":"RS256","kid":"r1","crit":["b64"],"b64":false})",
          R"({"alg":"RS256","crit":[]})", R"({"alg":"none","alg":"RS256"})",
          R"({"alg":"RS256","kid":""})", R"({"alg":"RS256","kid":"r 1"})",
          R"({"alg":"RS256","kid":"r1'; --"})", R"({"alg":"RS256","kid":"r\u00001"})",
          R"({"alg":"RS256","kid":"ä"})", R"({"alg":"RS256","kid":1})",
          R"({"alg":"RS256","kid":null})", R"({"alg":["RS256"]})", R"({"kid":"r1"})", "{}", "[]",
          ""}) {
        INFO(header);
        CHECK(header_refusal(header) == "no token");
    }
    for (const char* type : {"JWT", "jwt", "at+jwt", "application/at+jwt"})
        CHECK(header_refusal(R"({"alg":"RS256","typ":")" + std::string(type) + "\"}").empty());
    for (const char* type : {"\"logout+jwt\"", "\"\"", "1", "null"})
        CHECK(header_refusal(R"({"alg":"RS256","typ":)" + std::string(type) + "}") ==
              "it is no token of an identity provider");
}

TEST_CASE("a token is for its own provider alone", "[outside_token]") {
    CHECK(claim_refusal("aud", R"(["shop","crm"])").empty());
    CHECK(claim_refusal("iss", "\"https://idp.example/\"") == "its issuer is not the provider's");
    CHECK(claim_refusal("iss", "\"HTTPS://IDP.EXAMPLE\"") == "its issuer is not the provider's");
    CHECK(claim_refusal("aud", "\"shop\"") == "it is meant for another audience");
    CHECK(claim_refusal("aud", "[\"shop\"]") == "it is meant for another audience");
    for (const char* bad : {"null", "1", "[]", "[1]", "{\"crm\":1}", "[\"crm\",null]"})
        CHECK(claim_refusal("aud", bad) == "it is no token of an identity provider");
    for (const char* bad : {"null", "1", "[\"https://idp.example\"]"})
        CHECK(claim_refusal("iss", bad) == "it is no token of an identity provider");
}

TEST_CASE("a provider's token has its time", "[outside_token]") {
    const std::string token = rsa().token(kHeader, claims().dump());
    CHECK(refusal(token, kNow + 899).empty());
    CHECK(refusal(token, kNow + 900) == "it has expired");
    CHECK(refusal(token, kNow - 70).empty());
    CHECK(refusal(token, kNow - 71) == "it was issued in the future");
    CHECK(claim_refusal("nbf", "1800000060").empty());
    CHECK(claim_refusal("nbf", "1800000061") == "it is not valid yet");
    for (const char* bad :
         {"null", "\"1900000000\"", "1.9e9", "1900000000.5", "-1", "99999999999999999999"}) {
        INFO(bad);
        CHECK(claim_refusal("exp", bad) == "it has no expiry (exp) in whole seconds");
        CHECK(claim_refusal("iat", bad) == "it has no time of issue (iat) in whole seconds");
        CHECK(claim_refusal("nbf", bad) == "its beginning (nbf) is not in whole seconds");
    }
    // However late the expiry, a token is not older than the provider allows.
    Json eternal = with(claims(), "exp", "9223372036854775807");
    CHECK(accepted(eternal, definition()).expires_at == kNow - 10 + 86400);
    CHECK(refusal_of(rsa().token(kHeader, eternal.dump()),
                     with(definition(), "max_token_age", "60"),
                     kNow + 50) == "it is older than the provider allows");
    CHECK(claim_refusal("iat", "0") == "it is older than the provider allows");
}

TEST_CASE("a provider that is not active vouches for nobody", "[outside_token]") {
    CHECK(refusal_of(rsa().token(kHeader, claims().dump()),
                     with(definition(), "is_active", "false")) == "the provider is not active");
}

TEST_CASE("a token names its subject", "[outside_token]") {
    const std::string none = "it names no subject, as a string of up to 255 bytes";
    for (const char* bad : {"null", "\"\"", "1", "[\"u-1\"]", "{}"})
        CHECK(claim_refusal("sub", bad) == none);
    CHECK(claim_refusal("sub", "\"" + std::string(255, 'x') + "\"").empty());
    CHECK(claim_refusal("sub", "\"" + std::string(256, 'x') + "\"") == none);
    const Json from = with(definition(), "claim_mapping", R"({"subject":["ids","oid"]})");
    CHECK(accepted(with(claims(), "ids", R"({"oid":"o-7"})"), from).subject == "o-7");
    CHECK(refusal_of(rsa().token(kHeader, claims().dump()), from) == none);
}

TEST_CASE("an address counts as verified only when the token says so", "[outside_token]") {
    const auto verified = [](std::string_view value) {
        return accepted(with(claims(), "email_verified", value), definition()).email_verified;
    };
    CHECK((verified("true") && verified("\"true\"")));
    for (const char* value : {"false", "null", "1", "\"false\"", "\"TRUE\"", "[true]"})
        CHECK_FALSE(verified(value));
    CHECK(accepted(with(claims(), "email", "[\"ann@corp.example\"]"), definition()).email.empty());
}

TEST_CASE("roles are those that the mapping grants", "[outside_token]") {
    const auto roles = [](std::string_view groups, const Json& from) {
        return accepted(with(claims(), "groups", groups), from).roles;
    };
    using Names = std::vector<std::string>;
    CHECK(roles(R"(["Staff"])", definition()) == Names{"member"});
    CHECK(roles(R"("Staff")", definition()) == Names{"member"});
    CHECK(roles(R"(["staff","owner","admin","super_admin"])", definition()).empty());
    for (const char* groups : {"null", "[]", "{\"Staff\":1}", "[\"Staff\",1]", "[[\"Staff\"]]"})
        CHECK(roles(groups, definition()).empty());
    const Json everybody = with(definition(), "role_mapping", R"({"*":"viewer","Staff":"member"})");
    CHECK(roles("[]", everybody) == Names{"viewer"});
    CHECK(roles(R"(["Staff","*"])", everybody) == Names{"member", "viewer"});
    CHECK(roles(R"(["*"])", definition()).empty());
    const Json no_claim = with(definition(), "claim_mapping", "{}");
    CHECK(roles(R"(["Staff"])", no_claim).empty());
}

TEST_CASE("what is no token at all never verifies", "[outside_token]") {
    const std::string token = rsa().token(kHeader, claims().dump());
    for (const std::string& text :
         {std::string(), std::string("."), std::string(".."), std::string("a.b.c"), token + "=",
          token + ".", "." + token, token.substr(0, token.rfind('.')),
          token.substr(0, token.rfind('.') + 1), " " + token, token + "\n",
          token + std::string(1, '\0'), std::string(kMaxTokenBytes, '.'),
          rsa().token(kHeader, with(claims(), "pad", "\"" + std::string(8000, 'x') + "\"").dump()),
          rsa().token(kHeader, claims().dump().insert(1, "\"sub\":\"other\",")),
          rsa().token(kHeader, "\xff"), rsa().token(kHeader, "[]"),
          rsa().token(kHeader,
                      with(claims(), "deep", std::string(20, '[') + std::string(20, ']')).dump())})
        CHECK_FALSE(parse_jws(text));
    for (std::size_t i = 0; i < token.size(); i += 7) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        INFO(i);
        CHECK_FALSE(refusal(changed).empty());
    }
}

TEST_CASE("a definition is completed with what it leaves out", "[outside_token]") {
    Json small = Json::object({{"name", Json::string("corp")},
                               {"issuer", Json::string("https://idp.example")},
                               {"audience", Json::string("crm")},
                               {"public_keys", Json::array({Json::string(rsa().public_pem())})}});
    const Json complete = complete_identity_provider(small);
    for (const auto& [name, expected] : {std::pair{"algorithms", R"(["RS256"])"},
                                         {"roles_from", "\"token\""},
                                         {"link_by_email", "\"never\""},
                                         {"auto_provision", "false"},
                                         {"is_active", "true"},
                                         {"max_token_age", "86400"},
                                         {"role_mapping", "{}"}}) {
        INFO(name);
        REQUIRE(complete.find(name) != nullptr);
        CHECK(complete.find(name)->dump() == expected);
    }
    CHECK(complete_identity_provider(complete) == complete);
    CHECK(complete_identity_provider(complete_identity_provider(definition())) ==
          complete_identity_provider(definition()));
}

TEST_CASE("what is wrong in a definition is told by its member", "[outside_token]") {
    CHECK(definition_faults(definition()).empty());
    CHECK(definition_faults(Json::array()) == "definition: must be a JSON object");
    CHECK(definition_faults("issuer", "\"pgwright\"") ==
          "issuer: is the issuer of this database's own tokens");
    CHECK_FALSE(definition_faults("issuer", "\"a b\"").empty());
    CHECK_FALSE(definition_faults("audience", "null").empty());
    CHECK(definition_faults("algorithms", "[\"HS256\"]") ==
          "algorithms: must be some of RS256, PS256, ES256, EdDSA, each once");
    for (const char* bad : {"[]", "[\"none\"]", "[\"RS256\",\"RS256\"]", "[1]"})
        CHECK(definition_faults("algorithms", bad) ==
              "algorithms: must be some of RS256, PS256, ES256, EdDSA, each once");
    CHECK(definition_faults("algorithms", "[\"EdDSA\"]") ==
          "jwks: has no key to verify EdDSA signatures with");
    CHECK(definition_faults("role_mapping", R"({"Root":"super_admin"})") ==
          "role_mapping: must not grant super_admin, which no provider may");
    CHECK(definition_faults("role_mapping", R"({"x":1})") ==
          "role_mapping: must map names to a role's name or an array of them");
    CHECK(definition_faults("claim_mapping", R"({"subject":[]})") ==
          "claim_mapping.subject: must be the name of a claim, or an array of up to 4 names that "
          "lead to it");
    for (const auto& [name, value] : {std::pair{"claim_mapping", R"({"mail":"x"})"},
                                      {"roles_from", "\"nowhere\""},
                                      {"link_by_email", "true"},
                                      {"max_token_age", "59"},
                                      {"max_token_age", "2592001"},
                                      {"secret", "\"x\""},
                                      {"name", "\"\""},
                                      {"jwks", "[]"},
                                      {"public_keys", "[\"x\"]"}}) {
        INFO(name << " " << value);
        CHECK(definition_faults(name, value).starts_with(name));
    }
}
