// The DDL planner: from an entity to the ordered changes that make it, each with its SQL up and down.
// Pure: what publish executes is exactly what preview shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

enum class Risk { safe, caution, destructive };
std::string_view risk_name(Risk risk) noexcept;

struct Change {
    std::string operation;  // create_table, add_index, add_foreign_key, enable_row_security, create_policy, grant, create_trigger, comment
    std::string object;     // t_demo.company, company_email_key, ...
    std::string summary;    // for a person
    std::string up;         // one or more statements, each ending in ';'
    std::string down;       // may be empty when an earlier change's down removes it too
    std::string lock;       // strongest table lock taken: "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "none"
    Risk risk = Risk::safe;
};

struct Migration {
    std::string name;  // company_v1
    std::string type;  // create
    std::vector<Change> changes;

    [[nodiscard]] std::string up_script() const;    // in order
    [[nodiscard]] std::string down_script() const;  // in reverse order
};

// Plans table, constraints, indexes, foreign keys, stamps trigger, forced row security, policies,
// grants and comments of a new entity. Order: table with columns, primary key and checks; indexes;
// foreign keys; trigger; row security and policies; grants; comments.
//
// - Column types from field_types(); id uuid default pgwright.uuid_v7(); stamps per
//   trailing_system_fields(). Constraint names by derived_name(table, field, suffix):
//   _length, _range, _scale, _format, _allowed (CHECK), _key (unique index), _idx (index),
//   _fkey (foreign key); primary key <table>_pkey. constraint_field() below reads them back.
// - Text length by char_length(); scale by min_scale(col) <= places, so that no digit is rounded away.
// - Unique indexes cover live rows only under soft delete (WHERE deleted_at IS NULL).
// - Every foreign key's column is indexed. A lookup's constraint is ON DELETE RESTRICT.
// - Trigger: BEFORE INSERT OR UPDATE ... FOR EACH ROW EXECUTE FUNCTION pgwright.stamp_record().
Migration plan_create(const Entity& entity);

// The policies, one per command, for the entity's tenant and resource. Identity functions are
// wrapped in a scalar sub-select so that they are evaluated once per statement.
//   USING ((SELECT pgwright.tenant_id()) = '<tenant>'::uuid AND (SELECT pgwright.has_permission('company:read')))
std::vector<Change> plan_policies(const Entity& entity);

// The field whose constraint or index has that name, or nullptr; and what the name's suffix says.
struct ConstraintMeaning {
    const Field* field = nullptr;
    std::string message;  // "must be unique", "must be at most 255 characters", "refers to a record that does not exist", ...
};
ConstraintMeaning explain_constraint(const Entity& entity, std::string_view constraint_name);

}  // namespace pgwright::core
