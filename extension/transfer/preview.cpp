// What an import would do, shown on its first rows; see import.hpp.
#include "pg/server.hpp"

#include <algorithm>
#include <map>

#include "transfer/import.hpp"
#include "transfer/job_reader.hpp"
#include "transfer/labels.hpp"

namespace pgwright::transfer {

namespace {

using core::Faults;
using core::FileFormat;
using core::ImportAction;
using core::ImportColumn;
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

void write_columns(core::JsonWriter& writer, const std::vector<std::string>& names,
                   const std::vector<ImportColumn>& columns) {
    writer.key("columns");
    writer.begin_array();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const ImportColumn column = i < columns.size() ? columns[i] : ImportColumn{};
        writer.begin_object();
        write_text(writer, "name", names[i]);
        writer.key("field");
        if (column.field == nullptr) {
            writer.null();
        } else {
            writer.string(column.name());
            write_text(writer, "label", column.field->label);
            write_text(writer, "field_type", core::info(column.field->type).name);
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

// Two columns of one field are told as a problem; the rows are shown by the first.
void leave_first(std::vector<ImportColumn>& columns) {
    std::vector<const core::Field*> seen;
    for (ImportColumn& column : columns) {
        const core::Field* const field = column.field;
        if (std::ranges::find(seen, field) != seen.end()) column = {};
        seen.push_back(field);
    }
}

class Preview {
  public:
    Preview(const Job& job, const data::Caller& caller, core::ByteSource& source, std::int64_t rows)
        : job_(job), caller_(caller), bytes_(read_beginning(source)), rows_(rows) {}

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
        const auto names = core::read_columns(file, job_.options.header, unreadable);
        unreadable.raise("the file is not valid");
        Faults faults;
        core::ImportRules rules = rules_of(job_, caller_);
        auto columns = core::resolve_mapping(names, job_.mapping, rules, faults);
        columns.resize(names.size());
        leave_first(columns);
        auto key = find_key(rules, core::fields_given(columns), faults);
        begin(names, columns, faults.list());
        write_text(writer_, "delimiter", std::string(1, file.delimiter()));
        core::RowReader reader(file, std::move(rules), job_.options, std::move(columns));
        write_rows(reader, std::move(key));
    }

    void write_json() {
        core::TextSource first(bytes_);
        core::FileReader look(first, job_.format, '\0');
        const auto names = members_of(look, rows_);
        Faults faults;
        core::ImportRules rules = rules_of(job_, caller_);
        core::MemberMapping mapping(job_.mapping, rules, faults);
        std::vector<ImportColumn> columns;
        columns.reserve(names.size());
        for (const std::string& name : names) {
            const auto& target = mapping.find(name);
            columns.push_back(target.left_out ? ImportColumn{} : target.column);
        }
        auto key = find_key(rules, core::fields_taken(rules), faults);
        begin(names, columns, faults.list());
        core::TextSource source(bytes_);
        core::FileReader file(source, job_.format, '\0');
        core::RowReader reader(file, std::move(rules), std::move(mapping));
        write_rows(reader, std::move(key));
    }

    // What is wrong with the key is a problem among others, as long as people are still mapping.
    std::optional<core::UniqueKey> find_key(core::ImportRules& rules,
                                            std::span<const core::Field* const> given,
                                            Faults& faults) {
        try {
            auto key = choose_key(job_, rules, given, faults);
            if (faults.empty()) return key;
        } catch (const core::Failure& failure) {
            for (const core::Fault& fault : failure.faults())
                faults.add(fault.field, fault.message);
        }
        rules.key.clear();
        return std::nullopt;
    }

    void begin(const std::vector<std::string>& names, const std::vector<ImportColumn>& columns,
               const std::vector<core::Fault>& problems) {
        writer_.begin_object();
        write_text(writer_, "format", core::format_name(job_.format));
        write_columns(writer_, names, columns);
        write_faults(writer_, "problems", problems);
    }

    void write_rows(core::RowReader& reader, std::optional<core::UniqueKey> key) {
        std::vector<ImportRow> rows;
        ImportRow row;
        while (std::ssize(rows) < rows_ && reader.next(row) == ReadState::record)
            rows.push_back(row);
        const std::vector<core::Json> shown = values_of(rows, reader.fields());
        resolve_labels(rows);
        const std::vector<bool> found = find_records(rows, reader.fields(), std::move(key));
        writer_.key("rows");
        writer_.begin_array();
        for (std::size_t i = 0; i < rows.size(); ++i) write_row(rows[i], shown[i], found, i);
        writer_.end_array();
        writer_.end_object();
    }

    // As the file has them: lookups by what the record is found by.
    static std::vector<core::Json> values_of(const std::vector<ImportRow>& rows,
                                             const std::vector<const core::Field*>& fields) {
        std::vector<core::Json> all;
        for (const ImportRow& row : rows) {
            core::Json data = core::Json::object();
            for (std::size_t i = 0; i < fields.size(); ++i)
                if (row.given[i]) data.set(fields[i]->name, row.values[i]);
            all.push_back(std::move(data));
        }
        return all;
    }

    // Which rows have a record already; a row of an update without one is a fault. Empty for inserts.
    std::vector<bool> find_records(std::vector<ImportRow>& rows,
                                   const std::vector<const core::Field*>& fields,
                                   std::optional<core::UniqueKey> key) {
        if (!key) return {};
        const Target target = target_of(caller_, job_.action, std::move(key), fields);
        refuse_repeats(rows, target);
        std::vector<bool> found(rows.size());
        if (!target.reads) return found;
        RowPointers good;
        for (const ImportRow& row : rows)
            if (row.faults.empty()) good.push_back(&row);
        const std::vector<bool> matched = match_ready(target, good);
        for (std::size_t i = 0; i < good.size(); ++i)
            found[static_cast<std::size_t>(good[i] - rows.data())] = matched[i];
        if (job_.action != ImportAction::update) return found;
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (rows[i].faults.empty() && !found[i])
                rows[i].faults.push_back(
                    {target.key->fields.front()->name, "no record has this key"});
        return found;
    }

    // Of the few rows at hand, by how their keys are written.
    static void refuse_repeats(std::vector<ImportRow>& rows, const Target& target) {
        std::map<std::string, std::uint64_t> lines;
        for (ImportRow& row : rows) {
            if (!row.faults.empty()) continue;
            core::Json key = core::Json::array();
            for (std::size_t i = 0; i < target.fields.size(); ++i)
                if (std::ranges::find(target.key->fields, target.fields[i]) !=
                    target.key->fields.end())
                    key.items().push_back(row.values[i]);
            const auto [first, added] = lines.try_emplace(key.dump(), row.line);
            if (!added)
                row.faults.push_back({target.key->fields.front()->name,
                                      "repeats the key of line " + std::to_string(first->second)});
        }
    }

    void write_row(const ImportRow& row, const core::Json& shown, const std::vector<bool>& found,
                   std::size_t at) {
        writer_.begin_object();
        writer_.key("line");
        writer_.integer(static_cast<std::int64_t>(row.line));
        writer_.key("data");
        writer_.value(shown);
        if (!found.empty() && row.faults.empty())
            write_text(writer_, "action",
                       core::action_text(found[at] ? ImportAction::update : ImportAction::insert));
        write_faults(writer_, "errors", row.faults);
        writer_.end_object();
    }

    const Job& job_;
    const data::Caller& caller_;
    std::string bytes_;
    std::int64_t rows_;
    core::JsonWriter writer_;
};

}  // namespace

std::string preview_job(const Job& job, const data::Caller& caller, core::ByteSource& source,
                        std::int64_t rows) {
    return Preview(job, caller, source, rows).write();
}

}  // namespace pgwright::transfer
