// What the writes of one record have in common; see written_record.hpp.
#include "pg/snapshot.hpp"

#include "data/written_record.hpp"

#include "core/record_key.hpp"
#include "data/row_version.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

std::optional<NestedWrite> checked_nested(const core::Entity& entity, const Json& data,
                                          core::Writing kind) {
    core::Faults faults;
    if (core::may_be_nested(entity, data)) {
        NestedWrite nested(entity);
        nested.add(data);
        nested.prepare(kind, faults);
        faults.raise("the record is not valid");
        if (nested.has_nested()) return nested;
    }
    core::check_written(entity, data, kind, faults);
    faults.raise("the record is not valid");
    return std::nullopt;
}

Record written_record(const Execution& execution, bool tagged) {
    const pg::Row row = execution.row(0);
    core::JsonWriter data;
    execution.write_object(data, row);
    Record record{execution.id_of(row), std::string(data.view())};
    if (tagged) record.tag = row.integer(execution.extra(0));
    return record;
}

Record written_record(const Identity& identity, const core::Entity& entity, NestedWrite& nested,
                      bool tagged) {
    Record record{nested.id(0), nested.describe().front()};
    if (tagged && !record.data.empty())
        record.tag = state_of(identity, entity, core::parse_key(entity, record.id)).tag;
    if (record.data.empty()) record.data = "null";
    return record;
}

RecordState state_of(const Identity& identity, const core::Entity& entity, const Json& id) {
    if (!identity.may(entity.resource, Action::read) && !entity.is_public) return {};
    const core::Statement statement = core::compile_state(entity, id, has_versions(entity));
    const pg::FreshSnapshot snapshot;
    const Execution execution(entity, statement, Access::read);
    if (execution.rows() == 0) return {};
    const pg::Row row = execution.row(0);
    RecordState state{true, row.boolean(0), {}};
    if (has_versions(entity)) state.tag = row.integer(1);
    return state;
}

void refuse_permission(const core::Entity& entity, Action action) {
    throw Failure(Code::permission_denied, "permission denied: " + entity.resource + ":" +
                                               std::string(core::action_name(action)) + ":tenant");
}

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

}  // namespace pgwright::data
