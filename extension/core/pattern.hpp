// The forms of e-mail addresses, URLs and phone numbers. Each is given twice, side by side: as the
// regular expression of the table's constraint and as the matcher that says the same in C++. Both are
// linear and independent of locale; test/unit/pattern_cases.inc holds the cases both must agree on.
#pragma once

#include <string_view>

namespace pgwright::core {

// PostgreSQL's advanced regular expressions, for the operator ~: ^ and $ match at the ends of the
// text only, never at a newline.
inline constexpr std::string_view kEmailPattern =
    "^[A-Za-z0-9.!#$%&'*+/"
    "=?^_`{|}~-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])"
    "?$";
inline constexpr std::string_view kUrlPattern =
    R"re(^https?://[^\u0001-\u0020\u007f"<>`{|}^\\/?#]+([/?#][^\u0001-\u0020\u007f"<>`{|}^\\]*)?$)re";
inline constexpr std::string_view kPhonePattern =
    "^[+]?[(]?[0-9]([ ()./-]*[0-9]){2,}( *([xX]|[eE][xX][tT][.]?) *[0-9]+)?$";

// HTML's form of an e-mail address (its local part is ASCII), in a domain of two labels or more.
bool is_email(std::string_view text) noexcept;
// http:// or https://, an authority, and no white space, control character or one of "<>`{|}^\.
// Characters beyond ASCII are let through, as browsers show them.
bool is_url(std::string_view text) noexcept;
// Three digits or more, set apart by spaces and ( ) . / -, after an optional plus sign; then perhaps
// an extension: x12, ext 12, ext. 12.
bool is_phone(std::string_view text) noexcept;

}  // namespace pgwright::core
