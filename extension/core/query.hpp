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
#include "core/related.hpp"
#include "core/search_request.hpp"

namespace pgwright::core {

// A JSON null stands for SQL NULL, of jsonb too.
struct Parameter {
    std::uint32_t type_oid;     // of the parameter; the array's for a list
    std::uint32_t element_oid;  // of the elements when values is a list, else 0
    std::vector<Json> values;   // one, or the list's
    bool is_list = false;
};

// Related records in an answer: an object or null, or an array of objects.
struct NestedColumn {
    std::string name;
    bool many = false;
};

// The result's columns in order: `total` (bigint) where the statement counts, the record's fields, its
// related records, and what a cursor keeps of it. Where it counts, a row of nulls after the total
// (left join) means an empty page. compile_exists has one column of no field.
struct Statement {
    std::string sql;
    std::vector<Parameter> parameters;
    std::vector<const Field*> columns;
    std::vector<NestedColumn> nested;
    std::vector<const Field*> cursor;
    bool counts = false;
};

// A field to order by, of the entity or at the end of a way over lookups.
struct SortKey {
    const Field* field;
    bool descending = false;
    std::vector<Related> path = {};  // to the entity whose field it is; lookups only
    bool nulls_first = false;
    bool as_shown = false;  // by what is shown of the field: its mask, or a foreign type's text
};
inline constexpr std::size_t kMaxSortKeys = 16;

// "name:asc,company.name:desc,created_at:desc:nulls_first" or "-created_at,name", or as JSON an array
// of such texts or of {"field" (or "attribute"), "direction" (or "order"): asc|desc, "nulls":
// first|last}. Default order asc, nulls last in both. Empty text is no key. Throws VALIDATION_ERROR for
// unknown, repeated or unsortable fields and for too many; `path` names the argument. Without
// `find_related` there are no dotted fields.
std::vector<SortKey> parse_sort(std::string_view text, const Entity& entity,
                                const FindRelated& find_related = {},
                                std::string_view path = "sort");
std::vector<SortKey> parse_sort(const Json& json, const Entity& entity,
                                const FindRelated& find_related = {},
                                std::string_view path = "sort");

struct Expansion;

// What is read of each record.
struct Selection {
    bool all = true;                   // of the entity's fields
    std::vector<const Field*> fields;  // else these
    std::vector<Expansion> expansions;
};

// Related records that come with each record, under `name`. One that takes a field's name takes its
// place in the answer.
struct Expansion {
    std::string name;
    Related related;
    Selection selection;
    std::optional<Condition> filter;
    std::vector<SortKey> sort;
    std::int64_t limit = 0;  // 0: no limit
};

// The place of a record in an order: the values of the sort keys, the last one's being the key.
struct Position {
    std::vector<Json> values;
    bool backward = false;  // the page before it, not after
};

// Records related to one: those over `related` from the record of `parent` with that key.
struct Within {
    const Entity* parent = nullptr;
    Json key;
    Related related;
};

struct ListRequest {
    std::optional<Condition> filter;
    std::vector<SortKey> sort;  // the key is added as the tie-breaker, in the last key's direction
    std::int64_t limit = 25;    // 0: no limit
    std::int64_t offset = 0;
    // The records of this author only. Row security says it as well, among other ways to a row; said
    // here it reaches an index.
    std::optional<Uuid> author = std::nullopt;
    Selection selection = {};
    bool counts = true;           // total in the same statement
    bool distinct = false;        // equal records of the selected fields once
    bool with_deleted = false;    // and of each deleted_at and deleted_by
    bool keeps_position = false;  // what a cursor needs of each record, too
    std::optional<Position> position = std::nullopt;
    std::optional<Within> within = std::nullopt;
    std::optional<Search> search = std::nullopt;
};

// The sort keys and what ends the order, so that equal records do not move between pages: the key;
// without one all that can be sorted by, and where records are distinct all that is shown.
std::vector<SortKey> complete_sort(const Entity& entity, const ListRequest& request);
// Whether a request may sort by it.
bool is_sortable(const Field& field) noexcept;

// An `id` is what parse_key() in record_key.hpp makes of a text.

// SELECT by id of all fields, or of what is selected and the key; live rows only under soft delete,
// unless with_deleted. tagged: the version's tag (bigint, entity_tag.hpp) comes last.
Statement compile_get(const Entity& entity, const Json& id);
Statement compile_get(const Entity& entity, const Json& id, const Selection& selection,
                      bool with_deleted = false, bool tagged = false);
// Total and page in one statement, which keeps the page's order. With both a total and a position
// there is one more column at the end: null where the page is empty.
Statement compile_list(const Entity& entity, const ListRequest& request);
// The same over the rows of a sub-select in the place of the entity's table.
struct DerivedTable {
    std::string sql;
    std::vector<Parameter> parameters;
};
Statement compile_list(const Entity& entity, const ListRequest& request, DerivedTable from);
// What that list counts, as rows: for the planner's estimate of their number.
Statement compile_rows(const Entity& entity, const ListRequest& request);
// SELECT 1 by id: does the caller see the record?
Statement compile_exists(const Entity& entity, const Json& id);

}  // namespace pgwright::core
