// Files of records: wherever a file is cut into pieces the same records come, every byte belongs to one of
// them, reading goes on from any of them, and what is written is read again.
#include <string>
#include <vector>

#include "check.hpp"
#include "core/csv_writer.hpp"
#include "core/transfer_rows.hpp"
#include "unit/sample_entity.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

struct Read {
    std::vector<std::string> records;
    std::vector<FilePosition> positions;
    ReadState state = ReadState::end;
};

std::string text_of(const FileReader& file, FileFormat format) {
    if (format != FileFormat::csv) return std::string(file.text());
    std::string text = file.fault();
    for (const CsvCell& cell : file.csv().cells)
        text.append(1, '\0').append(cell.quoted ? "q" : "p").append(cell.text);
    return text;
}

Read read(std::string_view text, std::size_t step, FileFormat format, FilePosition from = {}) {
    TextSource source(text.substr(from.bytes), step);
    FileReader file(source, format, ',', from);
    Read result;
    while ((result.state = file.next()) == ReadState::record) {
        result.records.push_back(text_of(file, format));
        result.positions.push_back(file.position());
        check(file.position().bytes <= text.size());
    }
    return result;
}

void write_again(const std::vector<CsvCell>& cells) {
    const ExportOptions options;
    const CsvWriter writer(options);
    std::string out;
    for (const CsvCell& cell : cells) {
        if (&cell != cells.data()) out += ',';
        writer.text(out, cell.text, false);
    }
    out += kCsvLineBreak;
    CsvRecord again;
    check(next_csv_record(out, true, ',', again) == ReadState::record && *again.fault == '\0');
    check(again.bytes == out.size() && again.cells.size() == cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) check(again.cells[i].text == cells[i].text);
}

void read_rows(std::string_view text, FileFormat format) {
    static const Entity product = sample::product();
    TextSource source(text);
    FileReader file(source, format, '\0');
    Faults faults;
    ImportRow row;
    const ImportRules rules{product, ImportAction::update, {product.find("id")}};
    const auto all = [&](RowReader& reader) {
        while (reader.next(row) == ReadState::record) check(row.values.size() == row.given.size());
    };
    if (format != FileFormat::csv) {
        RowReader reader(file, rules, MemberMapping({}, rules, faults));
        return all(reader);
    }
    const auto columns = read_columns(file, true, faults);
    if (!faults.empty()) return;
    RowReader reader(file, rules, {}, suggest_columns(columns, rules));
    all(reader);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const FileFormat format = data[0] % 3 == 0   ? FileFormat::csv
                              : data[0] % 3 == 1 ? FileFormat::jsonl
                                                 : FileFormat::json;
    const std::string_view text = pgwright::fuzz::text_of(data + 2, size - 2);
    const Read whole = read(text, size, format);
    const Read pieces = read(text, 1 + data[1] % 16, format);
    check(whole.records == pieces.records && whole.state == pieces.state);
    if (whole.state == ReadState::end && format == FileFormat::csv && !whole.positions.empty())
        check(whole.positions.back().bytes == text.size());
    if (!whole.positions.empty()) {
        const std::size_t middle = data[1] % whole.positions.size();
        const Read rest = read(text, size, format, whole.positions[middle]);
        check(rest.records.size() == whole.records.size() - middle - 1);
        check(rest.records.empty() || rest.records.back() == whole.records.back());
    }
    if (format == FileFormat::csv) {
        CsvRecord record;
        if (next_csv_record(text, true, ',', record) == ReadState::record)
            write_again(record.cells);
    }
    read_rows(text, format);
    return 0;
}
