// Importing a relation: from its description and what a person says about it to the rows that describe
// it as an entity and the changes that let the engine in. Pure: what import_entity() executes is
// exactly what preview_import() shows. No change touches a column or a row, and the last one undone
// leaves the relation as it was.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ddl.hpp"
#include "core/drift.hpp"
#include "core/model.hpp"
#include "core/relation.hpp"

namespace pgwright::core {

// What a person says. JSON: {"name","label","plural_label","description","icon","category",
// "primary_field","default_sort_field","default_sort_order","search_language","supports_soft_delete","stamp",
// "fields":{"<column>": "<label>" | {"label","description","help_text"}}}, each optional.
struct ImportDefinition {
    struct FieldText {
        std::optional<std::string> label, description, help_text;
    };
    std::optional<std::string> name, label, plural_label, description, icon, category;
    std::optional<std::string> primary_field, default_sort_field, default_sort_order;
    std::optional<std::string> search_language;
    std::optional<bool> soft_delete;  // as the table's columns suggest unless said
    bool stamp = false;               // attach the trigger that stamps who wrote a record and when
    std::map<std::string, FieldText, std::less<>> fields;
};

// json may be null. Every fault is told with its path.
ImportDefinition parse_import_definition(const Json& json, const Relation& relation,
                                         Faults& faults);

// A relation's name as an entity's: "StaffNotes" -> "staff_notes", "2fa-codes" -> "r_2fa_codes". The
// n-th suggestion for n > 1 ends in "_n". Always of the form that entities' names have; the caller
// looks whether it may be taken.
std::string suggested_entity_name(std::string_view relation_name, int n);

// A column's or a relation's name as a label: "StaffNotes" -> "Staff notes".
std::string name_in_words(std::string_view name);

// deleted_at and deleted_by are there, of the types that a soft delete writes.
bool can_soft_delete(const Relation& relation) noexcept;

// The rows of entity_definitions and field_definitions. `entity` brings id, tenant_id and name. Lookups
// are told by the name of their target ("reference_entity"); the importer turns it into an id.
Json import_entity_row(const Entity& entity, const Relation& relation,
                       const ImportDefinition& definition);
Json import_field_rows(const Entity& entity, const Relation& relation,
                       const ImportDefinition& definition);

// Privileges, policies, row security and, when it is asked for, the stamps' trigger. Only what is not
// there yet, so that the way down takes nothing that was not given here:
// - pgwright_runtime and pgwright_user may use a table under the restrictive policies pgwright_select,
//   _insert, _update and _delete, which hold them, and nobody else, to the entity's tenant and the
//   permissions;
// - a table without row security gets it, not forced, and pgwright_others, which leaves everybody else
//   where they were; on a table that had it, pgwright_access lets our roles past the policies there;
// - pgwright_owner may let tables of its own refer to a table with a key of one column;
// - what row security cannot guard, a view say, is readable by pgwright_runtime alone.
Migration plan_import(const Entity& entity, const Relation& relation, bool stamp);
// Of that the privileges and policies which the relation has not, when it was imported already.
Migration plan_access(const Entity& entity, const Relation& relation);

// What became of a relation since ----------------------------------------------------------------

// The definition as the relation now says it.
struct ImportUpdate {
    std::string obstacle;  // why the definition cannot follow; empty: it can
    Json entity;           // the members of its row that change
    Json fields;           // rows as above with their "id"; of every field that is left
    Migration migration;   // what lets the engine in where it is not yet
};

// `kind` is the relation's as it was imported, `differences` are those of find_imported_drift(). What people have said of fields stays with them,
// also when a column has got another name; `recorded` tells what was a column's comment and no person's
// word. `new_id` makes the ids of what is new.
ImportUpdate follow_relation(const EntityDefinition& definition, const std::string& kind,
                             const Relation& relation, const TableState& recorded,
                             const std::vector<Difference>& differences, Uuid (*new_id)());

}  // namespace pgwright::core
