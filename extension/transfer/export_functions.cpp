// SQL: the export functions. They unpack arguments; the work is in export.hpp.
#include "pg/guard.hpp"

#include "data/caller.hpp"
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

// A text that may be JSON: an array; else names.
core::Json json_or_text(const pg::Arguments& args, int position, std::string_view name) {
    const auto text = args.optional_text(position);
    if (!text) return {};
    const std::size_t first = text->find_first_not_of(" \t\n\r");
    const bool is_json = first != std::string_view::npos && (*text)[first] == '[';
    return is_json ? document(args, position, name) : core::Json::string(std::string(*text));
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

// Arguments: entity, format, columns, filters, sort, options, search.
std::unique_ptr<pg::Series> begin_export(const pg::Arguments& args, Kind kind) {
    const data::Caller caller(args);
    ExportRequest request{format_of(args.text(1), kind != Kind::text),
                          json_or_text(args, 2, "columns"),
                          document(args, 3, "filters"),
                          json_or_text(args, 4, "sort"),
                          document(args, 5, "options"),
                          std::nullopt};
    if (const auto search = args.optional_text(6)) request.search = std::string(*search);
    return std::make_unique<Export>(caller.identity, caller.entity, std::move(request),
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
