// A cell of a CSV file as the value that a client of the record functions would send, so that one check
// (value_check.hpp) judges both. What the text says is changed in its form alone, never guessed at.
#pragma once

#include <optional>
#include <string>

#include "core/csv_reader.hpp"
#include "core/model.hpp"
#include "core/transfer_options.hpp"

namespace pgwright::core {

struct CellValue {
    Json value;
    std::optional<std::string> fault = std::nullopt;  // then there is no value
};

// By the field's class:
//   null       the null text, unquoted; and of any but text an empty cell, quoted or not
//   text       as it stands
//   numbers    without blanks around and a sign +; with a decimal comma when the options say so
//   booleans   true/false, t/f, yes/no, y/n, on/off, 1/0 in either case
//   dates      by options.date_format, also at the beginning of a date and time
//   json       the JSON document; arrays are JSON too
//   others     without blanks around
CellValue value_of_cell(const Field& field, const CsvCell& cell, const ImportOptions& options);

}  // namespace pgwright::core
