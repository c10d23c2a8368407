// The fast path appends whole runs that need no escape.
#include "shim/json_text.hpp"

#include "shim/utf8.hpp"

namespace pgwright::shim {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_escape(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\u00";
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 0x0F];
}

void append_escaped(std::string& out, std::string_view text) {
    std::size_t run = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
            continue;
        }
        out.append(text, run, at - run);
        append_escape(out, c);
        run = at + 1;
    }
    out.append(text, run);
}

std::string without_malformed_bytes(std::string_view text) {
    std::string clean;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = 1;
        while (length < 4 && at + length <= text.size() && !is_utf8(text.substr(at, length))) {
            ++length;
        }
        if (is_utf8(text.substr(at, length))) {
            clean.append(text.substr(at, length));
            at += length;
        } else {
            clean.append(kReplacement);
            ++at;
        }
    }
    return clean;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    if (is_utf8(text)) {
        append_escaped(out, text);
    } else {
        append_escaped(out, without_malformed_bytes(text));
    }
    out += '"';
}

void append_json_name(std::string& out, std::string_view name) {
    if (!out.empty() && out.back() != '{' && out.back() != '[') {
        out += ',';
    }
    append_json_string(out, name);
    out += ':';
}

}  // namespace pgwright::shim
