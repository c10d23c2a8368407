// Bundles of a tenant's definitions; see core/schema_bundle.hpp.
#pragma once

#include <optional>
#include <string_view>

#include "core/json.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

core::Json make_bundle(const security::Identity& identity);

enum class Occasion { asked_for, automatic };
// Stores a bundle of what there is now; its id.
core::Uuid create_backup(const security::Identity& identity, std::string_view name,
                         std::optional<std::string_view> description, Occasion occasion);

}  // namespace pgwright::schema
