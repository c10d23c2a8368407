// SQL: the export functions. They unpack arguments; the work is in export.hpp.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"

#include "security/entity_view.hpp"
#include "transfer/export.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Failure;
using core::FileFormat;

core::Json document(const pg::Arguments& args, int position, std::string_view name) {
    const auto text = args.optional_text(position);
    if (!text) return {};
    try {
        return core::parse_json(*text);
    } catch (const Failure& failure) {
        throw Failure(Code::validation_error, "the export is not valid",
                      {{std::string(name), "must be JSON: " + failure.message()}});
    }
}

FileFormat format_of(std::string_view name, bool binary) {
    const auto format = core::find_format(name);
    if (!format)
        throw Failure(Code::validation_error, "the export is not valid",
                      {{"format", "must be one of: csv, json, jsonl, xml, xlsx"}});
    if (*format == FileFormat::xlsx && !binary)
        throw Failure(Code::validation_error, "the export is not valid",
                      {{"format", "is not text"}}, "Use export_file(), which returns bytes.");
    return *format;
}

enum class Kind { text, bytes, http };

// Arguments: entity, format, columns, filters, sort, options.
std::unique_ptr<pg::Series> begin_export(const pg::Arguments& args, Kind kind) {
    const auto identity = security::require_identity();
    bool changed = false;
    auto entity = catalog::open_entity(identity->tenant_id(), args.text(0), changed);
    // Of a caller that has waited for another shape of the table; the cursor keeps it.
    std::optional<pg::FreshSnapshot> snapshot;
    if (changed && !IsolationUsesXactSnapshot()) snapshot.emplace();
    entity = security::view_of(identity, entity);
    ExportRequest request{format_of(args.text(1), kind != Kind::text), document(args, 2, "columns"),
                          document(args, 3, "filters"),
                          std::string(args.optional_text(4).value_or("")),
                          document(args, 5, "options")};
    return std::make_unique<Export>(identity, std::move(entity), std::move(request),
                                    kind == Kind::http);
}

Datum export_as(const pg::Arguments& args, Kind kind) {
    return pg::return_series(args, [&] { return begin_export(args, kind); });
}

}  // namespace

}  // namespace pgwright::transfer

PGWRIGHT_FUNCTION(pgwright_export_records) {
    return pgwright::transfer::export_as(args, pgwright::transfer::Kind::text);
}

PGWRIGHT_FUNCTION(pgwright_export_file) {
    return pgwright::transfer::export_as(args, pgwright::transfer::Kind::bytes);
}

PGWRIGHT_FUNCTION(pgwright_http_export) {
    return pgwright::transfer::export_as(args, pgwright::transfer::Kind::http);
}
