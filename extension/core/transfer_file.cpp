// Reading on as records need it; see transfer_file.hpp.
#include "core/transfer_file.hpp"

#include <algorithm>

#include "core/utf8_check.hpp"

namespace pgwright::core {

bool TextSource::read(std::string& into) {
    if (bytes_.empty()) return false;
    const std::string_view part = bytes_.substr(0, step_);
    into.append(part);
    bytes_.remove_prefix(part.size());
    return true;
}

FileReader::FileReader(ByteSource& source, FileFormat format, char delimiter, FilePosition from)
    : source_(source), format_(format), delimiter_(delimiter), position_(from), before_(from) {}

ReadState FileReader::fail(std::string problem) {
    problem_ = std::move(problem);
    return ReadState::failed;
}

// What was read stays until here, because records point into it.
bool FileReader::fill() {
    buffer_.erase(0, at_);
    at_ = 0;
    exhausted_ = !source_.read(buffer_);
    return !exhausted_;
}

// What only the beginning of a file tells: its encoding, and its delimiter.
bool FileReader::begin() {
    begun_ = true;
    if (position_.bytes > 0) return true;
    constexpr std::size_t kEnough = 4096;
    while (buffer_.size() < kEnough && fill()) {
    }
    if (const std::string_view encoding = foreign_encoding(buffer_); !encoding.empty()) {
        problem_ = "the file is " + std::string(encoding) + "; save it as UTF-8";
        return false;
    }
    const std::size_t mark = byte_order_mark(buffer_);
    if (delimiter_ == '\0') delimiter_ = guess_delimiter(std::string_view(buffer_).substr(mark));
    advance(mark, 0);
    return true;
}

void FileReader::advance(std::size_t bytes, std::size_t lines) noexcept {
    at_ += bytes;
    position_.bytes += bytes;
    position_.lines += lines;
}

ReadState FileReader::read_record() {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    switch (format_) {
        case FileFormat::csv: return next_csv_record(rest, exhausted_, delimiter_, csv_);
        case FileFormat::jsonl: return next_json_line(rest, exhausted_, text_);
        default: return next_json_element(rest, exhausted_, position_.records > 0, text_);
    }
}

ReadState FileReader::next() {
    if (!begun_ && !begin()) return ReadState::failed;
    ReadState state = read_record();
    while (state == ReadState::more) {
        fill();
        state = read_record();
    }
    if (state == ReadState::failed)
        return fail(format_ == FileFormat::csv ? "a record is too long" : text_.problem);
    if (state == ReadState::end) return state;
    before_ = position_;
    record_at_ = at_;
    const bool csv = format_ == FileFormat::csv;
    line_ = position_.lines + 1 + (csv ? 0 : text_.lead_lines);
    advance(csv ? csv_.bytes : text_.bytes, csv ? csv_.lines : text_.lines);
    ++position_.records;
    return state;
}

void FileReader::unread() noexcept {
    position_ = before_;
    at_ = record_at_;
}

std::string FileReader::fault() const {
    const std::string_view raw = std::string_view(buffer_).substr(
        record_at_, static_cast<std::size_t>(position_.bytes - before_.bytes));
    if (const auto at = find_invalid_utf8(raw)) {
        if (raw[*at] == '\0') return "holds the character U+0000";
        return "is not UTF-8 at byte " + std::to_string(*at + 1) + "; save the file as UTF-8";
    }
    if (format_ != FileFormat::csv || *csv_.fault == '\0') return {};
    return "column " + std::to_string(csv_.column) + ": " + csv_.fault;
}

}  // namespace pgwright::core
