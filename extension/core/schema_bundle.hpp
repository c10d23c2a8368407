// A bundle: a tenant's definitions as one document, to be kept, or carried to another tenant or
// database. Nothing in it depends on where it was made but ids, which are of use only where it came
// from: entities refer to each other by name. Pure; schema/backup.cpp reads and restores.
//
// {"format":"pgwright-schema","version":1,"pgwright_version","tenant",
//  "entities":[{"status","origin","entity":{...},"fields":[{"id",...}],"indexes":[{"id",...}],
//               "draft":{"entity","fields","indexes"} or null}],
//  "relationships":[{"name",...,"source_entity","target_entity","junction_entity"}]}
// Members are those that people write in definitions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

inline constexpr int kBundleVersion = 1;
inline constexpr std::size_t kMaxBundleBytes = 32U * 1024U * 1024U;
inline constexpr std::size_t kMaxBundleEntities = 5000;

// Names of entities by id, as bundles call them.
using EntityNames = std::map<Uuid, std::string>;

// The rows of one entity, {"entity","fields","indexes"}, as a bundle has them.
Json bundle_document(const Json& rows, const EntityNames& names);
// The row of a relationship.
Json bundle_relationship(const Json& row, const EntityNames& names);

struct BundleEntity {
    std::string status;  // draft, published, archived
    bool imported = false;
    std::string schema, table;  // of an imported relation
    // With the ids of the bundle; references by name (FieldDefinition::reference_entity).
    EntityDefinition definition;
    std::optional<EntityDefinition> draft;

    [[nodiscard]] const std::string& name() const noexcept { return definition.entity.name; }
};

struct Bundle {
    std::vector<BundleEntity> entities;
    std::vector<Json> relationships;

    [[nodiscard]] const BundleEntity* find(std::string_view name) const noexcept;
};

// Checks the whole of it; every fault is told with its path: entities[3].fields[2].max_length.
Bundle parse_bundle(const Json& json, Faults& faults);

// The definition under the ids of the entity that has its name already: fields and indexes are matched
// by id, then by name; what is new gets an id of `new_id`. The table stays the one there is.
EntityDefinition laid_over(const EntityDefinition& definition, const EntityDefinition& existing,
                           Uuid (*new_id)());

}  // namespace pgwright::core
