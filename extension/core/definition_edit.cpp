#include "core/definition_edit.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/condition.hpp"
#include "core/definition_document.hpp"
#include "core/definition_reader.hpp"
#include "core/definition_row.hpp"
#include "core/expression.hpp"
#include "core/index_definition.hpp"

namespace pgwright::core {

namespace {

// Members of an object, or a fault; null takes a member away, as if it had never been given.
bool merge(Json& written, const Json& changes, Faults& faults) {
    if (!changes.is_object()) {
        faults.add("", "must be an object");
        return false;
    }
    for (const auto& [key, value] : changes.members()) written.set(key, value);
    return true;
}

bool gives(const Json& changes, std::string_view key) { return changes.find(key) != nullptr; }

void drop(Json& written, std::string_view key) { written.set(key, Json()); }

// Faults of the whole under the names of the part that was given: what is "fields[3].label" to the
// whole is "label" to who changes that field. Another's name was good before: if it no longer is, the
// part was given the same; and so was another's type, of which there may be one.
void tell(const Faults& whole, const std::string& own_path, Faults& faults) {
    for (const Fault& fault : whole.list()) {
        const bool own = fault.field.starts_with(own_path);
        const bool twin =
            !own && (fault.field.ends_with("].name") || fault.field.ends_with("].index_type"));
        const std::string other =
            twin ? fault.field.substr(fault.field.rfind('.') + 1) : fault.field;
        add_once(faults, own ? fault.field.substr(own_path.size()) : other, fault.message);
    }
}

std::string path_of(std::string_view list, std::size_t index) {
    return std::string(list) + '[' + std::to_string(index) + "].";
}

// Keeps what was checked when it is good, and leaves the definition as it was when it is not.
void keep_if_good(EntityDefinition& definition, EntityDefinition changed, const std::string& path,
                  Faults& faults) {
    Faults whole;
    // The names and columns of an imported table are not ours to judge.
    if (changed.entity.generated) check_entity(changed, whole);
    tell(whole, path, faults);
    if (faults.empty()) definition = std::move(changed);
}

std::size_t position(const std::vector<FieldDefinition>& fields, const Uuid& id) {
    const auto found =
        std::ranges::find(fields, id, [](const FieldDefinition& each) { return each.field.id; });
    return static_cast<std::size_t>(found - fields.begin());
}

std::size_t position(const std::vector<IndexDefinition>& indexes, const Uuid& id) {
    return static_cast<std::size_t>(std::ranges::find(indexes, id, &IndexDefinition::id) -
                                    indexes.begin());
}

// Fields -----------------------------------------------------------------------------------------

// What was said, or followed, of the type the field had and does not fit the type it gets; what the
// caller gives stays, to be judged.
void drop_misfits(Json& written, const Json& changes, const FieldTypeInfo& type) {
    const auto drop_unless = [&](bool fits, std::initializer_list<std::string_view> keys) {
        for (const std::string_view key : keys)
            if (!fits && !gives(changes, key)) drop(written, key);
    };
    drop_unless(type.has_length && type.pattern.empty(), {"min_length", "max_length"});
    drop_unless(type.has_length && type.type != FieldType::rich_text, {"pattern"});
    drop_unless(type.has_range, {"min_value", "max_value"});
    drop_unless(type.has_scale, {"decimal_places"});
    drop_unless(type.type == FieldType::lookup, {"reference_entity_id", "reference_field",
                                                 "relationship_type", "on_delete", "on_update"});
    drop_unless(type.name == "array", {"item_type"});
    drop_unless(type.type == FieldType::json, {"json_schema"});
    drop_unless(false, {"input_type"});
}

Json merged_field(const FieldDefinition& before, const EntityDefinition& definition,
                  const Json& changes, Faults& faults) {
    Json written = field_as_written(field_row(before, definition.entity, 0));
    drop(written, "display_order");
    if (before.display_order)
        written.set("display_order", Json::number(std::to_string(*before.display_order)));
    if (!merge(written, changes, faults)) return written;
    // It followed from the formula.
    if (before.field.is_calculated() && !gives(changes, "is_readonly"))
        drop(written, "is_readonly");
    if (gives(changes, "reference_entity") && !gives(changes, "reference_entity_id"))
        drop(written, "reference_entity_id");
    if (gives(changes, "is_nullable") && !gives(changes, "is_required"))
        drop(written, "is_required");
    if (gives(changes, "default_expression") && !gives(changes, "default_value"))
        drop(written, "default_value");
    if (gives(changes, "default_value") && !gives(changes, "default_expression"))
        drop(written, "default_expression");
    if (gives(changes, "relationship_type") && !gives(changes, "is_unique"))
        drop(written, "is_unique");
    if (gives(changes, "is_unique") && !gives(changes, "relationship_type"))
        drop(written, "relationship_type");
    if (const Json* calculated = changes.find("is_calculated")) {
        if (!gives(changes, "is_readonly")) drop(written, "is_readonly");
        if (!calculated->as_boolean() && !gives(changes, "calculation_formula"))
            drop(written, "calculation_formula");
    }
    const Json* const type = changes.find("field_type");
    const FieldTypeInfo* const known =
        type != nullptr && type->is_string() ? find_field_type(type->text()) : nullptr;
    if (known != nullptr && known->type != before.field.type)
        drop_misfits(written, changes, *known);
    return written;
}

// A formula that does not parse, which the same change brought, is told of when the whole is checked.
void rename_in_formula(std::string& formula, const std::string& from, const std::string& to) {
    try {
        formula = rename_in_expression(formula, from, to);
    } catch (const Failure&) {
    }
}

void rename_in_setting(std::optional<std::string>& setting, const std::string& from,
                       const std::string& to) {
    if (setting == from) setting = to;
}

void rename_uses(EntityDefinition& definition, const std::string& from, const std::string& to) {
    for (FieldDefinition& each : definition.fields) {
        if (each.field.is_calculated()) rename_in_formula(each.field.formula, from, to);
        for (ValidationRule& rule : each.field.rules) rename_in_formula(rule.expression, from, to);
    }
    for (IndexDefinition& index : definition.indexes) {
        for (IndexKey& key : index.keys)
            if (key.field == from) key.field = to;
        if (!index.condition.is_null())
            index.condition = rename_fields(index.condition, {{from, to}});
    }
    rename_in_setting(definition.primary_field, from, to);
    rename_in_setting(definition.default_sort_field, from, to);
}

bool uses(const IndexDefinition& index, const Entity& entity, const std::string& name) {
    if (std::ranges::any_of(index.keys, [&](const IndexKey& key) { return key.field == name; }))
        return true;
    if (index.condition.is_null()) return false;
    const auto fields = fields_of(parse_condition(index.condition, entity, "condition"));
    return std::ranges::find(fields, name) != fields.end();
}

bool is_taken(const EntityDefinition& definition, const Field& field) {
    return std::ranges::any_of(definition.fields, [&](const FieldDefinition& each) {
        return each.field.name == field.name && each.field.id != field.id;
    });
}

std::vector<Fault> users_of(const EntityDefinition& definition, const std::string& name) {
    std::vector<Fault> users;
    for (const FieldDefinition& each : definition.fields) {
        if (each.field.is_calculated() &&
            fields_of(parse_expression(each.field.formula)).contains(name))
            users.push_back({each.field.name, "uses the field in its formula"});
        for (const ValidationRule& rule : each.field.rules) {
            // Its own rules go with the field.
            if (each.field.name != name &&
                fields_of(parse_expression(rule.expression)).contains(name))
                users.push_back({each.field.name, "uses the field in its rule " + rule.name});
        }
    }
    for (const IndexDefinition& index : definition.indexes) {
        if (uses(index, whole_entity(definition), name))
            users.push_back({index.name, "is an index over the field"});
    }
    if (definition.primary_field == name)
        users.push_back({"primary_field", "is the field; choose another first"});
    if (definition.default_sort_field == name)
        users.push_back({"default_sort_field", "is the field; choose another first"});
    return users;
}

}  // namespace

void add_field(EntityDefinition& definition, const Uuid& id, const Json& json, Faults& faults) {
    EntityDefinition changed = definition;
    changed.fields.push_back(parse_field_definition(json, "", faults));
    changed.fields.back().field.id = id;
    keep_if_good(definition, std::move(changed), path_of("fields", definition.fields.size()),
                 faults);
}

namespace {

// What is said of an imported column for display; the column itself stays what it is.
void describe_imported(FieldDefinition& field, const Json& written, const Json& changes,
                       Faults& faults) {
    Faults all;
    FieldDefinition described = parse_field_definition(written, "", all);
    for (const Fault& fault : all.list()) {
        if (gives(changes, fault.field)) add_once(faults, fault.field, fault.message);
    }
    if (!faults.empty()) return;
    const std::string label = described.field.label;
    described.field = field.field;
    described.field.label = label;
    field = std::move(described);
}

}  // namespace

void change_field(EntityDefinition& definition, const Uuid& id, const Json& changes,
                  Faults& faults) {
    const std::size_t at = position(definition.fields, id);
    EntityDefinition changed = definition;
    if (!definition.entity.generated) {
        FieldDefinition& field = definition.fields[at];
        const Json written = merged_field(field, changed, changes, faults);
        return describe_imported(field, written, changes, faults);
    }
    const FieldDefinition& before = definition.fields[at];
    const Json written = merged_field(before, definition, changes, faults);
    FieldDefinition& after = changed.fields[at];
    after = parse_field_definition(written, "", faults);
    after.field.id = id;
    if (is_taken(definition, after.field)) {
        // The rest is judged under the old name: the other field has done nothing wrong.
        add_once(faults, "name", "is the name of another field too");
        after.field.name = before.field.name;
    }
    if (after.field.name != before.field.name && !after.field.name.empty())
        rename_uses(changed, before.field.name, after.field.name);
    keep_if_good(definition, std::move(changed), path_of("fields", at), faults);
}

void remove_field(EntityDefinition& definition, const Uuid& id) {
    const std::size_t at = position(definition.fields, id);
    auto users = users_of(definition, definition.fields[at].field.name);
    if (!users.empty())
        throw Failure(Code::conflict, "the field is used by others", std::move(users));
    definition.fields.erase(definition.fields.begin() + static_cast<std::ptrdiff_t>(at));
}

// The entity -------------------------------------------------------------------------------------

namespace {

void refuse_new_names(const EntityDefinition& before, const EntityDefinition& after,
                      Faults& faults) {
    if (after.entity.name != before.entity.name)
        add_once(faults, "name",
                 "cannot be changed once the entity is published; use rename_entity()");
    if (after.entity.table != before.entity.table)
        add_once(faults, "table_name", "cannot be changed once the entity is published");
}

}  // namespace

void change_entity(EntityDefinition& definition, const Json& changes, Lifecycle lifecycle,
                   Faults& faults) {
    Json written = entity_as_written(entity_row(definition));
    for (const auto* list : {"fields", "indexes"}) {
        if (gives(changes, list))
            faults.add(list, "are changed one by one, through the functions of their own");
    }
    if (gives(changes, "name") && !gives(changes, "table_name") &&
        lifecycle == Lifecycle::never_published &&
        definition.entity.table == definition.entity.name)
        drop(written, "table_name");
    if (!merge(written, changes, faults)) return;
    drop(written, "fields");
    drop(written, "indexes");
    Faults own;
    // primary_field and default_sort_field are judged below, with the fields.
    EntityDefinition changed = parse_entity_head(written, own);
    tell(own, "", faults);
    if (lifecycle == Lifecycle::published) refuse_new_names(definition, changed, faults);
    const Entity& before = definition.entity;
    changed.entity.id = before.id;
    changed.entity.tenant_id = before.tenant_id;
    changed.entity.schema = before.schema;
    changed.entity.version = before.version;
    changed.entity.generated = before.generated;
    changed.entity.key = before.key;
    changed.fields = definition.fields;
    changed.indexes = definition.indexes;
    keep_if_good(definition, std::move(changed), "", faults);
}

// Indexes ----------------------------------------------------------------------------------------

void add_index(EntityDefinition& definition, const Uuid& id, const Json& json, Faults& faults) {
    EntityDefinition changed = definition;
    changed.indexes.push_back(parse_index_definition(json, "", faults));
    changed.indexes.back().id = id;
    keep_if_good(definition, std::move(changed), path_of("indexes", definition.indexes.size()),
                 faults);
}

void change_index(EntityDefinition& definition, const Uuid& id, const Json& changes,
                  Faults& faults) {
    const std::size_t at = position(definition.indexes, id);
    EntityDefinition changed = definition;
    Json written = index_as_written(index_row(definition.indexes[at], whole_entity(definition)));
    if (!merge(written, changes, faults)) return;
    changed.indexes[at] = parse_index_definition(written, "", faults);
    changed.indexes[at].id = id;
    keep_if_good(definition, std::move(changed), path_of("indexes", at), faults);
}

void remove_index(EntityDefinition& definition, const Uuid& id) {
    const std::size_t at = position(definition.indexes, id);
    definition.indexes.erase(definition.indexes.begin() + static_cast<std::ptrdiff_t>(at));
}

FieldDefinition& require_field(EntityDefinition& definition, std::string_view name_or_id) {
    for (FieldDefinition& each : definition.fields) {
        if (each.field.name == name_or_id || each.field.id.to_string() == name_or_id) return each;
    }
    throw Failure(Code::resource_not_found, "the entity has no such field");
}

IndexDefinition& require_index(EntityDefinition& definition, std::string_view name_or_id) {
    for (IndexDefinition& each : definition.indexes) {
        if (each.name == name_or_id || each.id.to_string() == name_or_id) return each;
    }
    throw Failure(Code::resource_not_found, "the entity has no such index");
}

}  // namespace pgwright::core
