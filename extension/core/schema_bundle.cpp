#include "core/schema_bundle.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/definition_document.hpp"
#include "core/relationship.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {

namespace {

constexpr std::string_view kFormat = "pgwright-schema";

constexpr auto kRelationshipMembers = std::to_array<std::string_view>({
    "name",
    "label",
    "description",
    "relationship_type",
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

std::string text_of(const Json& json, std::string_view key) {
    const Json* const value = json.find(key);
    return value == nullptr ? std::string() : value->text();
}

const Json::Array& items_of(const Json& json, std::string_view key) {
    static const Json::Array kNone;
    const Json* const list = json.find(key);
    return list == nullptr ? kNone : list->items();
}

void set_name(Json& json, std::string_view key, const Json& row, std::string_view id_key,
              const EntityNames& names) {
    const auto id = Uuid::parse(text_of(row, id_key));
    const auto found = id ? names.find(*id) : names.end();
    if (found != names.end()) json.set(key, Json::string(found->second));
}

Json bundle_field(const Json& row, const EntityNames& names) {
    Json field = Json::object({{"id", Json::string(text_of(row, "id"))}});
    const Json written = field_as_written(row);
    for (const auto& [key, value] : written.members())
        if (key != "reference_entity_id") field.set(key, value);
    set_name(field, "reference_entity", row, "reference_entity_id", names);
    return field;
}

// Parsing ----------------------------------------------------------------------------------------

class BundleReader {
  public:
    explicit BundleReader(Faults& faults) : faults_(faults) {}

    Bundle read(const Json& json) {
        if (!json.is_object()) {
            faults_.add("bundle", "must be an object");
            return {};
        }
        if (!has_good_head(json)) return {};
        Bundle bundle;
        std::size_t i = 0;
        for (const Json& each : json.find("entities")->items())
            bundle.entities.push_back(entity(each, "entities[" + std::to_string(i++) + "]"));
        check_names(bundle);
        i = 0;
        for (const Json& each : items_of(json, "relationships"))
            relationship(bundle, each, "relationships[" + std::to_string(i++) + "]");
        return bundle;
    }

  private:
    bool has_good_head(const Json& json) {
        if (text_of(json, "format") != kFormat) {
            faults_.add("format", "must be " + std::string(kFormat));
            return false;
        }
        if (text_of(json, "version") != std::to_string(kBundleVersion)) {
            faults_.add("version", "is not a version that can be read; this is version " +
                                       std::to_string(kBundleVersion));
            return false;
        }
        const Json* const entities = json.find("entities");
        const Json* const relationships = json.find("relationships");
        const bool lists = entities != nullptr && entities->is_array() &&
                           (relationships == nullptr || relationships->is_array());
        if (!lists) faults_.add("entities", "and relationships must be arrays");
        if (lists && entities->items().size() > kMaxBundleEntities)
            faults_.add("entities", "are more than " + std::to_string(kMaxBundleEntities));
        return lists && entities->items().size() <= kMaxBundleEntities;
    }

    BundleEntity entity(const Json& json, const std::string& path) {
        BundleEntity entity;
        entity.status = text_of(json, "status");
        if (entity.status != "draft" && entity.status != "published" && entity.status != "archived")
            faults_.add(path + ".status", "must be draft, published or archived");
        entity.imported = text_of(json, "origin") == "imported";
        entity.schema = text_of(json, "schema_name");
        entity.table = text_of(json, "table_name");
        entity.definition = document(json, path, entity.imported);
        const Json* const draft = json.find("draft");
        if (draft != nullptr && !draft->is_null())
            entity.draft = document(*draft, path + ".draft", entity.imported);
        return entity;
    }

    // As if somebody had written it, and then with its ids. What was imported follows its relation and
    // not the rules of definitions.
    EntityDefinition document(const Json& json, const std::string& path, bool imported) {
        Json written = Json::object();
        if (const Json* head = json.find("entity"); head != nullptr && head->is_object())
            written = *head;
        else
            faults_.add(path + ".entity", "must be an object");
        for (const char* list : {"fields", "indexes"}) {
            Json items = Json::array();
            for (const Json& each : items_of(json, list)) items.items().push_back(without_id(each));
            written.set(list, std::move(items));
        }
        Faults found;
        EntityDefinition definition = parse_entity_definition(written, found);
        for (const Fault& fault : found.list())
            if (!imported) faults_.add(path + '.' + path_of(fault.field), fault.message);
        set_ids(definition, json, path);
        return definition;
    }

    static std::string path_of(const std::string& field) {
        const bool list = field.starts_with("fields[") || field.starts_with("indexes[") ||
                          field == "fields" || field == "indexes";
        return list ? field : "entity." + field;
    }

    static Json without_id(const Json& json) {
        if (!json.is_object()) return json;
        Json rest = Json::object();
        for (const auto& [key, value] : json.members())
            if (key != "id") rest.set(key, value);
        return rest;
    }

    void set_ids(EntityDefinition& definition, const Json& json, const std::string& path) {
        const auto id = [&](const Json& each, const std::string& where) {
            const std::string text = text_of(each, "id");
            const auto uuid = Uuid::parse(text);
            if (!uuid && !text.empty()) faults_.add(where + ".id", "must be a UUID");
            return uuid.value_or(Uuid{});
        };
        const Json::Array& fields = items_of(json, "fields");
        for (std::size_t i = 0; i < std::min(fields.size(), definition.fields.size()); ++i)
            definition.fields[i].field.id =
                id(fields[i], path + ".fields[" + std::to_string(i) + "]");
        const Json::Array& indexes = items_of(json, "indexes");
        for (std::size_t i = 0; i < std::min(indexes.size(), definition.indexes.size()); ++i)
            definition.indexes[i].id = id(indexes[i], path + ".indexes[" + std::to_string(i) + "]");
    }

    void check_names(const Bundle& bundle) {
        std::set<std::string> names;
        for (std::size_t i = 0; i < bundle.entities.size(); ++i) {
            if (!names.insert(bundle.entities[i].name()).second)
                faults_.add("entities[" + std::to_string(i) + "].entity.name", "is given twice");
        }
    }

    void relationship(Bundle& bundle, const Json& json, const std::string& path) {
        if (!json.is_object()) return faults_.add(path, "must be an object");
        Faults found;
        (void)parse_relationship_definition(without_junction(json), found);
        for (const Fault& fault : found.list())
            faults_.add(path + '.' + fault.field, fault.message);
        bundle.relationships.push_back(json);
    }

    static Json without_junction(const Json& json) {
        Json rest = Json::object();
        for (const auto& [key, value] : json.members())
            if (key != "junction_entity") rest.set(key, value);
        return rest;
    }

    Faults& faults_;
};

// The id of the one that the definition means, of those there are.
template <typename List, typename IdOf, typename NameOf>
Uuid matched(const List& existing, const Uuid& id, const std::string& name, IdOf id_of,
             NameOf name_of, std::set<Uuid>& used, Uuid (*new_id)()) {
    for (const auto& each : existing)
        if (id != Uuid{} && id_of(each) == id && used.insert(id).second) return id;
    for (const auto& each : existing)
        if (name_of(each) == name && used.insert(id_of(each)).second) return id_of(each);
    return new_id();
}

}  // namespace

Json bundle_document(const Json& rows, const EntityNames& names) {
    Json document = Json::object();
    document.set("entity", entity_as_written(*rows.find("entity")));
    Json fields = Json::array();
    for (const Json& row : items_of(rows, "fields"))
        fields.items().push_back(bundle_field(row, names));
    Json indexes = Json::array();
    for (const Json& row : items_of(rows, "indexes")) {
        Json index = Json::object({{"id", Json::string(text_of(row, "id"))}});
        const Json written = index_as_written(row);
        for (const auto& [key, value] : written.members()) index.set(key, value);
        indexes.items().push_back(std::move(index));
    }
    document.set("fields", std::move(fields));
    document.set("indexes", std::move(indexes));
    return document;
}

Json bundle_relationship(const Json& row, const EntityNames& names) {
    Json relationship = Json::object();
    for (const std::string_view key : kRelationshipMembers) {
        const Json* const value = row.find(key);
        if (value != nullptr && !value->is_null()) relationship.set(key, *value);
    }
    set_name(relationship, "source_entity", row, "source_entity_id", names);
    set_name(relationship, "target_entity", row, "target_entity_id", names);
    set_name(relationship, "junction_entity", row, "junction_entity_id", names);
    return relationship;
}

const BundleEntity* Bundle::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(entities, name, &BundleEntity::name);
    return found == entities.end() ? nullptr : &*found;
}

Bundle parse_bundle(const Json& json, Faults& faults) { return BundleReader(faults).read(json); }

EntityDefinition laid_over(const EntityDefinition& definition, const EntityDefinition& existing,
                           Uuid (*new_id)()) {
    EntityDefinition laid = definition;
    const Entity& there = existing.entity;
    laid.entity.id = there.id;
    laid.entity.tenant_id = there.tenant_id;
    laid.entity.schema = there.schema;
    laid.entity.table = there.table;
    laid.entity.version = there.version;
    laid.entity.resource = there.resource;
    std::set<Uuid> used;
    for (FieldDefinition& each : laid.fields)
        each.field.id = matched(
            existing.fields, each.field.id, each.field.name,
            [](const FieldDefinition& field) { return field.field.id; },
            [](const FieldDefinition& field) { return field.field.name; }, used, new_id);
    used.clear();
    for (IndexDefinition& each : laid.indexes)
        each.id = matched(
            existing.indexes, each.id, each.name,
            [](const IndexDefinition& index) { return index.id; },
            [](const IndexDefinition& index) { return index.name; }, used, new_id);
    return laid;
}

}  // namespace pgwright::core
