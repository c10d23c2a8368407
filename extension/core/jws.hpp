// JSON Web Signatures in compact form (RFC 7515), taken apart strictly: what libraries let pass (padding,
// stray characters, a member twice, extensions nobody understands) is no token here. Nothing that is
// read is trusted before its signature was verified.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxTokenBytes = 8192;
// How far a clock elsewhere may be ahead of ours: for iat and nbf. An expiry has no leeway.
inline constexpr std::int64_t kClockSkewSeconds = 60;

struct Jws {
    Json header;                        // an object with "alg", a string
    Json claims;                        // an object
    std::optional<std::string> key_id;  // kid: 1 to 128 printable ASCII characters without blanks
    std::string signing_input;          // header and claims as they came, with the dot between
    std::string signature;              // bytes, at least one

    [[nodiscard]] const std::string& algorithm() const noexcept {
        return header.find("alg")->text();
    }
};

// Nothing for text that is none, is over kMaxTokenBytes, or has a "crit" member in its header: no
// extension is understood here.
std::optional<Jws> parse_jws(std::string_view token);

// 1 to 128 printable ASCII characters without blanks: nothing a C string would cut or a log line would
// break at.
bool is_key_id(std::string_view key_id) noexcept;

// Seconds since 1970 in plain digits; nothing for anything else, also fractions and exponents.
std::optional<std::int64_t> read_seconds(const Json* json) noexcept;

// A string or an array of strings, as "aud" comes; nothing for any other kind.
std::optional<std::vector<std::string>> read_texts(const Json& json);

}  // namespace pgwright::core
