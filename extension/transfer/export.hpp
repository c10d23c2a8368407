// An export: the records that a caller sees and a condition selects, as a file, a part at a time. Memory is
// that of a part, whatever the number of records.
#pragma once

#include "pg/cursor.hpp"
#include "pg/series.hpp"

#include "catalog/entity_cache.hpp"
#include "core/query.hpp"
#include "security/identity.hpp"
#include "transfer/record_writer.hpp"

namespace pgwright::transfer {

// Bytes of a part; the last one has fewer, one with a long record more.
inline constexpr std::size_t kPartBytes = std::size_t{64} << 10;

struct ExportRequest {
    core::FileFormat format = core::FileFormat::csv;
    core::Json columns;  // names, an array or a text with commas; null: all
    core::Json filters;  // a condition; null: none
    core::Json sort;     // as of a list
    core::Json options;
    std::optional<std::string> search = std::nullopt;  // as of a list
};

class Export final : public pg::Series {
  public:
    // PERMISSION_DENIED without the right to read and to export; VALIDATION_ERROR with every fault of the
    // request. `head`: the first value is the head of an HTTP answer, as JSON.
    Export(security::IdentityPointer identity, catalog::EntityPointer view, ExportRequest request,
           bool head);

    // The next part of the file as a value of type text or bytea.
    std::optional<Datum> next() override;

  private:
    void fetch(std::string& part);
    void finish();
    [[nodiscard]] std::string head() const;
    void open();

    security::IdentityPointer identity_;
    catalog::EntityPointer entity_;
    ExportRequest request_;
    core::ExportOptions options_;
    std::vector<ExportColumn> columns_;
    std::unique_ptr<RecordWriter> writer_;
    std::optional<core::Statement> statement_;
    std::optional<pg::Cursor> cursor_;
    TimestampTz started_ = 0;
    std::int64_t rows_ = 0;
    long batch_ = 0;
    bool head_;
    enum class Stage { head, begin, records, rest, over } stage_ = Stage::head;
};

}  // namespace pgwright::transfer
