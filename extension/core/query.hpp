// The query compiler: from a request on an entity to one SQL statement with typed parameters. Values
// never enter the text, so equal shapes give equal texts and the text is the plan cache's key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.hpp"
#include "core/model.hpp"

namespace pgwright::core {

// A JSON null stands for SQL NULL, of jsonb too.
struct Parameter {
    std::uint32_t type_oid;     // of the parameter; the array's for a list
    std::uint32_t element_oid;  // of the elements when values is a list, else 0
    std::vector<Json> values;   // one, or the list's
    bool is_list = false;
};

struct Statement {
    std::string sql;
    std::vector<Parameter> parameters;
    // The result's columns in order. A list statement has `total` (bigint) before them; a row of
    // nulls after it (left join) means an empty page. compile_exists has one column of no field.
    std::vector<const Field*> columns;
};

struct SortKey {
    const Field* field;
    bool descending = false;
};
inline constexpr std::size_t kMaxSortKeys = 16;

// "name:asc,created_at:desc" or "-created_at,name"; default order asc. Nulls last in both. Empty text
// is no key. Throws VALIDATION_ERROR for unknown, repeated or unsortable fields and for too many.
std::vector<SortKey> parse_sort(std::string_view text, const Entity& entity);

struct ListRequest {
    std::optional<Condition> filter;
    std::vector<SortKey> sort;  // the key is added as the tie-breaker, in the last key's direction
    std::int64_t limit = 25;    // 0: no limit
    std::int64_t offset = 0;
    // The records of this author only. Row security says it as well, among other ways to a row; said
    // here it reaches an index.
    std::optional<Uuid> author = std::nullopt;
};

// An `id` is what parse_key() in record_key.hpp makes of a text.

// SELECT of all fields by id; live rows only under soft delete.
Statement compile_get(const Entity& entity, const Json& id);
// Total and page in one statement, which keeps the page's order.
Statement compile_list(const Entity& entity, const ListRequest& request);
// SELECT 1 by id: does the caller see the record?
Statement compile_exists(const Entity& entity, const Json& id);

}  // namespace pgwright::core
