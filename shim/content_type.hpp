// The media types a request body may have.
#pragma once

#include <string_view>

namespace pgwright::shim {

// application/json, alone or with charset=utf-8; other parameters do not count.
bool is_json_in_utf8(std::string_view content_type);

// Of a form in a browser: multipart/form-data or application/x-www-form-urlencoded.
bool is_form(std::string_view content_type);

}  // namespace pgwright::shim
