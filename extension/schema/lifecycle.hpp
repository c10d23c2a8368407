// The life of an entity beyond its drafts.
#pragma once

#include <string_view>

#include "schema/draft.hpp"

namespace pgwright::schema {

// Needs data_model:execute. CONFLICT for what is not published and for what others refer to.
Draft archive_entity(const security::Identity& identity, std::string_view entity);

// Needs data_model:delete. A draft goes; the table of an archived entity is retired, which must be
// allowed. CONFLICT for a published entity and for one that others refer to.
void delete_entity(const security::Identity& identity, std::string_view entity,
                   bool allow_destructive);

}  // namespace pgwright::schema
