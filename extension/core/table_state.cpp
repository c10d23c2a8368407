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

std::optional<std::string> optional_text(const Json& json, std::string_view key) {
    const Json* const member = json.find(key);
    return member == nullptr || !member->is_string() ? std::nullopt : std::optional(member->text());
}

bool flag(const Json& json, std::string_view key) {
    const Json* const member = json.find(key);
    return member != nullptr && member->as_boolean();
}

ColumnState parse_column(const Json& json) {
    ColumnState column{text_member(json, "name"), text_member(json, "type"), flag(json, "not_null"),
                       optional_text(json, "default"), flag(json, "generated")};
    column.labels = optional_text(json, "labels");
    column.comment = optional_text(json, "comment");
    const Json* const number = json.find("number");
    if (number != nullptr && number->is_number()) column.number = std::stoi(number->text());
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
    if (column.labels) json.set("labels", Json::string(*column.labels));
    if (column.comment) json.set("comment", Json::string(*column.comment));
    if (column.number != 0) json.set("number", Json::number(std::to_string(column.number)));
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

namespace {

template <typename State>
const State* named(const std::vector<State>& states, const std::string& name) {
    const auto found = std::ranges::find(states, name, &State::name);
    return found == states.end() ? nullptr : &*found;
}

template <typename State>
bool same(const State* one, const State* other) {
    return one == nullptr || other == nullptr ? one == other : *one == *other;
}

class Merge {
  public:
    Merge(const std::set<std::string>& made, const std::map<std::string, std::string>& renamed)
        : made_(made), renamed_(renamed) {}

    template <typename State>
    std::vector<State> list(const std::vector<State>& recorded, const std::vector<State>& before,
                            std::vector<State> after) const {
        std::set<std::string> names;
        for (const State& each : recorded) names.insert(each.name);
        for (const State& each : before) names.insert(each.name);
        for (const std::string& name : names) {
            const State* const expected = named(recorded, name);
            if (same(expected, named(before, name))) continue;
            const std::string now = name_now(name);
            if (made_.contains(now)) continue;
            std::erase_if(after, [&](const State& each) { return each.name == now; });
            if (expected == nullptr) continue;
            after.push_back(*expected);
            after.back().name = now;
        }
        return after;
    }

  private:
    [[nodiscard]] std::string name_now(const std::string& name) const {
        const auto found = renamed_.find(name);
        return found == renamed_.end() ? name : found->second;
    }

    const std::set<std::string>& made_;
    const std::map<std::string, std::string>& renamed_;
};

}  // namespace

TableState record_after(const TableState& recorded, const TableState& before,
                        const TableState& after, const std::set<std::string>& made,
                        const std::map<std::string, std::string>& renamed) {
    const Merge merge(made, renamed);
    TableState record = after;
    record.columns = merge.list(recorded.columns, before.columns, after.columns);
    record.constraints = merge.list(recorded.constraints, before.constraints, after.constraints);
    record.indexes = merge.list(recorded.indexes, before.indexes, after.indexes);
    record.triggers = merge.list(recorded.triggers, before.triggers, after.triggers);
    record.policies = merge.list(recorded.policies, before.policies, after.policies);
    if (after.row_security == before.row_security) record.row_security = recorded.row_security;
    if (after.forced_row_security == before.forced_row_security)
        record.forced_row_security = recorded.forced_row_security;
    return record;
}

std::string retired_name(std::string_view name, std::string_view mark) {
    return derived_name({std::string(kRetired).append(name)}, mark);
}

bool is_retired_name(std::string_view name) noexcept { return name.starts_with(kRetired); }

}  // namespace pgwright::core
