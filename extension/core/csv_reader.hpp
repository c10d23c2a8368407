// Comma-separated values as RFC 4180 has them: quotes around values that hold delimiters, line breaks or
// (doubled) quotes. More is taken: any delimiter of one byte, LF, CRLF or CR, and no break at the end.
// A fault of form costs the record it is in, not the file: reading goes on behind its line.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_records.hpp"

namespace pgwright::core {

struct CsvCell {
    std::string_view text;
    bool quoted = false;  // "" is an empty text, nothing at all is no value
};

struct CsvRecord {
    std::vector<CsvCell> cells;  // point into the input and into `unescaped`
    std::size_t bytes = 0;       // as in TextRecord
    std::size_t lines = 0;
    const char* fault = "";  // of form; "" when there is none
    std::size_t column = 0;  // that it is in, from 1
    std::deque<std::string> unescaped;

    // A line with nothing on it.
    [[nodiscard]] bool is_blank() const noexcept {
        return cells.size() == 1 && cells.front().text.empty() && !cells.front().quoted;
    }
};

// The record at the beginning of the input; never `failed` but for a record that is too long.
ReadState next_csv_record(std::string_view input, bool last, char delimiter, CsvRecord& record);

// Which of , ; tab | separates the values of the first line: the one that stands there most often, outside
// quotes; the comma when none does.
char guess_delimiter(std::string_view input) noexcept;

}  // namespace pgwright::core
