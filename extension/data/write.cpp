// Changing and deleting one record; see records.hpp. A write that the caller may not make never passes silently:
// PERMISSION_DENIED where the caller sees the record, RESOURCE_NOT_FOUND where not.
#include "pg/snapshot.hpp"

#include "data/records.hpp"

#include "core/record_key.hpp"
#include "data/execution.hpp"
#include "data/row_version.hpp"
#include "data/written_record.hpp"

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

[[noreturn]] void refuse_missing() {
    throw Failure(Code::resource_not_found, "there is no such record");
}

// Of a record that is seen: the version asked for is gone.
void refuse_version(const RecordState& state, const core::RowVersion& version) {
    if (!version.only || !state.tag) return;
    if (!core::TagCondition{false, *version.only}.matches(*state.tag))
        throw Failure(Code::precondition_failed, "the record has been changed meanwhile", {},
                      "Read it again and repeat what is to be done.");
}

// Why a statement about a live record found none.
[[noreturn]] void refuse(const Identity& identity, const core::Entity& entity, const Json& id,
                         Action action, const core::RowVersion& version = {},
                         const Json* data = nullptr) {
    const RecordState state = state_of(identity, entity, id);
    if (!state.visible || !state.live) refuse_missing();
    refuse_version(state, version);
    if (data != nullptr) refuse_second_value(entity, *data);
    refuse_permission(entity, action);
}

// Why a statement about a record that is marked deleted found none.
[[noreturn]] void refuse_deleted(const Identity& identity, const core::Entity& entity,
                                 const Json& id, Action action, const core::RowVersion& version) {
    const RecordState state = state_of(identity, entity, id);
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
        if (wrote_one(execution)) return written_record(execution, version.tagged);
    }
    refuse(identity, entity, key, Action::update, version, &data);
}

}  // namespace

Record update_record(const Identity& identity, const core::Entity& entity, std::string_view id,
                     const Json& data, const WriteOptions& options, core::Writing kind) {
    const Json key = writable_key(identity, entity, id, entity.updatable, Action::update);
    const core::RowVersion version = version_of(entity, options);
    auto nested = checked_nested(entity, data, kind);
    if (!nested) return update_own(identity, entity, key, data, version, kind);
    nested->write_referred();
    nested->identify(0, update_own(identity, entity, key, nested->own(0), version, kind).id);
    nested->write_referring();
    return written_record(identity, entity, *nested, version.tagged);
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
        if (wrote_one(execution)) return written_record(execution, version.tagged);
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
