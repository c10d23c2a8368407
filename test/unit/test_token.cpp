// Access tokens: ours round trip, and every other one is refused. Forged tokens carry a right
// signature wherever the test is about something else, so that nothing passes for the wrong reason.
#include <dlfcn.h>

#include <array>

#include <catch2/catch.hpp>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/token.hpp"

using namespace pgwright::core;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
const std::string kSecret = "0123456789abcdef0123456789abcdef";
const std::string kHeader = R"({"alg":"HS256","kid":"k1","typ":"JWT"})";

Claims claims() {
    return {Uuid::parse("11111111-1111-7111-8111-111111111111").value(),
            Uuid::parse("22222222-2222-7222-8222-222222222222").value(),
            Uuid::parse("33333333-3333-7333-8333-333333333333").value(),
            kNow - 10,
            kNow + 900,
            {"admin", "sales \"north\" é"}};
}

Json claims_json() {
    return parse_json(
        R"({"iss":"pgwright","sub":"11111111-1111-7111-8111-111111111111","tid":"22222222-2222-7222-8222-222222222222",
        "sid":"33333333-3333-7333-8333-333333333333","iat":1799999990,"exp":1800000900,"roles":["admin"]})");
}

std::string base64url(std::string_view bytes) {
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = (bits << 8U | static_cast<unsigned char>(byte)) & 0xFFFFU;
        for (count += 8; count >= 6; count -= 6) text += alphabet[bits >> (count - 6) & 63U];
    }
    if (count > 0) text += alphabet[bits << (6 - count) & 63U];
    return text;
}

// HMAC of OpenSSL, which libjwt brings along: a signer that shares no code with ours.
std::string hmac(std::string_view data, std::string_view secret = kSecret,
                 const char* hash = "EVP_sha256") {
    using Hash = const void*();
    using Hmac = unsigned char*(const void*, const void*, int, const unsigned char*, std::size_t,
                                unsigned char*, unsigned*);
    static void* const library = dlopen("libcrypto.so.3", RTLD_NOW);
    REQUIRE(library != nullptr);
    auto* const evp = reinterpret_cast<Hash*>(dlsym(library, hash));
    auto* const function = reinterpret_cast<Hmac*>(dlsym(library, "HMAC"));
    std::array<unsigned char, 64> digest{};
    unsigned size = 0;
    function(evp(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(),
             &size);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

// A token of any header and claims with a right signature.
std::string forge_encoded(const std::string& header, const std::string& body) {
    return header + "." + body + "." + base64url(hmac(header + "." + body));
}
std::string forge(std::string_view header, std::string_view body) {
    return forge_encoded(base64url(header), base64url(body));
}

bool accepted(std::string_view token, std::int64_t now = kNow) {
    return verify_token(token, kSecret, now).has_value();
}

bool accepts_header(std::string_view header) {
    const std::string token = forge(header, claims_json().dump());
    const bool verified = accepted(token);
    CHECK((verified ||
           !token_key_id(token)));  // nothing is looked up for a token that cannot be ours
    return verified;
}

bool accepts_claim(std::string_view name, std::string_view value) {
    Json json = claims_json();
    json.set(name, parse_json(value));
    return accepted(forge(kHeader, json.dump()));
}

}  // namespace

TEST_CASE("a signed token verifies to its claims", "[token]") {
    const std::string token = sign_token(claims(), "k1", kSecret);
    const std::optional<Claims> verified = verify_token(token, kSecret, kNow);
    REQUIRE(verified);
    CHECK(verified->user_id == claims().user_id);
    CHECK(verified->tenant_id == claims().tenant_id);
    CHECK(verified->session_id == claims().session_id);
    CHECK(verified->issued_at == kNow - 10);
    CHECK(verified->expires_at == kNow + 900);
    CHECK(verified->roles == claims().roles);
    CHECK(token_key_id(token) == "k1");
}

TEST_CASE("a token signed by other means is the same token", "[token]") {
    CHECK(accepted(forge(kHeader, claims_json().dump())));
    const std::string token = sign_token(claims(), "k1", kSecret);
    const std::string head = token.substr(0, token.rfind('.'));
    CHECK(token == head + "." + base64url(hmac(head)));
    CHECK(token.substr(0, token.find('.')) == base64url(kHeader));
}

TEST_CASE("keys are long and named, tokens bounded", "[token]") {
    CHECK_THROWS_AS(sign_token(claims(), "k1", kSecret.substr(1)), Failure);
    CHECK_THROWS_AS(sign_token(claims(), "", kSecret), Failure);
    Claims many = claims();
    many.roles.assign(2000, "role");
    CHECK_THROWS_AS(sign_token(many, "k1", kSecret), Failure);
    CHECK_FALSE(verify_token(sign_token(claims(), "k1", kSecret), kSecret.substr(1), kNow));
    CHECK_FALSE(verify_token(sign_token(claims(), "k1", kSecret), "", kNow));
    const std::string binary = std::string(16, '\0') + std::string(16, '\xff');
    CHECK(verify_token(sign_token(claims(), "k1", binary), binary, kNow));
}

TEST_CASE("a wrong signature is refused", "[token]") {
    const std::string token = sign_token(claims(), "k1", kSecret);
    CHECK_FALSE(verify_token(token, "0123456789abcdef0123456789abcdeX", kNow));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        INFO(i);
        CHECK_FALSE(accepted(changed));
    }
}

TEST_CASE("the algorithm is HS256 and no other", "[token]") {
    CHECK(accepts_header(kHeader));
    for (const char* algorithm :
         {"none", "None", "NONE", "RS256", "HS384", "HS512", "ES256", "hs256", "", "HS256 "}) {
        INFO(algorithm);
        CHECK_FALSE(accepts_header(R"({"alg":")" + std::string(algorithm) +
                                   R"(","kid":"k1","typ":"JWT"})"));
    }
    const std::string none = base64url(R"({"alg":"none","kid":"k1","typ":"JWT"})") + "." +
                             base64url(claims_json().dump()) + ".";
    CHECK_FALSE(accepted(none));
    CHECK_FALSE(token_key_id(none));
    const std::string longer = base64url(R"({"alg":"HS512","kid":"k1","typ":"JWT"})") + "." +
                               base64url(claims_json().dump());
    CHECK_FALSE(accepted(longer + "." + base64url(hmac(longer, kSecret, "EVP_sha512"))));
}

TEST_CASE("the header is ours exactly", "[token]") {
    CHECK(accepts_header(R"({"typ":"JWT","kid":"another","alg":"HS256"})"));
    for (const char* header :
         {R"({"alg":"HS256","typ":"JWT"})", R"({"alg":"HS256","kid":"","typ":"JWT"})",
          R"({"alg":"HS256","kid":1,"typ":"JWT"})", R"({"alg":"HS256","kid":"k 1","typ":"JWT"})",
          R"({"alg":"HS256","kid":null,"typ":"JWT"})", R"({"kid":"k1","typ":"JWT"})",
          R"({"alg":["HS256"],"kid":"k1","typ":"JWT"})",
          R"({"alg":"HS256","kid":"k1","typ":"at+jwt"})", R"({"alg":"HS256","kid":"k1"})",
          R"({"alg":"HS256","kid":"k1","typ":"JWT","crit":["x"]})",
          R"({"alg":"none","alg":"HS256","kid":"k1","typ":"JWT"})",
          R"({"alg":"HS256","kid":"k1","typ":"JWT"}x)", "[]", "null", "\"x\"", "", "{"}) {
        INFO(header);
        CHECK_FALSE(accepts_header(header));
    }
    CHECK_FALSE(
        accepts_header(R"({"alg":"HS256","kid":")" + std::string(129, 'k') + R"(","typ":"JWT"})"));
}

TEST_CASE("a token has a time to live", "[token]") {
    const std::string token = sign_token(claims(), "k1", kSecret);
    CHECK(accepted(token, kNow + 899));
    CHECK_FALSE(accepted(token, kNow + 900));
    CHECK_FALSE(accepted(token, kNow + 100000));
    CHECK(accepted(token, kNow - 70));  // a clock that is a minute behind
    CHECK_FALSE(accepted(token, kNow - 71));
}

TEST_CASE("the issuer is pgwright", "[token]") {
    CHECK(accepts_claim("iss", "\"pgwright\""));
    for (const char* issuer : {"\"other\"", "\"\"", "\"Pgwright\"", "null", "[\"pgwright\"]", "1"})
        CHECK_FALSE(accepts_claim("iss", issuer));
}

TEST_CASE("identities are UUIDs of somebody", "[token]") {
    for (const char* name : {"sub", "tid", "sid"}) {
        CHECK(accepts_claim(name, "\"44444444-4444-7444-8444-444444444444\""));
        for (const char* value :
             {"\"\"", "\"x\"", "null", "1", "[]", "\"{44444444-4444-7444-8444-444444444444}\"",
              "\"44444444444474448444444444444444\"", "\"44444444-4444-7444-8444-444444444444 \"",
              "\"00000000-0000-0000-0000-000000000000\""}) {
            INFO(name << " " << value);
            CHECK_FALSE(accepts_claim(name, value));
        }
    }
}

TEST_CASE("times are seconds in plain digits", "[token]") {
    CHECK(accepts_claim("exp", "9223372036854775807"));
    for (const char* value : {"\"1900000000\"", "null", "true", "1900000000.0", "1.9e9",
                              "9223372036854775808", "-1", "[]"}) {
        INFO(value);
        CHECK_FALSE(accepts_claim("exp", value));
    }
    for (const char* value : {"\"1700000000\"", "null", "1700000000.5", "-1", "-0", "1e1"}) {
        INFO(value);
        CHECK_FALSE(accepts_claim("iat", value));
    }
}

TEST_CASE("roles are an array of strings", "[token]") {
    CHECK(accepts_claim("roles", "[]"));
    for (const char* value :
         {"null", "\"admin\"", "[1]", "[null]", "[[\"admin\"]]", "{}", "{\"0\":\"admin\"}"}) {
        INFO(value);
        CHECK_FALSE(accepts_claim("roles", value));
    }
}

TEST_CASE("every claim of ours is there, once", "[token]") {
    for (const char* missing : {"iss", "sub", "tid", "sid", "iat", "exp", "roles"}) {
        Json json = claims_json();
        std::erase_if(json.members(),
                      [&](const Json::Member& member) { return member.first == missing; });
        INFO(missing);
        CHECK_FALSE(accepted(forge(kHeader, json.dump())));
    }
    const std::string body = claims_json().dump();
    CHECK_FALSE(accepted(
        forge(kHeader, R"({"sub":"44444444-4444-7444-8444-444444444444",)" + body.substr(1))));
    for (const char* other : {"[]", "null", "\"x\"", "", "{}"})
        CHECK_FALSE(accepted(forge(kHeader, other)));
    CHECK_FALSE(accepted(forge(kHeader, body + "x")));
    CHECK_FALSE(accepted(forge(kHeader, body + std::string(1, '\0'))));
}

TEST_CASE("claims that nobody knows are ignored", "[token]") {
    for (const char* value : {"1", "null", "\"x\"", "{\"a\":[{\"b\":true}]}"})
        CHECK(accepts_claim("https://example.com/whatever", value));
    CHECK_FALSE(accepts_claim("deep", std::string(20, '[') + std::string(20, ']')));
}

TEST_CASE("a token may begin later than it is issued", "[token]") {
    CHECK(accepts_claim("nbf", "1800000000"));
    CHECK(accepts_claim("nbf", "1800000060"));  // a clock that is a minute behind
    for (const char* value :
         {"1800000061", "1900000000", "\"1700000000\"", "null", "-1", "1.5", "[]"}) {
        INFO(value);
        CHECK_FALSE(accepts_claim("nbf", value));
    }
}

TEST_CASE("a token may have an id", "[token]") {
    CHECK(accepts_claim("jti", "\"7\""));
    for (const char* value : {"\"\"", "7", "null", "[\"7\"]"})
        CHECK_FALSE(accepts_claim("jti", value));
}

TEST_CASE("a token is for the audience that is asked for, or for none", "[token]") {
    const auto accepts = [](std::string_view claim, std::string_view audience) {
        Json json = claims_json();
        if (!claim.empty()) json.set("aud", parse_json(claim));
        return verify_token(forge(kHeader, json.dump()), kSecret, kNow, audience).has_value();
    };
    CHECK(accepts("", ""));
    CHECK(accepts("\"crm\"", "crm"));
    CHECK(accepts("[\"shop\",\"crm\"]", "crm"));
    for (const char* claim : {"", "\"shop\"", "\"CRM\"", "\"\"", "[]", "[\"shop\"]", "null", "1",
                              "[\"crm\",1]", "{\"crm\":true}"}) {
        INFO(claim);
        CHECK_FALSE(accepts(claim, "crm"));
    }
    CHECK_FALSE(accepts("\"crm\"", ""));
    CHECK_FALSE(accepts("\"\"", ""));
}

TEST_CASE("scopes are permissions, or the token is none", "[token]") {
    CHECK(accepts_claim("scopes", "[]"));
    CHECK(accepts_claim("scopes", R"(["company:read","*:update:own","users:read:all"])"));
    for (const char* value : {"null", "\"company:read\"", "[1]", "[\"company\"]",
                              "[\"company:rule\"]", "[\"company:*\"]", "[\"company:read:world\"]",
                              "[\"company:read\",\"\"]", "[\"COMPANY:read\"]", "{}"}) {
        INFO(value);
        CHECK_FALSE(accepts_claim("scopes", value));
    }
}

TEST_CASE("what may be in a token survives signing", "[token]") {
    Claims given = claims();
    given.not_before = kNow - 5;
    given.token_id = "t-7";
    given.audience = "crm";
    given.scopes = {Permission::parse("company:read:own").value(),
                    Permission::parse("*:update").value()};
    const auto verified = verify_token(sign_token(given, "k1", kSecret), kSecret, kNow, "crm");
    REQUIRE(verified);
    CHECK(verified->not_before == kNow - 5);
    CHECK(verified->token_id == "t-7");
    CHECK(verified->audience == "crm");
    REQUIRE(verified->scopes);
    REQUIRE(verified->scopes->size() == 2);
    CHECK(verified->scopes->front().to_string() == "company:read:own");
    CHECK(verified->scopes->back().to_string() == "*:update:tenant");
    CHECK_FALSE(verify_token(sign_token(claims(), "k1", kSecret), kSecret, kNow)->scopes);
    // No scope at all is a token that may nothing, not one that may everything.
    given.scopes.emplace();
    const auto none = verify_token(sign_token(given, "k1", kSecret), kSecret, kNow, "crm");
    REQUIRE(none);
    REQUIRE(none->scopes);
    CHECK(none->scopes->empty());
}

TEST_CASE("a token has one spelling", "[token]") {
    const std::string token = sign_token(claims(), "k1", kSecret);
    const std::string header = base64url(kHeader);
    const std::string body = base64url(claims_json().dump());
    CHECK(accepted(forge_encoded(header, body)));
    for (const std::string& spelling :
         {token + "=", token + " ", " " + token, token + "\n", token + ".", "." + token,
          token + ".e30", token.substr(0, token.size() - 1), token + "A",
          token + std::string(1, '\0')}) {
        CHECK_FALSE(accepted(spelling));
        CHECK_FALSE(token_key_id(spelling));
    }
    // The last of 43 characters carries two bits that no byte takes.
    std::string twin = token;
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    twin.back() = alphabet[alphabet.find(twin.back()) + 1];
    CHECK_FALSE(accepted(twin));
    // So can the last character of the claims, when their bytes do not fill it; the signature is right.
    std::string claims_text = claims_json().dump();
    while (claims_text.size() % 3 != 1) claims_text += ' ';
    std::string spilled = base64url(claims_text);
    CHECK(accepted(forge_encoded(header, spilled)));
    spilled.back() = alphabet[alphabet.find(spilled.back()) + 1];
    CHECK_FALSE(accepted(forge_encoded(header, spilled)));
    for (const char* inside : {"=", " ", "\n", "+", "/", "*"}) {
        CHECK_FALSE(accepted(forge_encoded(header + inside, body)));
        CHECK_FALSE(accepted(forge_encoded(header, body + inside)));
        CHECK_FALSE(accepted(forge_encoded(header, body.substr(0, 8) + inside + body.substr(8))));
    }
}

TEST_CASE("what is no token at all is refused", "[token]") {
    for (const std::string& text :
         {std::string(), std::string("."), std::string(".."), std::string("..."),
          std::string("a.b.c"), std::string("Bearer x"), std::string(kMaxTokenBytes, '.'),
          std::string(kMaxTokenBytes, 'A')}) {
        CHECK_FALSE(accepted(text));
        CHECK_FALSE(token_key_id(text));
    }
    const std::string token = sign_token(claims(), "k1", kSecret);
    CHECK_FALSE(accepted(token.substr(0, token.rfind('.'))));
    CHECK_FALSE(accepted(token.substr(0, token.rfind('.') + 1)));
}

TEST_CASE("a token over the limit is refused before it is read", "[token]") {
    Json json = claims_json();
    Json::Array roles(1500, Json::string("role"));
    json.set("roles", Json::array(std::move(roles)));
    const std::string token = forge(kHeader, json.dump());
    REQUIRE(token.size() > kMaxTokenBytes);
    CHECK_FALSE(accepted(token));
    CHECK_FALSE(token_key_id(token));
}
