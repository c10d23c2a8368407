// SQL: records as HTTP answers, with what only headers say: versions (ETag, If-Match, If-None-Match; RFC
// 9110) and preferences (Prefer; RFC 7240). One statement does the work and tells the version with it.
#include "pg/guard.hpp"

#include "core/prefer.hpp"
#include "data/bulk.hpp"
#include "data/caller.hpp"
#include "data/records.hpp"
#include "data/rehearsal.hpp"
#include "data/response.hpp"

namespace {

namespace core = pgwright::core;
namespace data = pgwright::data;
namespace pg = pgwright::pg;
using core::ReturnPreference;
using data::Caller;
using data::Record;
using data::Response;

constexpr std::string_view kRecords = "/api/v1/dynamic-data/";

data::WriteOptions options_of(const pg::Arguments& args, int if_match) {
    data::WriteOptions options;
    options.tagged = true;
    if (const auto text = args.optional_text(if_match))
        options.if_match = core::parse_tags(*text, core::TagComparison::strong, "if_match");
    return options;
}

ReturnPreference preference_of(const pg::Arguments& args, int prefer) {
    return core::parse_prefer(args.optional_text(prefer).value_or(std::string_view()));
}

void tell_applied(Response& response, ReturnPreference preference) {
    if (preference == ReturnPreference::unsaid) return;
    response.headers.emplace_back("Preference-Applied", preference == ReturnPreference::minimal
                                                            ? "return=minimal"
                                                            : "return=representation");
}

// The written record, or nothing but its version and place when the client prefers so.
Response written(const pg::Arguments& args, const Record& record, int status, int prefer) {
    Response response{status, {}, {}};
    if (record.tag) response.headers.emplace_back("ETag", data::etag(*record.tag));
    if (status == 201)
        response.headers.emplace_back("Location", std::string(kRecords) +
                                                      data::path_segment(args.text(0)) +
                                                      "/records/" + data::path_segment(record.id));
    const ReturnPreference preference = preference_of(args, prefer);
    tell_applied(response, preference);
    if (preference != ReturnPreference::minimal)
        response.body = record.to_json();
    else if (status == 200)
        response.status = 204;
    return response;
}

// A rehearsal creates nothing and has no version to tell.
template <class Write>
Datum answered(const pg::Arguments& args, const Caller& caller, int dry_run, int prefer,
               const Write& write) {
    if (args.optional_boolean(dry_run).value_or(false)) {
        const auto report = [&] { return write().to_json(); };
        return data::response_datum(args, {200, {}, data::rehearse(*caller.entity, report)});
    }
    const Record record = write();
    return data::response_datum(args, written(args, record, record.created ? 201 : 200, prefer));
}

// If-None-Match of a write: what is there already is not to be written over.
bool only_new(const pg::Arguments& args, int if_none_match) {
    const auto text = args.optional_text(if_none_match);
    if (!text) return false;
    if (core::parse_tags(*text, core::TagComparison::weak, "if_none_match").any) return true;
    throw core::Failure(core::Code::validation_error, "the version asked for is not valid",
                        {{"if_none_match", "must be * where a record is written"}});
}

// No record is in a version and not there.
Record created_as(const pg::Arguments& args, const Caller& caller, const core::Json& record,
                  int if_match) {
    if (args.optional_text(if_match))
        throw core::Failure(core::Code::precondition_failed,
                            "the record cannot be new and in a version that is known");
    return data::create_record_as(*caller.identity, *caller.entity, args.text(1), record, true);
}

// What a bulk answers with "failed".
bool is_complete(const std::string& answer) {
    const core::Json document = core::parse_json(answer);
    const core::Json* const failed = document.find("failed");
    return failed != nullptr && failed->text() == "0";
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_http_create_record) {
    const Caller caller(args);
    const core::Json record = core::parse_json(args.text(1));
    return answered(args, caller, 3, 2, [&] {
        return data::create_record(*caller.identity, *caller.entity, record, true,
                                   only_new(args, 4));
    });
}

PGWRIGHT_FUNCTION(pgwright_http_update_record) {
    const Caller caller(args);
    const core::Json record = core::parse_json(args.text(2));
    const bool replace = args.optional_boolean(5).value_or(false);
    return answered(args, caller, 6, 4, [&] {
        if (only_new(args, 7)) return created_as(args, caller, record, 3);
        return data::update_record(*caller.identity, *caller.entity, args.text(1), record,
                                   options_of(args, 3),
                                   replace ? core::Writing::replace : core::Writing::update);
    });
}

PGWRIGHT_FUNCTION(pgwright_http_restore_record) {
    const Caller caller(args);
    return answered(args, caller, 4, 3, [&] {
        return data::restore_record(*caller.identity, *caller.entity, args.text(1),
                                    options_of(args, 2));
    });
}

PGWRIGHT_FUNCTION(pgwright_http_upsert_record) {
    const Caller caller(args);
    const core::Json record = core::parse_json(args.text(1));
    return answered(args, caller, 4, 3, [&] {
        return data::upsert_record(*caller.identity, *caller.entity, record, args.optional_text(2),
                                   true);
    });
}

// Errors are told whatever is preferred.
PGWRIGHT_FUNCTION(pgwright_http_bulk_upsert_records) {
    const Caller caller(args);
    core::Json records = core::parse_json(args.text(1));
    const bool dry_run = args.optional_boolean(5).value_or(false);
    const ReturnPreference preference = preference_of(args, 4);
    const data::BulkOptions options{args.optional_boolean(3).value_or(false),
                                    dry_run || preference == ReturnPreference::representation};
    const auto write = [&] {
        return data::bulk_upsert_records(*caller.identity, *caller.entity, std::move(records),
                                         args.optional_text(2), options);
    };
    if (dry_run)
        return data::response_datum(args, {200, {}, data::rehearse(*caller.entity, write)});
    Response response{200, {}, write()};
    tell_applied(response, preference);
    if (preference == ReturnPreference::minimal && is_complete(*response.body))
        response = {204, std::move(response.headers), {}};
    return data::response_datum(args, response);
}
