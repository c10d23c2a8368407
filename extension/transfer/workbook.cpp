// XLSX, by libxlsxwriter, which keeps no more than a row in memory: the sheet goes to a temporary file, and
// into the archive when all rows are there. So the first byte comes after the last row was read.
// Made in the database and not in the shim, because SQL clients export as well, and there is one way to do so.
#include "pg/temporary_file.hpp"

#include "transfer/record_writer.hpp"

#include <xlsxwriter.h>

#include <charconv>

#include "core/error.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Failure;
using pg::OutputKind;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kExactDigits = 15;  // of a double
constexpr int kFirstYear = 1900;          // of a spreadsheet's calendar

// What it keeps open beside the archive is closed here when a workbook is given up; the library would not.
struct FreeWorkbook {
    lxw_worksheet** sheet;
    void operator()(lxw_workbook* book) const noexcept {
        if (*sheet != nullptr && (*sheet)->optimize_tmpfile != nullptr)
            (void)std::fclose((*sheet)->optimize_tmpfile);
        lxw_workbook_free(book);
    }
};

int number_at(std::string_view text, std::size_t at, std::size_t length) noexcept {
    int number = 0;
    std::from_chars(text.data() + at, text.data() + at + length, number);
    return number;
}

// "2026-01-11" with or without "T10:30:00.5Z" behind it; nothing for what a spreadsheet has no date for.
std::optional<lxw_datetime> datetime_of(std::string_view text) noexcept {
    constexpr std::size_t kDate = 10;
    constexpr std::size_t kTime = 19;
    const bool plain =
        text.size() >= kDate && text[4] == '-' && text[7] == '-' && !text.ends_with("BC");
    if (!plain || number_at(text, 0, 4) < kFirstYear) return std::nullopt;
    lxw_datetime moment{
        number_at(text, 0, 4), number_at(text, 5, 2), number_at(text, 8, 2), 0, 0, 0};
    if (text.size() < kTime) return moment;
    moment.hour = number_at(text, 11, 2);
    moment.min = number_at(text, 14, 2);
    moment.sec = number_at(text, 17, 2);
    if (text.size() > kTime && text[kTime] == '.') {
        double fraction = 0;
        const char* const begin = text.data() + kTime;
        std::from_chars(begin, text.data() + text.size(), fraction);
        moment.sec += fraction;
    }
    return moment;
}

// A number that a double holds with all its digits.
std::optional<double> exact_number(std::string_view digits) noexcept {
    if (digits.find('.') != std::string_view::npos)
        digits = digits.substr(0, digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.remove_suffix(1);
    std::size_t count = 0;
    for (const char c : digits) count += c >= '0' && c <= '9' ? 1 : 0;
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (count > kExactDigits || error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return number;
}

class Workbook final : public RecordWriter {
  public:
    Workbook(std::span<const ExportColumn> columns, const core::ExportOptions& options)
        : columns_(columns), options_(options), folder_(file_.folder()), book_(nullptr, {&sheet_}) {
        lxw_workbook_options how{};
        how.constant_memory = 1;
        how.tmpdir = folder_.data();
        how.use_zip64 = 1;
        book_.reset(workbook_new_opt(file_.path().c_str(), &how));
        if (!book_) throw std::bad_alloc();
        sheet_ = workbook_add_worksheet(book_.get(), nullptr);
        if (sheet_ == nullptr) throw pg::Error(ERRCODE_IO_ERROR, "could not begin a workbook");
        date_ = workbook_add_format(book_.get());
        format_set_num_format(date_, "yyyy-mm-dd");
        moment_ = workbook_add_format(book_.get());
        format_set_num_format(moment_, "yyyy-mm-dd hh:mm:ss");
    }

    void begin(std::string& /*out*/) override {
        if (!options_.header) return;
        lxw_col_t number = 0;
        for (const ExportColumn& column : columns_)
            check(
                worksheet_write_string(sheet_, row_, number++, column.field->name.c_str(), nullptr),
                column);
        ++row_;
    }

    void record(std::string& /*out*/, const pg::Row& row) override {
        for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
            if (row.is_null(i)) continue;
            const ExportColumn& column = columns_[static_cast<std::size_t>(i)];
            cell_.clear();
            append_cell(cell_, json_, row.datum(i), column.output);
            check(write(column, static_cast<lxw_col_t>(i)), column);
        }
        if (row_ >= LXW_ROW_MAX) refuse_rows();
        ++row_;
    }

    void end(std::string& /*out*/) override {
        sheet_ = nullptr;
        const lxw_error error = workbook_close(book_.release());
        if (error != LXW_NO_ERROR)
            throw pg::Error(ERRCODE_IO_ERROR, "could not write a workbook")
                .detail(lxw_strerror(error));
    }

    bool rest(std::string& out) override {
        if (file_.read(out, kReadBytes)) return true;
        file_.close();
        return false;
    }

  private:
    lxw_error write(const ExportColumn& column, lxw_col_t at) {
        switch (column.output.kind()) {
            case OutputKind::boolean:
                return worksheet_write_boolean(sheet_, row_, at, cell_ == "true" ? 1 : 0, nullptr);
            case OutputKind::int2:
            case OutputKind::int4:
            case OutputKind::int8:
            case OutputKind::float4:
            case OutputKind::float8:
            case OutputKind::numeric:
                if (const auto number = exact_number(cell_))
                    return worksheet_write_number(sheet_, row_, at, *number, nullptr);
                break;
            case OutputKind::date: return write_moment(at, date_);
            case OutputKind::timestamp:
            case OutputKind::timestamptz: return write_moment(at, moment_);
            default: break;
        }
        return write_text(at);
    }

    lxw_error write_text(lxw_col_t at) {
        return worksheet_write_string(sheet_, row_, at, cell_.c_str(), nullptr);
    }

    lxw_error write_moment(lxw_col_t at, lxw_format* format) {
        auto moment = datetime_of(cell_);
        return moment ? worksheet_write_datetime(sheet_, row_, at, &*moment, format)
                      : write_text(at);
    }

    [[noreturn]] static void refuse_rows() {
        throw Failure(Code::validation_error,
                      "there are more records than a spreadsheet has rows, 1,048,576",
                      {{"format", "cannot be xlsx for so many records"}});
    }

    static void check(lxw_error error, const ExportColumn& column) {
        if (error == LXW_NO_ERROR) return;
        if (error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
            throw Failure(Code::validation_error, "a value is too long for a spreadsheet",
                          {{column.field->name, "must be at most 32,767 characters in xlsx"}});
        if (error == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE) refuse_rows();
        throw pg::Error(ERRCODE_IO_ERROR, "could not write a workbook").detail(lxw_strerror(error));
    }

    std::span<const ExportColumn> columns_;
    const core::ExportOptions& options_;
    pg::TemporaryFile file_;
    std::string folder_;
    lxw_worksheet* sheet_ = nullptr;
    std::unique_ptr<lxw_workbook, FreeWorkbook> book_;
    lxw_format* date_ = nullptr;
    lxw_format* moment_ = nullptr;
    lxw_row_t row_ = 0;
    core::JsonWriter json_;
    std::string cell_;
};

}  // namespace

std::unique_ptr<RecordWriter> make_workbook(std::span<const ExportColumn> columns,
                                            const core::ExportOptions& options) {
    return std::make_unique<Workbook>(columns, options);
}

}  // namespace pgwright::transfer
