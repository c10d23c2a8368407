// A file read record by record from a source of bytes, from its beginning or from where somebody else has
// stopped. Memory: one record and what the source gives at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/csv_reader.hpp"
#include "core/text_records.hpp"
#include "core/transfer_options.hpp"

namespace pgwright::core {

class ByteSource {
  public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;
    // Appends the next bytes; false when there are none left.
    virtual bool read(std::string& into) = 0;
};

// Bytes that are at hand, `step` at a time.
class TextSource final : public ByteSource {
  public:
    explicit TextSource(std::string_view bytes, std::size_t step = std::size_t{1} << 18)
        : bytes_(bytes), step_(step) {}
    bool read(std::string& into) override;

  private:
    std::string_view bytes_;
    std::size_t step_;
};

// How far a file has been read: what a job keeps.
struct FilePosition {
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;    // line breaks passed
    std::uint64_t records = 0;  // the header is none
};

class FileReader {
  public:
    // The source begins at the position. `delimiter` NUL: guessed, at the beginning of a file only.
    FileReader(ByteSource& source, FileFormat format, char delimiter, FilePosition from = {});

    // Never `more`. What is read points into the reader until the next call.
    ReadState next();
    // The same record comes again: of a file without a header, whose first record told the columns.
    void unread() noexcept;
    // What was read is no record after all: a header, an empty line.
    void discount() noexcept { --position_.records; }

    [[nodiscard]] const CsvRecord& csv() const noexcept { return csv_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_.text; }
    // Where the record begins, from 1.
    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
    // What is wrong with the record's form, for a person; empty when nothing is.
    [[nodiscard]] std::string fault() const;
    // When failed: what is wrong with the file.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    [[nodiscard]] const FilePosition& position() const noexcept { return position_; }
    [[nodiscard]] char delimiter() const noexcept { return delimiter_; }

  private:
    bool begin();
    bool fill();
    ReadState read_record();
    ReadState fail(std::string problem);
    void advance(std::size_t bytes, std::size_t lines) noexcept;

    ByteSource& source_;
    FileFormat format_;
    char delimiter_;
    FilePosition position_, before_;
    std::string buffer_;
    std::size_t at_ = 0, record_at_ = 0;
    bool exhausted_ = false, begun_ = false;
    CsvRecord csv_;
    TextRecord text_;
    std::uint64_t line_ = 1;
    std::string problem_;
};

}  // namespace pgwright::core
