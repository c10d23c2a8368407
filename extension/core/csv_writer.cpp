// Quoting; see csv_writer.hpp.
#include "core/csv_writer.hpp"

#include <algorithm>

namespace pgwright::core {
namespace {

// What spreadsheets begin to calculate at.
bool begins_formula(std::string_view value) noexcept {
    constexpr std::string_view kBeginnings = "=+-@\t\r";
    return !value.empty() && kBeginnings.find(value.front()) != std::string_view::npos;
}

void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t quote = value.find('"', at);
        const std::size_t end = quote == std::string_view::npos ? value.size() : quote + 1;
        out.append(value.substr(at, end - at));
        if (quote != std::string_view::npos) out += '"';
        at = end;
    }
    out += '"';
}

}  // namespace

bool CsvWriter::needs_quotes(std::string_view value) const noexcept {
    if (value.empty() || value == options_.null_text) return true;
    // A blank at an end is a blank, and not every reader leaves it.
    if (value.front() == ' ' || value.back() == ' ') return true;
    return std::any_of(value.begin(), value.end(), [this](char c) {
        return c == options_.delimiter || c == '"' || c == '\n' || c == '\r';
    });
}

void CsvWriter::text(std::string& out, std::string_view value, bool calculates) const {
    if (calculates && options_.escape_formulas && begins_formula(value)) {
        std::string escaped = "'";
        escaped += value;
        return append_quoted(out, escaped);
    }
    if (needs_quotes(value)) return append_quoted(out, value);
    out += value;
}

}  // namespace pgwright::core
