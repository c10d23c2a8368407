// Changing and deleting many records by their ids; see bulk.hpp. One statement about all of them answers
// which it found; why it did not find the others is asked once.
#include "pg/snapshot.hpp"

#include "data/bulk_records.hpp"

#include <set>

#include "core/record_key.hpp"
#include "data/execution.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

namespace {

// The records that a request names, by row.
struct Named {
    std::vector<std::string> ids;
    Json::Array keys;  // null where the id is none
};

// Each id is a key and comes once.
Named read_ids(const core::Entity& entity, const std::vector<Json>& given, std::string_view field,
               BulkRequest& request) {
    Named named{std::vector<std::string>(given.size()), Json::Array(given.size())};
    std::set<std::string> seen;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i].is_null()) {
            request.refuse(i, "the record is not valid", {{std::string(field), "is required"}});
            continue;
        }
        if (!given[i].is_string() && !given[i].is_number()) {
            request.refuse(i, "the record is not valid", {{std::string(field), "must be text"}});
            continue;
        }
        named.ids[i] = given[i].text();
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
                        const BulkRecords* records) {
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
        const Json* const record = records == nullptr ? nullptr : &records->own(missing[i]);
        outcome.faults.push_back(fault_of_missing(entity, missing[i], action, visible[i], record));
    }
    return outcome;
}

// Takes the ids out of the records of an update; null of a record that has none.
std::vector<Json> take_ids(Json& records) {
    std::vector<Json> ids(records.items().size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Json& record = records.items()[i];
        const Json* const id = record.find("id");
        if (id == nullptr) continue;
        ids[i] = *id;
        std::erase_if(record.members(), [](const auto& each) { return each.first == "id"; });
    }
    return ids;
}

Attempt deleting(const Identity& identity, const core::Entity& entity, const Named& named) {
    return [&](Rows rows) {
        const core::Statement statement =
            core::compile_bulk_delete(entity, chosen_keys(named, rows));
        return write_named(identity, entity, named, rows, statement, Action::delete_, nullptr);
    };
}

}  // namespace

std::string bulk_update_records(const Identity& identity, const core::Entity& entity, Json records,
                                const BulkOptions& options) {
    core::require_key(entity);
    require_writable(entity, entity.updatable);
    require_bulk(identity, entity, Action::update);
    check_list(records, "records", "record");
    BulkRequest request(records.items().size(), options);
    const std::vector<Json> ids = take_ids(records);
    const BulkRecords all(entity, std::move(records), core::Writing::update, request);
    const Named named = read_ids(entity, ids, "id", request);
    const auto update = [&](Rows rows, Json own) {
        const core::Statement statement =
            core::compile_bulk_update(entity, chosen_keys(named, rows), std::move(own));
        return write_named(identity, entity, named, rows, statement, Action::update, &all);
    };
    request.write(all.attempt(update), "some records are not valid; none was changed");
    return request.answer("updated", &entity);
}

std::string bulk_delete_records(const Identity& identity, const core::Entity& entity,
                                const Json& ids, const BulkOptions& options) {
    core::require_key(entity);
    require_writable(entity, entity.deletable);
    require_bulk(identity, entity, Action::delete_);
    check_list(ids, "ids", "id");
    BulkRequest request(ids.items().size(), options);
    const Named named = read_ids(entity, ids.items(), "id", request);
    request.write(deleting(identity, entity, named), "some ids are not valid; none was deleted");
    return request.answer("deleted");
}

}  // namespace pgwright::data
