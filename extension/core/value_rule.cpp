// A field's rules in words. The check before the server is asked and the explanation of a constraint
// that refused a row say the same sentence, because both take it from here.
#include <algorithm>

#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

constexpr std::size_t kListedValues = 10;       // of allowed_values, in a message
constexpr std::size_t kListedCharacters = 500;  // of all of them together

std::string bounds(const std::string& lowest, const std::string& highest) {
    if (lowest == highest) return "exactly " + lowest;
    if (lowest.empty()) return "at most " + highest;
    return highest.empty() ? "at least " + lowest : "between " + lowest + " and " + highest;
}

}  // namespace

std::string length_rule(const Field& field) {
    if (!field.min_length && !field.max_length) return {};
    const auto digits = [](const std::optional<int>& length) {
        return length ? std::to_string(*length) : std::string();
    };
    const bool single =
        field.max_length.value_or(*(field.min_length ? field.min_length : field.max_length)) == 1;
    return "must be " + bounds(digits(field.min_length), digits(field.max_length)) +
           (single ? " character" : " characters");
}

std::string range_rule(const Field& field) {
    if (field.min_value || field.max_value) {
        return "must be " + bounds(field.min_value.value_or(""), field.max_value.value_or(""));
    }
    return info(field.scalar_type()).value_class == ValueClass::numeric ? "must be a finite number"
                                                                        : "";
}

std::string scale_rule(const Field& field) {
    if (!field.decimal_places) return {};
    return "must have at most " + std::to_string(*field.decimal_places) +
           (*field.decimal_places == 1 ? " decimal place" : " decimal places");
}

std::string format_rule(const Field& field) {
    switch (field.scalar_type()) {
        case FieldType::email: return "must be an e-mail address";
        case FieldType::url: return "must be a URL that begins with http:// or https://";
        case FieldType::phone: return "must be a phone number";
        default: return {};
    }
}

std::string pattern_rule(const Field& field) {
    return field.pattern ? "must match the pattern " + *field.pattern : std::string();
}

std::string allowed_rule(const Field& field) {
    if (field.allowed_values.empty()) return {};
    std::string list;
    std::size_t listed = 0;
    for (const Json& value : field.allowed_values) {
        if (listed == kListedValues || list.size() + value.text().size() > kListedCharacters) break;
        list.append(listed++ == 0 ? "" : ", ").append(value.text());
    }
    if (listed == 0) return "must be one of the allowed values";
    return "must be one of: " + list + (listed < field.allowed_values.size() ? ", ..." : "");
}

}  // namespace pgwright::core
