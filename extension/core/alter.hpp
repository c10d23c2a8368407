// The alter planner: from what an entity was to what it is to be, over the table that really is there.
// Pure, like ddl.hpp: what publish executes is exactly what preview shows.
//
// Operations, in the order they are made:
//   drop_trigger/drop_policy/drop_foreign_key/drop_index/drop_check   what goes away or changes
//   drop_calculated        a generated column that changes or depends on what changes; nothing is lost
//   retire_column          rename to retired_name(), without NOT NULL and default; keeps its data
//   rename_column, rename_constraint, rename_index
//   convert_column         another type, in place where every value survives the way there and back
//   replace_column         another type by a copy: the old column is retired, so its values come back
//   add_column             nullable first, then `backfill`, then set_not_null; never unreadable between
//   backfill               UPDATE of rows without a value; does not stamp, does not fire row security
//   set_default, drop_default, set_not_null, drop_not_null
//   add_calculated, add_check, add_index, add_foreign_key, create_trigger, create_policy, grant, comment
//   grant                  first and last where columns come and go: retired ones are nobody's to read,
//                          so that from then on the grant names the columns in service
//   retire_table           of a drop: renamed and moved to pgwright_retired, ungranted
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ddl.hpp"
#include "core/model.hpp"
#include "core/table_state.hpp"

namespace pgwright::core {

// An entity with all that its table is made of.
struct Design {
    Entity entity;
    std::vector<IndexDefinition> indexes;
};

// What the planner cannot know from definitions.
struct Surroundings {
    std::set<std::string> taken;  // relations of the schema that are not this table's
    std::string trigram_schema;   // of the extension pg_trgm; empty: not installed
    std::map<std::string, std::string>
        backfill;  // field name -> value as text, for rows that lack one
};

// The whole of a new table: plan_create() and its definition indexes.
Migration plan_new_table(const Design& design, const Surroundings& surroundings);

// Fields are matched by id, so a new name is a rename and not a loss; indexes likewise. `from` and `to`
// are the versions' numbers; names and retired names are made of `to`. The migration has no changes
// when nothing of the table differs (labels make a comment change).
Migration plan_alter(const Design& before, const Design& after, const TableState& actual, int from,
                     int to, const Surroundings& surroundings);

// The table is retired with all its rows, as the last version left it: by `actual`. Foreign keys that leave it are dropped, so that it holds
// nobody up, and made again on the way back.
Migration plan_drop(const Design& design, const TableState& actual, int from, int to);

// What plan_drop() calls the table in pgwright_retired, which every tenant's tables share: the mark
// tells the version and, by digits of its id, the entity. _retired_deal_v4_9e107d9d
std::string retired_table_name(const Entity& entity, int to);

// Objects that a definition asks for and the database should have: for drift reports and repairs.
struct DesiredObject {
    std::string kind;  // check, index, foreign_key, trigger, policy
    std::string name;
    std::string create, drop;  // SQL
    std::string field;         // may be empty
    std::string lock;
};
std::vector<DesiredObject> desired_objects(const Design& design, const TableState& actual,
                                           const Surroundings& surroundings);

}  // namespace pgwright::core
