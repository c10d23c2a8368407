// Plans the end of a table that loses nothing: it moves out of the way with its rows, and what it is
// made of gets names that leave the old ones free. Also the objects a table should have, for repairs.
#include <algorithm>

#include "core/alter.hpp"
#include "core/identifier.hpp"
#include "core/table_part.hpp"

namespace pgwright::core {
namespace {

constexpr std::string_view kRetiredSchema = "pgwright_retired";

// The last digits of the id are its random ones.
std::string mark_of(const Entity& entity, int to) {
    const std::string id = entity.id.to_string();
    return "v" + std::to_string(to) + '_' + id.substr(id.size() - 8);
}

class DropPlanner {
  public:
    DropPlanner(const Entity& entity, const TableState& actual, int to)
        : entity_(entity), actual_(actual), mark_(mark_of(entity, to)) {}

    std::vector<Change> plan() {
        drop_foreign_keys();
        withdraw();
        for (const ObjectState& index : actual_.indexes) rename_index(index);
        for (const ObjectState& constraint : actual_.constraints) rename_constraint(constraint);
        retire_table();
        return std::move(changes_);
    }

  private:
    // The server's own text makes one again that no design knows of.
    void drop_foreign_keys() {
        for (const ObjectState& constraint : actual_.constraints) {
            if (!constraint.definition.starts_with("FOREIGN KEY")) continue;
            const std::string name = quote_identifier(constraint.name);
            add("drop_foreign_key", constraint.name, "Hold up no other table",
                alter("DROP CONSTRAINT " + name),
                alter("ADD CONSTRAINT " + name + ' ' + constraint.definition), Risk::caution);
        }
    }

    void withdraw() {
        std::vector<std::string> live;
        for (const ColumnState& column : actual_.columns) {
            if (!is_retired_name(column.name)) live.push_back(column.name);
        }
        const bool whole = live.size() == actual_.columns.size();
        Change& change =
            add("grant", entity_.schema + '.' + entity_.table, "Withdraw the table from everyone",
                "REVOKE ALL ON " + table() + "\n    FROM PUBLIC, pgwright_runtime, pgwright_user;",
                whole ? grant_sql(entity_) : grant_sql(entity_, live), Risk::safe);
        change.lock = "none";
    }

    void rename_index(const ObjectState& index) {
        const std::string retired = retired_name(index.name, mark_);
        const auto statement = [&](const std::string& from, const std::string& to) {
            return "ALTER INDEX " + quote_qualified(entity_.schema, from) + " RENAME TO " +
                   quote_identifier(to) + ";";
        };
        Change& change =
            add("rename_index", index.name, "Leave the index's name free",
                statement(index.name, retired), statement(retired, index.name), Risk::safe);
        change.lock = "SHARE UPDATE EXCLUSIVE";
    }

    // The primary key's is its index's name.
    void rename_constraint(const ObjectState& constraint) {
        const bool keyed = find_object(actual_.indexes, constraint.name) != nullptr;
        if (keyed || constraint.definition.starts_with("FOREIGN KEY")) return;
        const std::string retired = retired_name(constraint.name, mark_);
        const auto statement = [&](const std::string& from, const std::string& to) {
            return alter("RENAME CONSTRAINT " + quote_identifier(from) + " TO " +
                         quote_identifier(to));
        };
        add("rename_constraint", constraint.name, "Leave the constraint's name free",
            statement(constraint.name, retired), statement(retired, constraint.name), Risk::safe);
    }

    void retire_table() {
        const std::string retired = retired_name(entity_.table, mark_);
        const auto rename = [](std::string_view schema, const std::string& from,
                               const std::string& to) {
            return "ALTER TABLE " + quote_qualified(schema, from) + " RENAME TO " +
                   quote_identifier(to) + ";";
        };
        const auto move = [&](std::string_view from, std::string_view to) {
            return "ALTER TABLE " + quote_qualified(from, retired) + " SET SCHEMA " +
                   quote_identifier(to) + ";";
        };
        Change& change =
            add("retire_table", entity_.schema + '.' + entity_.table,
                "Take the table of " + entity_.label + " out of service; its rows are kept",
                rename(entity_.schema, entity_.table, retired) + '\n' +
                    move(entity_.schema, kRetiredSchema),
                move(kRetiredSchema, entity_.schema) + '\n' +
                    rename(entity_.schema, retired, entity_.table),
                Risk::destructive);
        change.retired = retired;
        change.probes.push_back(
            {Probe::Kind::affects, "SELECT count(*), ARRAY(SELECT (\"id\")::text FROM " + table() +
                                       " ORDER BY \"id\" LIMIT 5) FROM " + table()});
    }

    [[nodiscard]] std::string table() const { return qualified_table(entity_); }
    [[nodiscard]] std::string alter(const std::string& action) const {
        return "ALTER TABLE " + table() + ' ' + action + ';';
    }
    Change& add(const char* operation, std::string object, std::string summary, std::string up,
                std::string down, Risk risk) {
        return changes_.emplace_back(Change{operation, std::move(object), std::move(summary),
                                            std::move(up), std::move(down), "ACCESS EXCLUSIVE",
                                            risk});
    }

    const Entity& entity_;
    const TableState& actual_;
    std::string mark_;
    std::vector<Change> changes_;
};

// What the part is called, or would be if it were made now.
std::string name_of(const TablePart& part, const TableState& actual,
                    const Surroundings& surroundings) {
    if (part.second_name.empty()) return part.name;
    const bool index = part.kind == TablePart::Kind::index;
    const auto& objects = index ? actual.indexes : actual.constraints;
    if (find_object(objects, part.name) != nullptr) return part.name;
    if (find_object(objects, part.second_name) != nullptr) return part.second_name;
    return index && surroundings.taken.contains(part.name) ? part.second_name : part.name;
}

}  // namespace

std::string retired_table_name(const Entity& entity, int to) {
    return retired_name(entity.table, mark_of(entity, to));
}

Migration plan_drop(const Design& design, const TableState& actual, int /*from*/, int to) {
    return {design.entity.name + "_v" + std::to_string(to), "drop",
            DropPlanner(design.entity, actual, to).plan()};
}

std::vector<DesiredObject> desired_objects(const Design& design, const TableState& actual,
                                           const Surroundings& surroundings) {
    Faults faults;
    const std::vector<TablePart> parts = parts_of(design, surroundings.trigram_schema, faults);
    faults.raise("entity \"" + design.entity.name + "\" has indexes that cannot be made");
    std::vector<DesiredObject> objects;
    for (const TablePart& part : parts) {
        const std::string name = name_of(part, actual, surroundings);
        objects.push_back({std::string(kind_name(part.kind)), name, part.create_sql(name),
                           part.drop_sql(design.entity, name), part.field,
                           std::string(create_lock(part.kind))});
    }
    return objects;
}

}  // namespace pgwright::core
