// The DDL planner: from an entity to the ordered changes that make it, each with its SQL up and down.
// Pure: what publish executes is exactly what preview shows.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

enum class Risk { safe, caution, destructive };
std::string_view risk_name(Risk risk) noexcept;

// A question about the rows a change meets, asked before it is made: `sql` is one SELECT that returns
// one row (count bigint, sample_ids text[] of at most five). A count above zero is a finding.
struct Probe {
    enum class Kind {
        not_convertible,  // rows whose value has no counterpart in the new type: refused
        loses_precision,  // rows that would not convert back to what they are: destructive
        without_value,    // rows that have no value for a field that becomes required: refused
        violates,         // rows that break a new constraint: refused
        duplicates,       // values that occur more than once where they must be unique: refused
        dangling,         // rows that refer to nothing: refused
        affects           // rows the change touches; for information
    };
    Kind kind = Kind::affects;
    std::string sql;
    // What is wrong with the rows it counts, where the kind alone does not say it: "are deleted; purge or
    // restore them first".
    std::string message = {};
    // Of dangling, while the table referred to is not there yet: then every reference is one.
    std::string without_target = {};
};

struct Change {
    // create_table, add_index, add_foreign_key, create_trigger, enable_row_security, create_policy,
    // grant, comment; and those of alter.hpp
    std::string operation;
    std::string object;   // t_demo.company, company_email_key, ...
    std::string summary;  // for a person
    std::string up;       // one or more statements, each ending in ';'
    std::string down;     // may be empty when an earlier change's down removes it too
    std::string lock;     // strongest lock on a table: "ACCESS EXCLUSIVE", "SHARE", ..., "none"
    Risk risk = Risk::safe;
    std::string field = {};  // the name of the field it is about, as drafted; may be empty
    std::vector<Probe> probes = {};
    // The same for the way back, over the table as the migration leaves it and people have changed it:
    // asked before a rollback.
    std::vector<Probe> down_probes = {};
    // What it leaves out of service, to be purged some day: the name of a column or, of retire_table, of
    // the table in pgwright_retired. And the column that the way back leaves so.
    std::string retired = {};
    std::string returned = {};
};

struct Migration {
    std::string name;  // company_v1
    std::string type;  // create, alter, drop
    std::vector<Change> changes;

    [[nodiscard]] std::string up_script() const;    // in order
    [[nodiscard]] std::string down_script() const;  // in reverse order
};

// Plans table, constraints, indexes, foreign keys, stamps trigger, forced row security, policies,
// grants and comments of a new entity. Order: table with columns, primary key and checks; indexes;
// foreign keys; trigger; row security and policies; grants; comments. The table's drop takes all the
// rest with it, so that change's down is the only one the rest needs.
//
// - Columns: id, the fields that are not system fields, the stamps of trailing_system_fields(),
//   whichever system fields the entity lists. Types from field_types(), defaults by default_sql().
//   A stored calculated field is a generated column; one that is computed at read has no column.
// - Constraint names by derived_name({table, field}, suffix): _length, _range, _scale, _format,
//   _allowed, _pattern, _items (of an array), _schema (of a JSON schema) (CHECK), _key (unique index), _idx (index), _fkey (foreign key); primary key
//   <table>_pkey. A validation rule's is <table>_<field>_<rule>_rule. explain_constraint() below reads them back.
// - Text length by char_length(); scale by min_scale(col) <= places, so that no digit is rounded away.
//   Every numeric has a _range: without bounds it keeps out NaN and the infinities, which JSON lacks.
// - Unique indexes cover live rows only under soft delete (WHERE deleted_at IS NULL).
// - Every foreign key's column leads an index that covers all rows. A lookup's constraint says its
//   referential actions. An indexed array has a GIN index.
// - Triggers: BEFORE INSERT OR UPDATE ... FOR EACH ROW EXECUTE FUNCTION pgwright.stamp_record(...), given
//   the columns it looks at (record_trigger.hpp); and those that keep references whole under soft
//   delete (reference_trigger.hpp).
// - A platform entity (no tenant) gets a leading column tenant_id, which leads its indexes; its
//   lookups to other platform entities are (tenant_id, field), so they cannot cross tenants.
//
// taken: names of relations in the entity's schema. An index whose name is among them gets its
// hashed_name() instead, because indexes and tables share one name space.
//
// Throws VALIDATION_ERROR for what no table can be made of: a virtual entity, a field of type other,
// a lookup without its target.
Migration plan_create(const Entity& entity, const std::set<std::string>& taken = {});

// The policies, one per command, for the entity's tenant and resource; pgwright_runtime and
// pgwright_user have them, so everyone else, the owner too, sees nothing. Identity functions are
// wrapped in a scalar sub-select so that they are evaluated once per statement.
//   USING ((SELECT pgwright.tenant_id()) = '<tenant>'::uuid AND (SELECT pgwright.has_permission('company:read')))
// Deleted rows stay visible to the policies: a row must be visible after the update that marks it
// deleted. Under soft delete an update needs the right to update while it leaves the row live, and the
// right to delete when it leaves it deleted. Each change's down drops its policy. The first is that of
// SELECT. Restrictive ones narrow what other policies of an imported table permit.
enum class PolicyKind { permissive, restrictive };
std::vector<Change> plan_policies(const Entity& entity, PolicyKind kind = PolicyKind::permissive);

// The field whose constraint or index has that name, or nullptr; and what the name's suffix says.
// Finds the names PostgreSQL gives by default too, as imported tables have them. The refusal to delete
// a record that others refer to names a constraint of the referring table: there the message is
// kStillReferredTo, which only the caller, who knows that it deleted, can tell.
struct ConstraintMeaning {
    const Field* field = nullptr;
    // "must be unique", "must be at most 255 characters", "refers to a record that does not exist"
    std::string message;
};
ConstraintMeaning explain_constraint(const Entity& entity, std::string_view constraint_name);

inline constexpr std::string_view kStillReferredTo = "is still referred to by other records";

}  // namespace pgwright::core
