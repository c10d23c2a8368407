// CSV, JSON, JSON lines and XML; see record_writer.hpp.
#include "transfer/record_writer.hpp"

#include "core/csv_writer.hpp"
#include "core/xml_text.hpp"

namespace pgwright::transfer {

namespace {

using core::JsonWriter;
using pg::OutputKind;

class CsvRecords final : public RecordWriter {
  public:
    CsvRecords(std::span<const ExportColumn> columns, const core::ExportOptions& options)
        : columns_(columns), options_(options), csv_(options) {}

    void begin(std::string& out) override {
        if (options_.byte_order_mark) out += "\xEF\xBB\xBF";
        if (!options_.header) return;
        bool first = true;
        for (const ExportColumn& column : columns_) {
            if (!std::exchange(first, false)) out += options_.delimiter;
            csv_.text(out, column.field->name, true);
        }
        out += core::kCsvLineBreak;
    }

    void record(std::string& out, const pg::Row& row) override {
        for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
            const pg::TypeOutput& output = columns_[static_cast<std::size_t>(i)].output;
            if (i > 0) out += options_.delimiter;
            if (row.is_null(i)) {
                csv_.null(out);
                continue;
            }
            cell_.clear();
            append_cell(cell_, json_, row.datum(i), output);
            csv_.text(out, cell_, is_text(output));
        }
        out += core::kCsvLineBreak;
    }

    void end(std::string& /*out*/) override {}

  private:
    std::span<const ExportColumn> columns_;
    const core::ExportOptions& options_;
    core::CsvWriter csv_;
    JsonWriter json_;
    std::string cell_;
};

class JsonRecords final : public RecordWriter {
  public:
    JsonRecords(std::span<const ExportColumn> columns, bool lines)
        : columns_(columns), lines_(lines) {}

    void begin(std::string& out) override {
        if (!lines_) out += "[\n";
    }

    void record(std::string& out, const pg::Row& row) override {
        if (!lines_ && !std::exchange(first_, false)) out += ",\n";
        json_.clear();
        json_.begin_object();
        for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
            const ExportColumn& column = columns_[static_cast<std::size_t>(i)];
            json_.key(column.field->name);
            if (row.is_null(i))
                json_.null();
            else
                pg::write_json(json_, row.datum(i), column.output);
        }
        json_.end_object();
        out += json_.view();
        if (lines_) out += '\n';
    }

    void end(std::string& out) override {
        if (!lines_) out += first_ ? "]\n" : "\n]\n";
    }

  private:
    std::span<const ExportColumn> columns_;
    bool lines_;
    bool first_ = true;
    JsonWriter json_;
};

// Names of fields are values here: those of imported tables need not be names of elements.
class XmlRecords final : public RecordWriter {
  public:
    XmlRecords(const std::string& name, std::span<const ExportColumn> columns)
        : name_(name), columns_(columns) {}

    void begin(std::string& out) override {
        out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<records entity=\"";
        core::append_xml_text(out, name_);
        out += "\">\n";
    }

    void record(std::string& out, const pg::Row& row) override {
        out += "<record>";
        for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
            const ExportColumn& column = columns_[static_cast<std::size_t>(i)];
            out += "<field name=\"";
            core::append_xml_text(out, column.field->name);
            if (row.is_null(i)) {
                out += "\" null=\"true\"/>";
                continue;
            }
            out += "\">";
            cell_.clear();
            append_cell(cell_, json_, row.datum(i), column.output);
            core::append_xml_text(out, cell_);
            out += "</field>";
        }
        out += "</record>\n";
    }

    void end(std::string& out) override { out += "</records>\n"; }

  private:
    std::string name_;
    std::span<const ExportColumn> columns_;
    JsonWriter json_;
    std::string cell_;
};

}  // namespace

bool is_text(const pg::TypeOutput& output) noexcept {
    return output.kind() == OutputKind::text || output.kind() == OutputKind::name ||
           output.kind() == OutputKind::other;
}

void append_cell(std::string& out, JsonWriter& writer, Datum value, const pg::TypeOutput& output) {
    writer.clear();
    pg::write_json(writer, value, output);
    const std::string_view json = writer.view();
    // A document that is a string is told from what it says by its quotes.
    const bool document = output.kind() == OutputKind::json || output.kind() == OutputKind::jsonb;
    if (document || !json.starts_with('"')) {
        out += json;
    } else if (json.find('\\') == std::string_view::npos) {
        out += json.substr(1, json.size() - 2);
    } else {
        out += core::parse_json(json).text();
    }
}

std::unique_ptr<RecordWriter> make_writer(core::FileFormat format, const std::string& name,
                                          std::span<const ExportColumn> columns,
                                          const core::ExportOptions& options) {
    switch (format) {
        case core::FileFormat::csv: return std::make_unique<CsvRecords>(columns, options);
        case core::FileFormat::json: return std::make_unique<JsonRecords>(columns, false);
        case core::FileFormat::jsonl: return std::make_unique<JsonRecords>(columns, true);
        case core::FileFormat::xml: return std::make_unique<XmlRecords>(name, columns);
        case core::FileFormat::xlsx: break;
    }
    return make_workbook(columns, options);
}

std::string_view content_type_of(core::FileFormat format) noexcept {
    switch (format) {
        case core::FileFormat::csv: return "text/csv; charset=utf-8";
        case core::FileFormat::json: return "application/json";
        case core::FileFormat::jsonl: return "application/x-ndjson";
        case core::FileFormat::xml: return "application/xml";
        case core::FileFormat::xlsx: break;
    }
    return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

}  // namespace pgwright::transfer
