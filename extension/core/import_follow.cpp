// What became of an imported relation, as changes of the rows that describe it; see import.hpp.
#include "core/import.hpp"

#include <algorithm>

#include "core/identifier.hpp"

namespace pgwright::core {

namespace {

Json text(const std::string& value) { return Json::string(value); }
Json text(const std::optional<std::string>& value) { return value ? Json::string(*value) : Json(); }

class Follower {
  public:
    Follower(const EntityDefinition& definition, const Relation& relation,
             const TableState& recorded, const std::vector<Difference>& differences)
        : definition_(definition), relation_(relation), recorded_(recorded) {
        for (const Difference& each : differences)
            if (each.kind == "renamed_column") old_names_[each.object] = each.field;
    }

    Json entity() {
        const Json row = import_entity_row(definition_.entity, relation_, said());
        Json changes = Json::object();
        for (const char* const key : {"key_fields", "is_readonly", "readonly_reason",
                                      "supports_soft_delete", "relation_kind"})
            changes.set(key, *row.find(key));
        changes.set("primary_field", followed(definition_.primary_field));
        changes.set("default_sort_field", followed(definition_.default_sort_field));
        return changes;
    }

    Json fields(Uuid (*new_id)()) {
        Json rows = import_field_rows(definition_.entity, relation_, said());
        int position = static_cast<int>(definition_.fields.size());
        for (Json& row : rows.items()) {
            const std::string name = row.find("name")->text();
            const FieldDefinition* const known = field_of(old_name(name));
            if (known != nullptr) {
                keep_texts(row, *known);
            } else {
                row.set("id", text(new_id().to_string()));
                row.set("display_order", Json::number(std::to_string(++position)));
            }
        }
        return rows;
    }

  private:
    // What people said when they imported it, as far as rows tell.
    [[nodiscard]] ImportDefinition said() const {
        ImportDefinition said;
        said.soft_delete = definition_.entity.soft_delete;
        said.stamp = find_object(recorded_.triggers, "pgwright_stamp_record") != nullptr;
        return said;
    }

    [[nodiscard]] std::string old_name(const std::string& name) const {
        const auto found = old_names_.find(name);
        return found == old_names_.end() ? name : found->second;
    }

    [[nodiscard]] const FieldDefinition* field_of(const std::string& name) const {
        for (const FieldDefinition& each : definition_.fields)
            if (each.field.name == name) return &each;
        return nullptr;
    }

    // The name that the column has now; null when it is gone.
    [[nodiscard]] Json followed(const std::optional<std::string>& name) const {
        if (!name) return {};
        for (const auto& [now, was] : old_names_)
            if (was == *name) return text(now);
        return relation_.column(*name) == nullptr ? Json() : text(*name);
    }

    void keep_texts(Json& row, const FieldDefinition& known) const {
        const ColumnState* const was = recorded_.column(known.field.name);
        row.set("id", text(known.field.id.to_string()));
        const bool own_words = known.field.label != name_in_words(known.field.name);
        if (own_words) row.set("label", text(known.field.label));
        row.set("help_text", text(known.help_text));
        const bool commented = was != nullptr && known.description == was->comment;
        if (!commented) row.set("description", text(known.description));
        if (known.display_order)
            row.set("display_order", Json::number(std::to_string(*known.display_order)));
    }

    const EntityDefinition& definition_;
    const Relation& relation_;
    const TableState& recorded_;
    std::map<std::string, std::string> old_names_;  // by the new ones
};

// Said in the record alone: nothing happens to the relation. It has no way back, because the relation
// has none.
Change described(const Entity& entity) {
    return {"describe_relation",
            entity.schema + '.' + entity.table,
            "Describe the relation as it is now",
            "",
            "",
            "none",
            Risk::safe};
}

std::string obstacle_of(const Relation& relation, const std::string& kind) {
    if (relation.kind == kind) return {};
    return "the relation is a " + relation.kind + " now, and was a " + kind +
           "; unimport it and import it again";
}

}  // namespace

ImportUpdate follow_relation(const EntityDefinition& definition, const std::string& kind,
                             const Relation& relation, const TableState& recorded,
                             const std::vector<Difference>& differences, Uuid (*new_id)()) {
    ImportUpdate update;
    update.obstacle = obstacle_of(relation, kind);
    if (!update.obstacle.empty()) return update;
    Follower follower(definition, relation, recorded, differences);
    update.entity = follower.entity();
    update.fields = follower.fields(new_id);
    Entity entity = definition.entity;
    entity.soft_delete = update.entity.find("supports_soft_delete")->as_boolean();
    update.migration = plan_access(entity, relation);
    update.migration.changes.push_back(described(entity));
    return update;
}

}  // namespace pgwright::core
