// What an import would do, shown on its first rows; see import.hpp.
#include "pg/server.hpp"

#include <algorithm>

#include "core/transfer_mapping.hpp"
#include "transfer/import.hpp"

namespace pgwright::transfer {

namespace {

using core::Entity;
using core::Faults;
using core::Field;
using core::FileFormat;
using core::ImportRow;
using core::ReadState;

constexpr std::size_t kMaxMembers = 500;  // of JSON records, told as columns

// The members of the first records, in the order they come.
std::vector<std::string> members_of(core::FileReader& file, std::int64_t rows) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < rows && file.next() == ReadState::record; ++i) {
        if (!file.fault().empty()) continue;
        try {
            const core::Json record = core::parse_json(file.text());
            for (const auto& member : record.members())
                if (names.size() < kMaxMembers &&
                    std::ranges::find(names, member.first) == names.end())
                    names.push_back(member.first);
        } catch (const core::Failure&) {
            continue;  // told with its row
        }
    }
    return names;
}

void write_text(core::JsonWriter& writer, std::string_view key, std::string_view text) {
    writer.key(key);
    writer.string(text);
}

void write_columns(core::JsonWriter& writer, const std::vector<std::string>& columns,
                   const std::vector<const Field*>& fields) {
    writer.key("columns");
    writer.begin_array();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Field* const field = i < fields.size() ? fields[i] : nullptr;
        writer.begin_object();
        write_text(writer, "name", columns[i]);
        writer.key("field");
        if (field == nullptr)
            writer.null();
        else
            writer.string(field->name);
        if (field != nullptr) {
            write_text(writer, "label", field->label);
            write_text(writer, "field_type", core::info(field->type).name);
        }
        writer.end_object();
    }
    writer.end_array();
}

void write_faults(core::JsonWriter& writer, std::string_view key,
                  const std::vector<core::Fault>& faults) {
    writer.key(key);
    const std::string list = core::faults_to_json(faults);
    writer.raw(list.empty() ? "[]" : list);
}

void write_row(core::JsonWriter& writer, const ImportRow& row,
               const std::vector<const Field*>& fields) {
    writer.begin_object();
    writer.key("line");
    writer.integer(static_cast<std::int64_t>(row.line));
    writer.key("data");
    writer.begin_object();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!row.given[i]) continue;
        writer.key(fields[i]->name);
        writer.value(row.values[i]);
    }
    writer.end_object();
    write_faults(writer, "errors", row.faults);
    writer.end_object();
}

// Two columns of one field are told as a problem; the rows are shown by the first.
void leave_first(std::vector<const Field*>& fields) {
    std::vector<const Field*> seen;
    for (const Field*& field : fields) {
        if (std::ranges::find(seen, field) != seen.end()) field = nullptr;
        seen.push_back(field);
    }
}

class Preview {
  public:
    Preview(const Job& job, const Entity& entity, core::ByteSource& source, std::int64_t rows)
        : job_(job), entity_(entity), bytes_(read_beginning(source)), rows_(rows) {}

    std::string write() {
        if (job_.format == FileFormat::csv)
            write_csv();
        else
            write_json();
        return std::string(writer_.view());
    }

  private:
    // Both passes of a JSON file read the same beginning; a record that does not fit it is not shown.
    static std::string read_beginning(core::ByteSource& source) {
        constexpr std::size_t kEnough = std::size_t{4} << 20;
        std::string bytes;
        while (bytes.size() < kEnough && source.read(bytes)) {
        }
        return bytes;
    }

    void write_csv() {
        core::TextSource source(bytes_);
        core::FileReader file(source, job_.format, job_.options.delimiter);
        Faults unreadable;
        const auto columns = core::read_columns(file, job_.options.header, unreadable);
        unreadable.raise("the file is not valid");
        Faults faults;
        auto fields = core::resolve_mapping(columns, job_.mapping, entity_, faults);
        fields.resize(columns.size());
        leave_first(fields);
        begin(columns, fields, faults.list());
        write_text(writer_, "delimiter", std::string(1, file.delimiter()));
        core::RowReader reader(file, entity_, job_.options, fields);
        write_rows(reader);
    }

    void write_json() {
        core::TextSource first(bytes_);
        core::FileReader look(first, job_.format, '\0');
        const auto columns = members_of(look, rows_);
        Faults faults;
        core::MemberMapping mapping(job_.mapping, entity_, faults);
        std::vector<const Field*> fields;
        fields.reserve(columns.size());
        for (const std::string& column : columns) fields.push_back(mapping.find(column).field);
        begin(columns, fields, faults.list());
        core::TextSource source(bytes_);
        core::FileReader file(source, job_.format, '\0');
        core::RowReader reader(file, entity_, std::move(mapping));
        write_rows(reader);
    }

    void begin(const std::vector<std::string>& columns, const std::vector<const Field*>& fields,
               const std::vector<core::Fault>& problems) {
        writer_.begin_object();
        write_text(writer_, "format", core::format_name(job_.format));
        write_columns(writer_, columns, fields);
        write_faults(writer_, "problems", problems);
    }

    void write_rows(core::RowReader& reader) {
        writer_.key("rows");
        writer_.begin_array();
        ImportRow row;
        std::int64_t count = 0;
        while (count++ < rows_ && reader.next(row) == ReadState::record)
            write_row(writer_, row, reader.fields());
        writer_.end_array();
        writer_.end_object();
    }

    const Job& job_;
    const Entity& entity_;
    std::string bytes_;
    std::int64_t rows_;
    core::JsonWriter writer_;
};

}  // namespace

std::string preview_job(const Job& job, const Entity& entity, core::ByteSource& source,
                        std::int64_t rows) {
    return Preview(job, entity, source, rows).write();
}

}  // namespace pgwright::transfer
