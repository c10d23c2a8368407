// Related records: what a name leads to from the records of an entity, and over which columns.
//
// From an entity a name leads
// - over one of its lookups, company or company_id, to the one record that it refers to;
// - by a relationship's name, or by the name of the lookup's entity, to the records that refer to it;
// - by a many-to-many relationship's name, over the junction, to the records at the other end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

struct Related {
    std::shared_ptr<const Entity> target;
    bool many = false;
    // Of the entity itself when the way goes over its own lookup; else of `junction` when there is
    // one, else of `target`: then it refers to the entity.
    const Field* near = nullptr;
    bool is_lookup = false;
    std::shared_ptr<const Entity> junction;
    const Field* far = nullptr;  // of the junction: refers to `target`
};

// Nothing when the name leads nowhere, or where the caller may not read.
using FindRelated = std::function<std::optional<Related>(const Entity&, std::string_view name)>;

// The entity's lookup of that name, company_id or company; nullptr: none that can be followed.
const Field* find_lookup(const Entity& entity, std::string_view name) noexcept;

// The name by which the record behind a lookup is reached: company for company_id.
std::string_view lookup_name(const Field& lookup) noexcept;

// A field, of the entity itself or at the end of a way over lookups: company.country.name. What it is
// of a record is null where the way ends early.
struct FieldWay {
    std::vector<Related> path;
    const Field* field = nullptr;
};
inline constexpr std::size_t kMaxWay = 4;  // lookups

// Nothing for unknown names, and for what is computed when it is read at the end of a way. Without
// `find_related` the entity's own fields alone are found.
std::optional<FieldWay> find_field_way(const Entity& entity, std::string_view name,
                                       const FindRelated& find_related);

}  // namespace pgwright::core
