// What the database really holds of an entity's table, as schema/table_state.cpp reads it from the
// server's catalogs. Definitions are the server's own texts (pg_get_indexdef() and its like), good for
// comparing a state with an earlier one, not with what the planner writes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace pgwright::core {

struct ColumnState {
    std::string name;
    std::string type;  // format_type()
    bool not_null = false;
    std::optional<std::string> default_sql;  // pg_get_expr(); a generated column's expression
    bool generated = false;
    std::optional<std::string> labels = {};   // of an SQL enum, as a JSON array
    std::optional<std::string> comment = {};  // of a table that is not pgwright's own
    int number = 0;                           // pg_attribute.attnum; 0: was not recorded

    // Neither what somebody says about a column nor its number, which a restored dump may change,
    // makes another column of it.
    friend bool operator==(const ColumnState& one, const ColumnState& other) {
        return one.name == other.name && one.type == other.type && one.not_null == other.not_null &&
               one.default_sql == other.default_sql && one.generated == other.generated &&
               one.labels == other.labels;
    }
};

// A constraint, index, trigger or policy.
struct ObjectState {
    std::string name;
    std::string definition;
    bool active = true;  // validated, valid, enabled
    friend bool operator==(const ObjectState&, const ObjectState&) = default;
};

struct TableState {
    bool exists = false;
    std::vector<ColumnState> columns;      // in the table's order, retired ones too
    std::vector<ObjectState> constraints;  // all kinds but the server's own NOT NULL ones
    std::vector<ObjectState> indexes;      // those of constraints too
    std::vector<ObjectState> triggers;     // not the internal ones
    std::vector<ObjectState> policies;
    bool row_security = false;
    bool forced_row_security = false;

    [[nodiscard]] const ColumnState* column(std::string_view name) const noexcept;
    friend bool operator==(const TableState&, const TableState&) = default;
};

// The one with that name, or nullptr.
const ObjectState* find_object(const std::vector<ObjectState>& objects,
                               std::string_view name) noexcept;

// {"exists","columns":[{"name","type","not_null","default","generated","labels","comment","number"}],
// "constraints":[{"name","definition","active"}],"indexes","triggers","policies","row_security",
// "forced_row_security"}
TableState parse_table_state(const Json& json);
Json table_state_json(const TableState& state);

// What to record of a table that a change has led from `before` to `after`, and of which `recorded` was
// expected. What differed from the record before, and that the change did not make again, is recorded
// as it was: it goes on being different, where a record of what is there would accept it. `made` names
// what the change has made; `renamed` gives old names their new ones.
TableState record_after(const TableState& recorded, const TableState& before,
                        const TableState& after, const std::set<std::string>& made,
                        const std::map<std::string, std::string>& renamed);

// Names of columns and tables that were retired, not dropped. People's names begin with a letter, so
// nobody's field has such a name. retired_name("price", "v3") = "_retired_price_v3", kept to 63 bytes.
std::string retired_name(std::string_view name, std::string_view mark);
bool is_retired_name(std::string_view name) noexcept;

}  // namespace pgwright::core
