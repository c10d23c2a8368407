// SQL: the record functions. They unpack arguments; the work is in records.hpp.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"

#include "catalog/entity_cache.hpp"
#include "data/condition_context.hpp"
#include "data/records.hpp"
#include "security/entity_view.hpp"

namespace {

namespace core = pgwright::core;
namespace data = pgwright::data;
namespace pg = pgwright::pg;
namespace security = pgwright::security;
using pgwright::catalog::EntityPointer;

struct Caller {
    security::IdentityPointer identity;
    EntityPointer entity;
    // Of a caller that has waited for another shape of the table: the statement's own snapshot is of
    // rows that were not converted yet.
    std::optional<pg::FreshSnapshot> snapshot = std::nullopt;

    explicit Caller(const pg::Arguments& args)
        : Caller(security::require_identity(), args.text(0)) {}
    Caller(security::IdentityPointer who, std::string_view name) : identity(std::move(who)) {
        bool changed = false;
        entity = pgwright::catalog::open_entity(identity->tenant_id(), name, changed);
        if (changed && !IsolationUsesXactSnapshot()) snapshot.emplace();
        entity = security::view_of(identity, entity);
    }
};

// A page_size of 0 or a page before the first is a fault, not an empty answer.
std::int64_t bounded(std::int32_t value, std::int64_t highest, std::string_view name,
                     core::Faults& faults) {
    if (value < 1) faults.add(name, "must be at least 1");
    if (value > highest) faults.add(name, "must be at most " + std::to_string(highest));
    return value;
}

// Arguments page, page_size, sort, filters, from the one at `first` on.
core::ListRequest list_request(const pg::Arguments& args, int first, const Caller& caller) {
    const core::Entity& entity = *caller.entity;
    core::Faults faults;
    core::ListRequest request;
    const std::int64_t page =
        bounded(args.optional_integer(first).value_or(1), INT32_MAX, "page", faults);
    request.limit = bounded(args.optional_integer(first + 1).value_or(25), data::kMaxPageSize,
                            "page_size", faults);
    faults.raise("the page is not valid");
    request.offset = (page - 1) * request.limit;
    const auto sort = args.optional_text(first + 2);
    request.sort = core::parse_sort(sort ? *sort : std::string_view(entity.default_sort), entity);
    if (const auto filters = args.optional_text(first + 3))
        request.filter = core::parse_condition(core::parse_json(*filters), entity, "filters",
                                               data::condition_context(caller.identity));
    return request;
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_get_record) {
    const Caller caller(args);
    return pg::json_datum(data::get_record(*caller.identity, *caller.entity, args.text(1)));
}

PGWRIGHT_FUNCTION(pgwright_list_records) {
    const Caller caller(args);
    return pg::json_datum(
        data::list_records(*caller.identity, *caller.entity, list_request(args, 1, caller)));
}

// What everybody may read of a tenant, signed in or not; whoever is signed in reads no more than that.
PGWRIGHT_FUNCTION(pgwright_get_public_record) {
    const Caller caller(security::require_public(args.text(0)), args.text(1));
    data::require_public(*caller.entity);
    const security::ActingAs nobody(nullptr);
    return pg::json_datum(data::get_record(*caller.identity, *caller.entity, args.text(2)));
}

PGWRIGHT_FUNCTION(pgwright_list_public_records) {
    const Caller caller(security::require_public(args.text(0)), args.text(1));
    data::require_public(*caller.entity);
    const security::ActingAs nobody(nullptr);
    return pg::json_datum(
        data::list_records(*caller.identity, *caller.entity, list_request(args, 2, caller)));
}

PGWRIGHT_FUNCTION(pgwright_create_record) {
    const Caller caller(args);
    return pg::json_datum(
        data::create_record(*caller.identity, *caller.entity, core::parse_json(args.text(1))));
}

PGWRIGHT_FUNCTION(pgwright_update_record) {
    const Caller caller(args);
    return pg::json_datum(data::update_record(*caller.identity, *caller.entity, args.text(1),
                                              core::parse_json(args.text(2))));
}

PGWRIGHT_FUNCTION(pgwright_delete_record) {
    const Caller caller(args);
    data::delete_record(*caller.identity, *caller.entity, args.text(1));
    return pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_bulk_create_records) {
    const Caller caller(args);
    return pg::json_datum(data::bulk_create_records(*caller.identity, *caller.entity,
                                                    core::parse_json(args.text(1))));
}
