// The state of a table, to and from the JSON that versions keep it in, and the names of what is retired.
#include "core/table_state.hpp"

#include <algorithm>

#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

constexpr std::string_view kRetired = "_retired_";

std::string text_member(const Json& json, std::string_view key) {
    const Json* const member = json.find(key);
    return member == nullptr ? std::string() : member->text();
}

bool flag(const Json& json, std::string_view key) {
    const Json* const member = json.find(key);
    return member != nullptr && member->as_boolean();
}

ColumnState parse_column(const Json& json) {
    ColumnState column{text_member(json, "name"), text_member(json, "type"), flag(json, "not_null"),
                       std::nullopt, flag(json, "generated")};
    const Json* const value = json.find("default");
    if (value != nullptr && value->is_string()) column.default_sql = value->text();
    return column;
}

ObjectState parse_object(const Json& json) {
    return {text_member(json, "name"), text_member(json, "definition"), flag(json, "active")};
}

template <typename State>
std::vector<State> parse_list(const Json& json, std::string_view key, State (*parse)(const Json&)) {
    std::vector<State> states;
    if (const Json* const list = json.find(key)) {
        for (const Json& item : list->items()) states.push_back(parse(item));
    }
    return states;
}

Json column_json(const ColumnState& column) {
    Json json = Json::object();
    json.set("name", Json::string(column.name));
    json.set("type", Json::string(column.type));
    json.set("not_null", Json::boolean(column.not_null));
    json.set("default", column.default_sql ? Json::string(*column.default_sql) : Json());
    json.set("generated", Json::boolean(column.generated));
    return json;
}

Json object_json(const ObjectState& object) {
    Json json = Json::object();
    json.set("name", Json::string(object.name));
    json.set("definition", Json::string(object.definition));
    json.set("active", Json::boolean(object.active));
    return json;
}

template <typename State>
Json list_json(const std::vector<State>& states, Json (*write)(const State&)) {
    Json list = Json::array();
    for (const State& state : states) list.items().push_back(write(state));
    return list;
}

}  // namespace

const ColumnState* TableState::column(std::string_view name) const noexcept {
    const auto found = std::ranges::find(columns, name, &ColumnState::name);
    return found == columns.end() ? nullptr : &*found;
}

const ObjectState* find_object(const std::vector<ObjectState>& objects,
                               std::string_view name) noexcept {
    const auto found = std::ranges::find(objects, name, &ObjectState::name);
    return found == objects.end() ? nullptr : &*found;
}

TableState parse_table_state(const Json& json) {
    TableState state;
    state.exists = flag(json, "exists");
    state.columns = parse_list(json, "columns", parse_column);
    state.constraints = parse_list(json, "constraints", parse_object);
    state.indexes = parse_list(json, "indexes", parse_object);
    state.triggers = parse_list(json, "triggers", parse_object);
    state.policies = parse_list(json, "policies", parse_object);
    state.row_security = flag(json, "row_security");
    state.forced_row_security = flag(json, "forced_row_security");
    return state;
}

Json table_state_json(const TableState& state) {
    Json json = Json::object();
    json.set("exists", Json::boolean(state.exists));
    json.set("columns", list_json(state.columns, column_json));
    json.set("constraints", list_json(state.constraints, object_json));
    json.set("indexes", list_json(state.indexes, object_json));
    json.set("triggers", list_json(state.triggers, object_json));
    json.set("policies", list_json(state.policies, object_json));
    json.set("row_security", Json::boolean(state.row_security));
    json.set("forced_row_security", Json::boolean(state.forced_row_security));
    return json;
}

std::string retired_name(std::string_view name, std::string_view mark) {
    return derived_name({std::string(kRetired).append(name)}, mark);
}

bool is_retired_name(std::string_view name) noexcept { return name.starts_with(kRetired); }

}  // namespace pgwright::core
