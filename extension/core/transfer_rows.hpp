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
    std::vector<Fault> faults;
};

// The names that a CSV file's first record gives its columns, or, without a header, their numbers. Reads that
// record. Faults: no record at all, names that are empty or repeat, too many.
std::vector<std::string> read_columns(FileReader& file, bool header, Faults& faults);

class RowReader {
  public:
    // Of a CSV file whose columns give these fields (nullptr: left out).
    RowReader(FileReader& file, const Entity& entity, const ImportOptions& options,
              const std::vector<const Field*>& columns);
    // Of JSON records.
    RowReader(FileReader& file, const Entity& entity, MemberMapping mapping);

    // `record` also for a row with faults. `failed`: file().problem() says why.
    ReadState next(ImportRow& row);
    [[nodiscard]] const std::vector<const Field*>& fields() const noexcept { return fields_; }
    [[nodiscard]] const FileReader& file() const noexcept { return file_; }

  private:
    void begin(ImportRow& row) const;
    void read_cells(ImportRow& row) const;
    void read_members(ImportRow& row);
    void give(ImportRow& row, std::size_t field, Json value) const;
    void require_fields(ImportRow& row) const;

    FileReader& file_;
    const Entity& entity_;
    ImportOptions options_ = {};
    std::vector<const Field*> fields_;
    std::vector<std::size_t> field_of_column_;  // kLeftOut: of none
    std::optional<MemberMapping> mapping_;
    std::size_t columns_ = 0;
};

}  // namespace pgwright::core
