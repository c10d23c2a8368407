// Changing and deleting the records that a condition is true of; see bulk.hpp.
#include "pg/snapshot.hpp"

#include "data/bulk_request.hpp"

#include "core/record_key.hpp"
#include "data/condition_context.hpp"
#include "data/execution.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;

namespace {

core::Condition read_filters(const security::IdentityPointer& identity, const core::Entity& entity,
                             const Json& filters) {
    core::Condition condition =
        core::parse_condition(filters, entity, "filters", condition_context(identity));
    if (condition.kind == core::Condition::Kind::all && condition.children.empty())
        throw Failure(Code::validation_error, "the filters are not valid",
                      {{"filters", "must have a condition"}});
    return condition;
}

// The condition tells about rows: who writes by one reads them.
core::Condition prepare(const security::IdentityPointer& identity, const core::Entity& entity,
                        Action action, const Json& filters) {
    core::require_key(entity);
    require_bulk(*identity, entity, action);
    require_read(*identity, entity);
    return read_filters(identity, entity, filters);
}

[[noreturn]] void refuse_too_many(std::size_t limit) {
    throw Failure(Code::validation_error, "too many records",
                  {{"filters", "must be true of at most " + std::to_string(limit) + " records"}});
}

std::vector<std::string> ids_of(const Execution& execution) {
    std::vector<std::string> ids;
    ids.reserve(execution.rows());
    for (std::size_t i = 0; i < execution.rows(); ++i)
        ids.push_back(execution.id_of(execution.row(i)));
    return ids;
}

// The failure undoes the statement.
std::vector<std::string> run_where(const core::Entity& entity, const core::Statement& statement,
                                   Access access) {
    const Execution execution(entity, statement, access);
    if (execution.rows() > kMaxConditionRecords) refuse_too_many(kMaxConditionRecords);
    return ids_of(execution);
}

Json matching_ids(const core::Entity& entity, const core::Condition& condition) {
    const core::Statement statement =
        core::compile_keys_where(entity, condition, kMaxBulkRecords + 1);
    const pg::FreshSnapshot snapshot;
    const std::vector<std::string> ids = ids_of(Execution(entity, statement, Access::read));
    if (ids.size() > kMaxBulkRecords) refuse_too_many(kMaxBulkRecords);
    Json list = Json::array();
    for (const std::string& id : ids) list.items().push_back(Json::string(id));
    return list;
}

std::string answer_all(const core::Entity& entity, std::string_view verb,
                       const std::vector<std::string>& ids, bool with_records) {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key(verb);
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
    if (with_records) {
        writer.key("records");
        writer.begin_array();
        for (const std::string& record : describe_records(entity, ids)) writer.raw(record);
        writer.end_array();
    }
    writer.end_object();
    return std::string(writer.view());
}

// What is written once cannot be said of many records whose values are not looked at.
void check_change(const core::Entity& entity, const Json& data) {
    core::Faults faults;
    core::check_written(entity, data, core::Writing::update, faults);
    if (faults.empty() && data.members().empty())
        faults.add("data", "must have at least one member");
    for (const core::Field& field : entity.fields) {
        if (field.write_once && data.find(field.name) != nullptr)
            faults.add(field.name, "is written once and cannot be set by a condition");
    }
    faults.raise("the data is not valid");
}

}  // namespace

std::string update_records_where(const security::IdentityPointer& identity,
                                 const core::Entity& entity, const Json& filters, const Json& data,
                                 const BulkOptions& options) {
    require_writable(entity, entity.updatable);
    const core::Condition condition = prepare(identity, entity, Action::update, filters);
    check_change(entity, data);
    if (!options.partial) {
        const std::vector<std::string> ids =
            run_where(entity, core::compile_update_where(entity, condition, data), Access::write);
        return answer_all(entity, "updated", ids, options.describe);
    }
    Json records = matching_ids(entity, condition);
    if (records.items().empty()) return answer_all(entity, "updated", {}, options.describe);
    for (Json& record : records.items()) {
        Json change = data;
        change.set("id", std::move(record));
        record = std::move(change);
    }
    return bulk_update_records(*identity, entity, std::move(records), options);
}

std::string delete_records_where(const security::IdentityPointer& identity,
                                 const core::Entity& entity, const Json& filters,
                                 const BulkOptions& options) {
    require_writable(entity, entity.deletable);
    const core::Condition condition = prepare(identity, entity, Action::delete_, filters);
    if (!options.partial) {
        const std::vector<std::string> ids =
            run_where(entity, core::compile_delete_where(entity, condition), Access::remove);
        return answer_all(entity, "deleted", ids, false);
    }
    const Json ids = matching_ids(entity, condition);
    if (ids.items().empty()) return answer_all(entity, "deleted", {}, false);
    return bulk_delete_records(*identity, entity, ids, options);
}

}  // namespace pgwright::data
