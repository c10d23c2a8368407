// Writing many records; see bulk.hpp. The request is checked as a whole before the server is asked, and
// what passes is written by one statement, or by one for each group of records that take the same
// defaults of the server's.
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "data/bulk.hpp"

#include <algorithm>
#include <set>

#include "core/code_name.hpp"
#include "core/record_key.hpp"
#include "data/bulk_attempt.hpp"
#include "data/condition_context.hpp"
#include "data/execution.hpp"
#include "data/nested.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

namespace {

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

// One request: its rows, what is known to be wrong with some, and the ids as far as they are known.
class Request {
  public:
    Request(std::size_t rows, const BulkOptions& options) : options_(options), ids_(rows) {}

    void refuse(std::size_t index, std::string message, std::vector<core::Fault> details) {
        const auto found = std::ranges::find(faults_, index, &RowFault::index);
        if (found == faults_.end())
            faults_.push_back(
                {index, Code::validation_error, std::move(message), std::move(details)});
        else
            std::ranges::move(details, std::back_inserter(found->details));
    }
    // The faults that a check of one row has found.
    void refuse(std::size_t index, const core::Faults& found) {
        if (!found.empty()) refuse(index, "the record is not valid", found.list());
    }
    void identify(std::size_t index, std::string id) { ids_[index] = std::move(id); }

    void write(const Attempt& attempt, std::string_view refusal) {
        std::ranges::sort(faults_, {}, &RowFault::index);
        if (!faults_.empty() && !options_.partial) raise(faults_, refusal);
        const std::vector<std::size_t> rows = good_rows();
        const pg::Spi connection;  // outlives the attempts' subtransactions
        BulkOutcome outcome =
            options_.partial ? write_each(rows, attempt) : write_all(rows, attempt);
        written_.resize(ids_.size());
        for (auto& [index, id] : outcome.done) {
            ids_[index] = std::move(id);
            written_[index] = true;
        }
        std::ranges::move(outcome.faults, std::back_inserter(faults_));
        std::ranges::sort(faults_, {}, &RowFault::index);
    }

    [[nodiscard]] std::string answer(std::string_view verb,
                                     const std::vector<std::string>* records = nullptr) const;
    // Ids of what was written, in the request's order.
    [[nodiscard]] std::vector<std::string> written() const {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < ids_.size(); ++i)
            if (written_[i]) ids.push_back(ids_[i]);
        return ids;
    }

  private:
    [[nodiscard]] std::vector<std::size_t> good_rows() const {
        std::vector<bool> bad(ids_.size());
        for (const RowFault& fault : faults_) bad[fault.index] = true;
        std::vector<std::size_t> rows;
        for (std::size_t i = 0; i < bad.size(); ++i)
            if (!bad[i]) rows.push_back(i);
        return rows;
    }

    const BulkOptions& options_;
    std::vector<std::string> ids_;
    std::vector<bool> written_;
    std::vector<RowFault> faults_;
};

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

std::string Request::answer(std::string_view verb, const std::vector<std::string>* records) const {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key(verb);
    writer.integer(std::ranges::count(written_, true));
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
    if (records != nullptr) {
        writer.key("records");
        writer.begin_array();
        for (const std::string& record : *records) writer.raw(record);
        writer.end_array();
    }
    writer.end_object();
    return std::string(writer.view());
}

Json::Array keys_of(const core::Entity& entity, const std::vector<std::string>& ids) {
    Json::Array keys;
    for (const std::string& id : ids) keys.push_back(core::parse_key(entity, id));
    return keys;
}

// The records as they are now.
std::vector<std::string> describe(const core::Entity& entity, const std::vector<std::string>& ids) {
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

std::string finish(const Request& request, const core::Entity& entity, std::string_view verb,
                   const BulkOptions& options) {
    if (!options.describe) return request.answer(verb);
    const std::vector<std::string> records = describe(entity, request.written());
    return request.answer(verb, &records);
}

// Create --------------------------------------------------------------------------------------------

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
bool check_nested(const core::Entity& entity, const Json& records, Request& request) {
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

// Records that are there ----------------------------------------------------------------------------

// The records that a request names, by row.
struct Named {
    std::vector<std::string> ids;
    Json::Array keys;  // null where the id is none
};

// Each id is a key and comes once.
Named read_ids(const core::Entity& entity, const std::vector<const Json*>& given,
               std::string_view field, Request& request) {
    Named named{std::vector<std::string>(given.size()), Json::Array(given.size())};
    std::set<std::string> seen;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] == nullptr || given[i]->is_null()) {
            request.refuse(i, "the record is not valid", {{std::string(field), "is required"}});
            continue;
        }
        if (!given[i]->is_string() && !given[i]->is_number()) {
            request.refuse(i, "the record is not valid", {{std::string(field), "must be text"}});
            continue;
        }
        named.ids[i] = given[i]->text();
        request.identify(i, named.ids[i]);
        try {
            named.keys[i] = core::parse_key(entity, named.ids[i]);
        } catch (const Failure& failure) {
            request.refuse(i, failure.message(), failure.faults());
            continue;
        }
        if (!seen.insert(named.keys[i].dump()).second)
            request.refuse(i, "the record is not valid",
                           {{std::string(field), "is given more than once"}});
    }
    return named;
}

Json::Array chosen_keys(const Named& named, Rows rows) {
    Json::Array keys;
    keys.reserve(rows.size());
    for (const std::size_t row : rows) keys.push_back(named.keys[row]);
    return keys;
}

// Which of the rows a statement found, by the positions it answers.
std::vector<bool> found_rows(const Execution& execution, std::size_t count) {
    std::vector<bool> found(count);
    for (std::size_t i = 0; i < execution.rows(); ++i) {
        const auto position = static_cast<std::size_t>(execution.row(i).integer(0)) - 1;
        if (found.at(position))
            throw Failure(Code::conflict, "more than one record has this key; nothing was written");
        found[position] = true;
    }
    return found;
}

// As of now: a write that had to wait for another one has missed what the caller's statement still sees.
std::vector<bool> visible_rows(const Identity& identity, const core::Entity& entity,
                               const Json::Array& keys) {
    if (!identity.may(entity.resource, Action::read) && !entity.is_public)
        return std::vector<bool>(keys.size());
    const core::Statement statement = core::compile_bulk_exists(entity, keys);
    const pg::FreshSnapshot snapshot;
    return found_rows(Execution(entity, statement, Access::read), keys.size());
}

RowFault fault_of_missing(const core::Entity& entity, std::size_t index, Action action,
                          bool visible, const Json* record) {
    if (!visible)
        return {index,
                Code::resource_not_found,
                "there is no such record",
                {{"id", "there is no such record"}}};
    std::vector<core::Fault> details;
    for (const core::Field& field : entity.fields) {
        if (record != nullptr && field.write_once && record->find(field.name) != nullptr)
            details.push_back({field.name, "is written once and has a value"});
    }
    if (!details.empty())
        return {index, Code::permission_denied, "the record has values that are written once",
                std::move(details)};
    return {index,
            Code::permission_denied,
            "permission denied: " + entity.resource + ":" + std::string(core::action_name(action)) +
                ":tenant",
            {}};
}

// Runs a statement about named records; `records` is what an update gives, or nullptr.
BulkOutcome write_named(const Identity& identity, const core::Entity& entity, const Named& named,
                        Rows rows, const core::Statement& statement, Action action,
                        const Json* records) {
    const Access access = action == Action::delete_ ? Access::remove : Access::write;
    const std::vector<bool> found = found_rows(Execution(entity, statement, access), rows.size());
    BulkOutcome outcome;
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (found[i])
            outcome.done.emplace_back(rows[i], named.ids[rows[i]]);
        else
            missing.push_back(rows[i]);
    }
    if (missing.empty()) return outcome;
    const std::vector<bool> visible = visible_rows(identity, entity, chosen_keys(named, missing));
    for (std::size_t i = 0; i < missing.size(); ++i) {
        const Json* const record = records == nullptr ? nullptr : &records->items()[missing[i]];
        outcome.faults.push_back(fault_of_missing(entity, missing[i], action, visible[i], record));
    }
    return outcome;
}

// Takes the ids out of the records of an update and checks the rest.
Named read_updates(const core::Entity& entity, Json& records, Request& request) {
    std::vector<Json> ids(records.items().size());
    std::vector<const Json*> given(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Json& record = records.items()[i];
        if (const Json* const id = record.find("id")) {
            ids[i] = *id;
            given[i] = &ids[i];
            std::erase_if(record.members(), [](const auto& each) { return each.first == "id"; });
        }
        core::Faults faults;
        core::check_written(entity, record, core::Writing::update, faults);
        request.refuse(i, faults);
    }
    return read_ids(entity, given, "id", request);
}

Attempt updating(const Identity& identity, const core::Entity& entity, const Named& named,
                 const Json& records) {
    return [&](Rows rows) {
        Json chosen = Json::array();
        for (const std::size_t row : rows) chosen.items().push_back(records.items()[row]);
        const core::Statement statement =
            core::compile_bulk_update(entity, chosen_keys(named, rows), std::move(chosen));
        return write_named(identity, entity, named, rows, statement, Action::update, &records);
    };
}

Attempt deleting(const Identity& identity, const core::Entity& entity, const Named& named) {
    return [&](Rows rows) {
        const core::Statement statement =
            core::compile_bulk_delete(entity, chosen_keys(named, rows));
        return write_named(identity, entity, named, rows, statement, Action::delete_, nullptr);
    };
}

}  // namespace

std::string bulk_create_records(const Identity& identity, const core::Entity& entity, Json records,
                                const BulkOptions& options) {
    require_writable(entity, entity.creatable);
    require_bulk(identity, entity, Action::create);
    check_list(records, "records", "record");
    Request request(records.items().size(), options);
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
    return finish(request, entity, "created", options);
}

std::string bulk_update_records(const Identity& identity, const core::Entity& entity, Json records,
                                const BulkOptions& options) {
    core::require_key(entity);
    require_writable(entity, entity.updatable);
    require_bulk(identity, entity, Action::update);
    check_list(records, "records", "record");
    Request request(records.items().size(), options);
    const Named named = read_updates(entity, records, request);
    request.write(updating(identity, entity, named, records),
                  "some records are not valid; none was changed");
    return finish(request, entity, "updated", options);
}

std::string bulk_delete_records(const Identity& identity, const core::Entity& entity,
                                const Json& ids, const BulkOptions& options) {
    core::require_key(entity);
    require_writable(entity, entity.deletable);
    require_bulk(identity, entity, Action::delete_);
    check_list(ids, "ids", "id");
    Request request(ids.items().size(), options);
    std::vector<const Json*> given;
    for (const Json& id : ids.items()) given.push_back(&id);
    const Named named = read_ids(entity, given, "id", request);
    request.write(deleting(identity, entity, named), "some ids are not valid; none was deleted");
    return request.answer("deleted");
}

// By condition ---------------------------------------------------------------------------------------

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
        for (const std::string& record : describe(entity, ids)) writer.raw(record);
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
