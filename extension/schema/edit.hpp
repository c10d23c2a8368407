// Changes of drafts: each takes the entity's name or id, checks the whole definition with the change in
// it, stores it and logs it. All need the named data_model permission and raise VALIDATION_ERROR with
// every fault, CONFLICT for what other parts of the definition stand on, RESOURCE_NOT_FOUND for what is
// not there.
#pragma once

#include <string_view>

#include "core/json.hpp"
#include "schema/draft.hpp"

namespace pgwright::schema {

Draft update_entity(const security::Identity& identity, std::string_view entity,
                    const core::Json& changes);

// The ids of what was made or changed.
struct Edited {
    Draft draft;
    core::Uuid id;
};
Edited create_field(const security::Identity& identity, std::string_view entity,
                    const core::Json& definition);
Edited update_field(const security::Identity& identity, std::string_view entity,
                    std::string_view field, const core::Json& changes);
void delete_field(const security::Identity& identity, std::string_view entity,
                  std::string_view field);

Edited create_index(const security::Identity& identity, std::string_view entity,
                    const core::Json& definition);
Edited update_index(const security::Identity& identity, std::string_view entity,
                    std::string_view index, const core::Json& changes);
void delete_index(const security::Identity& identity, std::string_view entity,
                  std::string_view index);

}  // namespace pgwright::schema
