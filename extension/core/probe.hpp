// Questions about rows, for the alter planner: over a table as it is, with the values its columns are
// going to have. See Probe in ddl.hpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/ddl.hpp"
#include "core/table_part.hpp"

namespace pgwright::core {

// SQL that names columns, quoted and bare: the names, each once, and the SQL with other names. What is
// inside literals or qualified by a dot is no column.
std::vector<std::string> quoted_columns(std::string_view sql);
std::string rename_columns(std::string_view sql, const std::map<std::string, std::string>& names);

// The rows of a table under other columns' names and with other values.
class RowSource {
  public:
    explicit RowSource(std::string table) : table_(std::move(table)) {}

    // The column's value over the columns of the table; no value is set for what keeps its own.
    void set(const std::string& column, std::string sql) { values_[column] = std::move(sql); }
    // Its value over the columns of this source, which are none of this kind.
    void set_formula(const std::string& column, std::string sql) {
        formulas_[column] = std::move(sql);
    }
    // The column has no value in any row.
    [[nodiscard]] bool is_null(const std::string& column) const;
    [[nodiscard]] std::string value(const std::string& column) const;

    // What follows FROM for a query that uses these columns and "id".
    [[nodiscard]] std::string from(const std::vector<std::string>& columns) const;

    void set_null(const std::string& column, std::string_view type);

  private:
    [[nodiscard]] std::string from_values(const std::vector<std::string>& columns) const;

    std::string table_;
    std::map<std::string, std::string> values_;
    std::map<std::string, std::string> formulas_;
    std::map<std::string, bool> nulls_;
};

// The rows of which the condition, over these columns, is true.
Probe probe_rows(Probe::Kind kind, const RowSource& source, const std::vector<std::string>& columns,
                 std::string_view condition);
Probe probe_all(Probe::Kind kind, const RowSource& source);
// What keeps the part from being made: violates, duplicates or dangling. False when nothing can.
bool can_fail(const TablePart& part, const RowSource& source);
Probe probe_part(const TablePart& part, const RowSource& source);

}  // namespace pgwright::core
