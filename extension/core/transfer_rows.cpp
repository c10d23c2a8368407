// From records to checked rows; see transfer_rows.hpp.
#include "core/transfer_rows.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/transfer_value.hpp"
#include "core/utf8.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

constexpr std::size_t kLeftOut = static_cast<std::size_t>(-1);
constexpr std::size_t kMaxRowFaults = 20;

std::size_t position_of(const std::vector<const Field*>& fields, const Field* field) {
    const auto found = std::ranges::find(fields, field);
    return found == fields.end() ? kLeftOut : static_cast<std::size_t>(found - fields.begin());
}

std::vector<std::size_t> positions_of(const std::vector<const Field*>& fields,
                                      const std::vector<const Field*>& key) {
    std::vector<std::size_t> positions;
    for (const Field* const field : key)
        if (const std::size_t at = position_of(fields, field); at != kLeftOut)
            positions.push_back(at);
    return positions;
}

void add_fault(ImportRow& row, std::string_view field, std::string message) {
    if (row.faults.size() < kMaxRowFaults)
        row.faults.push_back({std::string(field), std::move(message)});
}

std::string as_many(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " value" : " values");
}

void check_names(const std::vector<std::string>& columns, Faults& faults) {
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string place = "columns[" + std::to_string(i) + "]";
        if (columns[i].empty())
            faults.add(place, "has no name");
        else if (!seen.insert(columns[i]).second)
            faults.add(place, std::string(echo(columns[i])) + " is the name of another column too");
    }
}

}  // namespace

std::vector<const Field*> fields_taken(const ImportRules& rules) {
    std::vector<const Field*> fields;
    for (const Field& field : rules.entity.fields)
        if (rules.takes(field)) fields.push_back(&field);
    return fields;
}

std::vector<std::string> read_columns(FileReader& file, bool header, Faults& faults) {
    const ReadState state = file.next();
    if (state != ReadState::record) {
        faults.add("content", state == ReadState::end ? "the file is empty" : file.problem());
        return {};
    }
    if (std::string fault = file.fault(); !fault.empty()) {
        faults.add("content", "the first line " + fault);
        return {};
    }
    std::vector<std::string> columns;
    for (const CsvCell& cell : file.csv().cells)
        columns.push_back(header ? std::string(cell.text) : std::to_string(columns.size() + 1));
    if (columns.size() > kMaxFileColumns) {
        faults.add("content", "has more than " + std::to_string(kMaxFileColumns) + " columns");
        return {};
    }
    if (header) {
        file.discount();
        check_names(columns, faults);
    } else {
        file.unread();
    }
    return columns;
}

RowReader::RowReader(FileReader& file, ImportRules rules, ImportOptions options,
                     std::vector<ImportColumn> columns)
    : file_(file),
      rules_(std::move(rules)),
      options_(std::move(options)),
      columns_(std::move(columns)),
      fields_(fields_given(columns_)),
      key_(positions_of(fields_, rules_.key)) {
    for (const ImportColumn& column : columns_)
        field_of_column_.push_back(column.field == nullptr ? kLeftOut
                                                           : position_of(fields_, column.field));
}

RowReader::RowReader(FileReader& file, ImportRules rules, MemberMapping mapping)
    : file_(file),
      rules_(std::move(rules)),
      fields_(fields_taken(rules_)),
      key_(positions_of(fields_, rules_.key)),
      mapping_(std::move(mapping)) {}

void RowReader::begin(ImportRow& row) const {
    row.line = file_.line();
    row.number = file_.position().records;
    row.faults.clear();
    row.labels.clear();
    row.values.assign(fields_.size(), Json());
    row.given.assign(fields_.size(), false);
}

ReadState RowReader::next(ImportRow& row) {
    ReadState state = file_.next();
    // A line with nothing on it is no record, but of a file with one column.
    while (state == ReadState::record && !mapping_ && columns_.size() > 1 &&
           file_.csv().is_blank()) {
        file_.discount();
        state = file_.next();
    }
    if (state != ReadState::record) return state;
    begin(row);
    if (std::string fault = file_.fault(); !fault.empty()) {
        add_fault(row, "", std::move(fault));
    } else if (mapping_) {
        read_members(row);
    } else {
        read_cells(row);
    }
    require_key(row);
    return state;
}

void RowReader::give(ImportRow& row, std::size_t field, const ImportColumn& column,
                     Json value) const {
    row.values[field] = std::move(value);
    row.given[field] = true;
    const bool by_label = column.label != nullptr && !row.values[field].is_null();
    if (by_label) row.labels.push_back({field, &column});
    if (row.faults.size() >= kMaxRowFaults) return;
    Faults faults;
    check_value(by_label ? *column.label : *fields_[field], row.values[field], faults);
    for (const Fault& fault : faults.list())
        row.faults.push_back({by_label ? column.name() : fault.field, fault.message});
}

void RowReader::read_cells(ImportRow& row) const {
    const std::vector<CsvCell>& cells = file_.csv().cells;
    if (cells.size() != columns_.size())
        return add_fault(row, "",
                         "has " + as_many(cells.size()) + " where the file has " +
                             std::to_string(columns_.size()) + " columns");
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::size_t field = field_of_column_[i];
        if (field == kLeftOut) continue;
        CellValue cell = value_of_cell(columns_[i].read_as(), cells[i], options_);
        if (cell.fault)
            add_fault(row, columns_[i].name(), *std::move(cell.fault));
        else
            give(row, field, columns_[i], std::move(cell.value));
    }
}

void RowReader::read_members(ImportRow& row) {
    Json record;
    try {
        record = parse_json(file_.text());
    } catch (const Failure& failure) {
        return add_fault(row, "", failure.message());
    }
    if (!record.is_object()) return add_fault(row, "", "must be an object");
    for (auto& [name, value] : record.members()) {
        const MemberMapping::Target& target = mapping_->find(name);
        if (target.left_out) continue;
        const Field* const field = target.column.field;
        if (field == nullptr)
            add_fault(row, echo(name), "is not a field of " + rules_.entity.name);
        else if (const std::size_t at = position_of(fields_, field); row.given[at])
            add_fault(row, field->name, "is given twice");
        else
            give(row, at, target.column, std::move(value));
    }
    require_fields(row);
}

void RowReader::require_fields(ImportRow& row) const {
    if (rules_.action == ImportAction::update) return;
    for (std::size_t i = 0; i < fields_.size(); ++i)
        if (!row.given[i] && fields_[i]->must_be_given())
            add_fault(row, fields_[i]->name, "is required");
}

// Of a row that is otherwise good: others have been told why they lack it.
void RowReader::require_key(ImportRow& row) const {
    if (!row.faults.empty()) return;
    for (const std::size_t at : key_)
        if (row.values[at].is_null())
            add_fault(row, fields_[at]->name, "is required: it is part of the key");
}

}  // namespace pgwright::core
