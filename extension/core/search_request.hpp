// A search for records of an entity: what is looked for and in which fields, and its SQL.
//
// The fields are those of the entity's search index; of an entity without one, all its texts, of which
// every record that the caller may see is read. A caller under field rules searches those that he reads as
// they are, and no record is found by what is in another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"
#include "core/search_query.hpp"

namespace pgwright::core {

class SqlBuilder;

struct Search {
    SearchQuery query;
    std::vector<const Field*> fields;
    bool is_indexed = false;
};

// Fields that can be searched: their columns hold text, and the caller reads it unchanged.
bool can_be_searched(const Field& field) noexcept;

// Throws VALIDATION_ERROR on `path` for text that says nothing to look for, or too much, and for an
// entity without texts. The entity must outlive the search.
Search read_search(std::string_view text, const Entity& entity, std::string_view path = "search");

// The rank of a record, a sort key that is no field: an integer.
const Field& search_rank_field();

class SearchSql {
  public:
    SearchSql(SqlBuilder& sql, const Search& search) : sql_(sql), search_(search) {}

    // True of the records that are found; never null.
    std::string predicate();
    // How well a record was found, over r.
    const std::string& rank();

  private:
    std::string in_any_field(const SearchGroup& group);

    SqlBuilder& sql_;
    const Search& search_;
    std::string rank_;
};

}  // namespace pgwright::core
