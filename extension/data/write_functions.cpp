// SQL: the functions that write records. They unpack arguments; the work is in records.hpp and bulk.hpp.
#include "pg/guard.hpp"

#include "data/bulk.hpp"
#include "data/caller.hpp"
#include "data/records.hpp"
#include "data/rehearsal.hpp"

namespace {

namespace core = pgwright::core;
namespace data = pgwright::data;
namespace pg = pgwright::pg;
using data::Caller;

bool flag(const pg::Arguments& args, int position) {
    return args.optional_boolean(position).value_or(false);
}

data::WriteOptions options_of(const pg::Arguments& args, int if_match) {
    data::WriteOptions options;
    if (const auto text = args.optional_text(if_match))
        options.if_match = core::parse_tags(*text, core::TagComparison::strong, "if_match");
    return options;
}

core::Writing kind_of(bool replace) {
    return replace ? core::Writing::replace : core::Writing::update;
}

// The answer of a write, or of its rehearsal when that is asked for.
template <class Write>
Datum answered(const Caller& caller, bool dry_run, const Write& write) {
    if (!dry_run) return pg::json_datum(write());
    return pg::json_datum(data::rehearse(*caller.entity, write));
}

std::string gone(std::string_view id, std::string_view verb, const std::string& record) {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("id");
    writer.string(id);
    writer.key(verb);
    writer.boolean(true);
    if (!record.empty()) {
        writer.key("data");
        writer.raw(record);
    }
    writer.end_object();
    return std::string(writer.view());
}

// Records are named one by one or by a condition.
void require_one_form(const pg::Arguments& args, int named, int filters, std::string_view name) {
    if (args.optional_text(named).has_value() != args.optional_text(filters).has_value()) return;
    const std::string field(name);
    throw core::Failure(core::Code::validation_error, "the request is not valid",
                        {{field, "give either " + field + " or filters"}});
}

// What is changed by a condition is said once, and records bring their own.
void require_data(const pg::Arguments& args, bool wanted) {
    if (args.optional_text(3).has_value() == wanted) return;
    throw core::Failure(
        core::Code::validation_error, "the request is not valid",
        {{"data", wanted ? "is required" : "goes with filters; records bring their own"}});
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_create_record) {
    const Caller caller(args);
    const core::Json record = core::parse_json(args.text(1));
    return answered(caller, flag(args, 2), [&] {
        return data::create_record(*caller.identity, *caller.entity, record).to_json();
    });
}

PGWRIGHT_FUNCTION(pgwright_create_record_as) {
    const Caller caller(args);
    const core::Json record = core::parse_json(args.text(2));
    return answered(caller, flag(args, 3), [&] {
        return data::create_record_as(*caller.identity, *caller.entity, args.text(1), record)
            .to_json();
    });
}

PGWRIGHT_FUNCTION(pgwright_update_record) {
    const Caller caller(args);
    const core::Json record = core::parse_json(args.text(2));
    return answered(caller, flag(args, 5), [&] {
        return data::update_record(*caller.identity, *caller.entity, args.text(1), record,
                                   options_of(args, 4), kind_of(flag(args, 3)))
            .to_json();
    });
}

PGWRIGHT_FUNCTION(pgwright_delete_record) {
    const Caller caller(args);
    const bool dry_run = flag(args, 3);
    return answered(caller, dry_run, [&] {
        const std::string before =
            dry_run ? data::describe_record(*caller.entity, args.text(1), true) : std::string();
        data::delete_record(*caller.identity, *caller.entity, args.text(1), options_of(args, 2));
        return gone(args.text(1), "deleted", before);
    });
}

PGWRIGHT_FUNCTION(pgwright_restore_record) {
    const Caller caller(args);
    return answered(caller, flag(args, 3), [&] {
        return data::restore_record(*caller.identity, *caller.entity, args.text(1),
                                    options_of(args, 2))
            .to_json();
    });
}

PGWRIGHT_FUNCTION(pgwright_purge_record) {
    const Caller caller(args);
    const bool dry_run = flag(args, 3);
    return answered(caller, dry_run, [&] {
        const std::string before =
            dry_run ? data::describe_record(*caller.entity, args.text(1), false) : std::string();
        data::purge_record(*caller.identity, *caller.entity, args.text(1), options_of(args, 2));
        return gone(args.text(1), "purged", before);
    });
}

PGWRIGHT_FUNCTION(pgwright_upsert_record) {
    const Caller caller(args);
    const core::Json record = core::parse_json(args.text(1));
    return answered(caller, flag(args, 3), [&] {
        const data::Record written =
            data::upsert_record(*caller.identity, *caller.entity, record, args.optional_text(2));
        std::string answer = written.to_json();
        answer.back() = ',';
        return answer + R"("created":)" + (written.created ? "true}" : "false}");
    });
}

PGWRIGHT_FUNCTION(pgwright_record_tag) {
    const Caller caller(args);
    const auto record =
        data::get_record(*caller.identity, *caller.entity, args.text(1), {}, false, true);
    return record.tag ? pg::text_datum(core::tag_text(*record.tag)) : pg::return_null(args);
}

PGWRIGHT_FUNCTION(pgwright_bulk_create_records) {
    const Caller caller(args);
    core::Json records = core::parse_json(args.text(1));
    const bool dry_run = flag(args, 3);
    return answered(caller, dry_run, [&] {
        return data::bulk_create_records(*caller.identity, *caller.entity, std::move(records),
                                         {flag(args, 2), dry_run});
    });
}

PGWRIGHT_FUNCTION(pgwright_bulk_update_records) {
    const Caller caller(args);
    core::Json records = core::parse_json(args.text(1));
    const bool dry_run = flag(args, 3);
    return answered(caller, dry_run, [&] {
        return data::bulk_update_records(*caller.identity, *caller.entity, std::move(records),
                                         {flag(args, 2), dry_run});
    });
}

PGWRIGHT_FUNCTION(pgwright_bulk_upsert_records) {
    const Caller caller(args);
    core::Json records = core::parse_json(args.text(1));
    const bool dry_run = flag(args, 4);
    return answered(caller, dry_run, [&] {
        return data::bulk_upsert_records(*caller.identity, *caller.entity, std::move(records),
                                         args.optional_text(2), {flag(args, 3), dry_run});
    });
}

PGWRIGHT_FUNCTION(pgwright_bulk_delete_records) {
    const Caller caller(args);
    const core::Json ids = core::parse_json(args.text(1));
    const bool dry_run = flag(args, 3);
    return answered(caller, dry_run, [&] {
        return data::bulk_delete_records(*caller.identity, *caller.entity, ids,
                                         {flag(args, 2), dry_run});
    });
}

PGWRIGHT_FUNCTION(pgwright_update_records_where) {
    const Caller caller(args);
    const core::Json filters = core::parse_json(args.text(1));
    const core::Json change = core::parse_json(args.text(2));
    const bool dry_run = flag(args, 4);
    return answered(caller, dry_run, [&] {
        return data::update_records_where(caller.identity, *caller.entity, filters, change,
                                          {flag(args, 3), dry_run});
    });
}

PGWRIGHT_FUNCTION(pgwright_delete_records_where) {
    const Caller caller(args);
    const core::Json filters = core::parse_json(args.text(1));
    const bool dry_run = flag(args, 3);
    return answered(caller, dry_run, [&] {
        return data::delete_records_where(caller.identity, *caller.entity, filters,
                                          {flag(args, 2), dry_run});
    });
}

PGWRIGHT_FUNCTION(pgwright_bulk_update) {
    const Caller caller(args);
    require_one_form(args, 1, 2, "records");
    const auto filters = args.optional_text(2);
    require_data(args, filters.has_value());
    const data::BulkOptions options{flag(args, 4), flag(args, 5)};
    return answered(caller, options.describe, [&] {
        if (!filters)
            return data::bulk_update_records(*caller.identity, *caller.entity,
                                             core::parse_json(args.text(1)), options);
        return data::update_records_where(caller.identity, *caller.entity,
                                          core::parse_json(*filters),
                                          core::parse_json(args.text(3)), options);
    });
}

PGWRIGHT_FUNCTION(pgwright_bulk_delete) {
    const Caller caller(args);
    require_one_form(args, 1, 2, "ids");
    const auto filters = args.optional_text(2);
    const data::BulkOptions options{flag(args, 3), flag(args, 4)};
    return answered(caller, options.describe, [&] {
        if (!filters)
            return data::bulk_delete_records(*caller.identity, *caller.entity,
                                             core::parse_json(args.text(1)), options);
        return data::delete_records_where(caller.identity, *caller.entity,
                                          core::parse_json(*filters), options);
    });
}
