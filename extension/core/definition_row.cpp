// From a parsed definition to the members of its catalog row; see definition_row.hpp.
#include "core/definition_row.hpp"

#include "core/field_type.hpp"
#include "core/validation_rule.hpp"

namespace pgwright::core {

namespace {

Json text(const std::optional<std::string>& value) { return value ? Json::string(*value) : Json(); }
Json digits(const std::optional<std::string>& value) {
    return value ? Json::number(*value) : Json();
}
Json integer(std::optional<int> value) {
    return value ? Json::number(std::to_string(*value)) : Json();
}
Json uuid(const Uuid& value) { return Json::string(value.to_string()); }

// What a definition does not say, as the catalog's table has it.
constexpr int kRecordsPerPage = 25;
constexpr std::string_view kSortOrder = "ASC";

}  // namespace

Json entity_row(const EntityDefinition& definition) {
    const Entity& entity = definition.entity;
    Json row = Json::object();
    row.set("id", uuid(entity.id));
    row.set("tenant_id", uuid(*entity.tenant_id));
    row.set("name", Json::string(entity.name));
    row.set("label", Json::string(entity.label));
    row.set("schema_name", Json::string(entity.schema));
    row.set("table_name", Json::string(entity.table));
    row.set("supports_soft_delete", Json::boolean(entity.soft_delete));
    row.set("is_audited", Json::boolean(definition.is_audited));
    row.set("is_versioned", Json::boolean(definition.is_versioned));
    row.set("supports_attachments", Json::boolean(definition.supports_attachments));
    row.set("supports_comments", Json::boolean(definition.supports_comments));
    row.set("is_active", Json::boolean(definition.is_active));
    row.set("plural_label", text(definition.plural_label));
    row.set("description", text(definition.description));
    row.set("icon", text(definition.icon));
    row.set("category", text(definition.category));
    row.set("primary_field", text(definition.primary_field));
    row.set("default_sort_field", text(definition.default_sort_field));
    row.set("default_sort_order",
            Json::string(definition.default_sort_order.value_or(std::string(kSortOrder))));
    row.set("search_language",
            entity.search_language.empty() ? Json() : Json::string(entity.search_language));
    row.set("records_per_page", integer(definition.records_per_page.value_or(kRecordsPerPage)));
    row.set("metadata", definition.metadata.is_null() ? Json::object() : definition.metadata);
    return row;
}

namespace {

void set_constraints(Json& row, const Field& field) {
    row.set("is_required", Json::boolean(field.required));
    row.set("is_nullable", Json::boolean(!field.required));
    row.set("is_unique", Json::boolean(field.unique));
    row.set("is_indexed", Json::boolean(field.indexed));
    row.set("is_readonly", Json::boolean(field.readonly));
    row.set("min_length", integer(field.min_length));
    row.set("max_length", integer(field.max_length));
    row.set("min_value", digits(field.min_value));
    row.set("max_value", digits(field.max_value));
    row.set("decimal_places", integer(field.decimal_places));
    row.set("pattern", text(field.pattern));
    row.set("validation_rules", rules_as_written(field));
    row.set("default_value", text(field.default_value));
    row.set("default_expression", text(field.default_expression));
    row.set("is_calculated", Json::boolean(field.is_calculated()));
    row.set("calculation_formula", field.is_calculated() ? Json::string(field.formula) : Json());
}

void set_display(Json& row, const FieldDefinition& definition) {
    const std::string input_type(info(definition.field.type).input_type);
    row.set("description", text(definition.description));
    row.set("help_text", text(definition.help_text));
    row.set("input_type", Json::string(definition.input_type.value_or(input_type)));
    row.set("placeholder", text(definition.placeholder));
    row.set("prefix", text(definition.prefix));
    row.set("suffix", text(definition.suffix));
    row.set("metadata", definition.metadata.is_null() ? Json::object() : definition.metadata);
}

void set_reference(Json& row, const FieldDefinition& definition) {
    const Field& field = definition.field;
    row.set("reference_entity_id", field.reference ? uuid(field.reference->entity_id) : Json());
    row.set("reference_field", text(definition.reference_field));
    const std::string kind = field.unique ? "one-to-one" : "many-to-one";
    row.set("relationship_type",
            field.reference ? Json::string(definition.relationship_type.value_or(kind)) : Json());
    const auto action = [&](ReferentialAction Reference::*which) {
        return field.reference
                   ? Json::string(std::string(referential_action_name((*field.reference).*which)))
                   : Json();
    };
    row.set("on_delete", action(&Reference::on_delete));
    row.set("on_update", action(&Reference::on_update));
}

}  // namespace

Json field_row(const FieldDefinition& definition, const Entity& entity, int display_order) {
    const Field& field = definition.field;
    Json row = Json::object();
    row.set("entity_id", uuid(entity.id));
    row.set("tenant_id", uuid(*entity.tenant_id));
    row.set("name", Json::string(field.name));
    row.set("label", Json::string(field.label));
    row.set("field_type", Json::string(std::string(info(field.type).name)));
    row.set("data_type", Json::string(sql_type_of(field)));
    row.set("item_type",
            field.item_type ? Json::string(std::string(info(*field.item_type).name)) : Json());
    row.set("json_schema", field.json_schema);
    row.set("display_order",
            Json::number(std::to_string(definition.display_order.value_or(display_order))));
    row.set("allowed_values", definition.allowed_values);
    set_constraints(row, field);
    set_display(row, definition);
    set_reference(row, definition);
    return row;
}

}  // namespace pgwright::core
