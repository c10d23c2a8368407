// One level of a statement that reads: the rows of an entity, what is shown of each, and below it the
// levels of related records. A level is a page of rows, made by an inner select over the alias r, and
// an outer select over that page, so that related records are looked up for the page's rows alone:
//
//   SELECT p0.c1 AS "id", (SELECT array_agg(x) FROM (<level 1 of items where r.order_id = p0.c1>) x)
//     FROM (SELECT r."id" FROM "t"."order" r WHERE ... ORDER BY ... LIMIT $1) p0(c1)
//
// Related records come out as records and arrays of records, which are written as JSON by the one writer
// of datums (pg/value.hpp); their members' names are those of the outer select.
#pragma once

#include <string>
#include <vector>

#include "core/query.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

class RowLevel {
  public:
    RowLevel(SqlBuilder& sql, const Entity& entity, std::size_t depth = 0)
        : sql_(sql), entity_(entity), depth_(depth) {}

    // What the selection shows: its fields, then others, and its expansions at the end.
    void show(const Selection& selection, const std::vector<const Field*>& more = {});
    void show(const Field& field);
    // A value of the inner select that is not shown.
    std::string keep(const std::string& expression);

    // In the order of the outer select.
    [[nodiscard]] const std::vector<const Field*>& fields() const noexcept { return fields_; }
    [[nodiscard]] const std::vector<NestedColumn>& nested() const noexcept { return nested_; }
    // Nothing but fields: the inner select alone says it all.
    [[nodiscard]] bool is_plain() const noexcept { return !outer_needed_; }
    [[nodiscard]] std::string inner_list() const;
    [[nodiscard]] std::string outer_list() const;
    [[nodiscard]] std::string page_name() const;  // p0(c1, c2)
    void append_outer(std::string expression);

  private:
    void show(const Expansion& expansion);
    std::string column(const std::string& expression);
    std::string alias() const { return "p" + std::to_string(depth_); }

    SqlBuilder& sql_;
    const Entity& entity_;
    std::size_t depth_;
    std::vector<std::string> inner_, outer_;
    std::vector<const Field*> fields_;
    std::vector<NestedColumn> nested_;
    bool outer_needed_ = false;
};

// Over r: the records of related.target that are related to the one whose value of anchor_column() is
// `anchor`.
std::string related_predicate(const SqlBuilder& sql, const Related& related,
                              const std::string& anchor);
// The column of the record itself that related records are found by.
std::string anchor_column(const Related& related);

}  // namespace pgwright::core
