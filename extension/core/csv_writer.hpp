// Cells of a CSV file, after RFC 4180, so that what next_csv_record() reads is what was written.
#pragma once

#include <string>
#include <string_view>

#include "core/transfer_options.hpp"

namespace pgwright::core {

inline constexpr std::string_view kCsvLineBreak = "\r\n";

class CsvWriter {
  public:
    explicit CsvWriter(const ExportOptions& options) : options_(options) {}

    void null(std::string& out) const { out += options_.null_text; }
    // Quoted where it would be read as something else: delimiters, quotes and line breaks in it, or the
    // text that stands for no value. `calculates`: a spreadsheet might take it for a formula, so that the
    // option to prevent it counts.
    void text(std::string& out, std::string_view value, bool calculates) const;

  private:
    [[nodiscard]] bool needs_quotes(std::string_view value) const noexcept;

    const ExportOptions& options_;
};

}  // namespace pgwright::core
