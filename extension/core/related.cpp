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

}  // namespace pgwright::core
