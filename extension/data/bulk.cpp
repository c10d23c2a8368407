// Writing many records at once, all or none: one statement, or one for each group of records that take
// the same defaults of the server's; see records.hpp.
#include "pg/server.hpp"

#include "data/records.hpp"

#include "core/value_check.hpp"
#include "data/execution.hpp"

namespace pgwright::data {

using core::Code;
using core::Failure;
using core::Json;

namespace {

void check(const core::Entity& entity, const Json& records) {
    if (!records.is_array())
        throw Failure(Code::validation_error, "records must be an array",
                      {{"records", "must be an array"}});
    if (records.items().empty())
        throw Failure(Code::validation_error, "records is empty",
                      {{"records", "must hold at least one record"}});
    if (records.items().size() > kMaxBulkRecords)
        throw Failure(
            Code::validation_error, "too many records",
            {{"records", "must hold at most " + std::to_string(kMaxBulkRecords) + " records"}});
    core::Faults faults;
    for (std::size_t i = 0; i < records.items().size(); ++i)
        core::check_record(entity, records.items()[i], core::WriteKind::create, faults,
                           static_cast<int>(i));
    faults.raise("some records are not valid; none was created");
}

std::string describe(const std::vector<std::string>& ids) {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("created");
    writer.integer(static_cast<std::int64_t>(ids.size()));
    writer.key("failed");
    writer.integer(0);
    writer.key("errors");
    writer.begin_array();
    writer.end_array();
    writer.key("ids");
    writer.begin_array();
    for (const std::string& id : ids) writer.string(id);
    writer.end_array();
    writer.end_object();
    return std::string(writer.view());
}

// The ids, in the records' order.
std::vector<std::string> insert(const core::Entity& entity, Json records) {
    std::vector<std::string> ids(records.items().size());
    for (core::BulkGroup& group : core::group_by_defaults(entity, std::move(records))) {
        const core::Statement statement =
            core::compile_bulk_insert(entity, std::move(group.records));
        const Execution execution(entity, statement, Access::write);
        for (std::size_t i = 0; i < execution.rows(); ++i)
            ids[group.positions[i]] = execution.id_of(execution.row(i));
    }
    return ids;
}

}  // namespace

std::string bulk_create_records(const security::Identity& identity, const core::Entity& entity,
                                Json records) {
    require_writable(entity, entity.creatable);
    security::require_permission(identity, entity.resource, core::Action::create);
    check(entity, records);
    return describe(insert(entity, std::move(records)));
}

}  // namespace pgwright::data
