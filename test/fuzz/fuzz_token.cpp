// token_key_id and verify_token. The input is tried as a token, which must never verify because the
// fuzzer does not know the key, and, up to its first line break, as a header before claims that get a
// right signature: what then verifies must be what sign_token() makes of the same claims.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "check.hpp"
#include "core/token.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

std::string base64url(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

std::string sign(const std::string& content) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
         reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(),
         &size);
    return content + "." + base64url({reinterpret_cast<const char*>(digest.data()), size});
}

void check_signed(const std::string& token) {
    const std::optional<Claims> claims = verify_token(token, kSecret, kNow);
    if (!claims) return;
    const std::optional<std::string> key_id = token_key_id(token);
    check(key_id.has_value());
    const std::optional<Claims> again =
        verify_token(sign_token(*claims, *key_id, kSecret), kSecret, kNow);
    check(again && again->user_id == claims->user_id && again->tenant_id == claims->tenant_id &&
          again->session_id == claims->session_id);
    check(again->issued_at == claims->issued_at && again->expires_at == claims->expires_at &&
          again->roles == claims->roles);
    check(again->not_before == claims->not_before && again->token_id == claims->token_id);
    check(again->scopes.has_value() == claims->scopes.has_value() &&
          (!again->scopes || again->scopes->size() == claims->scopes->size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = pgwright::fuzz::text_of(data, size);
    (void)token_key_id(text);
    check(!verify_token(text, "a key that nobody told the fuzzer about", kNow));
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos) return 0;
    const std::string_view header = text.substr(0, line);
    const std::string_view claims = text.substr(line + 1);
    check_signed(sign(base64url(header) + "." + base64url(claims)));
    check_signed(sign(std::string(header) + "." + std::string(claims)));
    return 0;
}
