#include "schema/table_record.hpp"

#include <algorithm>
#include <array>

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Json;

// Of these the field is what they make; of others, what it is about.
constexpr auto kColumnOperations = std::to_array<std::string_view>({
    "add_column",
    "convert_column",
    "replace_column",
    "retire_column",
    "set_default",
    "drop_default",
    "set_not_null",
    "drop_not_null",
    "add_calculated",
    "drop_calculated",
});

std::string text(const Json& change, std::string_view key) {
    const Json* const value = change.find(key);
    return value == nullptr ? std::string() : value->text();
}

// A name may be reached by way of a free one.
void rename(Made& made, const std::string& from, const std::string& to) {
    for (auto& [first, last] : made.renamed) {
        if (last != from) continue;
        last = to;
        return;
    }
    made.renamed[from] = to;
}

// "Rename a to b"
void read_rename(Made& made, const std::string& summary, bool backwards) {
    constexpr std::string_view kHead = "Rename ";
    const std::size_t middle = summary.find(" to ");
    if (!summary.starts_with(kHead) || middle == std::string::npos) return;
    const std::string from = summary.substr(kHead.size(), middle - kHead.size());
    const std::string to = summary.substr(middle + 4);
    backwards ? rename(made, to, from) : rename(made, from, to);
}

void read_change(Made& made, const Json& change, bool backwards) {
    const std::string operation = text(change, "operation");
    if (operation.starts_with("rename_"))
        return read_rename(made, text(change, "summary"), backwards);
    made.names.insert(text(change, "object"));
    if (std::ranges::find(kColumnOperations, operation) != kColumnOperations.end())
        made.names.insert(text(change, "field"));
}

}  // namespace

Made made_by(const Json& changes) {
    Made made;
    for (const Json& change : changes.items()) read_change(made, change, false);
    return made;
}

Made unmade_by(const Json& changes) {
    Made made;
    for (std::size_t i = changes.items().size(); i-- > 0;)
        read_change(made, changes.items()[i], true);
    return made;
}

std::optional<core::TableState> read_recorded_state(const core::Uuid& entity) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(entity);
    const pg::Result result = pg::execute(
        "SELECT v.table_state::text FROM pgwright.entity_versions v"
        " WHERE v.entity_id = $1 AND v.status = 'published' AND v.table_state IS NOT NULL",
        params, true);
    if (result.empty()) return std::nullopt;
    return core::parse_table_state(core::parse_json(result.row(0).text(0)));
}

core::TableState state_to_record(const std::optional<core::TableState>& recorded,
                                 const core::TableState& before, const core::TableState& after,
                                 const Made& made) {
    if (!recorded || !recorded->exists || !before.exists) return after;
    core::TableState record =
        core::record_after(*recorded, before, after, made.names, made.renamed);
    if (!made.row_security) return record;
    record.row_security = after.row_security;
    record.forced_row_security = after.forced_row_security;
    return record;
}

}  // namespace pgwright::schema
