// A relation that was there before pgwright, as catalog/relation_reader.cpp describes it: what an
// import makes an entity of.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace pgwright::core {

struct RelationColumn {
    std::string name;
    std::string type;        // as SQL writes it, with its modifiers
    std::string field_type;  // the field type that represents it; "other" when none does
    std::string item_type;   // of an array's items
    bool nullable = true;
    bool has_default = false;
    bool from_sequence = false;    // a serial's default, an identity
    bool generated = false;        // GENERATED ALWAYS AS (expression)
    bool always_identity = false;  // GENERATED ALWAYS AS IDENTITY
    std::optional<int> max_length;
    std::optional<int> decimal_places;
    Json allowed_values;  // an enum's labels; null: any value
    std::optional<std::string> comment;
};

// A foreign key of one column to the key of an entity's table, or to the relation's own.
struct RelationLink {
    std::string column;
    std::string entity;  // empty: to the relation itself
};

struct RelationSequence {
    std::string schema, name;
    std::set<std::string> grantees;  // of the roles below, who may use it already
};

struct Relation {
    std::string schema, name;
    std::string kind;  // as in entity_definitions.relation_kind
    std::optional<std::string> comment;
    std::string obstacle;         // why it cannot be imported; empty: it can
    std::string readonly_reason;  // why it can be imported read-only alone; empty: it need not be
    std::vector<RelationColumn> columns;
    std::vector<std::string> key;   // none: no record can be named
    std::set<std::string> unique;   // columns that are unique by themselves
    std::set<std::string> indexed;  // columns that lead an index
    std::vector<RelationLink> links;
    bool row_security = false;
    std::set<std::string> policies;
    std::set<std::pair<std::string, std::string>> privileges;  // grantee and privilege
    std::vector<RelationSequence> sequences;

    [[nodiscard]] const RelationColumn* column(std::string_view column_name) const noexcept;
    [[nodiscard]] bool is_key(std::string_view column_name) const noexcept;
    // It has rows of its own that row security can guard: no view, no foreign table.
    [[nodiscard]] bool is_table() const noexcept;
    [[nodiscard]] bool is_readonly() const noexcept { return !readonly_reason.empty(); }
};

Relation parse_relation(const Json& document);

}  // namespace pgwright::core
