// Creating many records; see bulk.hpp. The request is checked as a whole before the server is asked, and
// what passes is written by one statement, or by one for each group of records that take the same
// defaults of the server's.
#include "data/bulk_records.hpp"
#include "data/execution.hpp"

namespace pgwright::data {

using core::Action;
using core::Json;
using security::Identity;

namespace {

BulkOutcome insert(const core::Entity& entity, Rows rows, Json records) {
    BulkOutcome outcome;
    for (core::BulkGroup& group : core::group_by_defaults(entity, std::move(records))) {
        const core::Statement statement =
            core::compile_bulk_insert(entity, std::move(group.records));
        const Execution execution(entity, statement, Access::write);
        for (std::size_t i = 0; i < execution.rows(); ++i)
            outcome.done.emplace_back(rows[group.positions[i]], execution.id_of(execution.row(i)));
    }
    return outcome;
}

}  // namespace

std::string bulk_create_records(const Identity& identity, const core::Entity& entity, Json records,
                                const BulkOptions& options) {
    require_writable(entity, entity.creatable);
    require_bulk(identity, entity, Action::create);
    check_list(records, "records", "record");
    BulkRequest request(records.items().size(), options);
    const BulkRecords all(entity, std::move(records), core::Writing::create, request);
    request.write(
        all.attempt([&](Rows rows, Json own) { return insert(entity, rows, std::move(own)); }),
        "some records are not valid; none was created");
    return request.answer("created", &entity);
}

}  // namespace pgwright::data
