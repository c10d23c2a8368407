// Reading records; see records.hpp.
#include "pg/server.hpp"

#include "data/records.hpp"

#include "core/record_key.hpp"
#include "data/execution.hpp"

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

std::string get_record(const security::Identity& identity, const core::Entity& entity,
                       std::string_view id) {
    require_read(identity, entity);
    const core::Statement statement = core::compile_get(entity, core::parse_key(entity, id));
    const Execution execution(entity, statement, Access::read);
    if (execution.rows() == 0) throw Failure(Code::resource_not_found, "there is no such record");
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("id");
    writer.string(execution.id_of(execution.row(0)));
    writer.key("data");
    execution.write_object(writer, execution.row(0));
    writer.end_object();
    return std::string(writer.view());
}

namespace {

constexpr int kFirstColumn = 1;  // of a list statement, after the total

// A list statement answers one row of nulls for an empty page. A record of a view may be nulls
// throughout, so the total tells, which the same statement counted.
std::size_t records_of(const Execution& execution, const core::ListRequest& request) {
    return execution.row(0).integer(0) > request.offset ? execution.rows() : 0;
}

void write_items(core::JsonWriter& writer, const Execution& execution, std::size_t count) {
    writer.begin_array();
    for (std::size_t i = 0; i < count; ++i)
        execution.write_object(writer, execution.row(i), kFirstColumn);
    writer.end_array();
}

void write_integer(core::JsonWriter& writer, std::string_view key, std::int64_t value) {
    writer.key(key);
    writer.integer(value);
}

}  // namespace

namespace {

// Whoever reads what he has made and nothing else.
bool reads_own_only(const security::Identity& identity, const core::Entity& entity) {
    const core::PermissionSet& held = identity.permissions;
    return held.scope_of(entity.resource, Action::read) == core::Scope::own && !entity.is_public &&
           !held.is_under_rule(entity.resource, Action::read) &&
           entity.find("created_by") != nullptr;
}

}  // namespace

std::string list_records(const security::Identity& identity, const core::Entity& entity,
                         const core::ListRequest& request) {
    require_read(identity, entity);
    core::ListRequest within = request;
    if (reads_own_only(identity, entity)) within.author = identity.user_id();
    const core::Statement statement = core::compile_list(entity, within);
    const Execution execution(entity, statement, Access::read);
    const std::int64_t total = execution.row(0).integer(0);
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("items");
    write_items(writer, execution, records_of(execution, request));
    write_integer(writer, "total", total);
    write_integer(writer, "page", request.offset / request.limit + 1);
    write_integer(writer, "page_size", request.limit);
    write_integer(writer, "pages", (total + request.limit - 1) / request.limit);
    writer.end_object();
    return std::string(writer.view());
}

std::vector<std::string> read_records(const core::Entity& entity,
                                      const core::ListRequest& request) {
    const core::Statement statement = core::compile_list(entity, request);
    const Execution execution(entity, statement, Access::read);
    std::vector<std::string> records;
    const std::size_t count = records_of(execution, request);
    for (std::size_t i = 0; i < count; ++i) {
        core::JsonWriter writer;
        execution.write_object(writer, execution.row(i), kFirstColumn);
        records.emplace_back(writer.view());
    }
    return records;
}

}  // namespace pgwright::data
