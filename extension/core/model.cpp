// The parts of the model that are the same for every entity.
#include "core/model.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/identifier.hpp"
#include "core/index_definition.hpp"
#include "core/json_schema.hpp"
#include "core/regular_expression.hpp"

namespace pgwright::core {
namespace {

Field system_field(std::string_view name, std::string_view label, FieldType type, bool required,
                   std::string_view expression) {
    Field field;
    field.name = name;
    field.label = label;
    field.type = type;
    set_type_oids(field);
    field.required = required;
    field.readonly = true;
    field.system = true;
    if (!expression.empty()) field.default_expression = expression;
    return field;
}

}  // namespace

ValueClass Field::value_class() const noexcept {
    const bool keyed = type == FieldType::lookup && type_oid != 0;
    return info(keyed ? field_type_of(type_oid) : type).value_class;
}

std::string column_sql(const Field& field) {
    if (!field.has_column()) return "(" + field.read_sql + ")";
    return "r." + quote_identifier(field.name);
}

namespace {

struct KeyType {
    std::uint32_t oid, array_oid;
    std::string_view name;
};
constexpr std::array<KeyType, 8> kKeyTypes = {{{2950, 2951, "uuid"},
                                               {21, 1005, "smallint"},
                                               {23, 1007, "integer"},
                                               {20, 1016, "bigint"},
                                               {1700, 1231, "numeric"},
                                               {25, 1009, "text"},
                                               {1043, 1015, "character varying"},
                                               {1082, 1182, "date"}}};

const KeyType* find_key_type(std::uint32_t oid) noexcept {
    const auto* const found = std::ranges::find(kKeyTypes, oid, &KeyType::oid);
    return found == kKeyTypes.end() ? nullptr : found;
}

const KeyType* key_type_of(const Field& field) noexcept {
    return field.reference && field.reference->key_oid != 0
               ? find_key_type(field.reference->key_oid)
               : nullptr;
}

}  // namespace

bool is_key_type(std::uint32_t type_oid) noexcept { return find_key_type(type_oid) != nullptr; }

std::uint32_t key_type_named(std::string_view sql_type) noexcept {
    const auto* const found = std::ranges::find(kKeyTypes, sql_type, &KeyType::name);
    return found == kKeyTypes.end() ? 0 : found->oid;
}

bool has_foreign_key_type(const Field& field) noexcept {
    const KeyType* const key = key_type_of(field);
    return key != nullptr && key->name != "uuid";
}

std::string sql_type_of(const Field& field) {
    if (const KeyType* const key = key_type_of(field)) return std::string(key->name);
    if (field.item_type) return std::string(info(*field.item_type).sql_type) + "[]";
    return std::string(info(field.type).sql_type);
}

void set_type_oids(Field& field) noexcept {
    const FieldTypeInfo& type = info(field.scalar_type());
    // There is no type of arrays of arrays: two dimensions are the same type as one.
    field.type_oid = field.is_array() ? type.array_oid : type.type_oid;
    field.array_oid = field.is_array() ? 0 : type.array_oid;
    if (const KeyType* const key = key_type_of(field)) {
        field.type_oid = key->oid;
        field.array_oid = key->array_oid;
    }
}

void set_json_schema(Field& field, Json schema) {
    field.json_schema = std::move(schema);
    field.schema = field.json_schema.is_null() ? nullptr : JsonSchema::compile(field.json_schema);
}

bool takes_pattern(const Field& field) noexcept {
    return info(field.scalar_type()).has_length && field.type != FieldType::rich_text;
}

void set_pattern(Field& field, std::optional<std::string> pattern) {
    field.pattern = std::move(pattern);
    field.matcher = nullptr;
    if (!field.pattern) return;
    try {
        field.matcher = RegularExpression::compile(*field.pattern);
    } catch (const Failure&) {  // which check_field() tells of
    }
}

namespace {

using NamedAction = std::pair<std::string_view, ReferentialAction>;

constexpr std::array<NamedAction, 4> kActions = {{
    {"CASCADE", ReferentialAction::cascade},
    {"SET NULL", ReferentialAction::set_null},
    {"RESTRICT", ReferentialAction::restrict_},
    {"NO ACTION", ReferentialAction::no_action},
}};

}  // namespace

std::string_view referential_action_name(ReferentialAction action) noexcept {
    return std::ranges::find(kActions, action, &NamedAction::second)->first;
}

std::optional<ReferentialAction> find_referential_action(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kActions, name, &NamedAction::first);
    return found == kActions.end() ? std::nullopt : std::optional(found->second);
}

const Field* Entity::find(std::string_view field_name) const noexcept {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == field_name; });
    return found == fields.end() ? nullptr : &*found;
}

const Field* Entity::find_by_id(const Uuid& field_id) const noexcept {
    const auto found = std::ranges::find(fields, field_id, &Field::id);
    return found == fields.end() ? nullptr : &*found;
}

std::vector<Field> leading_system_fields() {
    return {system_field("id", "ID", FieldType::uuid, true, "new_uuid")};
}

// The authors are empty for what no user wrote: an anonymous caller, an owner's maintenance.
std::vector<Field> trailing_system_fields(bool soft_delete) {
    std::vector<Field> fields = {
        system_field("created_at", "Created at", FieldType::datetime, true, "now"),
        system_field("updated_at", "Updated at", FieldType::datetime, true, "now"),
        system_field("created_by", "Created by", FieldType::uuid, false, "current_user_id"),
        system_field("updated_by", "Updated by", FieldType::uuid, false, "current_user_id"),
    };
    if (soft_delete) {
        fields.push_back(system_field("deleted_at", "Deleted at", FieldType::datetime, false, ""));
        fields.push_back(system_field("deleted_by", "Deleted by", FieldType::uuid, false, ""));
    }
    return fields;
}

std::vector<Field> all_fields(const EntityDefinition& definition) {
    std::vector<Field> fields = leading_system_fields();
    for (const FieldDefinition& each : definition.fields) fields.push_back(each.field);
    for (Field& stamp : trailing_system_fields(definition.entity.soft_delete))
        fields.push_back(std::move(stamp));
    return fields;
}

Entity whole_entity(const EntityDefinition& definition) {
    Entity entity = definition.entity;
    entity.fields = all_fields(definition);
    entity.search_fields = search_fields_of(definition.indexes);
    return entity;
}

std::vector<Json> allowed_values_of(const Json& stored) {
    std::vector<Json> values;
    for (const Json& item : stored.items()) {
        const Json* const value = item.is_object() ? item.find("value") : &item;
        if (value != nullptr) values.push_back(*value);
    }
    return values;
}

}  // namespace pgwright::core
