// What the compiler of expressions and that of formulas need of one another.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "core/expression_node.hpp"

namespace pgwright::core::expression {

// The fields as SQL: the column, or a calculated field's formula, written out. Remembers what it has
// written. The fields must outlive it.
class Columns {
  public:
    // write_out: stored calculated fields too, as a generated column needs it.
    Columns(std::span<const Field> fields, std::string_view alias, bool write_out)
        : fields_(fields), alias_(alias), write_out_(write_out) {}

    [[nodiscard]] const Field& find(std::string_view name) const;
    std::string sql(const Field& field);
    // A calculated field's formula as a value of its column; NULL when it has a fault.
    std::string formula(const Field& field);

  private:
    std::string compile(const Field& field);

    std::span<const Field> fields_;
    std::string_view alias_;
    bool write_out_;
    std::map<std::string, std::string, std::less<>> formulas_;
    std::set<std::string, std::less<>> open_;  // being written: a cycle comes back to one
};

// As a value of the field's column, which the check has found it to fit.
std::string compile_value(const Expression& expression, const Types& types, Columns& columns,
                          const Field& field);
std::string compile_any(const Expression& expression, const Types& types, Columns& columns);

}  // namespace pgwright::core::expression
