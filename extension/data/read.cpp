// Reading records; see records.hpp.
#include "pg/server.hpp"

#include "data/records.hpp"

#include "core/record_key.hpp"
#include "data/execution.hpp"
#include "data/row_version.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;

void require_read(const security::Identity& identity, const core::Entity& entity) {
    if (!entity.is_public) security::require_permission(identity, entity.resource, Action::read);
}

void require_public(const core::Entity& entity) {
    if (entity.is_public) return;
    throw Failure(Code::resource_not_found, "there is no such entity");
}

void require_deleted(const security::Identity& identity, const core::Entity& entity) {
    security::require_permission(identity, entity.resource, Action::delete_);
}

Record get_record(const security::Identity& identity, const core::Entity& entity,
                  std::string_view id, const core::Selection& selection, bool with_deleted,
                  bool tagged) {
    require_read(identity, entity);
    if (with_deleted) require_deleted(identity, entity);
    const bool told = tagged && has_versions(entity);
    const core::Statement statement =
        core::compile_get(entity, core::parse_key(entity, id), selection, with_deleted, told);
    const Execution execution(entity, statement, Access::read);
    if (execution.rows() == 0) throw Failure(Code::resource_not_found, "there is no such record");
    const pg::Row row = execution.row(0);
    core::JsonWriter data;
    execution.write_object(data, row);
    Record record{execution.id_of(row), std::string(data.view())};
    if (told) record.tag = row.integer(execution.extra(0));
    return record;
}

std::vector<std::string> read_records(const core::Entity& entity,
                                      const core::ListRequest& request) {
    core::ListRequest all = request;
    all.counts = false;
    const core::Statement statement = core::compile_list(entity, all);
    const Execution execution(entity, statement, Access::read);
    std::vector<std::string> records;
    for (std::size_t i = 0; i < execution.rows(); ++i) {
        core::JsonWriter writer;
        execution.write_object(writer, execution.row(i));
        records.emplace_back(writer.view());
    }
    return records;
}

}  // namespace pgwright::data
