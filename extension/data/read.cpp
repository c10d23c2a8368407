// Reading records; see records.hpp.
#include "pg/server.hpp"

#include "data/records.hpp"

#include "core/value_check.hpp"
#include "data/execution.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;

Json parse_id(const core::Entity& entity, std::string_view id) {
    Json value = Json::string(std::string(id));
    const core::Field* key = entity.find("id");
    if (key == nullptr) throw Failure(Code::validation_error, "records of this entity have no id");
    core::Faults faults;
    core::check_value(*key, value, faults);
    faults.raise("the id is not valid");
    return value;
}

std::string get_record(const security::Identity& identity, const core::Entity& entity,
                       std::string_view id) {
    security::require_permission(identity, entity.resource, Action::read);
    const core::Statement statement = core::compile_get(entity, parse_id(entity, id));
    const Execution execution(entity, statement, Access::read);
    if (execution.rows() == 0) throw Failure(Code::resource_not_found, "there is no such record");
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("id");
    writer.string(execution.row(0).text(0));  // the key leads the columns
    writer.key("data");
    execution.write_object(writer, execution.row(0));
    writer.end_object();
    return std::string(writer.view());
}

namespace {

constexpr int kFirstColumn = 1;  // of a list statement, after the total

// A list statement answers one row of nulls for an empty page; the key tells.
bool is_empty_page(const core::Statement& statement, const pg::Row& row) {
    for (std::size_t i = 0; i < statement.columns.size(); ++i)
        if (statement.columns[i]->name == "id")
            return row.is_null(kFirstColumn + static_cast<int>(i));
    return false;
}

void write_items(core::JsonWriter& writer, const core::Statement& statement,
                 const Execution& execution) {
    writer.begin_array();
    for (std::size_t i = 0; i < execution.rows(); ++i) {
        const pg::Row row = execution.row(i);
        if (!is_empty_page(statement, row)) execution.write_object(writer, row, kFirstColumn);
    }
    writer.end_array();
}

void write_integer(core::JsonWriter& writer, std::string_view key, std::int64_t value) {
    writer.key(key);
    writer.integer(value);
}

}  // namespace

std::string list_records(const security::Identity& identity, const core::Entity& entity,
                         const core::ListRequest& request) {
    security::require_permission(identity, entity.resource, Action::read);
    const core::Statement statement = core::compile_list(entity, request);
    const Execution execution(entity, statement, Access::read);
    const std::int64_t total = execution.row(0).integer(0);
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("items");
    write_items(writer, statement, execution);
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
    for (std::size_t i = 0; i < execution.rows(); ++i) {
        const pg::Row row = execution.row(i);
        if (is_empty_page(statement, row)) continue;
        core::JsonWriter writer;
        execution.write_object(writer, row, kFirstColumn);
        records.emplace_back(writer.view());
    }
    return records;
}

}  // namespace pgwright::data
