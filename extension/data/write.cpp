// Writing one record; see records.hpp. A write that the caller may not make never passes silently:
// PERMISSION_DENIED where the caller sees the record, RESOURCE_NOT_FOUND where not.
#include "pg/snapshot.hpp"

#include "data/records.hpp"

#include "core/record_key.hpp"
#include "data/execution.hpp"
#include "data/nested.hpp"
#include "data/row_version.hpp"
#include "data/unique_key.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

void require_writable(const core::Entity& entity, bool offered) {
    if (offered) return;
    if (!entity.readonly_reason.empty())
        throw Failure(Code::permission_denied,
                      "records of " + entity.name + " are read-only: " + entity.readonly_reason);
    throw Failure(Code::permission_denied,
                  "records of " + entity.name + " are not written through the record functions", {},
                  "Use the functions made for them, such as create_entity.");
}

std::string Record::to_json() const {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("id");
    writer.string(id);
    writer.key("data");
    writer.raw(data);
    writer.end_object();
    return std::string(writer.view());
}

namespace {

void check(const core::Entity& entity, const Json& data, core::Writing kind) {
    core::Faults faults;
    core::check_written(entity, data, kind, faults);
    faults.raise("the record is not valid");
}

Record describe(const Execution& execution, bool tagged) {
    const pg::Row row = execution.row(0);
    core::JsonWriter data;
    execution.write_object(data, row);
    Record record{execution.id_of(row), std::string(data.view())};
    if (tagged) record.tag = row.integer(execution.extra(0));
    return record;
}

core::RowVersion version_of(const core::Entity& entity, const WriteOptions& options) {
    core::RowVersion version{options.tagged && has_versions(entity)};
    if (!options.if_match || options.if_match->any) return version;
    if (!has_versions(entity))
        throw Failure(Code::validation_error, "the version asked for is not valid",
                      {{"if_match", "cannot be asked for: the versions of records of " +
                                        entity.name + " cannot be told apart"}});
    version.only = options.if_match->tags;
    return version;
}

// As of now: a write that had to wait for another one has missed what the caller's statement, whose
// snapshot is older, would still see.
struct State {
    bool visible = false;
    bool live = false;
    std::optional<std::int64_t> tag;
};

State state_of(const Identity& identity, const core::Entity& entity, const Json& id) {
    if (!identity.may(entity.resource, Action::read) && !entity.is_public) return {};
    const core::Statement statement = core::compile_state(entity, id, has_versions(entity));
    const pg::FreshSnapshot snapshot;
    const Execution execution(entity, statement, Access::read);
    if (execution.rows() == 0) return {};
    const pg::Row row = execution.row(0);
    State state{true, row.boolean(0), {}};
    if (has_versions(entity)) state.tag = row.integer(1);
    return state;
}

[[noreturn]] void refuse_missing() {
    throw Failure(Code::resource_not_found, "there is no such record");
}

[[noreturn]] void refuse_permission(const core::Entity& entity, Action action) {
    throw Failure(Code::permission_denied, "permission denied: " + entity.resource + ":" +
                                               std::string(core::action_name(action)) + ":tenant");
}

// Of a record that is seen: the version asked for is gone.
void refuse_version(const State& state, const core::RowVersion& version) {
    if (!version.only || !state.tag) return;
    if (!core::TagCondition{false, *version.only}.matches(*state.tag))
        throw Failure(Code::precondition_failed, "the record has been changed meanwhile", {},
                      "Read it again and repeat what is to be done.");
}

// Of a record that is seen: what is written once has a value already.
void refuse_second_value(const core::Entity& entity, const Json& data) {
    core::Faults faults;
    for (const core::Field& field : entity.fields) {
        if (field.write_once && data.find(field.name) != nullptr)
            faults.add(field.name, "is written once and has a value");
    }
    if (!faults.empty())
        throw Failure(Code::permission_denied, "the record has values that are written once",
                      faults.list());
}

// Why a statement about a live record found none.
[[noreturn]] void refuse(const Identity& identity, const core::Entity& entity, const Json& id,
                         Action action, const core::RowVersion& version = {},
                         const Json* data = nullptr) {
    const State state = state_of(identity, entity, id);
    if (!state.visible || !state.live) refuse_missing();
    refuse_version(state, version);
    if (data != nullptr) refuse_second_value(entity, *data);
    refuse_permission(entity, action);
}

// Why a statement about a record that is marked deleted found none.
[[noreturn]] void refuse_deleted(const Identity& identity, const core::Entity& entity,
                                 const Json& id, Action action, const core::RowVersion& version) {
    const State state = state_of(identity, entity, id);
    if (!state.visible) refuse_missing();
    if (state.live) throw Failure(Code::conflict, "the record is not deleted");
    refuse_version(state, version);
    refuse_permission(entity, action);
}

void require_soft_delete(const core::Entity& entity) {
    if (entity.soft_delete) return;
    throw Failure(Code::validation_error, "records of " + entity.name + " are deleted for good");
}

// A key identifies one record, but in an inheritance tree, where each table has its own. The failure
// undoes the statement.
bool wrote_one(const Execution& execution) {
    if (execution.rows() > 1)
        throw Failure(Code::conflict, "more than one record has this key; nothing was written");
    return execution.rows() == 1;
}

Json writable_key(const Identity& identity, const core::Entity& entity, std::string_view id,
                  bool offered, Action action) {
    core::require_key(entity);
    require_writable(entity, offered);
    Json key = core::parse_key(entity, id);
    require_write(identity, entity, key, action);
    return key;
}

}  // namespace

void require_write(const Identity& identity, const core::Entity& entity, const Json& id,
                   Action action) {
    if (identity.may(entity.resource, action)) return;
    require_read(identity, entity);
    refuse(identity, entity, id, action);
}

namespace {

Record update_own(const Identity& identity, const core::Entity& entity, const Json& key,
                  const Json& data, const core::RowVersion& version, core::Writing kind) {
    const core::Statement statement = kind == core::Writing::replace
                                          ? core::compile_replace(entity, key, data, version)
                                          : core::compile_update(entity, key, data, version);
    {
        const Execution execution(entity, statement, Access::write);
        if (wrote_one(execution)) return describe(execution, version.tagged);
    }
    refuse(identity, entity, key, Action::update, version, &data);
}

// The record with those that were written with it, and its version after all of it.
Record describe(const Identity& identity, const core::Entity& entity, NestedWrite& nested,
                bool tagged) {
    Record record{nested.id(0), nested.describe().front()};
    if (tagged && !record.data.empty())
        record.tag = state_of(identity, entity, core::parse_key(entity, record.id)).tag;
    if (record.data.empty()) record.data = "null";
    return record;
}

// Nothing when the data holds no other records.
std::optional<NestedWrite> nested_in(const core::Entity& entity, const Json& data,
                                     core::Writing kind) {
    if (!core::may_be_nested(entity, data)) return std::nullopt;
    NestedWrite nested(entity);
    nested.add(data);
    core::Faults faults;
    nested.prepare(kind, faults);
    faults.raise("the record is not valid");
    if (!nested.has_nested()) return std::nullopt;
    return nested;
}

}  // namespace

Record create_record(const Identity& identity, const core::Entity& entity, const Json& data,
                     bool tagged) {
    require_writable(entity, entity.creatable);
    security::require_permission(identity, entity.resource, Action::create);
    const bool told = tagged && has_versions(entity);
    Record record;
    if (auto nested = nested_in(entity, data, core::Writing::create)) {
        nested->write_referred();
        nested->create();
        nested->write_referring();
        record = describe(identity, entity, *nested, told);
    } else {
        check(entity, data, core::Writing::create);
        const core::Statement statement = core::compile_insert(entity, data, told);
        record = describe(Execution(entity, statement, Access::write), told);
    }
    record.created = true;
    return record;
}

Record update_record(const Identity& identity, const core::Entity& entity, std::string_view id,
                     const Json& data, const WriteOptions& options, core::Writing kind) {
    const Json key = writable_key(identity, entity, id, entity.updatable, Action::update);
    const core::RowVersion version = version_of(entity, options);
    auto nested = nested_in(entity, data, kind);
    if (!nested) {
        check(entity, data, kind);
        return update_own(identity, entity, key, data, version, kind);
    }
    nested->write_referred();
    nested->identify(0, update_own(identity, entity, key, nested->own(0), version, kind).id);
    nested->write_referring();
    return describe(identity, entity, *nested, version.tagged);
}

void delete_record(const Identity& identity, const core::Entity& entity, std::string_view id,
                   const WriteOptions& options) {
    const Json key = writable_key(identity, entity, id, entity.deletable, Action::delete_);
    const core::RowVersion version = version_of(entity, options);
    const core::Statement statement = core::compile_delete(entity, key, version);
    if (!wrote_one(Execution(entity, statement, Access::remove)))
        refuse(identity, entity, key, Action::delete_, version);
}

Record restore_record(const Identity& identity, const core::Entity& entity, std::string_view id,
                      const WriteOptions& options) {
    core::require_key(entity);
    require_writable(entity, entity.updatable);
    require_soft_delete(entity);
    security::require_permission(identity, entity.resource, Action::update);
    const Json key = core::parse_key(entity, id);
    const core::RowVersion version = version_of(entity, options);
    const core::Statement statement = core::compile_restore(entity, key, version);
    {
        const Execution execution(entity, statement, Access::write);
        if (wrote_one(execution)) return describe(execution, version.tagged);
    }
    refuse_deleted(identity, entity, key, Action::update, version);
}

void purge_record(const Identity& identity, const core::Entity& entity, std::string_view id,
                  const WriteOptions& options) {
    core::require_key(entity);
    require_writable(entity, entity.deletable);
    require_soft_delete(entity);
    security::require_permission(identity, entity.resource, Action::delete_);
    const Json key = core::parse_key(entity, id);
    const core::RowVersion version = version_of(entity, options);
    const core::Statement statement = core::compile_purge(entity, key, version);
    if (!wrote_one(Execution(entity, statement, Access::remove)))
        refuse_deleted(identity, entity, key, Action::delete_, version);
}

namespace {

core::UniqueKey upsert_key(const core::Entity& entity, const Json& data,
                           std::optional<std::string_view> named) {
    const Json* const records[] = {&data};
    core::UniqueKey key = unique_key_of(entity, records, named);
    core::Faults faults;
    check_key(key, data, faults);
    faults.raise("the record is not valid");
    return key;
}

Record upsert_own(const core::Entity& entity, const Json& data, std::optional<std::string_view> key,
                  bool told) {
    const core::UniqueKey unique = upsert_key(entity, data, key);
    const auto novelty = has_versions(entity) ? core::Novelty::by_row : core::Novelty::by_key;
    const core::Statement statement = core::compile_upsert(entity, data, unique, told, novelty);
    const Execution execution(entity, statement, Access::write);
    if (execution.rows() == 0) {
        refuse_second_value(entity, data);
        refuse_permission(entity, Action::update);
    }
    Record record = describe(execution, told);
    record.created = execution.row(0).boolean(execution.extra(told ? 1 : 0));
    return record;
}

}  // namespace

Record upsert_record(const Identity& identity, const core::Entity& entity, const Json& data,
                     std::optional<std::string_view> key, bool tagged) {
    require_writable(entity, entity.creatable && entity.updatable);
    security::require_permission(identity, entity.resource, Action::create);
    security::require_permission(identity, entity.resource, Action::update);
    const bool told = tagged && has_versions(entity);
    auto nested = nested_in(entity, data, core::Writing::create);
    if (!nested) {
        check(entity, data, core::Writing::create);
        return upsert_own(entity, data, key, told);
    }
    nested->write_referred();
    const Record own = upsert_own(entity, nested->own(0), key, false);
    nested->identify(0, own.id);
    nested->write_referring();
    Record record = describe(identity, entity, *nested, told);
    record.created = own.created;
    return record;
}

std::string describe_record(const core::Entity& entity, std::string_view id, bool live) {
    const core::Statement statement =
        core::compile_bulk_get(entity, {core::parse_key(entity, id)}, live);
    const pg::FreshSnapshot snapshot;
    const Execution execution(entity, statement, Access::read);
    if (execution.rows() == 0) return "null";
    core::JsonWriter writer;
    execution.write_object(writer, execution.row(0));
    return std::string(writer.view());
}

}  // namespace pgwright::data
