// Access tokens. libjwt signs and checks the signature. Around it everything is decided from the
// token's own bytes, read strictly (core/jws.hpp), because libjwt skips characters that are not base64,
// takes padded and unpadded text alike and lets the last of two members win.
#include "core/token.hpp"

#include <jwt.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/error.hpp"
#include "core/json.hpp"

namespace pgwright::core {

namespace {

constexpr std::size_t kMinSecretBytes = 32;
constexpr std::size_t kSignatureBytes = 32;

struct FreeToken {
    void operator()(jwt_t* token) const noexcept { jwt_free(token); }
};
struct FreeText {
    void operator()(char* text) const noexcept { std::free(text); }
};
using TokenPointer = std::unique_ptr<jwt_t, FreeToken>;

bool is_text(const Json* json, std::string_view text) noexcept {
    return json != nullptr && json->is_string() && json->text() == text;
}

// The header is exactly the one that sign_token() writes.
bool is_ours(const Jws& jws) noexcept {
    return jws.header.members().size() == 3 && is_text(jws.header.find("alg"), "HS256") &&
           is_text(jws.header.find("typ"), "JWT") && jws.key_id &&
           jws.signature.size() == kSignatureBytes;
}

std::optional<Jws> parse_ours(std::string_view token) {
    std::optional<Jws> jws = parse_jws(token);
    return jws && is_ours(*jws) ? std::move(jws) : std::nullopt;
}

// The nil UUID is nobody.
std::optional<Uuid> read_uuid(const Json* json) noexcept {
    const std::optional<Uuid> uuid =
        json != nullptr && json->is_string() ? Uuid::parse(json->text()) : std::nullopt;
    return uuid && !uuid->is_nil() ? uuid : std::nullopt;
}

// What a claim that may be missing is read into; false when it is there and malformed.
bool read_not_before(const Json& json, Claims& claims) noexcept {
    const Json* const given = json.find("nbf");
    if (given == nullptr) return true;
    const std::optional<std::int64_t> seconds = read_seconds(given);
    claims.not_before = seconds.value_or(0);
    return seconds.has_value();
}

bool read_token_id(const Json& json, Claims& claims) {
    const Json* const given = json.find("jti");
    if (given == nullptr) return true;
    claims.token_id = given->text();
    return given->is_string() && !claims.token_id.empty();
}

bool read_scopes(const Json& json, Claims& claims) {
    const Json* const given = json.find("scopes");
    if (given == nullptr) return true;
    if (!given->is_array()) return false;
    std::vector<Permission>& scopes = claims.scopes.emplace();
    for (const Json& item : given->items()) {
        const std::optional<Permission> scope =
            item.is_string() ? Permission::parse(item.text()) : std::nullopt;
        if (!scope) return false;
        scopes.push_back(*scope);
    }
    return true;
}

// A token for another audience is not for this database, and one for any is not for none.
bool read_audience(const Json& json, Claims& claims, std::string_view audience) {
    const Json* const given = json.find("aud");
    claims.audience = audience;
    if (given == nullptr) return audience.empty();
    const std::optional<std::vector<std::string>> names = read_texts(*given);
    return names && !audience.empty() && std::ranges::find(*names, audience) != names->end();
}

std::optional<Claims> read_required(const Json& json) {
    const std::optional<Uuid> user = read_uuid(json.find("sub"));
    const std::optional<Uuid> tenant = read_uuid(json.find("tid"));
    const std::optional<Uuid> session = read_uuid(json.find("sid"));
    const std::optional<std::int64_t> issued = read_seconds(json.find("iat"));
    const std::optional<std::int64_t> expires = read_seconds(json.find("exp"));
    const Json* const roles = json.find("roles");
    if (!is_text(json.find("iss"), kTokenIssuer) || !user || !tenant || !session || !issued ||
        !expires || roles == nullptr || !roles->is_array())
        return std::nullopt;
    std::optional<std::vector<std::string>> names = read_texts(*roles);
    if (!names) return std::nullopt;
    return Claims{*user, *tenant, *session, *issued, *expires, std::move(*names)};
}

std::optional<Claims> read_claims(const Json& json, std::string_view audience) {
    std::optional<Claims> claims = read_required(json);
    if (!claims || !read_not_before(json, *claims) || !read_token_id(json, *claims) ||
        !read_scopes(json, *claims) || !read_audience(json, *claims, audience))
        return std::nullopt;
    return claims;
}

bool is_in_time(const Claims& claims, std::int64_t now) noexcept {
    const std::int64_t latest = now + kClockSkewSeconds;
    return claims.issued_at <= latest && claims.not_before <= latest && now < claims.expires_at;
}

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// The algorithm is checked again after decoding: what the library verified must be what was asked for.
bool has_valid_signature(const std::string& token, std::string_view secret) noexcept {
    jwt_t* decoded = nullptr;
    if (jwt_decode(&decoded, token.c_str(), bytes_of(secret), static_cast<int>(secret.size())) != 0)
        return false;
    const TokenPointer owner(decoded);
    return jwt_get_alg(decoded) == JWT_ALG_HS256;
}

void write_texts(JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
    writer.key(name);
    writer.begin_array();
    for (const std::string& text : texts) writer.string(text);
    writer.end_array();
}

void write_text(JsonWriter& writer, std::string_view name, std::string_view text) {
    writer.key(name);
    writer.string(text);
}

void write_number(JsonWriter& writer, std::string_view name, std::int64_t number) {
    writer.key(name);
    writer.integer(number);
}

void write_optional_claims(const Claims& claims, JsonWriter& writer) {
    if (claims.not_before != 0) write_number(writer, "nbf", claims.not_before);
    if (!claims.token_id.empty()) write_text(writer, "jti", claims.token_id);
    if (!claims.audience.empty()) write_text(writer, "aud", claims.audience);
    if (!claims.scopes) return;
    std::vector<std::string> scopes;
    for (const Permission& scope : *claims.scopes) scopes.push_back(scope.to_string());
    write_texts(writer, "scopes", scopes);
}

std::string write_claims(const Claims& claims) {
    JsonWriter writer;
    writer.begin_object();
    write_text(writer, "iss", kTokenIssuer);
    write_text(writer, "sub", claims.user_id.to_string());
    write_text(writer, "tid", claims.tenant_id.to_string());
    write_text(writer, "sid", claims.session_id.to_string());
    write_number(writer, "iat", claims.issued_at);
    write_number(writer, "exp", claims.expires_at);
    write_texts(writer, "roles", claims.roles);
    write_optional_claims(claims, writer);
    writer.end_object();
    return std::string(writer.view());
}

void require(bool right, const char* message) {
    if (!right) throw Failure(Code::server_error, message);
}

}  // namespace

std::string sign_token(const Claims& claims, std::string_view key_id, std::string_view secret) {
    require(secret.size() >= kMinSecretBytes && secret.size() <= kMaxTokenBytes,
            "a signing key must have at least 32 bytes");
    require(is_key_id(key_id), "a signing key must have an id");
    jwt_t* made = nullptr;
    require(jwt_new(&made) == 0, "could not make a token");
    const TokenPointer token(made);
    const int failed =
        jwt_set_alg(made, JWT_ALG_HS256, bytes_of(secret), static_cast<int>(secret.size())) |
        jwt_add_header(made, "kid", std::string(key_id).c_str()) |
        jwt_add_grants_json(made, write_claims(claims).c_str());
    require(failed == 0, "could not fill a token");
    const std::unique_ptr<char, FreeText> text(jwt_encode_str(made));
    require(text != nullptr, "could not sign a token");
    std::string signed_token(text.get());
    require(signed_token.size() <= kMaxTokenBytes,
            "a token with that many roles would be too large");
    return signed_token;
}

std::optional<std::string> token_key_id(std::string_view token) {
    const std::optional<Jws> jws = parse_ours(token);
    return jws ? jws->key_id : std::nullopt;
}

std::optional<Claims> verify_token(std::string_view token, std::string_view secret,
                                   std::int64_t now, std::string_view audience) {
    if (secret.size() < kMinSecretBytes || secret.size() > kMaxTokenBytes) return std::nullopt;
    const std::optional<Jws> jws = parse_ours(token);
    if (!jws || !has_valid_signature(std::string(token), secret)) return std::nullopt;
    std::optional<Claims> claims = read_claims(jws->claims, audience);
    return claims && is_in_time(*claims, now) ? std::move(claims) : std::nullopt;
}

}  // namespace pgwright::core
