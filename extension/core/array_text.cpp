#include "core/array_text.hpp"

namespace pgwright::core {
namespace {

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

}  // namespace

std::string array_text(const Json& array) {
    std::string text = "{";
    for (const Json& item : array.items()) {
        if (text.size() > 1) text += ',';
        if (item.is_null()) {
            text += "NULL";
        } else if (item.is_boolean()) {
            text += item.as_boolean() ? "true" : "false";
        } else {
            append_quoted(text, item.text());
        }
    }
    return text + "}";
}

}  // namespace pgwright::core
