// Creating many records or changing those of the same unique key; see bulk.hpp. The statement answers the
// records it wrote in their order; when it answers fewer, halving finds those that it passed over.
#include "data/bulk_records.hpp"
#include "data/execution.hpp"
#include "data/row_version.hpp"
#include "data/unique_key.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

namespace {

std::vector<const Json*> own_data(const BulkRecords& records, Rows rows) {
    std::vector<const Json*> own;
    own.reserve(rows.size());
    for (const std::size_t row : rows) own.push_back(&records.own(row));
    return own;
}

// The server compares the keys: it knows which values of a type are equal.
void refuse_repeated(const core::Entity& entity, const BulkRecords& records,
                     const core::UniqueKey& key, Rows rows, BulkRequest& request) {
    if (rows.empty()) return;
    const core::Statement statement =
        core::compile_repeated_keys(entity, own_data(records, rows), key);
    const Execution execution(entity, statement, Access::read);
    for (std::size_t i = 0; i < execution.rows(); ++i) {
        const std::size_t row = rows[static_cast<std::size_t>(execution.row(i).integer(0)) - 1];
        const std::size_t earlier = rows[static_cast<std::size_t>(execution.row(i).integer(1)) - 1];
        core::Faults faults;
        for (const core::Field* const field : key.fields)
            faults.add(field->name, "is given more than once, first in records[" +
                                        std::to_string(earlier) + "]");
        request.refuse(row, faults);
    }
}

void check_keys(const core::Entity& entity, const BulkRecords& records, const core::UniqueKey& key,
                BulkRequest& request) {
    for (const std::size_t row : request.good_rows()) {
        core::Faults faults;
        check_key(key, records.own(row), faults);
        request.refuse(row, faults);
    }
    refuse_repeated(entity, records, key, request.good_rows(), request);
}

// One record was passed over: a value that is written once.
[[noreturn]] void refuse_passed_over(const core::Entity& entity, const Json& record) {
    std::vector<core::Fault> details;
    for (const core::Field& field : entity.fields) {
        if (field.write_once && record.find(field.name) != nullptr)
            details.push_back({field.name, "is written once and has a value"});
    }
    throw Failure(Code::permission_denied,
                  details.empty() ? "permission denied: " + entity.resource + ":update:tenant"
                                  : "the record has values that are written once",
                  std::move(details));
}

BulkOutcome upsert(const core::Entity& entity, const core::UniqueKey& key, Rows rows, Json records,
                   std::vector<bool>& created) {
    const auto novelty = has_versions(entity) ? core::Novelty::by_row : core::Novelty::by_key;
    const Json first = records.items().front();
    BulkOutcome outcome;
    for (core::BulkGroup& group : core::group_by_defaults(entity, std::move(records))) {
        const core::Statement statement =
            core::compile_bulk_upsert(entity, std::move(group.records), key, novelty);
        const Execution execution(entity, statement, Access::write);
        if (execution.rows() != group.positions.size()) refuse_passed_over(entity, first);
        for (std::size_t i = 0; i < execution.rows(); ++i) {
            const pg::Row row = execution.row(i);
            const std::size_t position = rows[group.positions[i]];
            outcome.done.emplace_back(position, execution.id_of(row));
            created[position] = row.boolean(execution.extra(0));
        }
    }
    return outcome;
}

}  // namespace

std::string bulk_upsert_records(const Identity& identity, const core::Entity& entity, Json records,
                                std::optional<std::string_view> key, const BulkOptions& options) {
    require_writable(entity, entity.creatable && entity.updatable);
    require_bulk(identity, entity, Action::create);
    security::require_permission(identity, entity.resource, Action::update);
    check_list(records, "records", "record");
    const std::size_t count = records.items().size();
    BulkRequest request(count, options);
    const BulkRecords all(entity, std::move(records), core::Writing::create, request);
    const std::vector<std::size_t> good = request.good_rows();
    std::vector<bool> created(count);
    Attempt attempt;
    if (!good.empty()) {
        const core::UniqueKey unique = unique_key_of(entity, own_data(all, good), key);
        check_keys(entity, all, unique, request);
        attempt = all.attempt([&entity, &created, unique](Rows rows, Json own) {
            return upsert(entity, unique, rows, std::move(own), created);
        });
    }
    request.write(attempt, "some records are not valid; none was written");
    return request.answer(entity, created);
}

}  // namespace pgwright::data
