// The records of a file as rows of an entity: mapped, read as their fields' values and checked as
// create_record() checks, every fault of a row with its line. Writes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model.hpp"
#include "core/transfer_file.hpp"
#include "core/transfer_mapping.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxFileColumns = 2000;

struct ImportRow {
    std::uint64_t line = 0;    // in the file, from 1
    std::uint64_t number = 0;  // of the record, from 1
    std::vector<Json>
        values;  // one for each of the reader's fields; null also where nothing was given
    std::vector<bool> given;  // which the record gives
    // Values that are not the field's own, by their positions: by which the record of a lookup is found.
    struct Label {
        std::size_t position;
        const ImportColumn* column;
    };
    std::vector<Label> labels;
    std::vector<Fault> faults;
};

// The names that a CSV file's first record gives its columns, or, without a header, their numbers. Reads that
// record. Faults: no record at all, names that are empty or repeat, too many.
std::vector<std::string> read_columns(FileReader& file, bool header, Faults& faults);

// The fields that records of a JSON file may give.
std::vector<const Field*> fields_taken(const ImportRules& rules);

class RowReader {
  public:
    // Of a CSV file with these columns.
    RowReader(FileReader& file, ImportRules rules, ImportOptions options,
              std::vector<ImportColumn> columns);
    // Of JSON records.
    RowReader(FileReader& file, ImportRules rules, MemberMapping mapping);
    // Rows point into it.
    RowReader(const RowReader&) = delete;
    RowReader& operator=(const RowReader&) = delete;

    // `record` also for a row with faults. `failed`: file().problem() says why.
    ReadState next(ImportRow& row);
    [[nodiscard]] const std::vector<const Field*>& fields() const noexcept { return fields_; }
    [[nodiscard]] const FileReader& file() const noexcept { return file_; }

  private:
    void begin(ImportRow& row) const;
    void read_cells(ImportRow& row) const;
    void read_members(ImportRow& row);
    void give(ImportRow& row, std::size_t field, const ImportColumn& column, Json value) const;
    void require_fields(ImportRow& row) const;
    void require_key(ImportRow& row) const;

    FileReader& file_;
    ImportRules rules_;
    ImportOptions options_ = {};
    std::vector<ImportColumn> columns_;
    std::vector<const Field*> fields_;
    std::vector<std::size_t> field_of_column_;  // kLeftOut: of none
    std::vector<std::size_t> key_;              // the key's, among the fields
    std::optional<MemberMapping> mapping_;
};

}  // namespace pgwright::core
