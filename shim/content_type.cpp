// Grammar: RFC 9110, 8.3.1.
#include "shim/content_type.hpp"

#include "shim/ascii.hpp"

namespace pgwright::shim {

namespace {

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        return text.substr(1, text.size() - 2);
    }
    return text;
}

}  // namespace

bool is_json_in_utf8(std::string_view content_type) {
    std::size_t end = content_type.find(';');
    if (!equal_ignoring_case(trimmed(content_type.substr(0, end)), "application/json")) {
        return false;
    }
    while (end != std::string_view::npos) {
        content_type.remove_prefix(end + 1);
        end = content_type.find(';');
        const std::string_view parameter = trimmed(content_type.substr(0, end));
        const std::size_t equals = parameter.find('=');
        if (equals != std::string_view::npos &&
            equal_ignoring_case(trimmed(parameter.substr(0, equals)), "charset") &&
            !equal_ignoring_case(unquoted(trimmed(parameter.substr(equals + 1))), "utf-8")) {
            return false;
        }
    }
    return true;
}

bool is_form(std::string_view content_type) {
    const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
    return equal_ignoring_case(type, "multipart/form-data") ||
           equal_ignoring_case(type, "application/x-www-form-urlencoded");
}

}  // namespace pgwright::shim
