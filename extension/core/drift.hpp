// What was changed behind pgwright's back: the design of an entity against the table that really is
// there, and against the state its publication left; and the ways to bring the two together again.
// Pure: schema/drift.cpp reads, schema/sync.cpp executes exactly what is planned here.
//
// The design says what must be there and what is too much; the recorded state, made of the server's own
// texts, says what has another definition. What the record knows though no design does was accepted by
// an earlier synchronisation. Retired columns are nobody's business.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/alter.hpp"

namespace pgwright::core {

struct TableAccess {
    std::string owner;  // empty: not known
    std::set<std::string>
        lacking;  // columns in service that our roles may not use; "" for the table
};

// kind: added_column, missing_column, changed_type, changed_nullability, changed_default, changed_formula,
// added_, missing_, changed_ index, constraint, trigger and policy, disabled_trigger,
// row_security_disabled, owner_changed, grants_changed, table_missing; of imported relations also
// renamed_column, changed_labels, changed_comment, changed_key.
struct Difference {
    std::string kind;
    std::string object;       // its name in the database
    std::string object_type;  // table, column, index, constraint, trigger, policy
    std::string field;        // may be empty
    std::string expected, actual;
    Risk risk = Risk::safe;  // of the repair of the database
    std::string database;    // SQL of the repair; empty: there is none
    std::string definition;  // what the definition would become, for a person; empty: cannot say it
};

struct DriftInput {
    const Design& design;
    const TableState* recorded = nullptr;  // none: no publication has recorded it
    const TableState& actual;
    const TableAccess& access;
    const Surroundings& surroundings;
    int version = 1;  // that retired names are made of
};

// Without repairs.
std::vector<Difference> find_differences(const DriftInput& input);
// With them.
std::vector<Difference> find_drift(const DriftInput& input);
// Of a relation that was imported: nothing but the record says what it was.
std::vector<Difference> find_imported_drift(const DriftInput& input);

// What makes the database as the design says, of these differences. What was added stays, but for
// policies, which would let people at rows, unless `remove` says so; columns are then retired.
// Ways back restore structure and never take protection away.
Migration plan_repair(const DriftInput& input, const std::vector<Difference>& differences,
                      bool remove);

// Differences that plan_repair() leaves alone.
bool is_left_alone(const Difference& difference, bool remove);
// Whether it concerns who may see or change rows: no synchronisation accepts it as it is.
bool is_protection(const Difference& difference);

// The database is right --------------------------------------------------------------------------

struct Left {
    Difference difference;
    std::string reason;
};

struct Adoption {
    EntityDefinition definition;
    std::set<std::string> fields;  // that were taken over, by name
    std::vector<Difference> taken;
    std::vector<Left> left;       // that no definition can say
    std::vector<Change> renames;  // of indexes, which are called as their definitions say
};

// The definition as the database has it. `new_id` makes ids of what is new.
Adoption adopt_database(const EntityDefinition& definition, const DriftInput& input,
                        const std::vector<Difference>& differences, Uuid (*new_id)());

// A column's type, in format_type()'s words, as members of a field's definition: field_type,
// max_length, decimal_places, item_type. Null: no field is of it.
Json field_members_of_type(std::string_view sql_type);
// A column's default in the server's words as default_value or default_expression; null when neither
// says it.
Json field_members_of_default(std::string_view sql, std::string_view field_type);

}  // namespace pgwright::core
