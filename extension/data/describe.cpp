// SQL: describe_entity. What a caller can do with an entity: the fields and relations as he sees them, and
// the actions that are his. What forms and tables are generated from (sql/72_metadata.sql).
#include "pg/guard.hpp"

#include "core/related.hpp"
#include "data/caller.hpp"
#include "data/records.hpp"
#include "data/related.hpp"

namespace pgwright::data {

namespace {

using core::Action;
using core::Field;
using core::Json;
using core::JsonWriter;

void write_text(JsonWriter& writer, std::string_view key, std::string_view text) {
    writer.key(key);
    writer.string(text);
}

void write_flag(JsonWriter& writer, std::string_view key, bool value) {
    writer.key(key);
    writer.boolean(value);
}

void write_optional(JsonWriter& writer, std::string_view key, const std::optional<int>& value) {
    if (!value) return;
    writer.key(key);
    writer.integer(*value);
}

void write_reference(JsonWriter& writer, const Caller& caller, const Field& field,
                     const core::FindRelated& find_related) {
    if (!field.reference) return;
    // Of what the caller may not read not even the name is told.
    if (!find_related(*caller.entity, field.name)) return;
    writer.key("reference");
    writer.begin_object();
    write_text(writer, "entity", field.reference->entity);
    write_text(writer, "expand", core::lookup_name(field));
    writer.end_object();
}

// What else has to be true of a record, in words; of the fields that a rule uses those the caller sees.
void write_validation_rules(JsonWriter& writer, const core::Entity& entity, const Field& field) {
    if (field.rules.empty()) return;
    writer.key("validation_rules");
    writer.begin_array();
    for (const core::ValidationRule& rule : field.rules) {
        writer.begin_object();
        write_text(writer, "name", rule.name);
        write_text(writer, "message", rule.message);
        writer.key("fields");
        writer.begin_array();
        for (const std::string& name : rule.fields)
            if (entity.find(name) != nullptr) writer.string(name);
        writer.end_array();
        writer.end_object();
    }
    writer.end_array();
}

void write_rules(JsonWriter& writer, const Field& field) {
    write_optional(writer, "min_length", field.min_length);
    write_optional(writer, "max_length", field.max_length);
    write_optional(writer, "decimal_places", field.decimal_places);
    for (const auto& [key, bound] :
         {std::pair("min_value", &field.min_value), std::pair("max_value", &field.max_value)}) {
        if (!*bound) continue;
        writer.key(key);
        writer.raw(**bound);
    }
    if (field.pattern) write_text(writer, "pattern", *field.pattern);
    if (field.allowed_values.empty()) return;
    writer.key("allowed_values");
    writer.begin_array();
    for (const Json& value : field.allowed_values) writer.value(value);
    writer.end_array();
}

void write_field(JsonWriter& writer, const Caller& caller, const Field& field,
                 const core::FindRelated& find_related) {
    const core::FieldTypeInfo& type = core::info(field.type);
    const bool masked = !field.mask_sql.empty();
    writer.begin_object();
    write_text(writer, "name", field.name);
    write_text(writer, "label", field.label);
    write_text(writer, "field_type", type.name);
    if (field.item_type) write_text(writer, "item_type", core::info(*field.item_type).name);
    write_text(writer, "input_type", type.input_type);
    write_flag(writer, "required", field.must_be_given());
    write_flag(writer, "readonly", field.readonly || field.system || field.is_calculated());
    write_flag(writer, "write_once", field.write_once);
    write_flag(writer, "masked", masked);
    write_flag(writer, "system", field.system);
    write_flag(writer, "calculated", field.is_calculated());
    write_flag(writer, "unique", field.unique);
    write_flag(writer, "sortable", type.sortable && !masked);
    write_flag(writer, "filterable", !masked);
    if (field.default_value) write_text(writer, "default_value", *field.default_value);
    write_rules(writer, field);
    write_validation_rules(writer, *caller.entity, field);
    if (!masked) write_reference(writer, caller, field, find_related);
    writer.end_object();
}

void write_relations(JsonWriter& writer, const Caller& caller,
                     const core::FindRelated& find_related) {
    writer.key("relations");
    writer.begin_array();
    for (const core::Association& association : caller.entity->associations) {
        const auto related = find_related(*caller.entity, association.name);
        if (!related) continue;
        writer.begin_object();
        write_text(writer, "name", association.name);
        write_flag(writer, "many", association.many);
        write_text(writer, "entity", related->target->name);
        writer.end_object();
    }
    writer.end_array();
}

// What a search is over and how words are taken; null: as they are.
void write_search(JsonWriter& writer, const core::Entity& entity) {
    writer.key("search_language");
    if (entity.search_language.empty())
        writer.null();
    else
        writer.string(entity.search_language);
    writer.key("search_fields");
    writer.begin_array();
    for (const std::string& field : entity.search_fields) writer.string(field);
    writer.end_array();
}

void write_actions(JsonWriter& writer, const Caller& caller) {
    const core::Entity& entity = *caller.entity;
    const security::Identity& identity = *caller.identity;
    const auto may = [&](Action action) { return identity.may(entity.resource, action); };
    writer.key("actions");
    writer.begin_object();
    write_flag(writer, "create", entity.creatable && may(Action::create));
    write_flag(writer, "read", entity.is_public || may(Action::read));
    write_flag(writer, "update", entity.updatable && may(Action::update));
    write_flag(writer, "delete", entity.deletable && may(Action::delete_));
    write_flag(writer, "export", may(Action::export_));
    write_flag(writer, "bulk", may(Action::bulk));
    writer.end_object();
}

std::string describe(const Caller& caller) {
    const core::Entity& entity = *caller.entity;
    require_read(*caller.identity, entity);
    const core::FindRelated find_related = related_finder(caller.identity);
    JsonWriter writer;
    writer.begin_object();
    write_text(writer, "id", entity.id.to_string());
    write_text(writer, "name", entity.name);
    write_text(writer, "label", entity.label);
    write_text(writer, "entity_type",
               entity.kind == core::EntityKind::system ? "system" : "custom");
    write_flag(writer, "soft_delete", entity.soft_delete);
    write_text(writer, "default_sort", entity.default_sort);
    write_search(writer, entity);
    writer.key("key");
    writer.begin_array();
    for (const std::string& column : entity.key) writer.string(column);
    writer.end_array();
    writer.key("fields");
    writer.begin_array();
    for (const Field& field : entity.fields) write_field(writer, caller, field, find_related);
    writer.end_array();
    write_relations(writer, caller, find_related);
    write_actions(writer, caller);
    writer.end_object();
    return std::string(writer.view());
}

}  // namespace

}  // namespace pgwright::data

PGWRIGHT_FUNCTION(pgwright_describe_entity) {
    const pgwright::data::Caller caller(args);
    return pgwright::pg::json_datum(pgwright::data::describe(caller));
}
