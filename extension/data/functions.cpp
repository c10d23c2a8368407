// SQL: the record functions. They unpack arguments; the work is in records.hpp.
#include "pg/call.hpp"
#include "pg/guard.hpp"

#include "core/selection.hpp"
#include "data/caller.hpp"
#include "data/condition_context.hpp"
#include "data/records.hpp"
#include "data/response.hpp"

namespace {

namespace core = pgwright::core;
namespace data = pgwright::data;
namespace pg = pgwright::pg;
namespace security = pgwright::security;
using core::Json;
using data::Caller;

bool is_timezone(const std::string& name) {
    return name.find('\0') == std::string::npos &&
           pg::call([&name] { return pg_tzset(name.c_str()) != nullptr; });
}

core::ListContext context_of(const Caller& caller) {
    core::ListContext context;
    context.conditions = data::condition_context(caller.identity);
    context.find_related = context.conditions.find_related;
    context.max_page_size = data::kMaxPageSize;
    context.is_timezone = is_timezone;
    return context;
}

// A text that may be JSON: an object or an array with something in it; else names, or nothing.
Json json_or_text(std::optional<std::string_view> text, std::string_view name) {
    if (!text) return {};
    const std::size_t first = text->find_first_not_of(" \t\n\r");
    const bool is_json =
        first != std::string_view::npos && ((*text)[first] == '[' || (*text)[first] == '{');
    if (!is_json) return Json::string(std::string(*text));
    try {
        Json json = core::parse_json(*text);
        if (!json.items().empty() || !json.members().empty()) return json;
    } catch (const core::Failure& failure) {
        throw core::Failure(core::Code::validation_error, "the request is not valid",
                            {{std::string(name), failure.message()}});
    }
    return Json::string(std::string(*text));
}

Json json_of(std::optional<std::string_view> text) {
    return text ? core::parse_json(*text) : Json();
}

// Arguments page, page_size, sort, filters, filter, fields, expand, cursor, count, distinct,
// include_deleted, search, from the one at `first` on.
core::ListArguments list_arguments(const pg::Arguments& args, int first) {
    core::ListArguments list;
    list.page = args.optional_integer(first);
    list.page_size = args.optional_integer(first + 1);
    list.sort = json_or_text(args.optional_text(first + 2), "sort");
    list.filters = json_of(args.optional_text(first + 3));
    list.filter = json_of(args.optional_text(first + 4));
    list.fields = json_or_text(args.optional_text(first + 5), "fields");
    list.expand = json_or_text(args.optional_text(first + 6), "expand");
    list.cursor = args.optional_text(first + 7);
    list.count = args.optional_text(first + 8);
    list.distinct = args.optional_boolean(first + 9).value_or(false);
    list.include_deleted = args.optional_boolean(first + 10).value_or(false);
    list.search = args.optional_text(first + 11);
    return list;
}

std::string list(const Caller& caller, const core::ListArguments& arguments) {
    return data::list_records(*caller.identity, *caller.entity,
                              core::read_list(arguments, *caller.entity, context_of(caller)));
}

// Arguments id, fields, expand, from the one at `first` on.
data::Record get(const Caller& caller, const pg::Arguments& args, int first,
                 bool with_deleted = false, bool tagged = false) {
    const core::ListContext context = context_of(caller);
    const core::Selection selection =
        core::parse_selection(json_or_text(args.optional_text(first + 1), "fields"),
                              json_or_text(args.optional_text(first + 2), "expand"),
                              {*caller.entity, context.find_related, context.conditions});
    return data::get_record(*caller.identity, *caller.entity, args.text(first), selection,
                            with_deleted, tagged);
}

// Whether the client has that version: not of what other records are part of, whose versions it does
// not tell.
bool is_known(const pg::Arguments& args, const data::Record& record) {
    const auto known = args.optional_text(5);
    if (!known) return false;
    const auto tags = core::parse_tags(*known, core::TagComparison::weak, "if_none_match");
    return record.tag && !args.optional_text(3) && tags.matches(*record.tag);
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_get_record) {
    const Caller caller(args);
    return pg::json_datum(get(caller, args, 1, args.optional_boolean(4).value_or(false)).to_json());
}

PGWRIGHT_FUNCTION(pgwright_http_get_record) {
    const Caller caller(args);
    const bool with_deleted = args.optional_boolean(4).value_or(false);
    const data::Record record = get(caller, args, 1, with_deleted, true);
    data::Response response{200, {}, {}};
    if (record.tag) response.headers.emplace_back("ETag", data::etag(*record.tag));
    if (is_known(args, record))
        response.status = 304;
    else
        response.body = record.to_json();
    return data::response_datum(args, response);
}

PGWRIGHT_FUNCTION(pgwright_list_records) {
    const Caller caller(args);
    return pg::json_datum(list(caller, list_arguments(args, 1)));
}

PGWRIGHT_FUNCTION(pgwright_query_records) {
    const Caller caller(args);
    return pg::json_datum(list(caller, core::parse_list_document(core::parse_json(args.text(1)))));
}

PGWRIGHT_FUNCTION(pgwright_aggregate_records) {
    const Caller caller(args);
    return pg::json_datum(data::aggregate_records(
        *caller.identity, *caller.entity, core::parse_json(args.text(1)), context_of(caller)));
}

PGWRIGHT_FUNCTION(pgwright_list_related_records) {
    const Caller caller(args);
    return pg::json_datum(data::list_related(caller.identity, caller.entity, args.text(1),
                                             args.text(2), list_arguments(args, 3),
                                             context_of(caller)));
}

// What everybody may read of a tenant, signed in or not; whoever is signed in reads no more than that.
PGWRIGHT_FUNCTION(pgwright_get_public_record) {
    const Caller caller(security::require_public(args.text(0)), args.text(1));
    data::require_public(*caller.entity);
    const security::ActingAs nobody(nullptr);
    return pg::json_datum(get(caller, args, 2).to_json());
}

PGWRIGHT_FUNCTION(pgwright_list_public_records) {
    const Caller caller(security::require_public(args.text(0)), args.text(1));
    data::require_public(*caller.entity);
    const security::ActingAs nobody(nullptr);
    return pg::json_datum(list(caller, list_arguments(args, 2)));
}
