#include "core/relationship.hpp"

#include <algorithm>
#include <array>

#include "core/definition_reader.hpp"
#include "core/identifier.hpp"

namespace pgwright::core {

namespace {

constexpr auto kKinds =
    std::to_array<std::string_view>({"one-to-many", "one-to-one", "many-to-many"});
constexpr auto kActions =
    std::to_array<std::string_view>({"CASCADE", "SET NULL", "RESTRICT", "NO ACTION"});
constexpr auto kMembers = std::to_array<std::string_view>({
    "name",
    "label",
    "description",
    "relationship_type",
    "source_entity",
    "source_entity_id",
    "target_entity",
    "target_entity_id",
    "source_field_name",
    "target_field_name",
    "junction_table_name",
    "junction_source_field",
    "junction_target_field",
    "on_delete",
    "on_update",
    "is_active",
    "display_in_source",
    "display_in_target",
    "metadata",
});
constexpr auto kComputed = std::to_array<std::string_view>({
    "id",
    "tenant_id",
    "junction_entity_id",
    "target_field_id",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "is_deleted",
});
constexpr auto kChangeable = std::to_array<std::string_view>({
    "label",
    "description",
    "target_field_name",
    "on_delete",
    "on_update",
    "is_active",
    "display_in_source",
    "display_in_target",
    "metadata",
});

constexpr auto kJunctionMembers = std::to_array<std::string_view>(
    {"junction_table_name", "junction_source_field", "junction_target_field"});

std::string read_name(DefinitionReader& reader) {
    const auto name = reader.text("name", kMaxNameBytes);
    if (!name && reader.member("name") == nullptr) reader.fault("name", "is required");
    if (name) {
        if (auto fault = field_name_fault(*name)) reader.fault("name", *std::move(fault));
    }
    return name.value_or("");
}

std::string read_end(DefinitionReader& reader, const std::string& key) {
    const auto name = reader.text(key, kMaxNameBytes);
    const auto id = reader.text(key + "_id", kMaxNameBytes);
    if (name && id) reader.fault(key + "_id", "is given twice, as " + key + " too");
    if (!name && !id && reader.member(key) == nullptr) reader.fault(key, "is required");
    return name ? *name : id.value_or("");
}

std::optional<std::string> read_field_name(DefinitionReader& reader, std::string_view key) {
    auto name = reader.text(key, kMaxNameBytes);
    if (!name) return name;
    if (auto fault = field_name_fault(*name)) reader.fault(key, *std::move(fault));
    return name;
}

void read_kind(DefinitionReader& reader, RelationshipDefinition& relationship) {
    const auto kind = reader.one_of("relationship_type", kKinds);
    if (!kind) {
        if (reader.member("relationship_type") == nullptr)
            reader.fault("relationship_type", "is required");
        return;
    }
    const auto* const found = std::ranges::find(kKinds, *kind);
    relationship.kind = static_cast<RelationshipKind>(found - kKinds.begin());
}

void read_junction(DefinitionReader& reader, RelationshipDefinition& relationship) {
    relationship.junction = reader.text("junction_table_name", kMaxNameBytes);
    relationship.junction_source = read_field_name(reader, "junction_source_field");
    relationship.junction_target = read_field_name(reader, "junction_target_field");
    if (relationship.kind == RelationshipKind::many_to_many) {
        if (relationship.target_field)
            reader.fault("target_field_name", "is not for a many-to-many relationship");
        return;
    }
    for (const std::string_view key : kJunctionMembers) {
        if (reader.member(key) != nullptr)
            reader.fault(key, "is for many-to-many relationships only");
    }
}

void set_actions(Json& field, const RelationshipDefinition& relationship,
                 std::string_view on_delete) {
    field.set("on_delete", Json::string(relationship.on_delete.value_or(std::string(on_delete))));
    field.set("on_update", Json::string(relationship.on_update.value_or("NO ACTION")));
}

Json lookup(const std::string& name, const std::string& label, const std::string& target) {
    Json field = Json::object();
    field.set("name", Json::string(name));
    field.set("label", Json::string(label));
    field.set("field_type", Json::string("lookup"));
    field.set("reference_entity_id", Json::string(target));
    return field;
}

}  // namespace

std::string_view relationship_kind_name(RelationshipKind kind) noexcept {
    return kKinds[static_cast<std::size_t>(kind)];
}

RelationshipDefinition parse_relationship_definition(const Json& json, Faults& faults) {
    RelationshipDefinition relationship;
    if (!json.is_object()) {
        faults.add("", "must be an object");
        return relationship;
    }
    DefinitionReader reader(json, "", faults);
    reader.refuse_others(kMembers, kComputed, "a relationship");
    relationship.name = read_name(reader);
    relationship.label = reader.text("label", kMaxLabelLength).value_or(relationship.name);
    relationship.description = reader.text("description", kMaxTextLength);
    read_kind(reader, relationship);
    relationship.source = read_end(reader, "source_entity");
    relationship.target = read_end(reader, "target_entity");
    relationship.source_field = read_field_name(reader, "source_field_name");
    relationship.target_field = read_field_name(reader, "target_field_name");
    read_junction(reader, relationship);
    relationship.on_delete = reader.one_of("on_delete", kActions);
    relationship.on_update = reader.one_of("on_update", kActions);
    if (relationship.kind == RelationshipKind::many_to_many && relationship.on_delete == "SET NULL")
        reader.fault("on_delete", "a link cannot outlive one of its ends; use CASCADE or RESTRICT");
    relationship.active = reader.boolean("is_active").value_or(true);
    relationship.display_in_source = reader.boolean("display_in_source").value_or(true);
    relationship.display_in_target = reader.boolean("display_in_target").value_or(true);
    const Json* const metadata = reader.object("metadata");
    relationship.metadata = metadata == nullptr ? Json::object() : *metadata;
    return relationship;
}

void check_relationship_changes(const Json& changes, Faults& faults) {
    if (!changes.is_object()) return faults.add("", "must be an object");
    for (const auto& [key, value] : changes.members()) {
        if (std::ranges::find(kChangeable, key) == kChangeable.end())
            faults.add(key, "cannot be changed; delete the relationship and create another");
    }
}

Json lookup_definition(const RelationshipDefinition& relationship, const RelationshipEnds& ends) {
    Json field = lookup(relationship.target_field.value_or(derived_name({ends.source}, "id")),
                        ends.source_label, ends.source_id);
    const bool single = relationship.kind == RelationshipKind::one_to_one;
    field.set("relationship_type", Json::string(single ? "one-to-one" : "many-to-one"));
    set_actions(field, relationship, "NO ACTION");
    return field;
}

Json junction_definition(const RelationshipDefinition& relationship, const RelationshipEnds& ends) {
    const std::string source =
        relationship.junction_source.value_or(derived_name({ends.source}, "id"));
    const std::string target = relationship.junction_target.value_or(
        ends.source == ends.target ? derived_name({"related", ends.target}, "id")
                                   : derived_name({ends.target}, "id"));
    Json fields = Json::array();
    fields.items().push_back(lookup(source, ends.source_label, ends.source_id));
    fields.items().push_back(lookup(target, ends.target_label, ends.target_id));
    for (Json& field : fields.items()) {
        field.set("is_required", Json::boolean(true));
        set_actions(field, relationship, "CASCADE");
    }
    Json index = Json::object();
    index.set("name", Json::string("link"));
    index.set("field_names", Json::array({Json::string(source), Json::string(target)}));
    index.set("is_unique", Json::boolean(true));
    Json entity = Json::object();
    entity.set(
        "name",
        Json::string(relationship.junction.value_or(derived_name({ends.source, ends.target}, ""))));
    entity.set("label", Json::string(relationship.label));
    entity.set("supports_soft_delete", Json::boolean(false));
    entity.set("supports_attachments", Json::boolean(false));
    entity.set("supports_comments", Json::boolean(false));
    entity.set("fields", std::move(fields));
    entity.set("indexes", Json::array({std::move(index)}));
    return entity;
}

}  // namespace pgwright::core
