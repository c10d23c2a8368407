// Names of related records; see related.hpp.
#include "core/related.hpp"

#include <string>

namespace pgwright::core {

namespace {

constexpr std::string_view kSuffix = "_id";

// A value that is masked, or computed when it is read, leads nowhere.
bool can_be_followed(const Field* field) noexcept {
    return field != nullptr && field->reference && field->has_column() && field->mask_sql.empty();
}

}  // namespace

const Field* find_lookup(const Entity& entity, std::string_view name) noexcept {
    const Field* field = entity.find(name);
    if (!can_be_followed(field)) field = entity.find(std::string(name).append(kSuffix));
    return can_be_followed(field) ? field : nullptr;
}

std::string_view lookup_name(const Field& lookup) noexcept {
    std::string_view name = lookup.name;
    if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
    return name;
}

std::optional<FieldWay> find_field_way(const Entity& entity, std::string_view name,
                                       const FindRelated& find_related) {
    FieldWay way;
    const Entity* at = &entity;
    while (find_related && at->find(name) == nullptr) {
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos || way.path.size() == kMaxWay) return std::nullopt;
        std::optional<Related> step = find_related(*at, name.substr(0, dot));
        if (!step || !step->is_lookup) return std::nullopt;
        way.path.push_back(*std::move(step));
        at = way.path.back().target.get();
        name.remove_prefix(dot + 1);
    }
    way.field = at->find(name);
    // What is computed when it is read is written over the entity's own table.
    const bool usable = way.field != nullptr && (way.path.empty() || way.field->has_column());
    return usable ? std::optional(std::move(way)) : std::nullopt;
}

}  // namespace pgwright::core
