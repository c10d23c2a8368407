// Writing records; see records.hpp. A write that the caller may not make never passes silently:
// PERMISSION_DENIED where the caller sees the record, RESOURCE_NOT_FOUND where not.
#include "pg/snapshot.hpp"

#include "data/records.hpp"

#include "core/record_key.hpp"
#include "core/value_check.hpp"
#include "data/execution.hpp"

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

namespace {

void check(const core::Entity& entity, const Json& data, core::WriteKind kind) {
    core::Faults faults;
    core::check_record(entity, data, kind, faults);
    faults.raise("the record is not valid");
}

std::string describe(const Execution& execution) {
    core::JsonWriter writer;
    const pg::Row row = execution.row(0);
    core::JsonWriter data;
    execution.write_object(data, row);
    writer.begin_object();
    writer.key("id");
    writer.string(execution.id_of(row));
    writer.key("data");
    writer.raw(data.view());
    writer.end_object();
    return std::string(writer.view());
}

// As of now: a write that had to wait for another one has missed what the caller's statement, whose
// snapshot is older, would still see.
bool is_visible(const Identity& identity, const core::Entity& entity, const Json& id) {
    if (!identity.may(entity.resource, Action::read) && !entity.is_public) return false;
    const core::Statement statement = core::compile_exists(entity, id);
    const pg::FreshSnapshot snapshot;
    return Execution(entity, statement, Access::read).rows() > 0;
}

[[noreturn]] void refuse(const Identity& identity, const core::Entity& entity, const Json& id,
                         Action action) {
    if (is_visible(identity, entity, id))
        throw Failure(Code::permission_denied, "permission denied: " + entity.resource + ":" +
                                                   std::string(core::action_name(action)) +
                                                   ":tenant");
    throw Failure(Code::resource_not_found, "there is no such record");
}

// Of a record that is seen: what is written once has a value already.
void refuse_second_value(const core::Entity& entity, const Json& data, bool visible) {
    core::Faults faults;
    for (const core::Field& field : entity.fields) {
        if (field.write_once && data.find(field.name) != nullptr)
            faults.add(field.name, "is written once and has a value");
    }
    if (visible && !faults.empty())
        throw Failure(Code::permission_denied, "the record has values that are written once",
                      faults.list());
}

// Whoever may not even read the entity is told about the permission, not about the record.
void require_write(const Identity& identity, const core::Entity& entity, const Json& id,
                   Action action) {
    if (identity.may(entity.resource, action)) return;
    require_read(identity, entity);
    refuse(identity, entity, id, action);
}

// A key identifies one record, but in an inheritance tree, where each table has its own. The failure
// undoes the statement.
bool wrote_one(const Execution& execution) {
    if (execution.rows() > 1)
        throw Failure(Code::conflict, "more than one record has this key; nothing was written");
    return execution.rows() == 1;
}

}  // namespace

std::string create_record(const Identity& identity, const core::Entity& entity, const Json& data) {
    require_writable(entity, entity.creatable);
    security::require_permission(identity, entity.resource, Action::create);
    check(entity, data, core::WriteKind::create);
    const core::Statement statement = core::compile_insert(entity, data);
    return describe(Execution(entity, statement, Access::write));
}

std::string update_record(const Identity& identity, const core::Entity& entity, std::string_view id,
                          const Json& data) {
    core::require_key(entity);
    require_writable(entity, entity.updatable);
    const Json key = core::parse_key(entity, id);
    require_write(identity, entity, key, Action::update);
    check(entity, data, core::WriteKind::update);
    const core::Statement statement = core::compile_update(entity, key, data);
    {
        const Execution execution(entity, statement, Access::write);
        if (wrote_one(execution)) return describe(execution);
    }
    refuse_second_value(entity, data, is_visible(identity, entity, key));
    refuse(identity, entity, key, Action::update);
}

void delete_record(const Identity& identity, const core::Entity& entity, std::string_view id) {
    core::require_key(entity);
    require_writable(entity, entity.deletable);
    const Json key = core::parse_key(entity, id);
    require_write(identity, entity, key, Action::delete_);
    const core::Statement statement = core::compile_delete(entity, key);
    if (!wrote_one(Execution(entity, statement, Access::remove)))
        refuse(identity, entity, key, Action::delete_);
}

}  // namespace pgwright::data
