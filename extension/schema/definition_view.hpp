// Definitions as answers: what is published comes from the catalog's records, a draft or an earlier
// version is laid over them, so that both have the same members.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/draft.hpp"

namespace pgwright::schema {

// An entity with its "fields", "indexes" and "draft_version".
class DefinitionView {
  public:
    // version: "draft", "published", a number; nothing: the rows. RESOURCE_NOT_FOUND for no such one.
    DefinitionView(const security::Identity& identity, std::string_view name_or_id,
                   std::optional<std::string_view> version);
    explicit DefinitionView(const Draft& draft);

    [[nodiscard]] std::string entity() const;
    [[nodiscard]] std::string fields() const { return fields_.dump(); }
    [[nodiscard]] std::string indexes() const { return indexes_.dump(); }
    // By name or id.
    [[nodiscard]] std::string field(std::string_view name_or_id) const;
    [[nodiscard]] std::string index(std::string_view name_or_id) const;

  private:
    void choose(const StoredEntity& stored, std::string_view version);
    void read_rows(const core::Uuid& id);
    void lay_over(const core::EntityDefinition& definition, int version, std::string_view status);

    core::Json entity_, fields_, indexes_;
    int draft_version_ = 0;
};

}  // namespace pgwright::schema
