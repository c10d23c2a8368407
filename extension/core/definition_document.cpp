#include "core/definition_document.hpp"

#include <algorithm>
#include <array>

#include "core/definition_row.hpp"
#include "core/index_definition.hpp"

namespace pgwright::core {

namespace {

constexpr auto kReferenceMembers = std::to_array<std::string_view>({
    "reference_entity_id",
    "reference_field",
    "relationship_type",
    "on_delete",
    "on_update",
});

Json only(const Json& row, std::span<const std::string_view> members) {
    Json written = Json::object();
    for (const auto& [key, value] : row.members()) {
        if (!value.is_null() && std::ranges::find(members, key) != members.end())
            written.set(key, value);
    }
    return written;
}

[[noreturn]] void refuse(const std::string& what) {
    throw Failure(Code::server_error, "a stored definition cannot be read: " + what);
}

std::string text_of(const Json& row, std::string_view key) {
    const Json* const value = row.find(key);
    return value == nullptr ? std::string() : value->text();
}

Uuid id_of(const Json& row, std::string_view key) {
    const auto id = Uuid::parse(text_of(row, key));
    if (!id) refuse(std::string(key) + " is no UUID");
    return *id;
}

const Json& member(const Json& document, std::string_view key) {
    static const Json kNothing = Json::array();
    const Json* const value = document.find(key);
    return value == nullptr ? kNothing : *value;
}

EntityDefinition parse_entity(const Json& row) {
    Faults unchecked;
    EntityDefinition definition = parse_entity_definition(entity_as_written(row), unchecked);
    Entity& entity = definition.entity;
    entity.id = id_of(row, "id");
    if (const auto tenant = Uuid::parse(text_of(row, "tenant_id"))) entity.tenant_id = *tenant;
    entity.schema = text_of(row, "schema_name");
    entity.generated = text_of(row, "origin") != "imported";
    if (const Json* version = row.find("version"); version != nullptr && version->is_number())
        entity.version = std::stoi(version->text());
    if (const Json* keys = row.find("key_fields"); keys != nullptr && keys->is_array()) {
        entity.key.clear();
        for (const Json& key : keys->items()) entity.key.push_back(key.text());
    }
    return definition;
}

void set_reference(FieldDefinition& definition, const Uuid& target) {
    if (!definition.field.reference) definition.field.reference = Reference{};
    Reference& reference = *definition.field.reference;
    reference.entity_id = target;
    reference.on_delete = definition.on_delete.value_or(reference.on_delete);
    reference.on_update = definition.on_update.value_or(reference.on_update);
}

FieldDefinition parse_field(const Json& row) {
    Faults unchecked;
    FieldDefinition definition = parse_field_definition(field_as_written(row), "", unchecked);
    definition.field.id = id_of(row, "id");
    const Json* const system = row.find("is_system");
    definition.field.system = system != nullptr && system->as_boolean();
    const auto target = Uuid::parse(text_of(row, "reference_entity_id"));
    if (target) set_reference(definition, *target);
    if (target && definition.field.type == FieldType::lookup) {
        definition.field.reference->key_oid = key_type_named(text_of(row, "data_type"));
        set_type_oids(definition.field);
    }
    return definition;
}

}  // namespace

Json entity_as_written(const Json& row) { return only(row, entity_members()); }

Json index_as_written(const Json& row) { return only(row, index_members()); }

Json field_as_written(const Json& row) {
    Json written = only(row, field_members());
    // is_nullable repeats is_required.
    std::erase_if(written.members(), [](const auto& each) { return each.first == "is_nullable"; });
    // No rules are as good as no member.
    std::erase_if(written.members(), [](const auto& each) {
        return each.first == "validation_rules" && each.second.items().empty();
    });
    const Json* const value = written.find("default_value");
    const std::string type = text_of(row, "field_type");
    if (value != nullptr && value->is_string() && (type == "json" || type == "array"))
        written.set("default_value", parse_json(value->text()));
    if (type == "file") {  // whose reference follows from its type
        for (const std::string_view key : kReferenceMembers) written.set(key, Json());
    }
    return written;
}

namespace {

// With what decides how the rest is read.
Json head_row(const EntityDefinition& definition) {
    Json row = entity_row(definition);
    row.set("origin", Json::string(definition.entity.generated ? "generated" : "imported"));
    Json keys = Json::array();
    for (const std::string& key : definition.entity.key) keys.items().push_back(Json::string(key));
    row.set("key_fields", std::move(keys));
    return row;
}

}  // namespace

Json definition_document(const EntityDefinition& definition) {
    Json fields = Json::array();
    for (const FieldDefinition& field : definition.fields) {
        Json row = field_row(field, definition.entity, static_cast<int>(fields.items().size()) + 1);
        row.set("id", Json::string(field.field.id.to_string()));
        row.set("is_system", Json::boolean(field.field.system));
        // Of an imported column the row knows the type, which no field type need express.
        if (!definition.entity.generated)
            std::erase_if(row.members(),
                          [](const Json::Member& each) { return each.first == "data_type"; });
        fields.items().push_back(std::move(row));
    }
    const Entity whole = whole_entity(definition);
    Json indexes = Json::array();
    for (const IndexDefinition& index : definition.indexes) {
        Json row = index_row(index, whole);
        row.set("id", Json::string(index.id.to_string()));
        indexes.items().push_back(std::move(row));
    }
    Json document = Json::object();
    document.set("entity", head_row(definition));
    document.set("fields", std::move(fields));
    document.set("indexes", std::move(indexes));
    return document;
}

EntityDefinition parse_document(const Json& document) {
    const Json* const head = document.find("entity");
    if (head == nullptr || !head->is_object()) refuse("it has no entity");
    EntityDefinition definition = parse_entity(*head);
    for (const Json& row : member(document, "fields").items())
        definition.fields.push_back(parse_field(row));
    for (const Json& row : member(document, "indexes").items())
        definition.indexes.push_back(read_index_row(row));
    return definition;
}

}  // namespace pgwright::core
