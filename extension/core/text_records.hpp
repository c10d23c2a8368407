// Cutting a file into records, one after the other, from whatever part of it is at hand. A reader keeps
// no state between calls but where the next record begins, so that an import can stop after any record
// and go on elsewhere: in another transaction, after a crash. CSV has a reader of its own (csv_reader.hpp).
//
// Lines count from 1 and end with LF, CRLF or CR. Nothing here checks what a record holds.
#pragma once

#include <cstddef>
#include <string_view>

namespace pgwright::core {

enum class ReadState {
    record,  // one was read
    more,  // the input ends inside a record: come again with the same beginning and more behind it
    end,   // there is no further record
    failed,  // nobody knows where the next record would begin
};

// What one record may have at most, so that a quote that does not end cannot swallow a whole file.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{16} << 20;

struct TextRecord {
    std::string_view text;
    std::size_t bytes = 0;  // of the input that the record took, line break and separators included
    std::size_t lines = 0;  // line breaks among them
    std::size_t lead_lines = 0;  // of these ahead of the text
    const char* problem = "";    // when failed
};

// The bytes that say "UTF-8" at the beginning of a file and are no part of it: 0 or 3.
std::size_t byte_order_mark(std::string_view input) noexcept;
// "" unless the file begins like one in another encoding, which is then named.
std::string_view foreign_encoding(std::string_view input) noexcept;

// JSON lines: a record is a line that is not blank. `last`: nothing comes behind the input.
ReadState next_json_line(std::string_view input, bool last, TextRecord& record) noexcept;

// The elements of one JSON array. `begun`: an element has been read, so a comma or the end is due.
ReadState next_json_element(std::string_view input, bool last, bool begun,
                            TextRecord& record) noexcept;

}  // namespace pgwright::core
