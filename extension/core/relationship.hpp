// Relationships as people define them. A relationship is what it makes: a lookup on its target (one-to-
// many, one-to-one), or a junction entity with two lookups (many-to-many).
#pragma once

#include <optional>
#include <string>

#include "core/model.hpp"

namespace pgwright::core {

enum class RelationshipKind : std::uint8_t { one_to_many, one_to_one, many_to_many };
std::string_view relationship_kind_name(RelationshipKind kind) noexcept;  // "one-to-many"

// {"name","label","description","relationship_type","source_entity" or "source_entity_id",
// "target_entity" or "target_entity_id","source_field_name","target_field_name",
// "junction_table_name","junction_source_field","junction_target_field","on_delete","on_update",
// "is_active","display_in_source","display_in_target","metadata"}
struct RelationshipDefinition {
    std::string name, label;
    std::optional<std::string> description;
    RelationshipKind kind = RelationshipKind::one_to_many;
    std::string source, target;  // name or id
    std::optional<std::string> source_field, target_field;
    std::optional<std::string> junction, junction_source, junction_target;
    std::optional<std::string> on_delete, on_update;  // as given: "SET NULL", ...
    bool active = true, display_in_source = true, display_in_target = true;
    Json metadata;
};

RelationshipDefinition parse_relationship_definition(const Json& json, Faults& faults);

// What can be changed of a relationship that is there; the other members are faults.
void check_relationship_changes(const Json& changes, Faults& faults);

// The definitions it makes, with the names it does not give filled in. `source` and `target` are the
// entities' names, `source_id` and `target_id` their ids.
struct RelationshipEnds {
    std::string source, target;
    std::string source_label, target_label;
    std::string source_id, target_id;
};
// Of the target; not for many-to-many.
Json lookup_definition(const RelationshipDefinition& relationship, const RelationshipEnds& ends);
// The junction: two required lookups, unique together, no soft delete, because a link is or is not.
Json junction_definition(const RelationshipDefinition& relationship, const RelationshipEnds& ends);

}  // namespace pgwright::core
