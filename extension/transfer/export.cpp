// Reading by a cursor, writing by a RecordWriter; see export.hpp.
#include "transfer/export.hpp"

#include <algorithm>

#include "core/list_request.hpp"
#include "core/utf8.hpp"
#include "data/execution.hpp"
#include "data/records.hpp"
#include "data/related.hpp"
#include "security/scope.hpp"

namespace pgwright::transfer {

namespace {

using core::Action;
using core::Entity;
using core::Faults;
using core::Json;
using security::Identity;

// Rows of one fetch: few at first, then as many as fill a part.
constexpr long kFirstBatch = 16;
constexpr long kLargestBatch = 1000;

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        names.emplace_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return names;
}

std::vector<std::string> names_in(const Json& columns, Faults& faults) {
    std::vector<std::string> names;
    if (columns.is_null()) return names;
    if (columns.is_string()) return split(columns.text());
    const bool all_names = columns.is_array() && !columns.items().empty() &&
                           std::ranges::all_of(columns.items(), &Json::is_string);
    if (!all_names) {
        faults.add("columns", "must be an array of fields' names");
        return names;
    }
    for (const Json& name : columns.items()) names.push_back(name.text());
    return names;
}

core::Selection selection_of(const Entity& entity, const Json& columns, Faults& faults) {
    const std::vector<std::string> names = names_in(columns, faults);
    core::Selection selection;
    selection.all = names.empty();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const core::Field* const field = entity.find(names[i]);
        const std::string place = "columns[" + std::to_string(i) + "]";
        if (field == nullptr)
            faults.add(place,
                       std::string(core::echo(names[i])) + " is not a field of " + entity.name);
        else if (std::ranges::find(selection.fields, field) != selection.fields.end())
            faults.add(place, field->name + " is chosen already");
        else
            selection.fields.push_back(field);
    }
    return selection;
}

void require_export(const Identity& identity, const Entity& entity) {
    data::require_read(identity, entity);
    security::require_permission(identity, entity.resource, Action::export_);
}

// Who may export his own records only gets these, though he may read others.
std::optional<core::Uuid> author_of(const Identity& identity, const Entity& entity) {
    if (identity.permissions.scope_of(entity.resource, Action::export_) != core::Scope::own)
        return std::nullopt;
    if (entity.find("created_by") == nullptr)
        throw core::Failure(core::Code::permission_denied,
                            "permission denied: " + entity.resource + ":export:tenant");
    return identity.user_id();
}

core::ListRequest list_request(const ExportRequest& request,
                               const security::IdentityPointer& identity, const Entity& entity) {
    core::ListArguments arguments;
    arguments.sort = request.sort;
    arguments.filters = request.filters;
    arguments.search = request.search;
    core::ListContext context;
    context.find_related = data::related_finder(identity);
    context.max_page_size = data::kMaxPageSize;
    core::ListRequest list = core::read_list(arguments, entity, context).request;
    list.limit = 0;
    list.offset = 0;
    list.counts = false;
    list.keeps_position = false;
    list.author = author_of(*identity, entity);
    return list;
}

std::vector<ExportColumn> columns_of(const std::vector<const core::Field*>& fields) {
    std::vector<ExportColumn> columns;
    for (const core::Field* const field : fields) {
        const bool as_text =
            field->value_class() == core::ValueClass::other || !field->mask_sql.empty();
        columns.push_back({field, pg::TypeOutput::of(as_text ? TEXTOID : field->type_oid)});
    }
    return columns;
}

Json names_of(const std::vector<ExportColumn>& columns) {
    Json names = Json::array();
    for (const ExportColumn& column : columns)
        names.items().push_back(Json::string(column.field->name));
    return names;
}

}  // namespace

Export::Export(security::IdentityPointer identity, catalog::EntityPointer view,
               ExportRequest request, bool head)
    : identity_(std::move(identity)),
      entity_(std::move(view)),
      request_(std::move(request)),
      started_(GetCurrentTimestamp()),
      batch_(kFirstBatch),
      head_(head) {
    require_export(*identity_, *entity_);
    Faults faults;
    options_ = core::parse_export_options(request_.options, faults);
    core::Selection selection = selection_of(*entity_, request_.columns, faults);
    faults.raise("the export is not valid");
    core::ListRequest list = list_request(request_, identity_, *entity_);
    list.selection = std::move(selection);
    statement_ = core::compile_list(*entity_, list);
    columns_ = columns_of(statement_->columns);
    open();
    writer_ = make_writer(request_.format, entity_->name, columns_, options_);
}

void Export::open() {
    const security::Scope scope(security::Rights::runtime);
    cursor_.emplace(statement_->sql, data::parameters_of(*statement_));
}

std::optional<Datum> Export::next() {
    std::string part;
    if (stage_ == Stage::head) {
        stage_ = Stage::begin;
        if (head_) return pg::text_datum(head());
    }
    if (stage_ == Stage::begin) {
        stage_ = Stage::records;
        writer_->begin(part);
    }
    while (stage_ == Stage::records && part.size() < kPartBytes) fetch(part);
    while (stage_ == Stage::rest && part.size() < kPartBytes)
        if (!writer_->rest(part)) stage_ = Stage::over;
    if (part.empty()) return std::nullopt;
    return pg::text_datum(part);
}

void Export::fetch(std::string& part) {
    const std::size_t before = part.size();
    std::size_t count = 0;
    {
        // What values leave behind as they are written goes with the batch: a format that gives nothing before
        // its end is one call for all records, after which the server would have freed it.
        const pg::OwnedContext memory("pgwright export");
        const pg::ContextSwitch inside(memory.get());
        const security::Scope scope(security::Rights::runtime);
        const pg::Result rows = cursor_->fetch(batch_);
        count = rows.rows();
        for (std::size_t i = 0; i < count; ++i) writer_->record(part, rows.row(i));
        if (count == 0) cursor_->close();
    }
    rows_ += static_cast<std::int64_t>(count);
    if (count == 0) {
        writer_->end(part);
        return finish();
    }
    const std::size_t bytes_each = (part.size() - before) / count + 1;
    batch_ = std::clamp(static_cast<long>(kPartBytes / bytes_each), 1L, kLargestBatch);
    // A format that writes nothing yet has nothing to say about the size.
    if (part.size() == before) batch_ = std::min(kFirstBatch * 8, kLargestBatch);
    if (part.empty()) pg::check_interrupts();
}

// Who took what; not where nothing can be written.
void Export::finish() {
    stage_ = Stage::rest;
    if (XactReadOnly) return;
    pg::Params params;
    params.add_uuid(identity_->tenant_id()).add_uuid(entity_->id).add_uuid(identity_->user_id());
    params.add_text(core::format_name(request_.format)).add_text(names_of(columns_).dump());
    params.add_text(request_.filters.dump());
    params.add_text(request_.sort.is_string() ? request_.sort.text() : request_.sort.dump());
    params.add_text(request_.search.value_or(""))
        .add_text(request_.options.dump())
        .add_bigint(rows_)
        .add(TIMESTAMPTZOID, pg::timestamptz_datum(started_), false);
    const security::Scope scope(security::Rights::engine);
    pg::execute(
        "INSERT INTO pgwright.export_jobs (tenant_id, entity_id, user_id, file_format, columns, "
        "filters, sort, search, options, row_count, started_at, completed_at) VALUES ($1, $2, $3, "
        "$4, "
        "$5::jsonb, nullif($6::jsonb, 'null'), nullif($7, 'null'), nullif($8, ''), "
        "nullif($9::jsonb, 'null'), $10, $11, pg_catalog.clock_timestamp())",
        params, false);
}

std::string Export::head() const {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("status");
    writer.integer(200);
    writer.key("headers");
    writer.begin_object();
    writer.key("Content-Type");
    writer.string(content_type_of(request_.format));
    writer.key("Content-Disposition");
    // Names of generated entities are plain; an imported one's may be anything.
    std::string name = entity_->name;
    for (char& c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!plain) c = '_';
    }
    writer.string("attachment; filename=\"" + name + "." +
                  std::string(core::format_name(request_.format)) + "\"");
    writer.end_object();
    writer.end_object();
    return std::string(writer.view());
}

}  // namespace pgwright::transfer
