// Compact JSON Web Signatures; see jws.hpp.
#include "core/jws.hpp"

#include <algorithm>
#include <charconv>

#include "core/base64url.hpp"
#include "core/error.hpp"

namespace pgwright::core {

namespace {

constexpr std::size_t kMaxKeyIdBytes = 128;
constexpr std::size_t kMaxDepth = 8;  // claims of others nest: {"realm_access":{"roles":[...]}}

std::optional<Json> decode_object(std::string_view part) {
    const std::optional<std::string> text = decode_base64url(part);
    if (!text) return std::nullopt;
    try {
        Json json = parse_json(*text, kMaxDepth);
        if (json.is_object()) return json;
    } catch (const Failure&) {  // malformed, or a member twice
    }
    return std::nullopt;
}

bool is_text(const Json* json) noexcept { return json != nullptr && json->is_string(); }

// False when the header has what nobody here understands.
bool read_header(Jws& jws) {
    const Json* const key_id = jws.header.find("kid");
    if (!is_text(jws.header.find("alg")) || jws.header.find("crit") != nullptr) return false;
    if (key_id == nullptr) return true;
    if (!is_text(key_id) || !is_key_id(key_id->text())) return false;
    jws.key_id = key_id->text();
    return true;
}

}  // namespace

std::optional<Jws> parse_jws(std::string_view token) {
    if (token.size() > kMaxTokenBytes || std::ranges::count(token, '.') != 2) return std::nullopt;
    const std::size_t first = token.find('.');
    const std::size_t second = token.rfind('.');
    std::optional<Json> header = decode_object(token.substr(0, first));
    std::optional<Json> claims = decode_object(token.substr(first + 1, second - first - 1));
    std::optional<std::string> signature = decode_base64url(token.substr(second + 1));
    if (!header || !claims || !signature || signature->empty()) return std::nullopt;
    Jws jws{std::move(*header),
            std::move(*claims),
            {},
            std::string(token.substr(0, second)),
            std::move(*signature)};
    if (!read_header(jws)) return std::nullopt;
    return jws;
}

bool is_key_id(std::string_view key_id) noexcept {
    return !key_id.empty() && key_id.size() <= kMaxKeyIdBytes &&
           std::ranges::all_of(key_id, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::int64_t> read_seconds(const Json* json) noexcept {
    if (json == nullptr || !json->is_number()) return std::nullopt;
    const std::string& digits = json->text();
    const char* const end = digits.data() + digits.size();
    std::int64_t seconds = 0;
    const auto [stop, error] = std::from_chars(digits.data(), end, seconds);
    if (digits.starts_with('-') || error != std::errc() || stop != end) return std::nullopt;
    return seconds;
}

std::optional<std::vector<std::string>> read_texts(const Json& json) {
    if (json.is_string()) return std::vector{json.text()};
    if (!json.is_array() || !std::ranges::all_of(json.items(), &Json::is_string))
        return std::nullopt;
    std::vector<std::string> texts;
    for (const Json& item : json.items()) texts.push_back(item.text());
    return texts;
}

}  // namespace pgwright::core
