// From cells to values; see transfer_value.hpp.
#include "core/transfer_value.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/date_format.hpp"

namespace pgwright::core {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_same_word(std::string_view text, std::string_view lower) noexcept {
    return text.size() == lower.size() &&
           std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
           });
}

CellValue fault(std::string message) { return {Json(), std::move(message)}; }

CellValue boolean_of(std::string_view text) {
    constexpr std::array<std::string_view, 6> yes = {"true", "t", "yes", "y", "on", "1"};
    constexpr std::array<std::string_view, 6> no = {"false", "f", "no", "n", "off", "0"};
    const auto is_word = [&](std::string_view word) { return is_same_word(text, word); };
    if (std::ranges::any_of(yes, is_word)) return {Json::boolean(true)};
    if (std::ranges::any_of(no, is_word)) return {Json::boolean(false)};
    return fault("must be true or false");
}

CellValue number_of(std::string_view text, bool decimal_comma) {
    if (text.size() > 1 && text.front() == '+') text.remove_prefix(1);
    std::string digits(text);
    if (decimal_comma) {
        if (digits.find('.') != std::string::npos)
            return fault("must be a number with a decimal comma and without points");
        std::ranges::replace(digits, ',', '.');
    }
    return {Json::string(std::move(digits))};
}

CellValue date_of(std::string_view text, const std::string& format) {
    if (format.empty()) return {Json::string(std::string(text))};
    auto iso = to_iso_date(text, format);
    if (!iso) return fault("must be a date of the form " + format);
    return {Json::string(*std::move(iso))};
}

CellValue document_of(std::string_view text) {
    try {
        return {parse_json(text)};
    } catch (const Failure& failure) {
        return fault("must be JSON: " + failure.message());
    }
}

CellValue value_of_text(const Field& field, std::string_view text, const ImportOptions& options) {
    switch (field.value_class()) {
        case ValueClass::integer:
        case ValueClass::numeric: return number_of(text, options.decimal_comma);
        case ValueClass::boolean: return boolean_of(text);
        case ValueClass::date:
        case ValueClass::datetime: return date_of(text, options.date_format);
        case ValueClass::json:
        case ValueClass::array: return document_of(text);
        default: return {Json::string(std::string(text))};
    }
}

}  // namespace

CellValue value_of_cell(const Field& field, const CsvCell& cell, const ImportOptions& options) {
    if (!cell.quoted && cell.text == options.null_text) return {};
    if (field.value_class() == ValueClass::text) return {Json::string(std::string(cell.text))};
    const std::string_view text = trimmed(cell.text);
    if (text.empty()) return {};
    return value_of_text(field, text, options);
}

}  // namespace pgwright::core
