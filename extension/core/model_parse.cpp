// Parses definitions of entities and fields as people write them. Kinds, unknown members and what the
// server computes are judged here; whether the parts fit together is check_field()'s and
// check_entity()'s business, which run on what could be read.
#include <algorithm>
#include <array>
#include <limits>

#include "core/definition_reader.hpp"
#include "core/expression.hpp"
#include "core/identifier.hpp"
#include "core/index_definition.hpp"
#include "core/regular_expression.hpp"
#include "core/stemmer.hpp"
#include "core/validation_rule.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

constexpr std::array<std::string_view, 36> kFieldKeys = {
    "name",
    "label",
    "description",
    "help_text",
    "field_type",
    "is_required",
    "is_unique",
    "is_indexed",
    "is_nullable",
    "max_length",
    "min_length",
    "max_value",
    "min_value",
    "decimal_places",
    "pattern",
    "default_value",
    "default_expression",
    "validation_rules",
    "allowed_values",
    "display_order",
    "is_readonly",
    "is_calculated",
    "calculation_formula",
    "input_type",
    "placeholder",
    "prefix",
    "suffix",
    "reference_entity",
    "reference_entity_id",
    "reference_field",
    "relationship_type",
    "on_delete",
    "on_update",
    "item_type",
    "json_schema",
    "metadata",
};
constexpr std::array<std::string_view, 10> kComputedFieldKeys = {
    "id",         "entity_id",  "tenant_id",  "data_type",  "is_system",
    "created_at", "updated_at", "created_by", "updated_by", "is_deleted",
};
constexpr std::array<std::string_view, 22> kEntityKeys = {
    "name",
    "label",
    "plural_label",
    "description",
    "icon",
    "entity_type",
    "category",
    "table_name",
    "is_audited",
    "is_versioned",
    "supports_soft_delete",
    "supports_attachments",
    "supports_comments",
    "primary_field",
    "default_sort_field",
    "default_sort_order",
    "search_language",
    "records_per_page",
    "is_active",
    "metadata",
    "fields",
    "indexes",
};
constexpr std::array<std::string_view, 12> kComputedEntityKeys = {
    "id",         "tenant_id",  "schema_name", "status",     "version",    "parent_version_id",
    "created_at", "updated_at", "created_by",  "updated_by", "deleted_at", "is_deleted",
};
constexpr std::array<std::string_view, 4> kActions = {"CASCADE", "SET NULL", "RESTRICT",
                                                      "NO ACTION"};
constexpr std::array<std::string_view, 2> kRelationshipTypes = {"many-to-one", "one-to-one"};

constexpr std::size_t kMaxShortText = 100;  // characters of a category
constexpr std::size_t kMaxIconLength = 50;  // of icons and input types
constexpr int kMaxInteger = std::numeric_limits<int>::max();

// "first_name" is "First name".
std::string in_words(std::string_view name) {
    std::string words(name);
    std::replace(words.begin(), words.end(), '_', ' ');
    if (!words.empty() && words[0] >= 'a' && words[0] <= 'z')
        words[0] = static_cast<char>(words[0] - 'a' + 'A');
    return words;
}

std::string read_label(DefinitionReader& reader, const std::string& name) {
    if (const auto label = reader.text("label", kMaxLabelLength)) {
        if (label->empty()) reader.fault("label", "must not be empty");
        return *label;
    }
    return in_words(name);
}

// FieldType::other, which nobody may choose, stands for a type that could not be read.
FieldType read_type(DefinitionReader& reader) {
    const Json* const value = reader.member("field_type");
    if (value == nullptr) {
        reader.fault("field_type", "is required");
        return FieldType::other;
    }
    const FieldTypeInfo* const type = value->is_string() ? find_field_type(value->text()) : nullptr;
    if (type != nullptr && type->type != FieldType::other) return type->type;
    std::string list;
    for (const auto& each : field_types()) {
        if (each.type != FieldType::other) list.append(list.empty() ? "" : ", ").append(each.name);
    }
    reader.fault("field_type", "must be one of: " + list);
    return FieldType::other;
}

// What is no type at all leaves none, which check_field() would call missing: the fault is there already.
std::optional<FieldType> read_item_type(DefinitionReader& reader) {
    const auto name = reader.text("item_type", kMaxShortText);
    if (!name) return std::nullopt;
    const FieldTypeInfo* const type = find_field_type(*name);
    if (type != nullptr && type->is_item) return type->type;
    std::string list;
    for (const auto& each : field_types()) {
        if (each.is_item) list.append(list.empty() ? "" : ", ").append(each.name);
    }
    reader.fault("item_type", "must be one of: " + list);
    return std::nullopt;
}

bool read_required(DefinitionReader& reader) {
    const auto required = reader.boolean("is_required");
    const auto nullable = reader.boolean("is_nullable");
    if (required && nullable && *required == *nullable)
        reader.fault("is_nullable", "contradicts is_required");
    return required.value_or(nullable && !*nullable);
}

void read_constraints(DefinitionReader& reader, Field& field) {
    const FieldTypeInfo& type = info(field.scalar_type());
    field.min_length = reader.integer("min_length", 0, kMaxFieldLength);
    field.max_length = reader.integer("max_length", 1, kMaxFieldLength);
    if (!field.max_length) field.max_length = type.default_max_length;
    field.min_value = reader.number("min_value");
    field.max_value = reader.number("max_value");
    field.decimal_places = reader.integer("decimal_places", 0, kMaxDecimalPlaces);
    if (!field.decimal_places) field.decimal_places = type.default_decimal_places;
    set_pattern(field, reader.text("pattern", kMaxFieldPatternBytes));
}

// Without an offset a date and time is UTC, whatever the time zone of the session that makes the table.
std::string in_utc(const std::string& text) {
    if (!is_local_datetime_text(text)) return text;
    return text + (is_date_text(text) ? "T00:00:00Z" : "Z");
}

void read_default(DefinitionReader& reader, Field& field) {
    field.default_expression = reader.text("default_expression", kMaxExpressionLength);
    const Json* const value = reader.member("default_value");
    if (value == nullptr) return;
    if (field.is_array()) {
        Json list = *value;
        for (Json& item : list.items()) {
            if (field.scalar_type() == FieldType::datetime && item.is_string())
                item = Json::string(in_utc(item.text()));
        }
        field.default_value = list.dump();
    } else if (field.type == FieldType::json) {
        field.default_value = value->dump();
    } else if (value->is_boolean()) {
        field.default_value = value->as_boolean() ? "true" : "false";
    } else if (value->is_string() || value->is_number()) {
        field.default_value =
            field.type == FieldType::datetime ? in_utc(value->text()) : value->text();
    } else {
        reader.fault("default_value", "must be a string, a number, true or false");
    }
}

bool is_value_with_label(const Json& item) {
    const Json* const label = item.find("label");
    const bool labelled = label == nullptr || (label->is_string() &&
                                               count_characters(label->text()) <= kMaxLabelLength);
    return item.find("value") != nullptr && labelled &&
           item.members().size() == (label == nullptr ? 1U : 2U);
}

void read_allowed_values(DefinitionReader& reader, FieldDefinition& definition) {
    const Json* const values = reader.array("allowed_values");
    if (values == nullptr || values->items().empty()) return;
    for (std::size_t i = 0; i < std::min(values->items().size(), kMaxAllowedValues); ++i) {
        const Json& item = values->items()[i];
        if (!item.is_object() || is_value_with_label(item)) continue;
        reader.fault("allowed_values[" + std::to_string(i) + "]",
                     "must be a value, or an object of a value and a label of at most " +
                         std::to_string(kMaxLabelLength) + " characters");
        return;
    }
    definition.allowed_values = *values;
    definition.field.allowed_values = allowed_values_of(*values);
}

std::optional<ReferentialAction> read_action(DefinitionReader& reader, std::string_view key,
                                             bool required) {
    const auto name = reader.one_of(key, kActions);
    if (!name) return std::nullopt;
    const auto action = find_referential_action(*name);
    if (required && action == ReferentialAction::set_null)
        reader.fault(key, "cannot be SET NULL, because the field is required");
    return action;
}

void read_reference(DefinitionReader& reader, FieldDefinition& definition) {
    definition.reference_entity = reader.text("reference_entity", kMaxNameBytes);
    if (const auto id = reader.text("reference_entity_id", kMaxNameBytes)) {
        if (!Uuid::parse(*id)) reader.fault("reference_entity_id", "must be a UUID");
        if (definition.reference_entity)
            reader.fault("reference_entity_id", "is given twice, as reference_entity too");
        definition.reference_entity = id;
    }
    definition.reference_field = reader.text("reference_field", kMaxNameBytes);
    definition.relationship_type = reader.one_of("relationship_type", kRelationshipTypes);

    const bool is_file = definition.field.type == FieldType::file;
    definition.on_delete = read_action(reader, "on_delete", definition.field.required);
    definition.on_update = read_action(reader, "on_update", definition.field.required);
    if (definition.field.type == FieldType::other) return;
    if (definition.field.type == FieldType::lookup) {
        if (!definition.reference_entity)
            reader.fault("reference_entity", "is required for a lookup");
        return;
    }
    for (const auto* key : {"reference_entity", "reference_entity_id", "reference_field",
                            "relationship_type", "on_delete", "on_update"}) {
        if (reader.member(key) != nullptr) reader.fault(key, "is for lookups only");
    }
    if (is_file) definition.reference_entity = kFilesEntityId;
}

// A one-to-one lookup is a unique one.
void read_uniqueness(DefinitionReader& reader, FieldDefinition& definition) {
    const auto unique = reader.boolean("is_unique");
    const bool single = definition.relationship_type == "one-to-one";
    if (single && unique && !*unique)
        reader.fault("is_unique", "contradicts the relationship type one-to-one");
    definition.field.unique = unique.value_or(single);
    definition.field.indexed = reader.boolean("is_indexed").value_or(false);
}

void read_texts(DefinitionReader& reader, FieldDefinition& definition) {
    definition.description = reader.text("description", kMaxTextLength);
    definition.help_text = reader.text("help_text", kMaxTextLength);
    definition.placeholder = reader.text("placeholder", kMaxTextLength);
    definition.prefix = reader.text("prefix", kMaxLabelLength);
    definition.suffix = reader.text("suffix", kMaxLabelLength);
    definition.input_type = reader.text("input_type", kMaxIconLength);
    if (!definition.input_type) definition.input_type = info(definition.field.type).input_type;
}

// A formula is read in its own right, so that its length is judged with it.
void read_formula(DefinitionReader& reader, Field& field) {
    const bool calculated = reader.boolean("is_calculated").value_or(false);
    const bool given = reader.member("calculation_formula") != nullptr;
    const auto formula = reader.text("calculation_formula", kMaxExpressionLength);
    if (formula && formula->find_first_not_of(" \t\r\n") == std::string::npos)
        reader.fault("calculation_formula", "must not be empty");
    if (calculated && !given)
        reader.fault("calculation_formula", "is required for a calculated field");
    if (given && !calculated)
        reader.fault("is_calculated", "must be true for a field with a calculation_formula");
    if (!calculated) return;
    field.formula = formula.value_or("");
    if (reader.boolean("is_readonly") == false)
        reader.fault("is_readonly", "contradicts is_calculated");
    field.readonly = true;
}

Json read_metadata(DefinitionReader& reader) {
    const Json* const metadata = reader.object("metadata");
    return metadata == nullptr ? Json::object() : *metadata;
}

FieldDefinition read_field(const Json& json, std::string_view path, Faults& faults) {
    FieldDefinition definition;
    Field& field = definition.field;
    DefinitionReader reader(json, path, faults);
    reader.refuse_others(kFieldKeys, kComputedFieldKeys, "a field");
    field.name = reader.text("name", kMaxNameBytes).value_or("");
    field.label = read_label(reader, field.name);
    field.type = read_type(reader);
    field.item_type = read_item_type(reader);
    set_type_oids(field);
    field.required = read_required(reader);
    field.readonly = reader.boolean("is_readonly").value_or(false);
    read_formula(reader, field);
    read_constraints(reader, field);
    read_default(reader, field);
    read_allowed_values(reader, definition);
    if (const Json* const schema = reader.object("json_schema")) field.json_schema = *schema;
    read_reference(reader, definition);
    read_uniqueness(reader, definition);
    read_texts(reader, definition);
    read_rules(reader, field, faults);
    definition.display_order = reader.integer("display_order", 0, kMaxInteger);
    definition.metadata = read_metadata(reader);
    return definition;
}

// Says of the items that are no objects that they are none; true when there are such.
bool refuse_others_than_objects(const Json& fields, Faults& faults) {
    bool refused = false;
    for (std::size_t i = 0; i < fields.items().size(); ++i) {
        if (fields.items()[i].is_object()) continue;
        faults.add("fields[" + std::to_string(i) + "]", "must be an object");
        refused = true;
    }
    return refused;
}

// All or none, because the check that follows counts the fields as they were given.
void read_fields(DefinitionReader& reader, EntityDefinition& definition, Faults& faults) {
    const Json* const fields = reader.array("fields");
    if (fields == nullptr) return;
    if (fields->items().size() > kMaxFields)
        return reader.fault("fields", "must be at most " + std::to_string(kMaxFields));
    if (refuse_others_than_objects(*fields, faults)) return;
    for (std::size_t i = 0; i < fields->items().size(); ++i) {
        definition.fields.push_back(
            read_field(fields->items()[i], "fields[" + std::to_string(i) + "].", faults));
    }
}

void read_indexes(DefinitionReader& reader, EntityDefinition& definition, Faults& faults) {
    const Json* const indexes = reader.array("indexes");
    if (indexes == nullptr) return;
    for (std::size_t i = 0; i < std::min(indexes->items().size(), kMaxIndexes + 1); ++i) {
        definition.indexes.push_back(parse_index_definition(
            indexes->items()[i], "indexes[" + std::to_string(i) + "].", faults));
    }
}

void read_entity_type(DefinitionReader& reader) {
    constexpr std::array<std::string_view, 3> types = {"custom", "system", "virtual"};
    const auto type = reader.one_of("entity_type", types);
    if (type == "system")
        reader.fault("entity_type", "must be custom; system entities belong to the platform");
    if (type == "virtual") reader.fault("entity_type", "virtual is not supported yet");
}

std::optional<std::string> read_sort_order(DefinitionReader& reader) {
    constexpr std::array<std::string_view, 4> orders = {"ASC", "DESC", "asc", "desc"};
    auto order = reader.one_of("default_sort_order", orders);
    if (order == "asc") order = "ASC";
    if (order == "desc") order = "DESC";
    return order;
}

void read_switches(DefinitionReader& reader, EntityDefinition& definition) {
    definition.entity.soft_delete = reader.boolean("supports_soft_delete").value_or(true);
    definition.is_audited = reader.boolean("is_audited").value_or(true);
    definition.is_versioned = reader.boolean("is_versioned").value_or(false);
    if (definition.is_versioned) reader.fault("is_versioned", "is not supported yet");
    definition.supports_attachments = reader.boolean("supports_attachments").value_or(true);
    definition.supports_comments = reader.boolean("supports_comments").value_or(true);
    definition.is_active = reader.boolean("is_active").value_or(true);
}

void read_display(DefinitionReader& reader, EntityDefinition& definition) {
    definition.plural_label = reader.text("plural_label", kMaxLabelLength);
    definition.description = reader.text("description", kMaxTextLength);
    definition.icon = reader.text("icon", kMaxIconLength);
    definition.category = reader.text("category", kMaxShortText);
    definition.primary_field = reader.text("primary_field", kMaxNameBytes);
    definition.default_sort_field = reader.text("default_sort_field", kMaxNameBytes);
    definition.default_sort_order = read_sort_order(reader);
    definition.entity.search_language =
        reader.one_of("search_language", search_languages()).value_or("");
    definition.records_per_page = reader.integer("records_per_page", 1, kMaxRecordsPerPage);
}

}  // namespace

std::span<const std::string_view> entity_members() noexcept { return kEntityKeys; }
std::span<const std::string_view> field_members() noexcept { return kFieldKeys; }

FieldDefinition parse_field_definition(const Json& json, std::string_view path, Faults& faults) {
    if (!json.is_object()) {
        faults.add(path.substr(0, path.find_last_not_of('.') + 1), "must be an object");
        return {};
    }
    FieldDefinition definition = read_field(json, path, faults);
    check_field(definition.field, path, faults);
    return definition;
}

EntityDefinition parse_entity_head(const Json& json, Faults& faults) {
    EntityDefinition definition;
    if (!json.is_object()) {
        faults.add("", "must be an object");
        return definition;
    }
    DefinitionReader reader(json, "", faults);
    reader.refuse_others(kEntityKeys, kComputedEntityKeys, "an entity");
    Entity& entity = definition.entity;
    entity.name = reader.text("name", kMaxNameBytes).value_or("");
    entity.label = read_label(reader, entity.name);
    entity.table = reader.text("table_name", kMaxNameBytes).value_or(entity.name);
    entity.resource = entity.name;
    read_entity_type(reader);
    read_switches(reader, definition);
    read_display(reader, definition);
    definition.metadata = read_metadata(reader);
    return definition;
}

EntityDefinition parse_entity_definition(const Json& json, Faults& faults) {
    EntityDefinition definition = parse_entity_head(json, faults);
    if (!json.is_object()) return definition;
    DefinitionReader reader(json, "", faults);
    read_fields(reader, definition, faults);
    read_indexes(reader, definition, faults);
    check_entity(definition, faults);
    return definition;
}

}  // namespace pgwright::core
