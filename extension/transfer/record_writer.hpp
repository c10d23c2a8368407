// Records as a file of some format, a record at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/model.hpp"
#include "core/transfer_options.hpp"
#include "pg/spi.hpp"
#include "pg/value.hpp"

namespace pgwright::transfer {

// A column of the export and how its values are written.
struct ExportColumn {
    const core::Field* field;
    pg::TypeOutput output;
};

class RecordWriter {
  public:
    RecordWriter() = default;
    RecordWriter(const RecordWriter&) = delete;
    RecordWriter& operator=(const RecordWriter&) = delete;
    virtual ~RecordWriter() = default;

    // Each appends to the file what is certain by then.
    virtual void begin(std::string& out) = 0;
    // The row's columns are those of the export, in order.
    virtual void record(std::string& out, const pg::Row& row) = 0;
    virtual void end(std::string& out) = 0;
    // What is left when end() has been called, a part at a time; false when nothing is. For formats that
    // are put together only then.
    virtual bool rest(std::string& /*out*/) { return false; }
};

// `columns` and `options` outlive the writer; `name` is the entity's.
std::unique_ptr<RecordWriter> make_writer(core::FileFormat format, const std::string& name,
                                          std::span<const ExportColumn> columns,
                                          const core::ExportOptions& options);
// Of an XLSX file (workbook.cpp).
std::unique_ptr<RecordWriter> make_workbook(std::span<const ExportColumn> columns,
                                            const core::ExportOptions& options);

std::string_view content_type_of(core::FileFormat format) noexcept;

// A value that is not NULL as a cell's text: text as it is, documents and arrays as JSON, anything else as
// in JSON without the quotes. `writer` is for use within.
void append_cell(std::string& out, core::JsonWriter& writer, Datum value,
                 const pg::TypeOutput& output);
// Whether the values are text that people wrote.
bool is_text(const pg::TypeOutput& output) noexcept;

}  // namespace pgwright::transfer
