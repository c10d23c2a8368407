// Creating many records; see bulk.hpp. The request is checked as a whole before the server is asked, and
// what passes is written by one statement, or by one for each group of records that take the same
// defaults of the server's.
#include "data/bulk_request.hpp"

#include <algorithm>

#include "data/execution.hpp"
#include "data/nested.hpp"

namespace pgwright::data {

using core::Action;
using core::Json;
using security::Identity;

namespace {

BulkOutcome insert(const core::Entity& entity, const Json& records, Rows rows) {
    Json chosen = Json::array();
    for (const std::size_t row : rows) chosen.items().push_back(records.items()[row]);
    BulkOutcome outcome;
    for (core::BulkGroup& group : core::group_by_defaults(entity, std::move(chosen))) {
        const core::Statement statement =
            core::compile_bulk_insert(entity, std::move(group.records));
        const Execution execution(entity, statement, Access::write);
        for (std::size_t i = 0; i < execution.rows(); ++i)
            outcome.done.emplace_back(rows[group.positions[i]], execution.id_of(execution.row(i)));
    }
    return outcome;
}

// With the records that are nested in them.
BulkOutcome insert_nested(const core::Entity& entity, const Json& records, Rows rows) {
    NestedWrite nested(entity);
    for (const std::size_t row : rows) nested.add(records.items()[row]);
    core::Faults none;  // they have been checked
    nested.prepare(core::Writing::create, none);
    nested.write_referred();
    nested.create();
    nested.write_referring();
    BulkOutcome outcome;
    for (std::size_t i = 0; i < rows.size(); ++i) outcome.done.emplace_back(rows[i], nested.id(i));
    return outcome;
}

// Whether other records are nested in some of them; adds the faults when there are.
bool check_nested(const core::Entity& entity, const Json& records, BulkRequest& request) {
    const auto may_be = [&](const Json& each) { return core::may_be_nested(entity, each); };
    if (std::ranges::none_of(records.items(), may_be)) return false;
    NestedWrite nested(entity);
    for (std::size_t i = 0; i < records.items().size(); ++i)
        nested.add(records.items()[i], static_cast<int>(i));
    core::Faults faults;
    nested.prepare(core::Writing::create, faults);
    if (!nested.has_nested() && faults.empty()) return false;
    for (const core::Fault& fault : faults.list())
        request.refuse(static_cast<std::size_t>(fault.index), "the record is not valid",
                       {{fault.field, fault.message}});
    return true;
}

}  // namespace

std::string bulk_create_records(const Identity& identity, const core::Entity& entity, Json records,
                                const BulkOptions& options) {
    require_writable(entity, entity.creatable);
    require_bulk(identity, entity, Action::create);
    check_list(records, "records", "record");
    BulkRequest request(records.items().size(), options);
    const bool nested = check_nested(entity, records, request);
    for (std::size_t i = 0; !nested && i < records.items().size(); ++i) {
        core::Faults faults;
        core::check_written(entity, records.items()[i], core::Writing::create, faults);
        request.refuse(i, faults);
    }
    request.write(
        [&](Rows rows) {
            return nested ? insert_nested(entity, records, rows) : insert(entity, records, rows);
        },
        "some records are not valid; none was created");
    return request.answer(entity, "created");
}

}  // namespace pgwright::data
