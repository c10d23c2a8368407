// Access tokens. libjwt signs and checks the signature. Around it everything is decided from the
// token's own bytes, read strictly, because libjwt skips characters that are not base64, takes padded
// and unpadded text alike and lets the last of two members win: of a token only the one spelling that
// sign_token() writes is accepted, as far as header, claims and encoding go.
#include "core/token.hpp"

#include <jwt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <memory>

#include "core/error.hpp"
#include "core/json.hpp"

namespace pgwright::core {

namespace {

constexpr std::size_t kMinSecretBytes = 32;
constexpr std::size_t kMaxKeyIdBytes = 128;
constexpr std::size_t kSignatureCharacters = 43;  // 32 bytes in base64url without padding
constexpr std::size_t kMaxTokenDepth = 2;         // the claims and the roles
constexpr std::int64_t kClockSkewSeconds = 60;

struct FreeToken {
    void operator()(jwt_t* token) const noexcept { jwt_free(token); }
};
struct FreeText {
    void operator()(char* text) const noexcept { std::free(text); }
};
using TokenPointer = std::unique_ptr<jwt_t, FreeToken>;

struct Parts {
    std::string_view header, claims, signature;
};

std::optional<Parts> split(std::string_view token) noexcept {
    if (token.size() > kMaxTokenBytes || std::ranges::count(token, '.') != 2) return std::nullopt;
    const std::size_t first = token.find('.');
    const std::size_t second = token.rfind('.');
    const Parts parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                      token.substr(second + 1)};
    if (parts.signature.size() != kSignatureCharacters) return std::nullopt;
    return parts;
}

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kAlphabet.size());
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

// base64url without padding (RFC 7515); nothing for any other character, an impossible length, or
// bits set that no byte takes, so that bytes have one spelling.
std::optional<std::string> decode_base64url(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::uint32_t value = kValues[static_cast<unsigned char>(c)];
        if (value == kAlphabet.size()) return std::nullopt;
        bits = bits << 6U | value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFFU);
        bits &= (1U << count) - 1;
    }
    if (count >= 6 || bits != 0) return std::nullopt;
    return bytes;
}

std::optional<Json> decode_object(std::string_view part) {
    const std::optional<std::string> text = decode_base64url(part);
    if (!text) return std::nullopt;
    try {
        Json json = parse_json(*text, kMaxTokenDepth);
        if (json.is_object()) return json;
    } catch (const Failure&) {  // malformed, or a member twice
    }
    return std::nullopt;
}

// True when the object has these members and no other. What a verifier does not know it must not
// ignore: a claim of a later version may restrict the token.
bool has_exactly(const Json& object, std::initializer_list<std::string_view> names) noexcept {
    return object.members().size() == names.size() &&
           std::ranges::all_of(names,
                               [&](std::string_view name) { return object.find(name) != nullptr; });
}

bool is_text(const Json& json, std::string_view text) noexcept {
    return json.is_string() && json.text() == text;
}

// Printable ASCII without blanks: nothing a C string would cut or a log line would break at.
bool is_key_id(std::string_view key_id) noexcept {
    return !key_id.empty() && key_id.size() <= kMaxKeyIdBytes &&
           std::ranges::all_of(key_id, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::string> read_key_id(std::string_view header) {
    const std::optional<Json> json = decode_object(header);
    if (!json || !has_exactly(*json, {"alg", "kid", "typ"})) return std::nullopt;
    const Json& key_id = *json->find("kid");
    const bool ours = is_text(*json->find("alg"), "HS256") && is_text(*json->find("typ"), "JWT");
    if (!ours || !key_id.is_string() || !is_key_id(key_id.text())) return std::nullopt;
    return key_id.text();
}

// The nil UUID is nobody.
std::optional<Uuid> read_uuid(const Json& json) noexcept {
    const std::optional<Uuid> uuid = json.is_string() ? Uuid::parse(json.text()) : std::nullopt;
    return uuid && !uuid->is_nil() ? uuid : std::nullopt;
}

// Seconds since 1970 in plain digits.
std::optional<std::int64_t> read_time(const Json& json) noexcept {
    std::int64_t seconds = 0;
    const std::string& digits = json.text();
    const char* const end = digits.data() + digits.size();
    if (!json.is_number() || digits.starts_with('-')) return std::nullopt;
    const auto [stop, error] = std::from_chars(digits.data(), end, seconds);
    if (error != std::errc() || stop != end) return std::nullopt;
    return seconds;
}

std::optional<Claims> read_claims(const Json& json) {
    if (!has_exactly(json, {"iss", "sub", "tid", "sid", "iat", "exp", "roles"}))
        return std::nullopt;
    const std::optional<Uuid> user = read_uuid(*json.find("sub"));
    const std::optional<Uuid> tenant = read_uuid(*json.find("tid"));
    const std::optional<Uuid> session = read_uuid(*json.find("sid"));
    const std::optional<std::int64_t> issued = read_time(*json.find("iat"));
    const std::optional<std::int64_t> expires = read_time(*json.find("exp"));
    const Json& roles = *json.find("roles");
    if (!is_text(*json.find("iss"), kTokenIssuer) || !user || !tenant || !session || !issued ||
        !expires)
        return std::nullopt;
    if (!roles.is_array() || !std::ranges::all_of(roles.items(), &Json::is_string))
        return std::nullopt;
    Claims claims{*user, *tenant, *session, *issued, *expires, {}};
    for (const Json& role : roles.items()) claims.roles.push_back(role.text());
    return claims;
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

std::string write_claims(const Claims& claims) {
    JsonWriter writer;
    const auto text = [&](std::string_view name, std::string_view value) {
        writer.key(name);
        writer.string(value);
    };
    writer.begin_object();
    text("iss", kTokenIssuer);
    text("sub", claims.user_id.to_string());
    text("tid", claims.tenant_id.to_string());
    text("sid", claims.session_id.to_string());
    writer.key("iat");
    writer.integer(claims.issued_at);
    writer.key("exp");
    writer.integer(claims.expires_at);
    writer.key("roles");
    writer.begin_array();
    for (const std::string& role : claims.roles) writer.string(role);
    writer.end_array();
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
    const std::optional<Parts> parts = split(token);
    return parts ? read_key_id(parts->header) : std::nullopt;
}

std::optional<Claims> verify_token(std::string_view token, std::string_view secret,
                                   std::int64_t now) {
    if (secret.size() < kMinSecretBytes || secret.size() > kMaxTokenBytes) return std::nullopt;
    const std::optional<Parts> parts = split(token);
    if (!parts || !read_key_id(parts->header) || !decode_base64url(parts->signature))
        return std::nullopt;
    const std::optional<Json> json = decode_object(parts->claims);
    if (!json || !has_valid_signature(std::string(token), secret)) return std::nullopt;
    std::optional<Claims> claims = read_claims(*json);
    if (!claims || claims->issued_at > now + kClockSkewSeconds || now >= claims->expires_at)
        return std::nullopt;
    return claims;
}

}  // namespace pgwright::core
