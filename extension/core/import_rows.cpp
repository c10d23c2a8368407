// The rows of the catalog that describe an imported relation; see import.hpp.
#include "core/identifier.hpp"
#include "core/import.hpp"

#include <algorithm>

#include "core/field_type.hpp"

namespace pgwright::core {

namespace {

Json text(const std::string& value) { return Json::string(value); }
Json text(const std::optional<std::string>& value) { return value ? Json::string(*value) : Json(); }
Json integer(std::optional<int> value) {
    return value ? Json::number(std::to_string(*value)) : Json();
}

std::optional<std::string> first(const std::optional<std::string>& said,
                                 const std::optional<std::string>& known, std::size_t longest) {
    if (said) return said;
    if (known && known->size() <= longest) return known;
    return std::nullopt;
}

// What people do not write: what the server computes, what no field type carries, and a key that
// comes from the server. A part of a key that has a plain default says something about the record.
bool is_server_made(const Relation& relation, const RelationColumn& column) {
    if (column.generated || column.always_identity || column.field_type == "other") return true;
    if (!relation.is_key(column.name)) return false;
    return column.from_sequence || (column.has_default && relation.key.size() == 1);
}

bool is_stamp(const ImportDefinition& definition, bool soft_delete, std::string_view name) {
    if (soft_delete && (name == "deleted_at" || name == "deleted_by")) return true;
    return definition.stamp && (name == "created_at" || name == "created_by" ||
                                name == "updated_at" || name == "updated_by");
}

bool soft_deletes(const Relation& relation, const ImportDefinition& definition) {
    return definition.soft_delete.value_or(true) && can_soft_delete(relation);
}

void set_texts(Json& row, const RelationColumn& column, const ImportDefinition& definition) {
    const auto said = definition.fields.find(column.name);
    const ImportDefinition::FieldText none;
    const ImportDefinition::FieldText& texts =
        said == definition.fields.end() ? none : said->second;
    row.set("label", text(texts.label.value_or(name_in_words(column.name))));
    row.set("description", text(first(texts.description, column.comment, kMaxTextLength)));
    row.set("help_text", text(texts.help_text));
}

// Only a column of a type that is known can be a lookup.
void set_type(Json& row, const Entity& entity, const Relation& relation,
              const RelationColumn& column) {
    const auto link = std::ranges::find(relation.links, column.name, &RelationLink::column);
    const bool linked = link != relation.links.end() && column.field_type != "other" &&
                        column.allowed_values.is_null();
    const std::string type = linked ? "lookup" : column.field_type;
    const FieldTypeInfo* const info = find_field_type(type);
    row.set("field_type", text(type));
    row.set("data_type", text(column.type));
    row.set("item_type", column.item_type.empty() ? Json() : text(column.item_type));
    row.set("input_type", text(std::string(column.allowed_values.is_null() && info != nullptr
                                               ? info->input_type
                                               : std::string_view("select"))));
    const std::string target = link == relation.links.end() || !link->entity.empty()
                                   ? (linked ? link->entity : std::string())
                                   : entity.name;
    row.set("reference_entity", linked ? text(target) : Json());
    row.set("relationship_type",
            linked ? text(std::string(relation.unique.contains(column.name) ? "one-to-one"
                                                                            : "many-to-one"))
                   : Json());
}

Json field_row(const Entity& entity, const Relation& relation, const ImportDefinition& definition,
               const RelationColumn& column, std::size_t position) {
    const bool readonly = is_server_made(relation, column) ||
                          is_stamp(definition, soft_deletes(relation, definition), column.name);
    Json row = Json::object();
    row.set("name", text(column.name));
    set_texts(row, column, definition);
    set_type(row, entity, relation, column);
    row.set("is_required", Json::boolean(!column.nullable && !column.has_default && !readonly));
    row.set("is_nullable", Json::boolean(column.nullable));
    row.set("is_unique", Json::boolean(relation.unique.contains(column.name)));
    row.set("is_indexed", Json::boolean(relation.indexed.contains(column.name)));
    row.set("is_readonly", Json::boolean(readonly));
    row.set("max_length", integer(column.max_length));
    row.set("decimal_places", integer(column.decimal_places));
    row.set("allowed_values", column.allowed_values);
    row.set("display_order", Json::number(std::to_string(position)));
    return row;
}

}  // namespace

std::string name_in_words(std::string_view name) {
    std::string words = suggested_entity_name(name, 1);
    if (words.starts_with("r_") && !name.starts_with("r_")) words.erase(0, 2);
    std::ranges::replace(words, '_', ' ');
    if (words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
    return words;
}

Json import_entity_row(const Entity& entity, const Relation& relation,
                       const ImportDefinition& definition) {
    Json key = Json::array();
    for (const std::string& name : relation.key) key.items().push_back(text(name));
    Json row = Json::object();
    row.set("name", text(entity.name));
    row.set("label", text(definition.label.value_or(name_in_words(relation.name))));
    row.set("plural_label", text(definition.plural_label));
    row.set("description", text(first(definition.description, relation.comment, kMaxTextLength)));
    row.set("icon", text(definition.icon));
    row.set("category", text(definition.category));
    row.set("schema_name", text(relation.schema));
    row.set("table_name", text(relation.name));
    row.set("relation_kind", text(relation.kind));
    row.set("key_fields", std::move(key));
    row.set("is_readonly", Json::boolean(relation.is_readonly()));
    row.set("readonly_reason", relation.is_readonly() ? text(relation.readonly_reason) : Json());
    row.set("supports_soft_delete", Json::boolean(soft_deletes(relation, definition)));
    row.set("primary_field", text(definition.primary_field));
    row.set("default_sort_field", text(definition.default_sort_field));
    row.set("default_sort_order", text(definition.default_sort_order.value_or("ASC")));
    row.set("search_language", text(definition.search_language));
    return row;
}

Json import_field_rows(const Entity& entity, const Relation& relation,
                       const ImportDefinition& definition) {
    Json rows = Json::array();
    for (const RelationColumn& column : relation.columns)
        rows.items().push_back(
            field_row(entity, relation, definition, column, rows.items().size() + 1));
    return rows;
}

}  // namespace pgwright::core
