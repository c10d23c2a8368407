// How a file of records is written: its format and what may differ within it. As requests give it and as
// jobs keep it: a JSON object whose members are the ones below; unknown ones are faults.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json.hpp"

namespace pgwright::core {

enum class FileFormat { csv, jsonl, json, xlsx, xml };

std::string_view format_name(FileFormat format) noexcept;
std::optional<FileFormat> find_format(std::string_view name) noexcept;
// By the ending of a file's name, ".csv" and so on; nothing for any other.
std::optional<FileFormat> format_of_file(std::string_view file_name) noexcept;
// Whether imports read it.
bool is_importable(FileFormat format) noexcept;

struct ImportOptions {
    char delimiter = '\0';  // CSV; NUL: guessed from the first line
    bool header = true;     // CSV: the first line names the columns; else they are "1", "2", ...
    std::string null_text;  // CSV: what stands, unquoted, for no value
    bool decimal_comma = false;  // CSV: 3,14
    std::string date_format;     // CSV: DD, MM and YYYY with marks between; empty: YYYY-MM-DD
};

// {"delimiter","header","null_text","decimal_comma","date_format","encoding"}; null is all defaults. Faults
// are named "options.<member>".
ImportOptions parse_import_options(const Json& options, Faults& faults);

struct ExportOptions {
    char delimiter = ',';   // CSV
    bool header = true;     // CSV, XLSX: a first line of column names
    std::string null_text;  // CSV
    bool escape_formulas =
        false;  // CSV: an apostrophe ahead of texts a spreadsheet would calculate
    bool byte_order_mark = false;  // CSV: for spreadsheets that take a file without one for Latin-1
};

// {"delimiter","header","null_text","escape_formulas","bom","encoding"}; likewise.
ExportOptions parse_export_options(const Json& options, Faults& faults);

}  // namespace pgwright::core
