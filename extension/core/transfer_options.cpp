// Options as JSON; see transfer_options.hpp.
#include "core/transfer_options.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "core/date_format.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {
namespace {

constexpr std::size_t kMaxNullText = 64;

constexpr std::array<std::pair<FileFormat, std::string_view>, 5> kFormats = {
    {{FileFormat::csv, "csv"},
     {FileFormat::jsonl, "jsonl"},
     {FileFormat::json, "json"},
     {FileFormat::xlsx, "xlsx"},
     {FileFormat::xml, "xml"}}};

// Reads members of one object, each at most once, and reports what nobody asked for.
class Reader {
  public:
    Reader(const Json& options, Faults& faults) : options_(options), faults_(faults) {
        if (!options.is_null() && !options.is_object()) fault("", "must be an object");
    }

    void refuse_others(std::span<const std::string_view> names) {
        for (const auto& [name, value] : options_.members()) {
            if (std::ranges::find(names, std::string_view(name)) == names.end())
                fault(echo(name), "is not an option");
        }
    }

    void read(std::string_view name, bool& into) {
        const Json* const value = find(name);
        if (value == nullptr) return;
        if (!value->is_boolean()) return fault(name, "must be true or false");
        into = value->as_boolean();
    }

    void read(std::string_view name, std::string& into, std::size_t longest) {
        const Json* const value = find(name);
        if (value == nullptr) return;
        if (!value->is_string()) return fault(name, "must be text");
        if (value->text().size() > longest)
            return fault(name, "must have at most " + std::to_string(longest) + " bytes");
        into = value->text();
    }

    void read_delimiter(char& into) {
        std::string text;
        read("delimiter", text, kMaxNullText);
        if (find("delimiter") == nullptr) return;
        const bool usable =
            text.size() == 1 && text.front() > 0 &&
            std::string_view("\"\r\n\\").find(text.front()) == std::string_view::npos;
        if (!usable)
            return fault("delimiter", "must be one ASCII character, no quote or line break");
        into = text.front();
    }

    void read_encoding() {
        std::string text = "UTF-8";
        read("encoding", text, kMaxNullText);
        std::ranges::transform(text, text.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        if (text != "UTF-8" && text != "UTF8")
            fault("encoding", "must be UTF-8: nothing else is read or written");
    }

    void fault(std::string_view name, std::string message) {
        faults_.add(name.empty() ? std::string("options") : "options." + std::string(name),
                    std::move(message));
    }

  private:
    [[nodiscard]] const Json* find(std::string_view name) const noexcept {
        const Json* const value = options_.find(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    const Json& options_;
    Faults& faults_;
};

}  // namespace

std::string_view format_name(FileFormat format) noexcept {
    return kFormats[static_cast<std::size_t>(format)].second;
}

std::optional<FileFormat> find_format(std::string_view name) noexcept {
    if (name == "ndjson") return FileFormat::jsonl;
    for (const auto& [format, known] : kFormats)
        if (name == known) return format;
    return std::nullopt;
}

std::optional<FileFormat> format_of_file(std::string_view file_name) noexcept {
    const std::size_t dot = file_name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    std::string ending(file_name.substr(dot + 1));
    for (char& c : ending)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return find_format(ending);
}

bool is_importable(FileFormat format) noexcept {
    return format == FileFormat::csv || format == FileFormat::jsonl || format == FileFormat::json;
}

ImportOptions parse_import_options(const Json& options, Faults& faults) {
    constexpr std::array<std::string_view, 6> members = {
        "delimiter", "header", "null_text", "decimal_comma", "date_format", "encoding"};
    ImportOptions parsed;
    Reader reader(options, faults);
    reader.refuse_others(members);
    reader.read_delimiter(parsed.delimiter);
    reader.read("header", parsed.header);
    reader.read("null_text", parsed.null_text, kMaxNullText);
    reader.read("decimal_comma", parsed.decimal_comma);
    reader.read("date_format", parsed.date_format, kMaxNullText);
    reader.read_encoding();
    if (!parsed.date_format.empty() && !is_date_format(parsed.date_format))
        reader.fault("date_format", "must have DD, MM and YYYY once each, such as DD.MM.YYYY");
    return parsed;
}

ExportOptions parse_export_options(const Json& options, Faults& faults) {
    constexpr std::array<std::string_view, 7> members = {"delimiter", "header", "include_headers",
                                                         "null_text", "bom",    "escape_formulas",
                                                         "encoding"};
    ExportOptions parsed;
    Reader reader(options, faults);
    reader.refuse_others(members);
    reader.read_delimiter(parsed.delimiter);
    reader.read("header", parsed.header);
    reader.read("include_headers", parsed.header);
    reader.read("null_text", parsed.null_text, kMaxNullText);
    reader.read("escape_formulas", parsed.escape_formulas);
    reader.read("bom", parsed.byte_order_mark);
    reader.read_encoding();
    return parsed;
}

}  // namespace pgwright::core
