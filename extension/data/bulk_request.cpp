// A request to write many records; see bulk_request.hpp.
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "data/bulk_request.hpp"

#include <algorithm>

#include "core/code_name.hpp"
#include "core/record_key.hpp"
#include "data/execution.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

void require_bulk(const Identity& identity, const core::Entity& entity, Action action) {
    security::require_permission(identity, entity.resource, action);
    if (entity.kind != core::EntityKind::system)
        security::require_permission(identity, entity.resource, Action::bulk);
}

void check_list(const Json& list, std::string_view name, std::string_view singular) {
    const std::string what(singular);
    const auto refuse = [&](std::string message, std::string fault) {
        throw Failure(Code::validation_error, std::string(name) + std::move(message),
                      {{std::string(name), std::move(fault)}});
    };
    if (!list.is_array()) refuse(" must be an array", "must be an array");
    if (list.items().empty()) refuse(" is empty", "must hold at least one " + what);
    if (list.items().size() > kMaxBulkRecords)
        refuse(" is too long",
               "must hold at most " + std::to_string(kMaxBulkRecords) + " " + what + "s");
}

void BulkRequest::refuse(std::size_t index, std::string message, std::vector<core::Fault> details) {
    const auto found = std::ranges::find(faults_, index, &RowFault::index);
    if (found == faults_.end())
        faults_.push_back({index, Code::validation_error, std::move(message), std::move(details)});
    else
        std::ranges::move(details, std::back_inserter(found->details));
}

void BulkRequest::refuse(std::size_t index, const core::Faults& found) {
    if (!found.empty()) refuse(index, "the record is not valid", found.list());
}

void BulkRequest::write(const Attempt& attempt, std::string_view refusal) {
    std::ranges::sort(faults_, {}, &RowFault::index);
    if (!faults_.empty() && !options_.partial) raise(faults_, refusal);
    const std::vector<std::size_t> rows = good_rows();
    const pg::Spi connection;  // outlives the attempts' subtransactions
    BulkOutcome outcome = options_.partial ? write_each(rows, attempt) : write_all(rows, attempt);
    written_.resize(ids_.size());
    for (auto& [index, id] : outcome.done) {
        ids_[index] = std::move(id);
        written_[index] = true;
    }
    std::ranges::move(outcome.faults, std::back_inserter(faults_));
    std::ranges::sort(faults_, {}, &RowFault::index);
}

std::vector<std::size_t> BulkRequest::good_rows() const {
    std::vector<bool> bad(ids_.size());
    for (const RowFault& fault : faults_) bad[fault.index] = true;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < bad.size(); ++i)
        if (!bad[i]) rows.push_back(i);
    return rows;
}

std::vector<std::string> BulkRequest::written() const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < ids_.size(); ++i)
        if (written_[i]) ids.push_back(ids_[i]);
    return ids;
}

namespace {

void write_fault(core::JsonWriter& writer, const RowFault& fault, const std::string& id) {
    writer.begin_object();
    writer.key("index");
    writer.integer(static_cast<std::int64_t>(fault.index));
    if (!id.empty()) {
        writer.key("id");
        writer.string(id);
    }
    writer.key("code");
    writer.string(core::code_name(fault.code));
    writer.key("message");
    writer.string(fault.message);
    writer.key("details");
    const std::string details = core::faults_to_json(fault.details);
    writer.raw(details.empty() ? "[]" : details);
    writer.end_object();
}

Json::Array keys_of(const core::Entity& entity, const std::vector<std::string>& ids) {
    Json::Array keys;
    for (const std::string& id : ids) keys.push_back(core::parse_key(entity, id));
    return keys;
}

}  // namespace

void BulkRequest::write_outcome(core::JsonWriter& writer) const {
    writer.key("failed");
    writer.integer(static_cast<std::int64_t>(faults_.size()));
    writer.key("errors");
    writer.begin_array();
    for (const RowFault& fault : faults_) write_fault(writer, fault, ids_[fault.index]);
    writer.end_array();
    writer.key("ids");
    writer.begin_array();
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        if (written_[i])
            writer.string(ids_[i]);
        else
            writer.null();
    }
    writer.end_array();
}

void BulkRequest::write_records(core::JsonWriter& writer, const core::Entity& entity) const {
    if (!options_.describe) return;
    writer.key("records");
    writer.begin_array();
    for (const std::string& record : describe_records(entity, written())) writer.raw(record);
    writer.end_array();
}

std::string BulkRequest::answer(std::string_view verb, const core::Entity* entity) const {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key(verb);
    writer.integer(std::ranges::count(written_, true));
    write_outcome(writer);
    if (entity != nullptr) write_records(writer, *entity);
    writer.end_object();
    return std::string(writer.view());
}

std::string BulkRequest::answer(const core::Entity& entity,
                                const std::vector<bool>& created) const {
    const auto done = std::ranges::count(written_, true);
    std::int64_t made = 0;
    for (std::size_t i = 0; i < written_.size(); ++i) made += written_[i] && created[i] ? 1 : 0;
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("created");
    writer.integer(made);
    writer.key("updated");
    writer.integer(done - made);
    write_outcome(writer);
    writer.key("results");
    writer.begin_array();
    for (std::size_t i = 0; i < written_.size(); ++i) {
        if (written_[i])
            writer.string(created[i] ? "created" : "updated");
        else
            writer.null();
    }
    writer.end_array();
    write_records(writer, entity);
    writer.end_object();
    return std::string(writer.view());
}

std::vector<std::string> describe_records(const core::Entity& entity,
                                          const std::vector<std::string>& ids) {
    std::vector<std::string> records;
    if (ids.empty() || entity.key.empty()) return records;
    const core::Statement statement = core::compile_bulk_get(entity, keys_of(entity, ids), true);
    const pg::FreshSnapshot snapshot;
    const Execution execution(entity, statement, Access::read);
    for (std::size_t i = 0; i < execution.rows(); ++i) {
        core::JsonWriter writer;
        execution.write_object(writer, execution.row(i));
        records.emplace_back(writer.view());
    }
    return records;
}

}  // namespace pgwright::data
